"""Objects: one event's file as a server keeps it, told from its bytes without reading all of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

from providers.calendar import naming
from providers.calendar.caldav import hrefs
from providers.mirror.remote import Item
from vfs.names import clean

_FOLD = re.compile(rb"\r?\n[ \t]")
_ENDS = re.compile(rb"\r\n|\r|\n")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_STAMP = re.compile(
    rb"^(?:LAST-MODIFIED|DTSTAMP)(?:;[^:\r\n]*)?:(\d{8}T\d{6})Z", re.MULTILINE | re.IGNORECASE
)
_TITLE = re.compile(rb"^SUMMARY(?:;[^:\r\n]*)?:([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_EVENT = re.compile(rb"^BEGIN:VEVENT\s*$", re.MULTILINE | re.IGNORECASE)
_OTHER = re.compile(rb"^BEGIN:V(?:TODO|JOURNAL|FREEBUSY|AVAILABILITY)\s*$", re.MULTILINE | re.IGNORECASE)
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,120}")
_MADE_UP = ("PRODID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "VERSION", "CALSCALE", "METHOD", "X-")
"""Begins of lines that servers write anew."""
_ESCAPES = {b"n": b" ", b"N": b" "}


def uid_of(content: bytes) -> str:
    """The UID of the first event; "" when there is none."""
    at = _EVENT.search(content)
    inside = _FOLD.sub(b"", content[at.start() :] if at is not None else content)
    found = _UID.search(inside)
    return found.group(1).decode("utf-8", "replace").strip() if found is not None else ""


def is_event(content: bytes) -> bool:
    """Whether a file is to be shown: all but tasks, journals and the like."""
    return _EVENT.search(content) is not None or _OTHER.search(content) is None


def identity_of(content: bytes) -> str:
    """The same for the same event, in whichever calendar; "" where it has no UID."""
    uid = uid_of(content)
    return sha256(uid.encode()).hexdigest()[:24] if uid else ""


def item_of(href: str, etag: str, content: bytes) -> Item | None:
    """An event as a mirror takes it; None for what is none."""
    if not is_event(content):
        return None
    return Item(
        href, etag, _name(href, content), {}, at=_written(content), size=len(content), mime="text/calendar",
        identity=identity_of(content), content=content, whole=True,
    )  # fmt: skip


def unread_item(href: str, etag: str) -> Item:
    """An event that is there and could not be read."""
    return Item(href, etag, _by_address(href), {}, mime="text/calendar")


def _name(href: str, content: bytes) -> str:
    at = _EVENT.search(content)
    found = _TITLE.search(_FOLD.sub(b"", content[at.start() :])) if at is not None else None
    title = b"" if found is None else re.sub(rb"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), found.group(1))
    words = title.decode("utf-8", "replace").strip()
    return naming.stored_name(words) if words else _by_address(href)


def _by_address(href: str) -> str:
    name = clean(hrefs.unquoted(href.rpartition("/")[2]))
    return name if name.lower().endswith(naming.SUFFIX) else f"{name}{naming.SUFFIX}"


def _written(content: bytes) -> datetime | None:
    """When it was written last, as far as it says."""
    stamps = []
    for found in _STAMP.finditer(content[: 1 << 20]):
        try:
            stamps.append(datetime.strptime(found.group(1).decode(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
        except ValueError:
            continue
    return max(stamps, default=None)


def file_name(uid: str) -> str:
    """What the file of a new event is called at the server, always the same for the same UID."""
    return f"{uid if _SIMPLE.fullmatch(uid) else sha256(uid.encode()).hexdigest()[:40]}.ics"


def with_crlf(content: bytes) -> bytes:
    """With the line ends that iCalendar has, which XML takes away."""
    return _ENDS.sub(b"\r\n", content)


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two files say the same of the same event, however a server has spelled and ordered it."""
    return one == other or _essence(one) == _essence(other)


def _essence(content: bytes) -> Counter[str]:
    lines = _ENDS.sub(b"\n", _FOLD.sub(b"", content)).decode("utf-8", "replace").split("\n")
    kept: Counter[str] = Counter()
    for line in lines:
        line = line.rstrip()
        head, colon, value = line.partition(":")
        if not line or head.upper().startswith(_MADE_UP):
            continue
        name, *parameters = (part for part in head.split(";") if not part.upper().startswith("SCHEDULE-"))
        kept[";".join((name.upper(), *sorted(parameters))) + colon + value] += 1
    return kept
