"""What was understood, written out in full: weekday, date, time and zone; and so that it is read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from commands.phrases.spans import Span
from commands.phrases.words import DAYS
from commands.phrases.zones import offset_name


def day_text(day: date) -> str:
    """A day with its weekday, so that a person sees which one was understood."""
    return f"{DAYS[day.weekday()][:3].capitalize()} {day.isoformat()}"


def zone_name(zone: tzinfo | None) -> str:
    """The zone's key, or its offset."""
    key = getattr(zone, "key", "")
    if key:
        return str(key)
    if zone is UTC or zone is None:
        return "UTC"
    offset = zone.utcoffset(None) if isinstance(zone, timezone) else None
    return offset_name(int(offset.total_seconds() // 60)) if offset is not None else str(zone)


def span_text(span: Span) -> str:
    """`Thu 2026-11-19 14:00-15:00 Europe/Helsinki`."""
    start, end = span.start, span.end
    if not isinstance(start, datetime):
        return day_text(start) if end is None else f"{day_text(start)} to {day_text(end)}"
    text = _times(start, end if isinstance(end, datetime) else None)
    if span.zone is None or zone_name(span.zone) == zone_name(start.tzinfo):
        return text
    there = _times(
        start.astimezone(span.zone), end.astimezone(span.zone) if isinstance(end, datetime) else None
    )
    return f"{text} ({there})"


def _times(start: datetime, end: datetime | None) -> str:
    zone = zone_name(start.tzinfo)
    text = f"{day_text(start.date())} {_clock(start)}"
    if end is not None and end.date() == start.date():
        text += f"-{_clock(end)}"
    elif (
        end is not None
        and end.date() - start.date() == timedelta(1)
        and not (end.hour or end.minute or end.second)
    ):
        text += "-24:00"
    elif end is not None:
        text += f" to {day_text(end.date())} {_clock(end)}"
    return f"{text} {zone}"


def _clock(moment: datetime) -> str:
    """The time; with its offset where the clock shows it twice on that day."""
    text = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    return text + _offset(moment) if is_twice(moment) else text


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    return offset_name(int(offset.total_seconds() // 60))


def is_twice(moment: datetime) -> bool:
    """Whether the clock shows this time twice, because it is put back."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def said_plainly(span: Span) -> str:
    """A phrase that can only mean this span."""
    start, end = span.start, span.end
    first = _plain(start)
    return first if end is None else f"{first} to {_plain(end)}"


def _plain(moment: date | datetime) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if is_twice(moment):
        return f"{moment:%Y-%m-%dT%H:%M:%S}{_offset(moment)}"
    return f"{moment:%Y-%m-%d} {moment:%H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"
