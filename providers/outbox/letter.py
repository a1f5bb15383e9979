"""Mail in the outbox: how a service prepares it, what is shown of it, what a person's editing makes of it.

The file of a mail holds whom it goes to, Bcc included, so that editing it is all there is to change; what
leaves (`parted`) holds no Bcc. Headers are read and changed as bytes: nothing else in a mail changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.header import Header
from email.utils import formataddr

from providers.mail.addresses import Address, addresses
from providers.mail.encodedwords import decoded
from providers.mail.headers import Headers, block_end
from providers.mail.message import describe
from providers.outbox.deed import Prepared
from vfs.action import Arguments
from vfs.errors import BadName
from vfs.ids import uuid7
from vfs.names import slug
from vfs.node import Value

_RECIPIENTS = (b"to", b"cc", b"bcc")
_PEOPLE = (b"from", b"sender", b"reply-to", *_RECIPIENTS)
_KNOWN = ("content", "sender", "recipients", "countdown")


def prepared(arguments: Arguments) -> Prepared:
    """The deed that sends a mail; every mail service's `prepare` of the verb `send`.

    Of `arguments`, `content` is the message as text, `sender` and `recipients` its envelope; without these
    its own headers tell them. Others are kept for `perform`. Raises BadName.
    """
    text = arguments.get("content")
    if not isinstance(text, str) or not text.strip():
        raise BadName(None, "there is no message to send")
    content = text.encode("utf-8", "surrogateescape")
    headers = _headers(content)
    named = _named(headers)
    wanted = arguments.get("recipients")
    listed = [str(one) for one in wanted] if isinstance(wanted, tuple) else named
    if not listed:
        raise BadName(None, "it names nobody to send it to", hint="name somebody: --to ADDRESS")
    sender = arguments.get("sender")
    more = {name: value for name, value in arguments.items() if name not in _KNOWN}
    if isinstance(sender, str) and sender:
        more["sender"] = sender
    key = headers.text(b"message-id")
    added = []
    if not key:
        key = _new_key(str(more.get("sender") or _sender(headers)))
        added.append(f"Message-ID: {key}")
    content = with_bcc(_headed(content, added), listed)
    subject = headers.text(b"subject")
    return Prepared(slug(subject or "no subject"), _summary(subject, listed), key, content, more)


def attributes(content: bytes) -> Mapping[str, Value]:
    """What `ls /outbox` shows of a mail."""
    headers = _headers(content)
    attrs: dict[str, Value] = {"title": headers.text(b"subject")}
    for name in _RECIPIENTS:
        found = tuple(str(one) for one in _people(headers, name))
        if found:
            attrs[name.decode()] = found
    return attrs


def text(content: bytes) -> str:
    """What a person reads before it leaves: as any mail reads, and who gets it without being named."""
    lines = describe(content, True).text.split("\n")
    hidden = [str(one) for one in _people(_headers(content), b"bcc")]
    if hidden:
        at = next((at for at, line in enumerate(lines) if line.startswith(("Date:", "Subject:"))), 0)
        lines.insert(at, f"Bcc: {', '.join(hidden)}")
    return "\n".join(lines)


def parted(content: bytes, arguments: Arguments) -> tuple[bytes, Arguments]:
    """What leaves, and its envelope: `sender`, and all `recipients`, hidden ones included."""
    headers = _headers(content)
    envelope: dict[str, Value] = dict(arguments)
    envelope["recipients"] = tuple(dict.fromkeys(_named(headers)))
    if not envelope.get("sender"):
        envelope["sender"] = _sender(headers)
    return _without(content, (b"bcc",)), envelope


def with_bcc(content: bytes, recipients: Sequence[str]) -> bytes:
    """A message for a service that takes its envelope from the headers: who stands in none goes to Bcc."""
    named = {address.lower() for address in _named(_headers(content))}
    hidden = [one for one in recipients if one.lower() not in named]
    return _headed(content, [f"Bcc: {', '.join(hidden)}"] if hidden else [])


def revised(before: bytes, edited: bytes, key: str) -> bytes:
    """A mail as it was edited, still the same deed: its Message-ID stays, and what was left out of the rest.

    Headers may be typed in any language, addresses with names. Raises BadName, with what is wrong.
    """
    edited = edited.replace(b"\r\n", b"\n").lstrip(b"\n")
    headers, old = _headers(edited), _headers(before)
    if not headers:
        raise BadName(None, "the first lines must be the mail's headers, such as To: and Subject:")
    for name in _RECIPIENTS:
        for value in headers.every(name):
            wrong = next((one for one in addresses(value) if "@" not in one.address), None)
            if wrong is not None:
                reason = f"{name.decode().title()}: {wrong.name or wrong.address} is no address"
                raise BadName(None, reason)
    if not _named(headers):
        raise BadName(None, "it names nobody to send it to", hint="write an address behind To:")
    added = [f"Message-ID: {key}"] if key else []
    for name in (b"from", b"date", b"in-reply-to", b"references"):
        if not headers.raw(name) and old.raw(name):
            added.append(f"{_spelt(name)}: {old.raw(name).decode('utf-8', 'surrogateescape')}")
    _, start = block_end(edited)
    if not headers.raw(b"content-type"):
        added += ['Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit"]
        added += [] if headers.raw(b"mime-version") else ["MIME-Version: 1.0"]
    typed = _without(
        edited, (b"message-id", *(() if headers.raw(b"content-type") else (b"content-transfer-encoding",)))
    )
    end, start = block_end(typed)
    block = b"\n".join(_encoded(line) for line in _fields(typed[:end]))
    return _headed(block + b"\n\n" + typed[start:], added)


def _headers(content: bytes) -> Headers:
    return Headers(content[: block_end(content)[0]])


def _people(headers: Headers, name: bytes) -> list[Address]:
    return [one for value in headers.every(name) for one in addresses(value) if "@" in one.address]


def _named(headers: Headers) -> list[str]:
    return [one.address for name in _RECIPIENTS for one in _people(headers, name)]


def _sender(headers: Headers) -> str:
    found = _people(headers, b"sender") or _people(headers, b"from")
    return found[0].address if found else ""


def _new_key(sender: str) -> str:
    return f"<{uuid7()}@{sender.rpartition('@')[2] or 'localhost'}>"


def _summary(subject: str, recipients: Sequence[str]) -> str:
    others = f" and {len(recipients) - 1} more" if len(recipients) > 1 else ""
    return f"{subject or '(no subject)'} to {recipients[0]}{others}"


def _spelt(name: bytes) -> str:
    return name.decode("ascii").title()


def _headed(content: bytes, lines: Sequence[str]) -> bytes:
    """A message with more header lines before its own."""
    end = b"\r\n" if b"\r\n" in content[:1000] else b"\n"
    return b"".join(line.encode("utf-8", "surrogateescape") + end for line in lines) + content


def _fields(block: bytes) -> list[bytes]:
    """The fields of a header block, each with the lines that go on with it."""
    fields: list[bytes] = []
    for line in block.split(b"\n"):
        if line[:1].isspace() and fields:
            fields[-1] += b"\n" + line
        elif line:
            fields.append(line)
    return fields


def _without(content: bytes, names: Sequence[bytes]) -> bytes:
    """A message without the headers of these names, every other byte as it was."""
    end, _ = block_end(content)
    kept: list[bytes] = []
    dropping = False
    for line in content[:end].splitlines(keepends=True):
        if not line[:1].isspace():
            dropping = line.partition(b":")[0].strip().lower() in names
        if not dropping:
            kept.append(line)
    return b"".join(kept) + content[end:]


def _encoded(field: bytes) -> bytes:
    """A field as it may be sent: what is no ASCII in it becomes encoded words."""
    if field.isascii():
        return field
    name, _, value = field.partition(b":")
    if name.strip().lower() in _PEOPLE:
        said = [formataddr((one.name, one.address)) for one in addresses(value.strip())]
        return name + b": " + ",\n ".join(said).encode()
    return name + b": " + Header(decoded(value.strip()), "utf-8", header_name=_spelt(name)).encode().encode()
