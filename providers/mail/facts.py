"""Facts: what a header block says of its mail, read thousands of times a second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from providers.mail.addresses import Address, addresses, spelt
from providers.mail.dates import moment
from providers.mail.encodedwords import decoded
from providers.mail.headers import LONGEST, unfolded
from vfs.node import Value

MOST_NAMED = 100
"""Recipients that stand in an attribute; all of them are in the text of the mail."""
LONGEST_TITLE = 500
RECENT = 1024
"""Headers whose facts are remembered."""
SMALL = 16 * 1024
"""Bytes of a header that is remembered."""

_FIELD = re.compile(
    rb"^(from|to|cc|subject|date|message-id|in-reply-to|references|list-id|content-type|sender|reply-to)"
    rb"[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)",
    re.MULTILINE | re.IGNORECASE,
)
_RUNS = re.compile(" {2,}")
_ID = re.compile(rb"<([^<>\s]{1,500})>")
_LIST = re.compile(r"<([^<>]+)>\s*\Z")
_NO_FILES = re.compile(rb"\s*(text/(plain|html)|multipart/alternative)\b", re.IGNORECASE)


class Facts(NamedTuple):
    """What a header block says."""

    title: str
    """The subject; "" when there is none."""
    subject: str
    """The same, however long, its spaces as they were sent."""
    sender: Address | None
    date: datetime | None
    """With the sender's offset; None when the mail has no date that is possible."""
    message_id: str
    """Without its angles; "" when there is none."""
    thread: str
    """The same for all mails of a conversation: the id of its first mail, as far as the mail knows."""
    list: str
    attrs: Mapping[str, Value]
    """All of it as attributes."""


def fields_of(header: bytes) -> Mapping[bytes, bytes]:
    """The fields that facts are made of, each the first of its name, unfolded."""
    return _recent_fields(header) if len(header) <= SMALL else _fields(header)


def item_facts(header: bytes) -> Facts:
    """What a mail's header block, or the fields of it that were fetched, says. Never raises."""
    return _recent_facts(header) if len(header) <= SMALL else _facts(header)


def _fields(header: bytes) -> Mapping[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for spelt_so, value in _FIELD.findall(header[:LONGEST]):
        name = spelt_so.lower()
        if name not in found:
            found[name] = unfolded(value)
    return found


def _facts(header: bytes) -> Facts:
    found = fields_of(header)
    get = found.get
    # Where a subject was folded, two spaces may meet.
    subject = decoded(get(b"subject", b""))
    title = shortened(_RUNS.sub(" ", subject) if "  " in subject else subject, LONGEST_TITLE)
    senders = addresses(get(b"from", b"")) or addresses(get(b"sender", b""))
    date = moment(get(b"date", b"")[:200].decode("latin-1"))
    message_id = _first_id(get(b"message-id", b""))
    thread = _first_id(get(b"references", b"")) or _first_id(get(b"in-reply-to", b"")) or message_id
    list_id = _list(get(b"list-id", b""))
    attrs: dict[str, Value] = {"title": title}
    if senders:
        attrs["from"] = ", ".join([str(one) for one in senders[:3]])
    for name, field in (("to", b"to"), ("cc", b"cc")):
        raw = get(field)
        if raw:
            attrs[name] = tuple(spelt(raw)[:MOST_NAMED])
    if date is not None:
        attrs["date"] = date
    if message_id:
        attrs["message_id"] = message_id
    if thread:
        attrs["thread"] = thread
    if list_id:
        attrs["list"] = list_id
    kind = get(b"content-type")
    if kind is None or _NO_FILES.match(kind):
        attrs["attachments"] = 0
    return Facts(title, subject, senders[0] if senders else None, date, message_id, thread, list_id, attrs)


# A header is asked for its facts when it is listed, named, described and shown, shortly one after the other.
_recent_fields = lru_cache(RECENT)(_fields)
_recent_facts = lru_cache(RECENT)(_facts)


def shortened(text: str, size: int) -> str:
    """`text`, cut to so many characters; one that was cut ends with `…`."""
    return text if len(text) <= size else text[: size - 1] + "…"


def _first_id(value: bytes) -> str:
    found = _ID.search(value)
    if found is not None:
        return found.group(1).decode("utf-8", "replace").replace("\0", "")
    # Some mailers leave the angles away.
    word = value.split(None, 1)[0] if value.strip() else b""
    return word[:500].strip(b"<>").decode("utf-8", "replace").replace("\0", "")


def _list(value: bytes) -> str:
    if not value:
        return ""
    text = decoded(value)
    found = _LIST.search(text)
    return shortened(found.group(1).strip() if found else text, 200)
