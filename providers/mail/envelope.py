"""Envelope: a mail that leaves: who sends it, who gets it, and what it is called in the outbox.

Blind recipients stand in the mail's own Bcc field until it leaves, so that a person sees them, and can
change them, in the outbox. `stripped` takes the field out: what leaves never shows it.
"""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from providers.mail.addresses import addresses
from providers.mail.facts import Facts, item_facts
from providers.mail.headers import Headers, block_end
from providers.mail.naming import name_of
from providers.outbox.deed import Prepared
from vfs.action import Arguments, Effect, Parameter, Undo, Verb
from vfs.errors import BadName, Unsupported
from vfs.node import Value

SEND = Verb(
    "send",
    "sends a mail",
    Effect.SEND,
    Undo.FINAL,
    (
        Parameter("content", "the mail, as RFC 5322 has it"),
        Parameter("sender", "the address that it comes from", required=False),
        Parameter("recipients", "addresses beside those that the mail itself names", required=False),
    ),
)

_BCC = re.compile(rb"^bcc[ \t]*:[^\n]*(?:\n|\Z)(?:[ \t][^\n]*(?:\n|\Z))*", re.IGNORECASE | re.MULTILINE)


class Envelope(NamedTuple):
    """What a server is told of a mail beside the mail itself."""

    sender: str
    recipients: tuple[str, ...]


def prepare(verb: str, arguments: Arguments) -> Prepared:
    """A mail as a deed. Raises Unsupported, BadName."""
    if verb != SEND.name:
        raise Unsupported(None, f"a mailbox cannot {verb}")
    given = arguments.get("content")
    if not isinstance(given, str) or not given.strip():
        raise BadName(None, "there is nothing to send")
    content = given.encode("utf-8", "surrogateescape")
    facts = item_facts(content)
    message_id = facts.message_id
    if not message_id:
        message_id = f"{uuid.uuid4()}@{_domain(facts)}"
        content = _with(content, "Message-ID", f"<{message_id}>")
    named = set(envelope(content, "").recipients)
    blind = [one for one in _given(arguments.get("recipients")) if one not in named]
    if blind:
        content = _with(content, "Bcc", ", ".join(blind))
    sender = arguments.get("sender")
    everyone = envelope(content, str(sender or "")).recipients
    if not everyone:
        raise BadName(None, "it names nobody to send it to", hint="a mail needs a To, Cc or Bcc")
    more = f" and {len(everyone) - 3} more" if len(everyone) > 3 else ""
    summary = f"{facts.title or '(no subject)'} to {', '.join(everyone[:3])}{more}"
    kept: dict[str, Value] = {"sender": sender} if sender else {}
    return Prepared(name_of(facts), summary, message_id, content, kept)


def envelope(content: bytes, sender: str) -> Envelope:
    """Of a mail as it is: `sender`, else who it says it is from, and everybody whom it names, each once.

    Raises BadName for an address that is none.
    """
    end, _ = block_end(content)
    headers = Headers(content[:end])
    found: dict[str, None] = {}
    for field in (b"to", b"cc", b"bcc"):
        for value in headers.every(field):
            for one in addresses(value):
                found[_checked(one.address)] = None
    if not sender:
        senders = addresses(headers.raw(b"sender")) or addresses(headers.raw(b"from"))
        sender = senders[0].address if senders else ""
    return Envelope(_checked(sender) if sender else "", tuple(found))


def stripped(content: bytes) -> bytes:
    """A mail without the field that names its blind recipients, with the ends of lines that servers want."""
    text = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end, _ = block_end(text)
    return (_BCC.sub(b"", text[:end]) + text[end:]).replace(b"\n", b"\r\n")


def _given(value: Value) -> list[str]:
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    return [_checked(str(one)) for one in given]


def _checked(address: str) -> str:
    """An address that may stand in a command to a server. Raises BadName."""
    local, _, domain = address.rpartition("@")
    if (
        not local
        or "@" in local
        or not domain
        or not address.isprintable()
        or set(address) & set(' ,;<>()[]:\\"')
    ):
        raise BadName(None, f"{address[:60]!r} is no address")
    return address


def _with(content: bytes, name: str, value: str) -> bytes:
    line = " ".join(value.split())
    end = b"\r\n" if b"\r\n" in content[:1000] else b"\n"
    return f"{name}: {line}".encode("utf-8", "replace") + end + content


def _domain(facts: Facts) -> str:
    domain = facts.sender.address.rpartition("@")[2] if facts.sender else ""
    return domain if domain.isascii() and domain.replace(".", "").replace("-", "").isalnum() else "localhost"
