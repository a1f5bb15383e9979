"""Message: a mail as a person reads it, and as attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from providers.mail.addresses import addresses, pretence, spelt
from providers.mail.attachments import Attachment, entries_of
from providers.mail.body import Role, body_of
from providers.mail.dates import shown
from providers.mail.encodedwords import decoded
from providers.mail.facts import Facts, fields_of, item_facts, shortened
from providers.mail.headers import LONGEST, block_end
from providers.mirror.remote import Described
from vfs.node import Value

MIME = "message/rfc822"
MOST_NAMED = 20
"""Attachments that the text names."""
LONGEST_LINE = 8000
"""Characters of a header line of the text."""


def describe(content: bytes, whole: bool) -> Described:
    """What a mail, or its header block alone, says: attributes, and the text that is shown and searched.

    Pure; never raises, whatever was sent; takes time in proportion to the mail. What the service keeps
    beside the mail (unread, flagged, labels) is not known here.
    """
    end, _ = block_end(content)
    header = content[: min(end, LONGEST)]
    facts = item_facts(header)
    attrs: dict[str, Value] = dict(facts.attrs)
    head = _head(facts, fields_of(header))
    if not whole:
        return Described(MIME, attrs, "\n".join(head) + "\n")
    body = body_of(content)
    files = entries_of(content, body)
    attrs["attachments"] = sum(1 for file in files if file.role is Role.ATTACHMENT)
    lines = [*head, *_files(files)]
    if body.signed:
        lines.append(f"Signed: {body.signed}, not checked")
    if body.encrypted:
        lines.append(f"Encrypted: {body.encrypted}; the text cannot be shown")
    lines += [f"Remark: {remark}" for remark in body.remarks]
    text = body.text if body.text.strip() else "(no text)"
    return Described(MIME, attrs, "\n".join([*lines, "", text.rstrip("\n"), ""]))


def _head(facts: Facts, found: Mapping[bytes, bytes]) -> Iterator[str]:
    """The headers that matter, a line each: a decoded value has no end of line in it."""
    senders = addresses(found.get(b"from", b"")) or addresses(found.get(b"sender", b""))
    named = spelt(found.get(b"from", b"")) or spelt(found.get(b"sender", b""))
    yield _line("From", ", ".join(named[:10]) if named else "unknown")
    answers = addresses(found[b"reply-to"]) if b"reply-to" in found else ()
    if answers and {one.address.lower() for one in answers} != {one.address.lower() for one in senders}:
        yield _line("Reply-To", ", ".join(map(str, answers)))
    for label, name in (("To", b"to"), ("Cc", b"cc")):
        people = spelt(found[name]) if name in found else ()
        if people:
            yield _line(label, ", ".join(people))
    raw = found.get(b"date", b"")
    if raw:
        yield _line("Date", shown(facts.date) if facts.date is not None else decoded(raw))
    yield _line("Subject", facts.subject)
    for sender in senders[:3]:
        remark = pretence(sender)
        if remark is not None:
            yield _line("Remark", remark)


def _line(label: str, value: str) -> str:
    return f"{label}: {shortened(value, LONGEST_LINE)}".rstrip()


def _files(files: Sequence[Attachment]) -> Iterator[str]:
    for label, role in (("Attachments", Role.ATTACHMENT), ("Pictures", Role.INLINE)):
        named = [f"{file.name} ({size_text(file.size)})" for file in files if file.role is role]
        more = len(named) - MOST_NAMED
        if named:
            yield f"{label}: " + ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def size_text(size: int) -> str:
    """A size as a person reads it: `12.3 KB`."""
    if size < 1000:
        return f"{size} bytes"
    for unit in ("KB", "MB"):
        size_in = size / 1000 if unit == "KB" else size / 1_000_000
        if size_in < 999.95:
            return f"{size_in:.1f} {unit}"
    return f"{size / 1_000_000_000:.1f} GB"
