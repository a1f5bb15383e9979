"""Opened: a calendar file laid open for editing: one series of it, the zones it is in, what is written next.

What is not touched stays as it stands in the file, to the byte. All raise BadName, without a path, with the
reason for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from providers.calendar.compose import utc_stamp
from providers.calendar.event import Event, Moment, Period, moved_to
from providers.calendar.ics.component import Component, line_end, parse
from providers.calendar.ics.lines import CRLF, Line
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.values import read_moment, write_moment
from providers.calendar.ics.vtimezone import timezone_of
from providers.calendar.reading import read_event
from vfs.errors import BadName

THIS, FOLLOWING, ALL = SCOPES = ("this", "following", "all")

RECURRING = ("RRULE", "RDATE", "EXDATE", "EXRULE")
"""What makes a series of an event."""


class Spot(NamedTuple):
    """What is edited."""

    key: str
    """Which instance: its clock time in the series, as RECURRENCE-ID writes it; "" for a single event."""
    scope: str
    """this, following, all."""
    now: datetime
    home: tzinfo
    """Where what floats happens."""
    new_uid: str = ""
    """The UID of what "following" splits off."""
    uid: str = ""
    """Which series of the file; "" for the first."""


class Edited(NamedTuple):
    """What becomes of a file."""

    kept: bytes | None
    """None: it is to be removed."""
    new: bytes | None = None
    """One more file, split off."""
    key: str = ""
    """The key of what was edited: in `new`, where there is one."""


class Part(NamedTuple):
    """One VEVENT, as it stands and as it is read."""

    component: Component
    event: Event


class Opened:
    """A file and one series of it."""

    def __init__(self, data: bytes, spot: Spot) -> None:
        if spot.scope not in SCOPES:
            raise BadName(None, f"a scope is {', '.join(SCOPES)}, not {spot.scope!r}")
        self.spot = spot
        whole = data.endswith((b"\n", b"\r"))
        self.root = parse(data if whole else data + CRLF)
        self.line_end = line_end(self.root)
        self.root.close(self.line_end)
        self._tzids: dict[str, str] = {}
        self.master: Part | None = None
        self.overrides: list[Part] = []
        self._find()
        anchor = self.master.event.start if self.master else self.overrides[0].event.instance
        assert anchor is not None
        self.anchor = anchor
        """A moment of the kind and zone that all keys of the series have."""
        self.at = self._keyed()
        """The instance that the spot names; None for an event that happens once."""

    def _find(self) -> None:
        uid = self.spot.uid
        self.calendar = _one_calendar(self.root)
        zones = Zones(self.calendar)
        for component in self.calendar.components("VEVENT"):
            event = read_event(component, zones)
            if not isinstance(event, Event) or (uid and event.uid != uid):
                continue
            uid = event.uid
            part = Part(component, event)
            if event.instance is not None:
                self.overrides.append(part)
            elif self.master is None or self.master.event.sequence <= event.sequence:
                self.master = part
        if self.master is None and not self.overrides:
            raise BadName(None, "it is not there any more" if self.spot.uid else "it holds no event")

    def _keyed(self) -> Moment | None:
        key = self.spot.key
        if not key:
            return None
        found = read_moment(key, self.anchor.zone, is_date=self.anchor.is_date)
        if found is None:
            raise BadName(None, f"no moment: {key[:40]!r}")
        return self.in_key_zone(found)

    def in_key_zone(self, moment: Moment) -> Moment:
        """A moment as the series writes its keys."""
        if moment.is_date or self.anchor.is_date or moment.zone == self.anchor.zone:
            return Moment(moment.wall, self.anchor.zone, self.anchor.is_date)
        return moved_to(moment, self.anchor.zone, self.spot.home)

    # -- what there is

    @property
    def recurs(self) -> bool:
        return self.master is None or self.master.event.recurs

    @property
    def parts(self) -> Iterator[Part]:
        """The master and all that differ."""
        if self.master is not None:
            yield self.master
        yield from self.overrides

    def exact(self, at: Moment) -> Part | None:
        """The override that stands for just that instance; the newest, where there are two."""
        found = [
            part for part in self.overrides if part.event.instance and self.same(part.event.instance, at)
        ]
        return max(found, key=lambda part: part.event.sequence, default=None)

    def before(self, at: Moment) -> Part:
        """What says how an instance is that has no override of its own. Raises BadName when nothing does."""
        ahead = [
            part
            for part in self.overrides
            if part.event.following and self.order(part.event.instance) <= self.order(at)
        ]
        found = max(ahead, key=lambda part: self.order(part.event.instance), default=self.master)
        if found is None:
            raise BadName(None, "the file holds no such time of the series")
        return found

    def span_of(self, at: Moment) -> tuple[Moment, Moment]:
        """When an instance begins and ends, in the zone that it is written in."""
        part = self.exact(at)
        if part is not None:
            return part.event.start, in_zone_of(part.event.start, part.event.stop, self.spot.home)
        event = self.before(at).event
        start = at if event.instance is None else shifted(at, event.start.wall - event.instance.wall)
        start = Moment(start.wall, event.start.zone, event.start.is_date)
        for one in event.dates:
            if isinstance(one, Period) and self.same(one.start, at):
                length = nominal(event._replace(start=one.start, end=one.end, span=one.span), self.spot.home)
                return start, shifted(start, length)
        return start, shifted(start, nominal(event, self.spot.home))

    def order(self, moment: Moment | None) -> datetime:
        """What moments of this series are compared by."""
        assert moment is not None
        return self.in_key_zone(moment).utc(UTC)

    def same(self, one: Moment, other: Moment) -> bool:
        if one.is_date != other.is_date:
            return one.wall.date() == other.wall.date()
        return self.order(one) == self.order(other)

    # -- what is written

    def override(self, at: Moment) -> Component:
        """The VEVENT of one instance alone: the one that there is, else one made of what holds for it."""
        found = self.exact(at)
        if found is not None:
            return found.component
        base = self.before(at)
        start, end = self.span_of(at)
        made = base.component.copy()
        made.drop(*RECURRING, "RECURRENCE-ID")
        self.set_moment(made, "DTSTART", start)
        self._set_end(made, end)
        line = self.moment_line("RECURRENCE-ID", at)
        first = next(
            (
                place
                for place, one in enumerate(made.parts)
                if isinstance(one, Line) and one.name == "DTSTART"
            ),
            0,
        )
        made.parts.insert(first, line)
        self._insert(made)
        return made

    def _insert(self, made: Component) -> None:
        """After the last VEVENT of the series."""
        last = max(self.calendar.parts.index(part.component) for part in self.parts)
        self.calendar.parts.insert(last + 1, made)
        event = read_event(made, Zones(self.calendar))
        if isinstance(event, Event):
            self.overrides.append(Part(made, event))

    def set_moment(self, component: Component, name: str, moment: Moment) -> None:
        """Writes DTSTART and its like, by the name that the zone has in this file."""
        component.put(self.moment_line(name, moment, component.first(name)))

    def set_span(self, component: Component, start: Moment, end: Moment) -> None:
        self.set_moment(component, "DTSTART", start)
        self._set_end(component, end)

    def _set_end(self, component: Component, end: Moment) -> None:
        start = component.first("DTSTART")
        component.drop("DURATION")
        if start is not None and start.value == write_moment(end):
            component.drop("DTEND")
        elif component.first("DTEND") is None and start is not None:
            component.parts.insert(component.parts.index(start) + 1, self.moment_line("DTEND", end))
        else:
            self.set_moment(component, "DTEND", end)

    def moment_line(self, name: str, moment: Moment, like: Line | None = None) -> Line:
        value = write_moment(moment)
        params = [("VALUE", "DATE")] if moment.is_date else []
        if moment.zone not in ("", "UTC"):
            params = [("TZID", self._tzid(moment))]
        if like is None:
            return Line.of(name, value, params, self.line_end)
        changes = {"TZID": "", "VALUE": "", **dict(params)}
        kept = {key: text for key, text in changes.items() if like.param(key) != text}
        return (like.with_params(kept, self.line_end) if kept else like).with_value(value, self.line_end)

    def _tzid(self, moment: Moment) -> str:
        """The name of a zone in this file, which is given its rules where it lacks them."""
        known = self._tzids.get(moment.zone)
        if known is None:
            known = self._tzids[moment.zone] = self._new_tzid(moment)
        return known

    def _new_tzid(self, moment: Moment) -> str:
        zones = Zones(self.calendar)
        known = [zone.value("TZID") for zone in self.calendar.components("VTIMEZONE")]
        used = [line.param("TZID") for part in self.parts for line in part.component.lines() if line.params]
        for name in (*used, *known):
            if name and zones.called(name) == moment.zone:
                return name
        made = timezone_of(moment.zone, moment.wall.year, self.line_end)
        if made is not None:
            first = next(
                (place for place, one in enumerate(self.calendar.parts) if isinstance(one, Component)), 0
            )
            self.calendar.parts.insert(first, made)
        return moment.zone

    def take_out(self, part: Part) -> None:
        """Removes one VEVENT of the series."""
        self.calendar.remove(part.component)
        self.overrides = [one for one in self.overrides if one is not part]

    def stamp(self, component: Component, *, significant: bool = True) -> None:
        """Notes that a component was changed; `significant` where who was invited should know."""
        now = utc_stamp(self.spot.now)
        component.put(self._valued(component, "DTSTAMP", now))
        component.put(self._valued(component, "LAST-MODIFIED", now))
        if significant:
            line = component.first("SEQUENCE")
            digits = line.value.strip()[:9] if line is not None else ""
            number = int(digits) + 1 if digits.isascii() and digits.isdigit() else 1
            component.put(self._valued(component, "SEQUENCE", str(number)))

    def _valued(self, component: Component, name: str, value: str) -> Line:
        line = component.first(name)
        return (
            Line.of(name, value, end=self.line_end) if line is None else line.with_value(value, self.line_end)
        )

    def raw(self) -> bytes:
        return self.root.raw()


def _one_calendar(root: Component) -> Component:
    """The calendar of a file; where it has several, all that they hold is put into the first."""
    calendars = list(root.components("VCALENDAR"))
    if not calendars:
        return root
    first = calendars[0]
    for other in (*calendars[1:], root):
        inner = [part for part in other.components() if part.name in ("VEVENT", "VTIMEZONE")]
        if other is not root or inner:
            first.parts += inner
            gone = {id(part) for part in (inner if other is root else [other])}
            root.parts = [part for part in root.parts if id(part) not in gone]
    return first


def in_zone_of(start: Moment, end: Moment, home: tzinfo) -> Moment:
    return end if end.zone == start.zone or end.is_date else moved_to(end, start.zone, home)


def nominal(event: Event, home: tzinfo) -> timedelta:
    """How long an event is by the clocks of its own zone."""
    stop = in_zone_of(event.start, event.stop, home)
    return max(stop.wall - event.start.wall, timedelta(0))


def shifted(moment: Moment, delta: timedelta) -> Moment:
    """A moment later by the clock on the wall. Raises BadName at the end of the calendar."""
    try:
        return moment._replace(wall=moment.wall + delta)
    except OverflowError:
        raise BadName(None, "the calendar ends before that") from None


def wanted(when: datetime | date, like: Moment, home: tzinfo) -> Moment:
    """A time that somebody asks for, in the zone that `like` is in; after a whole day, in its own."""
    if not isinstance(when, datetime):
        return Moment(datetime(when.year, when.month, when.day), "", True)
    wall = when.replace(microsecond=0)
    if like.is_date:
        zone = getattr(wall.tzinfo or home, "key", "")
        return Moment(wall.replace(tzinfo=None), zone)
    if wall.tzinfo is None or getattr(wall.tzinfo, "key", None) == like.zone:
        return Moment(wall.replace(tzinfo=None), like.zone)
    try:
        there = Moment(wall.astimezone(UTC).replace(tzinfo=None), "UTC")
    except OverflowError:
        raise BadName(None, "the calendar ends before that") from None
    return moved_to(there, like.zone, home)


def key_of(moment: Moment | None) -> str:
    """How an instance is called."""
    return "" if moment is None else write_moment(moment)


def listed(moments: Sequence[Moment | Period]) -> list[Moment]:
    return [one.start if isinstance(one, Period) else one for one in moments]
