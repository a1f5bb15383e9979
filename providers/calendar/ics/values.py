"""Values of content lines: text, moments, durations, periods, read leniently and written strictly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from providers.calendar.event import Moment, Period, Span
from providers.calendar.ics.lines import Line, decoded

LONGEST_SPAN = 3_660_000
"""Days; a longer duration is none."""

_ESCAPE = re.compile(r"\\([\\;,:\"nN])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SPECIAL = re.compile(r"[\\;,\n]")
_COMMA = re.compile(r"((?:[^\\,]|\\.)*+)(?:,|\Z)", re.DOTALL)
_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d):?(\d\d):?(\d\d)?(?:[.,]\d+)?\s*([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_SPAN = re.compile(
    r"([+-]?)P(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.ASCII
)
_QUOTED = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*\r?\n)")


class Stamp(NamedTuple):
    """A DATE or DATE-TIME as it is written."""

    wall: datetime
    is_date: bool = False
    utc: bool = False


def text_of(line: Line) -> str:
    """A TEXT value for a person, its line breaks as such, without control characters."""
    value = line.value
    if line.params and "QUOTED-PRINTABLE" in (line.param("ENCODING").upper(), *line.params):
        value = _unquoted(value, line.param("CHARSET"))
    return unescaped(value)


def unescaped(value: str) -> str:
    if "\\" in value:
        value = _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return _CONTROL.sub("", value.replace("\r\n", "\n")).strip()


def texts_of(line: Line) -> list[str]:
    """The values of a list of texts, such as CATEGORIES."""
    found = [unescaped(one[1]) for one in _COMMA.finditer(line.value)]
    return [text for text in found if text]


def escaped(text: str) -> str:
    """Any text as a TEXT value."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SPECIAL.sub(lambda found: "\\n" if found[0] == "\n" else "\\" + found[0], clean)


def read_stamp(text: str) -> Stamp | None:
    """A date, or a date and time; None for neither. 24:00 is the next day's 0:00, a leap second is :59."""
    found = _STAMP.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        wall = datetime(int(year), int(month), int(day))
        if hour is None:
            return Stamp(wall, is_date=True)
        if (int(hour), int(minute), int(second or 0)) == (24, 0, 0):
            wall += timedelta(days=1)
        else:
            wall = wall.replace(hour=int(hour), minute=int(minute), second=min(int(second or 0), 59))
        if zone and zone not in "Zz":
            sign = -1 if zone[0] == "-" else 1
            wall -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    except (ValueError, OverflowError):
        return None
    return Stamp(wall, utc=bool(zone))


def read_span(text: str) -> Span | None:
    """A DURATION; None for what is none. Days keep apart from hours: a day may have 23 of them."""
    found = _SPAN.fullmatch(text.strip().upper())
    if found is None or text.strip().upper().lstrip("+-") in ("P", "PT"):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    span = Span(sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds))
    return span if abs(span.days) + abs(span.seconds) // 86400 <= LONGEST_SPAN else None


def read_moment(text: str, zone: str, *, is_date: bool = False) -> Moment | None:
    """A moment, in the zone that its line names unless it is in UTC or a date; None for what is none."""
    stamp = read_stamp(text)
    if stamp is None:
        return None
    if stamp.is_date or is_date:
        return Moment(stamp.wall.replace(hour=0, minute=0, second=0), "", True)
    return Moment(stamp.wall, "UTC" if stamp.utc else zone)


def read_moments(line: Line, zone: Callable[[Line], str]) -> list[Moment | Period | None]:
    """The values of RDATE, EXDATE and their like; None for each that cannot be read."""
    there = zone(line)
    is_date = line.param("VALUE").upper() == "DATE"
    values = re.split("[,;]", line.value)
    return [_either(value, there, is_date) for value in values if value.strip()]


def _either(value: str, zone: str, is_date: bool) -> Moment | Period | None:
    first, slash, last = value.partition("/")
    start = read_moment(first, zone, is_date=is_date)
    if start is None or not slash:
        return start
    span = read_span(last)
    if span is not None:
        return Period(start, span=span) if span.delta >= timedelta(0) else None
    end = read_moment(last, zone)
    return None if end is None or end.zone != start.zone or end.wall < start.wall else Period(start, end)


def write_moment(moment: Moment) -> str:
    """The value alone; `UTC` is written as Z."""
    wall = moment.wall
    day = f"{wall.year:04}{wall.month:02}{wall.day:02}"
    if moment.is_date:
        return day
    return f"{day}T{wall.hour:02}{wall.minute:02}{wall.second:02}" + ("Z" if moment.zone == "UTC" else "")


def write_date(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def write_span(span: Span) -> str:
    """A DURATION; days and seconds go the same way."""
    sign = "-" if span.days < 0 or span.seconds < 0 else ""
    days, seconds = abs(span.days), abs(span.seconds)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    clock = "".join(
        f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds % 60, "S")) if count
    )
    return f"{sign}P{f'{days}D' if days or not clock else ''}{f'T{clock}' if clock else ''}"


def offset_of(text: str) -> timezone | None:
    """A UTC-OFFSET such as `+0530`; None for what is none."""
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d):?(\d\d)?", text.strip(), re.ASCII)
    if found is None:
        return None
    delta = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return timezone(-delta if found[1] == "-" else delta) if delta < timedelta(days=1) else None


def _unquoted(value: str, charset: str) -> str:
    """Quoted-printable text, as vCalendar 1.0 has it."""
    raw = value.encode("utf-8", "replace")
    data = _QUOTED.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else b"", raw)
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return decoded(data)
