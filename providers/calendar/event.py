"""What calendar files say, as values: moments, events, series. Data only; `reading` makes them from bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from providers.calendar.ics.zones import zone_named

_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]+@[^\s<>()\[\]\\,;:\"@]+")
_ADDRESS_MARKS = re.compile(r"[<>()\[\]\\,;:\"@=?]")


class Moment(NamedTuple):
    """A point in a calendar as it is written: a clock on a wall, and where that wall stands."""

    wall: datetime
    """Without a zone. The midnight that a day begins with, for a date."""
    zone: str = ""
    """"" when it floats with whoever reads it (as dates do), "UTC", an IANA name, or the text of a zone
    of the file's own: whatever `zones.zone_named` takes."""
    is_date: bool = False

    def at(self, home: tzinfo) -> datetime:
        """The moment itself, aware; a floating one happens in `home`. Gaps count by what was before."""
        zone = zone_named(self.zone) if self.zone else home
        return self.wall.replace(tzinfo=zone)

    def utc(self, home: tzinfo) -> datetime:
        """The moment in UTC; the earliest or latest there is where that lies outside of the calendar."""
        try:
            return self.at(home).astimezone(UTC)
        except OverflowError:
            return self.wall.replace(tzinfo=UTC)


class Span(NamedTuple):
    """A duration as iCalendar has it: days of the calendar and seconds of the clock, both maybe negative."""

    days: int = 0
    seconds: int = 0

    @property
    def delta(self) -> timedelta:
        return timedelta(days=self.days, seconds=self.seconds)


class Period(NamedTuple):
    """One more occurrence with a length of its own (RDATE;VALUE=PERIOD)."""

    start: Moment
    end: Moment | None = None
    span: Span | None = None
    """Exactly one of `end` and `span` is given."""


class Person(NamedTuple):
    """Who organizes or attends."""

    name: str
    address: str
    """Without `mailto:`, as it was written; may be any text where the file says no address."""
    answer: str = "needs-action"
    """accepted, declined, tentative, delegated, needs-action."""
    role: str = "required"
    """chair, required, optional, informed."""
    kind: str = "person"
    """person, group, resource, room."""
    asked: bool = False
    """Whether an answer is asked for."""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def mailbox(self) -> str:
        """As a mail is addressed to them and nobody else, whatever they are called; "" for no address."""
        if _ADDRESS.fullmatch(self.address) is None:
            return ""
        name = " ".join("".join(char if char.isprintable() else " " for char in self.name).split())
        if _ADDRESS_MARKS.search(name):
            name = '"' + re.sub(r'([\\"])', r"\\\1", name) + '"'
        return f"{name} <{self.address}>" if name else self.address


class Said(NamedTuple):
    """What is said of an event besides when it happens: small, so that an index can carry it."""

    title: str = ""
    location: str = ""
    status: str = "confirmed"
    """confirmed, tentative, cancelled."""
    busy: bool = True
    organizer: Person | None = None
    attendees: tuple[Person, ...] = ()
    link: str = ""
    """Where it happens online, or its web page."""
    categories: tuple[str, ...] = ()
    rule: str = ""
    """When it recurs, in words; "" when it does not."""
    private: bool = False
    problem: str = ""
    """What is wrong with it, for a person; "" as a rule."""


class Event(NamedTuple):
    """One VEVENT: a single event, the master of a series, or one instance that differs."""

    uid: str
    start: Moment
    end: Moment | None = None
    """As written, so maybe missing; never before `start`. A date is the first day after the event."""
    span: Span | None = None
    """The DURATION, when that is what is written; never negative."""
    rules: tuple[str, ...] = ()
    """The values of RRULE, in capitals and without spaces."""
    exrules: tuple[str, ...] = ()
    dates: tuple[Moment | Period, ...] = ()
    """RDATE."""
    excluded: tuple[Moment, ...] = ()
    """EXDATE."""
    instance: Moment | None = None
    """RECURRENCE-ID: which instance of its series this one stands for."""
    following: bool = False
    """RANGE=THISANDFUTURE: it stands for all later instances, too."""
    sequence: int = 0
    said: Said = Said()
    description: str = ""
    stamp: datetime | None = None
    """DTSTAMP, in UTC."""

    @property
    def recurs(self) -> bool:
        return bool(self.rules or self.dates)

    @property
    def stop(self) -> Moment:
        """When it ends, exclusive: a day after a date without an end, at once after a time without one."""
        if self.end is not None:
            return self.end
        span = self.span or Span(1 if self.start.is_date else 0)
        return later(self.start, span)


class Series(NamedTuple):
    """The events of one UID in a file. Without a master, instances of a series that the file lacks."""

    uid: str
    master: Event | None
    overrides: tuple[Event, ...] = ()
    """In order of `instance`, each instance once: the newest by sequence and stamp."""


class Calendar(NamedTuple):
    """A whole file."""

    series: tuple[Series, ...] = ()
    """In order of their first appearance."""
    method: str = ""
    """request, cancel, reply …: what an invitation by mail asks for; "" in what is kept."""
    name: str = ""
    product: str = ""
    tasks: int = 0
    """How many VTODOs, VJOURNALs and VFREEBUSYs it holds, which are kept and not shown as events."""
    problems: Sequence[str] = ()
    """What could not be read, for a person; it is kept in the file all the same."""


def later(moment: Moment, span: Span) -> Moment:
    """`moment` after a duration: days by the calendar, then seconds by the clock; never beyond its ends."""
    try:
        wall = moment.wall + timedelta(days=span.days)
        if not span.seconds:
            return moment._replace(wall=wall)
        if not moment.zone or moment.is_date:
            return moment._replace(wall=wall + timedelta(seconds=span.seconds))
        zone = zone_named(moment.zone)
        exact = wall.replace(tzinfo=zone).astimezone(UTC) + timedelta(seconds=span.seconds)
        there = exact.astimezone(zone)
        return moment._replace(wall=there.replace(tzinfo=None))
    except OverflowError:
        return moment._replace(wall=datetime.max if span.delta > timedelta(0) else datetime.min)


def moved_to(moment: Moment, zone: str, home: tzinfo) -> Moment:
    """The same moment on the clocks of another zone; "" for one that floats, which means `home`."""
    try:
        there = moment.utc(home).astimezone(zone_named(zone) if zone else home)
    except OverflowError:
        there = moment.wall
    return Moment(there.replace(tzinfo=None), zone)
