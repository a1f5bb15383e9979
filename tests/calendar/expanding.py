"""What the tests of instances share: calendar files in few words, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from providers.calendar.occurrences import Instance, instances
from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar

HOME = ZoneInfo("Europe/Helsinki")


def calendar(*events: str) -> bytes:
    """A calendar file; each event is its lines, parted by `|`."""
    body = "".join(f"BEGIN:VEVENT|{event}|END:VEVENT|" for event in events)
    text = f"BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//tests//EN|{body}END:VCALENDAR|"
    return text.replace("|", "\r\n").encode()


def form_of(data: bytes) -> str:
    reach = reach_of(read_calendar(data))
    return "" if reach is None else reach.form


def between(data: bytes, start: datetime, end: datetime, home: ZoneInfo = HOME) -> list[Instance]:
    form = form_of(data)
    return instances(form, start, end, home) if form else []


def at(text: str, zone: ZoneInfo = HOME) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def said(found: Sequence[Instance]) -> list[str]:
    """Starts and ends on the clocks of whoever asks."""
    return [f"{_text(one.start)}/{_text(one.end)}" for one in found]


def _text(value: date) -> str:
    return f"{value:%m-%d %H:%M}" if isinstance(value, datetime) else f"{value:%m-%d}"


NOVEMBER = at("2026-11-01"), at("2026-12-01")


def in_utc(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    aware = value if value.tzinfo is not None else value.replace(tzinfo=HOME)
    return f"{aware.astimezone(UTC):%Y%m%dT%H%M%S}"
