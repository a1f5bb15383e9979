"""Text: an event, and a whole calendar file, as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from providers.calendar.event import Event, Moment, Period, Person, Said, Series, moved_to
from providers.calendar.ics.zones import shown
from providers.calendar.reading import LARGEST, read_calendar

MOST_EVENTS = 200
"""Events of a file that are written out."""
MOST_LINES = 20
"""People, and dates that differ, of one event."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_METHODS = {
    "request": "Invitation",
    "cancel": "Cancelled",
    "reply": "Answer",
    "counter": "Other proposal",
    "refresh": "Question for the newest state",
}
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]+"
)
_ONE_DAY = timedelta(days=1)


def text_of(data: bytes, most: int = MOST_EVENTS) -> str | None:
    """What a file says, event by event up to `most`; None when it has none to show."""
    if len(data) > LARGEST:
        return None
    calendar = read_calendar(data)
    blocks = []
    for series in calendar.series[:most]:
        blocks.append("\n".join(_series_lines(series)))
    if not blocks and not calendar.tasks:
        return None
    head = [_line(_METHODS[calendar.method])] if calendar.method in _METHODS else []
    if calendar.name:
        head.append(f"Calendar: {_line(calendar.name)}")
    if calendar.tasks:
        head.append(f"[{calendar.tasks} tasks and entries of other kinds]")
    unread = [f"[{_line(problem)}]" for problem in calendar.problems if "without a length" not in problem]
    more = len(calendar.series) - most
    tail = [f"[{more} more events]"] if more > 0 else []
    parts = ["\n".join(head + unread), *blocks, *tail]
    return "\n\n".join(part for part in parts if part) + "\n"


def instance_text(event: Event, start: datetime | date, end: datetime | date, home: tzinfo) -> str:
    """One instance, when it happens in the zone `home` and, where it is another, in its own."""
    when = when_in_words(start, end)
    if isinstance(start, datetime):
        when += f" {_name(home, start)}"
        zone = event.start.zone
        here = Moment(start.astimezone(UTC).replace(tzinfo=None), "UTC")
        there = moved_to(here, zone, home).wall if zone else start.replace(tzinfo=None)
        if there != start.replace(tzinfo=None):
            when += f" ({there:%H:%M} {shown(zone, there)})"
    return "\n".join(_said_lines(event.said, when, event.description)) + "\n"


def when_in_words(start: datetime | date, end: datetime | date) -> str:
    """`Thu 2026-11-19 14:00-15:00`, without a zone; with the last day of what lasts for days."""
    if not isinstance(start, datetime):
        last = max(end - _ONE_DAY, start)
        days = _day(start) if last == start else f"{_day(start)} to {_day(last)}"
        return f"{days}, all day"
    assert isinstance(end, datetime)
    if end == start:
        return f"{_day(start)} {start:%H:%M}"
    if end.date() == start.date() or (end - start < _ONE_DAY and end.hour == end.minute == 0):
        return f"{_day(start)} {start:%H:%M}-{end:%H:%M}"
    return f"{_day(start)} {start:%H:%M} to {_day(end)} {end:%H:%M}"


def event_when(event: Event) -> str:
    """When an event, or the first one of its series, happens, in its own zone."""
    start, stop = event.start, event.stop
    if start.is_date:
        return when_in_words(start.wall.date(), stop.wall.date())
    end = stop.wall
    if start.zone and stop.zone != start.zone:
        end = moved_to(stop, start.zone, UTC).wall
    return f"{when_in_words(start.wall, max(end, start.wall))} {shown(start.zone, start.wall)}".rstrip()


def _series_lines(series: Series) -> Iterator[str]:
    event = series.master or series.overrides[0]
    lines = _said_lines(event.said, event_when(event), "")
    yield from lines
    for title, dates in (("Also", event.dates), ("Not on", event.excluded)):
        if dates:
            starts = (one.start if isinstance(one, Period) else one for one in dates[:MOST_LINES])
            more = f" and {len(dates) - MOST_LINES} more" if len(dates) > MOST_LINES else ""
            yield f"{title}: {', '.join(_short(start) for start in starts)}{more}"
    others = [one for one in series.overrides if one is not event]
    for one in others[:MOST_LINES]:
        was = _short(one.instance) if one.instance else ""
        state = "cancelled" if one.said.status == "cancelled" else event_when(one)
        title = f": {_line(one.said.title)}" if one.said.title not in ("", event.said.title) else ""
        yield f"Instead of {was}{' and all later' if one.following else ''}: {state}{title}"
    if len(others) > MOST_LINES:
        yield f"[{len(others) - MOST_LINES} more that differ]"
    if event.description:
        yield ""
        yield _text(event.description)


def _said_lines(said: Said, when: str, description: str) -> Iterator[str]:
    yield _line(said.title) or "Without a title"
    yield f"When: {when}"
    if said.rule:
        yield f"Repeats: {_line(said.rule)}"
    if said.status != "confirmed":
        yield f"Status: {said.status}"
    for title, value in (("Where", said.location), ("Link", said.link)):
        if value and not (title == "Link" and value in said.location):
            yield f"{title}: {_line(value)}"
    if said.categories:
        yield f"Categories: {', '.join(_line(one) for one in said.categories)}"
    if said.organizer:
        yield f"Organizer: {_line(str(said.organizer))}"
    yield from _people(said.attendees)
    if not said.busy:
        yield "Shown as: free"
    if said.problem:
        yield f"Remark: {_line(said.problem)}"
    if description:
        yield ""
        yield _text(description)


def _people(attendees: Sequence[Person]) -> Iterator[str]:
    if attendees:
        yield "Attendees:"
    for person in attendees[:MOST_LINES]:
        answer = "no answer yet" if person.answer == "needs-action" else person.answer
        role = f", {person.role}" if person.role in ("optional", "informed") else ""
        yield f"  {_line(str(person))} ({answer}{role})"
    if len(attendees) > MOST_LINES:
        yield f"  [{len(attendees) - MOST_LINES} more]"


def _short(moment: Moment) -> str:
    return f"{_day(moment.wall)}" if moment.is_date else f"{_day(moment.wall)} {moment.wall:%H:%M}"


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.year:04}-{day.month:02}-{day.day:02}"


def _name(home: tzinfo, at: datetime) -> str:
    return getattr(home, "key", None) or at.strftime("UTC%:z")


def _line(text: str) -> str:
    """One line for a terminal, without what is not seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def _text(text: str) -> str:
    return _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()
