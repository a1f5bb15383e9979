"""Dates of mails: what stands in a Date field, as moments and as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name.lower(): number for number, name in enumerate(_NAMES, 1)}
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{2,9}(?:\s*[,.]\s*|\s+))?(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*\.?[\s-]+(\d{2,4}),?"
    r"(?:\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?)?\s*(?:([+-])(\d{2}):?(\d{2})|([A-Za-z]{1,5}))?"
)
_UNIX = re.compile(
    r"\s*[A-Za-z]{3}\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([A-Za-z]{1,5})\s+)?(\d{4})"
    r"(?:\s*([+-])(\d{2})(\d{2}))?"
)
_ISO = re.compile(r"\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)\s*(Z|[+-]\d\d:?\d\d)?")
_ZONES = {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST = datetime(1900, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)


@lru_cache(16)
def moment(value: str) -> datetime | None:
    """The moment that a Date field names, with its own offset; None when it names none that is possible."""
    try:
        when = _moment(value[:200])
        return when if when is not None and _FIRST <= when <= _LAST else None
    except (ValueError, OverflowError):
        return None


def _moment(value: str) -> datetime | None:
    found = _DATE.match(value)
    if found is not None:
        day, month, year, hour, minute, second, sign, hours, minutes, zone = found.groups()
    else:
        found = _UNIX.match(value)
        if found is None:
            return _iso(value)
        month, day, hour, minute, second, zone, year, sign, hours, minutes = found.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    full = int(year)
    if len(year) == 2:
        full += 2000 if full < 50 else 1900
    elif len(year) == 3:
        full += 1900
    # A leap second has no place in datetime; the second before it is the nearest.
    parts = (full, number, int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59))
    return datetime(*parts, tzinfo=_zone(sign, hours, minutes, zone))


@lru_cache(200)
def _zone(sign: str | None, hours: str | None, minutes: str | None, name: str | None) -> timezone:
    if sign is not None and hours is not None and minutes is not None:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset >= timedelta(hours=24) or not offset:
            return UTC
        return timezone(-offset if sign == "-" else offset)
    known = _ZONES.get(name.lower()) if name else None
    return UTC if known is None else timezone(timedelta(hours=known))


def _iso(value: str) -> datetime | None:
    found = _ISO.match(value)
    if found is None:
        return None
    when = datetime.fromisoformat(found.group(1) + (found.group(2) or "Z").replace(" ", ""))
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def shown(when: datetime) -> str:
    """A moment as a person reads it, in its own offset: `Mon, 15 Jan 2024 14:03 +0100`."""
    day = f"{_DAYS[when.weekday()]}, {when.day} {_NAMES[when.month - 1]} {when.year:04d}"
    return f"{day} {when.hour:02d}:{when.minute:02d} {_offset(when.utcoffset())}"


@lru_cache(100)
def _offset(offset: timedelta | None) -> str:
    return "" if offset is None else f"{datetime(2000, 1, 1, tzinfo=timezone(offset)):%z}"


def written(when: datetime) -> str:
    """A moment as a Date field has it."""
    return (
        f"{_DAYS[when.weekday()]}, {when.day:02d} {_NAMES[when.month - 1]} {when.year:04d} {when:%H:%M:%S %z}"
    )
