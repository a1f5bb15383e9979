"""Compose: new mails, answers and forwarded ones as drafts, and drafts as messages that can be sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from providers.mail.addresses import Address, addresses
from providers.mail.attachments import entries_of
from providers.mail.body import FORWARDED, Role, body_of
from providers.mail.dates import shown, written
from providers.mail.draft import Draft, missing
from providers.mail.facts import Facts, item_facts
from providers.mail.headers import Headers, block_end
from providers.mail.naming import bare
from providers.mail.writing import (
    Entity,
    field,
    file_entity,
    ids_field,
    multipart,
    people_field,
    text_entity,
    wire_address,
)
from providers.mime import mime_of
from vfs.errors import BadName
from vfs.ids import uuid7

LONGEST_QUOTE = 100_000
"""Characters of a mail that an answer quotes."""
MOST_REFERENCES = 30

_MIME = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}\Z")
_ID = re.compile(r"[!-;=?-~]{1,900}\Z")
_SIGNATURE = "\n-- \n"


class File(NamedTuple):
    """An attachment: its name, without a path, and its bytes."""

    name: str
    content: bytes
    mime: str = ""
    """Guessed from the name when empty."""


class Envelope(NamedTuple):
    """Who hands a mail in, and everybody whom it is to reach, hidden ones included."""

    sender: str
    recipients: Sequence[str]
    is_international: bool
    """It needs SMTPUTF8: an address that cannot be spelt in ASCII."""


# -- drafts


def new(
    sender: str = "",
    *,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    subject: str = "",
    body: str = "",
    attach: Sequence[str] = (),
) -> Draft:
    """The draft of a mail; what is typed as an address is not judged yet (`draft.missing` does)."""
    return Draft(
        _one(sender),
        _typed(to),
        _typed(cc),
        _typed(bcc),
        subject=" ".join(subject.split()),
        body=body.replace("\r\n", "\n").rstrip("\n"),
        attach=tuple(attach),
    )


def reply(original: bytes, *, own: Sequence[str], sender: str = "", everyone: bool = False) -> Draft:
    """The draft of an answer, the original quoted.

    It goes to Reply-To or else From; with `everyone` also to all whom the original went to, and to the
    list it came by, but for the `own` addresses. An answer to a mail of one's own goes where that went.
    Without a `sender` it comes from the own address that got the original.
    """
    headers, facts = _read(original)
    mine = {address.casefold() for one in own for address in [_bare(one)]}
    got = [*_people(headers, b"to"), *_people(headers, b"cc")]
    wrote = _people(headers, b"from")
    is_own = any(one.address.casefold() in mine for one in wrote)
    to = _people(headers, b"to") if is_own else (_people(headers, b"reply-to") or wrote)
    others: list[Address] = []
    if everyone:
        others = [*([] if is_own else got), *(_people(headers, b"cc") if is_own else [])]
        others += _list_post(headers)
    kept_to = _once(to, mine) or _once(to, set())
    known = mine | {one.address.casefold() for one in kept_to}
    return Draft(
        _one(sender) or _own_sender(own, got),
        kept_to,
        _once(others, known),
        subject=_marked("Re", facts.title),
        body=f"\n\n{_attribution(facts)}\n{_quoted(body_of(original).text)}",
        in_reply_to=facts.message_id if _ID.match(facts.message_id) else "",
        references=_references(headers, facts),
    )


def forward(
    original: bytes,
    *,
    sender: str = "",
    to: Sequence[str] = (),
    attach: Sequence[str] = (),
    inline: bool = True,
) -> Draft:
    """The draft of a mail that hands another one on: its text below, or else as a file.

    `attach` are the paths of the original's attachments (`attachment_names`), or of the original itself.
    """
    headers, facts = _read(original)
    body = ""
    if inline:
        lines = [FORWARDED]
        for label in ("From", "Date", "Subject", "To", "Cc"):
            people = _people(headers, label.lower().encode())
            value = ", ".join(map(str, people)) if people else headers.text(label.lower().encode())
            lines += [f"{label}: {value}"] if value else []
        body = "\n".join(["", "", *lines, "", body_of(original).text])
    return Draft(
        _one(sender),
        _typed(to),
        subject=_marked("Fwd", facts.title),
        body=body.rstrip("\n"),
        attach=tuple(attach),
    )


def attachment_names(original: bytes) -> Sequence[str]:
    """The names of what has to go along when a mail is forwarded."""
    found = entries_of(original, body_of(original))
    return [one.name for one in found if one.role in (Role.ATTACHMENT, Role.INLINE)]


def draft_of(message: bytes) -> Draft:
    """The draft that a kept message spells, for editing it again; its attachments are left to the caller."""
    headers, facts = _read(message)
    return Draft(
        facts.sender,
        tuple(_people(headers, b"to")),
        tuple(_people(headers, b"cc")),
        tuple(_people(headers, b"bcc")),
        tuple(_people(headers, b"reply-to")),
        subject=" ".join(headers.text(b"subject").split()),
        body=body_of(message).text.rstrip("\n"),
        in_reply_to=next(iter(_ids(headers.raw(b"in-reply-to"))), ""),
        references=tuple(_ids(headers.raw(b"references"))),
    )


# -- messages


def to_bytes(
    draft: Draft, files: Sequence[File] = (), *, message_id: str, date: datetime, keeps_bcc: bool = False
) -> bytes:
    """A draft and its attachments as a message, lines ending in CRLF; no Bcc in it, unless it `keeps_bcc`.

    `date` has a zone. Recipients may be missing, for a draft that is kept. Raises BadName for what no
    header can hold.
    """
    own_id = message_id.strip().strip("<>")
    if not own_id or any(char.isspace() for char in own_id) or not own_id.isascii():
        raise BadName(None, "a Message-ID is one word in ASCII")
    lines = [f"Date: {written(date)}\r\n"]
    if draft.sender is not None:
        lines.append(people_field("From", [draft.sender]))
    for name, people in (("To", draft.to), ("Cc", draft.cc), ("Reply-To", draft.reply_to)):
        lines += [people_field(name, people)] if people else []
    if keeps_bcc and draft.bcc:
        lines.append(people_field("Bcc", draft.bcc))
    lines.append(field("Subject", draft.subject))
    lines.append(ids_field("Message-ID", [own_id]))
    if draft.in_reply_to:
        lines.append(ids_field("In-Reply-To", [draft.in_reply_to]))
    if draft.references:
        lines.append(ids_field("References", draft.references))
    lines.append("MIME-Version: 1.0\r\n")
    entity = text_entity(draft.body)
    if files:
        seed = hashlib.sha256(own_id.encode()).hexdigest()[:24]
        entity = multipart([entity, *map(_file, files)], seed)
    return Entity("".join(lines) + entity.headers, entity.body).data


def envelope(draft: Draft) -> Envelope:
    """Whom a draft reaches. Raises BadName when it cannot be sent as it stands."""
    wrong = missing(draft)
    if wrong or draft.sender is None:
        raise BadName(None, wrong[0])
    sender = wire_address(draft.sender.address)
    recipients = tuple(dict.fromkeys(wire_address(one.address) for one in draft.recipients))
    shown = [sender, *recipients, *(one.address.rpartition("@")[0] for one in draft.reply_to)]
    return Envelope(sender, recipients, not all(one.isascii() for one in shown))


def new_message_id(sender: str) -> str:
    """A Message-ID that nobody else has, without its angles."""
    domain = wire_address(_bare(sender)).rpartition("@")[2]
    return f"{uuid7()}@{domain if domain and domain.isascii() else 'localhost'}"


def _file(one: File) -> Entity:
    name = one.name.replace("\\", "/").rpartition("/")[2] or "attachment"
    mime = one.mime or mime_of(name) or ""
    known = mime == "message/rfc822" or (
        _MIME.match(mime) and not mime.startswith(("multipart/", "message/"))
    )
    return file_entity(name, one.content, mime if known else "application/octet-stream")


# -- what an original says


def _read(message: bytes) -> tuple[Headers, Facts]:
    block = message[: block_end(message)[0]]
    return Headers(block), item_facts(block)


def _people(headers: Headers, name: bytes) -> list[Address]:
    return [one for value in headers.every(name) for one in addresses(value) if "@" in one.address]


def _once(people: Iterable[Address], without: set[str]) -> tuple[Address, ...]:
    """Each address once, but for some."""
    found: dict[str, Address] = {}
    for one in people:
        key = one.address.casefold()
        if key not in without:
            found.setdefault(key, one)
    return tuple(found.values())


def _list_post(headers: Headers) -> list[Address]:
    """The address of the list that a mail came by, when it takes answers."""
    value = headers.text(b"list-post")
    start = value.find("<mailto:")
    if start < 0:
        return []
    found = addresses(value[start + 8 :].partition(">")[0].partition("?")[0].encode())
    return [one for one in found if "@" in one.address]


def _own_sender(own: Sequence[str], got: Sequence[Address]) -> Address | None:
    reached = {one.address.casefold() for one in got}
    wanted = next((one for one in own if _bare(one).casefold() in reached), own[0] if own else "")
    return _one(wanted)


def _references(headers: Headers, facts: Facts) -> tuple[str, ...]:
    before = _ids(headers.raw(b"references")) or _ids(headers.raw(b"in-reply-to"))
    every = list(dict.fromkeys([*before, *([facts.message_id] if _ID.match(facts.message_id) else [])]))
    if len(every) > MOST_REFERENCES:
        every = [every[0], *every[1 - MOST_REFERENCES :]]
    return tuple(every)


def _ids(value: bytes) -> list[str]:
    found = value.decode("latin-1").replace("><", "> <").split()
    return [one.strip("<>") for one in found if _ID.match(one.strip("<>"))]


def _marked(mark: str, subject: str) -> str:
    """A subject with one mark before it."""
    text, _ = bare(subject)
    return f"{mark}: {text}".strip()


def _attribution(facts: Facts) -> str:
    who = (facts.sender.name or facts.sender.address) if facts.sender is not None else "somebody"
    return f"On {shown(facts.date)}, {who} wrote:" if facts.date is not None else f"{who} wrote:"


def _quoted(text: str) -> str:
    """A text as a quote, without the signature below it."""
    kept = text[:LONGEST_QUOTE]
    kept = kept.partition(_SIGNATURE)[0] if not kept.startswith("-- \n") else kept
    lines = kept.rstrip("\n").split("\n")
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)


# -- what is typed


def _typed(texts: Sequence[str]) -> tuple[Address, ...]:
    return tuple(one for text in texts for one in addresses(text.encode("utf-8", "replace")))


def _one(text: str) -> Address | None:
    return next(iter(_typed([text])), None) if text else None


def _bare(text: str) -> str:
    found = _one(text)
    return found.address if found is not None else ""
