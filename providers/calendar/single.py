"""One event out of a file, or one time out of a series: taken alone, shown, put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from providers.calendar.checking import problem_in, unread
from providers.calendar.event import Event, Moment, Series
from providers.calendar.ics.component import Component, line_end, parse
from providers.calendar.ics.lines import Line
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.values import read_moment, text_of, write_moment
from providers.calendar.reading import LONGEST_TITLE, read_calendar, read_event
from providers.calendar.text import instance_text
from vfs.errors import BadName, NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.calendar.days import Happening

_OF_THE_WHOLE = ("METHOD", "NAME", "X-WR-CALNAME", "X-WR-CALDESC")
RECURRING = ("RRULE", "RDATE", "EXDATE", "EXRULE")


class Part(NamedTuple):
    """All that a file says of one event or series, as a file of its own."""

    uid: str
    title: str
    data: bytes
    series: Series

    def anew(self) -> Part:
        """The same event as another one, with a UID of its own; one time of a series stands alone then."""
        root = parse(self.data)
        uid = str(uuid4())
        end = line_end(root)
        for event in events_of(root):
            event.put(Line.of("UID", uid, end=end))
            if self.series.master is None:
                event.drop("RECURRENCE-ID")
        return part_of(root.raw())


def split(path: Path, data: bytes, *, strict: bool = True, left: list[str] | None = None) -> Sequence[Part]:
    """Each event or series of a file; of a file with one, the file as it is.

    Raises BadName for a file without events, and, when `strict`, for what is wrong with one of them; `left`
    gets what is said of those that are left out otherwise.
    """
    if not data.strip():
        raise BadName(path, "is empty, and an event begins with BEGIN:VCALENDAR")
    calendar = read_calendar(data)
    problem = problem_in(calendar) if strict or not calendar.series else ""
    if problem:
        raise BadName(path, problem)
    if left is not None:
        left += unread(calendar)
    if len(calendar.series) == 1:
        return [part_of(data)]
    return _apart(data, [series.uid for series in calendar.series])


def part_of(data: bytes) -> Part:
    """A file that holds one event or series."""
    (series,) = read_calendar(data).series
    return Part(series.uid, main(series).said.title, data, series)


def main(series: Series) -> Event:
    """The event that a file is named after."""
    return series.master or series.overrides[0]


def events_of(root: Component) -> list[Component]:
    """Every VEVENT of a file."""
    return [event for inner in (*root.components("VCALENDAR"), root) for event in inner.components("VEVENT")]


def _apart(data: bytes, uids: Sequence[str]) -> list[Part]:
    """A file for each UID, with its events alone and the zones that they are in."""
    root = parse(data)
    end = line_end(root)
    parts: dict[str, Component] = {}
    held: dict[str, set[int]] = {}
    for calendar in (*root.components("VCALENDAR"), root):
        zones = {zone.value("TZID"): zone for zone in calendar.components("VTIMEZONE")}
        empty = _empty(calendar, end)
        for event in calendar.components("VEVENT"):
            uid = uid_of(event)
            made = parts.get(uid)
            if made is None:
                made = parts[uid] = empty.copy()
            used = {line.param("TZID") for line in event.lines() if b"TZID" in line.raw.upper()}
            there = held.setdefault(uid, set())
            for name in sorted(used & zones.keys()):
                if id(zones[name]) not in there:
                    there.add(id(zones[name]))
                    made.parts.append(zones[name])
            made.parts.append(event)
    return [part_of(parts[uid].raw()) for uid in uids if uid in parts]


def _empty(calendar: Component, end: bytes) -> Component:
    """A calendar as another is, without what it holds; what asks somebody for an answer is no part of it."""
    if not calendar.name:
        head = [Line.of("VERSION", "2.0", end=end), Line.of("PRODID", "-//Spatio//Calendar//EN", end=end)]
        return Component.new("VCALENDAR", head, end)
    made = Component("VCALENDAR", calendar.begin)
    made.end = calendar.end or Line.of("END", "VCALENDAR", end=end)
    made.parts.extend(line for line in calendar.lines() if line.name not in _OF_THE_WHOLE)
    return made


def uid_of(event: Component) -> str:
    """As reading tells it."""
    line = event.first("UID")
    said = text_of(line)[:LONGEST_TITLE] if line is not None else ""
    read = None if said else read_event(event, Zones(event))
    return read.uid if isinstance(read, Event) else said


def span(part: Part, zone: tzinfo) -> tuple[date, date]:
    """The first and the last day that an event, or a series the first time, touches."""
    event = main(part.series)
    start, stop = event.start.utc(zone), event.stop.utc(zone)
    if event.start.is_date:
        first, last = event.start.wall.date(), event.stop.wall.date()
        return first, max(first, date.fromordinal(max(last.toordinal() - 1, 1)))
    first, last = start.astimezone(zone).date(), stop.astimezone(zone).date()
    if stop > start and stop.astimezone(zone).time().isoformat() == "00:00:00":
        last = date.fromordinal(last.toordinal() - 1)
    return first, max(first, last)


# -- instances


def instance_of(series: Series, key: str) -> Moment | None:
    """The instance that a key names; None for an event that happens once."""
    if not key:
        return None
    zone = main(series).start.zone
    return read_moment(key, zone, is_date="T" not in key)


def event_of(series: Series, one: Happening) -> Event:
    """What a file says of one instance."""
    instance = instance_of(series, one.key)
    found = main(series)
    if instance is None or one.instance.said is None:
        return found
    home = one.instance.start.tzinfo if isinstance(one.instance.start, datetime) else None
    there = instance.utc(home or UTC)
    for event in series.overrides:
        if event.instance is None:
            continue
        at = event.instance.utc(home or UTC)
        if at == there or (event.following and at <= there):
            found = event
    return found


def series_of(data: bytes, uid: str) -> Series:
    """The series of that UID. Raises NotFound when the file has changed meanwhile."""
    for series in read_calendar(data).series:
        if series.uid == uid:
            return series
    raise NotFound(None, "it is not there any more")


def alone(data: bytes, one: Happening) -> bytes:
    """The stored bytes of one instance; of an event that happens once, all that its file has."""
    if not one.key:
        return data
    series = series_of(data, one.instance.uid)
    instance = instance_of(series, one.key)
    if instance is None:
        return data
    # Where files are read as they are stored, what edits them is not loaded.
    made: bytes = import_module("providers.calendar.editing").instance_of(
        data, instance, one.instance.start, one.instance.end, one.instance.uid
    )
    return made


def summary(data: bytes, one: Happening, zone: tzinfo) -> bytes:
    """What a person reads of one instance."""
    series = series_of(data, one.instance.uid)
    event = event_of(series, one)
    if not event.said.rule and series.master is not None:
        event = event._replace(said=event.said._replace(rule=series.master.said.rule))
    return instance_text(event, one.instance.start, one.instance.end, zone).encode()


def replaced(path: Path, whole: bytes, one: Happening, data: bytes) -> bytes:
    """A series in which one instance is what `data` says. Raises BadName."""
    series = series_of(whole, one.instance.uid)
    instance = instance_of(series, one.key)
    given = parse(data)
    events = events_of(given)
    if instance is None or len(events) != 1 or any(events[0].first(name) for name in RECURRING):
        raise BadName(path, "one time of a series is one event without a rule", hint="edit the series' file")
    root = parse(whole)
    event = events[0].copy()
    end = line_end(root)
    for calendar in (*root.components("VCALENDAR"), root):
        own = [inner for inner in calendar.components("VEVENT") if uid_of(inner) == series.uid]
        if own:
            event.put(Line.of("UID", own[0].value("UID"), end=end))
            event.put(_recurrence_id(own, instance, end))
            _put_instance(calendar, own, event, instance)
            _add_zones(calendar, given)
            break
    return root.raw()


def _recurrence_id(own: Sequence[Component], instance: Moment, end: bytes) -> Line:
    """Which instance it is, written as the start of its series is."""
    master = next((inner for inner in own if inner.first("RECURRENCE-ID") is None), own[0])
    start = master.first("DTSTART") or master.first("RECURRENCE-ID")
    params = {} if start is None else start.params
    kept = [(name, params[name][0]) for name in ("TZID", "VALUE") if params.get(name)]
    return Line.of("RECURRENCE-ID", write_moment(instance), kept, end)


def _put_instance(calendar: Component, own: Sequence[Component], event: Component, at: Moment) -> None:
    """In the place of the same instance, else after the last of the series."""
    zones = Zones(calendar)
    for inner in own:
        read = read_event(inner, zones)
        if isinstance(read, Event) and read.instance == at and not read.following:
            calendar.parts[calendar.parts.index(inner)] = event
            return
    calendar.parts.insert(calendar.parts.index(own[-1]) + 1, event)


def _add_zones(calendar: Component, given: Component) -> None:
    """The zones that an event from another file is in."""
    known = {zone.value("TZID") for zone in calendar.components("VTIMEZONE")}
    used = {line.param("TZID") for event in calendar.components("VEVENT") for line in event.lines()}
    for other in given.components("VCALENDAR"):
        for zone in other.components("VTIMEZONE"):
            name = zone.value("TZID")
            if name in used and name not in known:
                known.add(name)
                calendar.parts.insert(_head(calendar), zone)


def _head(calendar: Component) -> int:
    """Where the components of a calendar begin."""
    return next((at for at, part in enumerate(calendar.parts) if isinstance(part, Component)), 0)
