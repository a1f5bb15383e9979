"""Sides put together: the days and moments that a phrase stands for, every one that may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from commands.phrases.clocks import default_hours, in_part, on_day
from commands.phrases.parts import Clock, Days, Sentence, ZonePart
from commands.phrases.sides import Side
from commands.phrases.words import PARTS
from commands.phrases.zones import meant

DAY_ENDS = (Clock(17), Clock(23, 59))
"""What `end of day` may stand for."""


class Span(NamedTuple):
    """A day, days (both ends included), a moment, or the time between two moments, in the user's zone."""

    start: date | datetime
    end: date | datetime | None = None
    grain: str = "minute"
    zone: tzinfo | None = None
    """The zone that was said, where it is another one than the user's."""
    all_day: bool = False
    """Whether `all day` was said."""

    @property
    def is_days(self) -> bool:
        return not isinstance(self.start, datetime)


def single(said: Sentence, side: Side) -> Iterator[Span]:
    """What one side alone stands for."""
    side = with_hour(side)
    if side.bare >= 0 or side.opened:
        return
    if side.moment is not None:
        if side.zone is None:
            yield Span(side.moment)
        return
    if side.clock is None and not side.part and not side.ends_day:
        if side.day is not None and side.zone is None:
            for choice in side.day.choices:
                last = choice.last if choice.last != choice.first else None
                yield Span(choice.first, last, choice.grain, all_day=side.all_day)
        return
    if side.all_day:
        return
    if side.clock is None and side.part:
        yield from _parts(said, side)
        return
    for clock, add in _clocks_of(side):
        yield from _moments(said, side, clock, add)


def with_hour(side: Side) -> Side:
    """A number alone beside a day that no number can complete (`tomorrow 9`) is an hour."""
    if side.bare < 0 or side.clock is not None or side.bare > 24 or side.ends_day:
        return side
    if side.part:
        return side._replace(bare=-1, clock=hour_of(side.bare))
    if side.day is None:
        return side
    relative = side.day.weekday >= 0 or all(day.relative and day.grain == "day" for day in side.day.choices)
    return side._replace(bare=-1, clock=hour_of(side.bare)) if relative else side


def hour_of(number: int) -> Clock:
    return Clock(number, style="bare" if 1 <= number <= 12 else "24")


def _clocks_of(side: Side) -> list[tuple[Clock, int]]:
    """The times of day, and the days to add, that a side with a time may mean."""
    if side.ends_day:
        return [(clock, 0) for clock in DAY_ENDS]
    assert side.clock is not None
    if side.part:
        return in_part(side.clock, side.part)
    if side.clock.style == "midnight":
        return [(Clock(0), 0), (Clock(0), 1)]
    return [(clock, 0) for clock in default_hours(side.clock)]


def _parts(said: Sentence, side: Side) -> Iterator[Span]:
    first, last = PARTS[side.part]
    choices = side.day.choices if side.day is not None else (_day_of_part(said, last),)
    for choice in choices:
        if choice.first == choice.last:
            for start in aware(said, on_day(choice.first, Clock(first)), side.zone, choice):
                for end in aware(said, on_day(choice.first, Clock(last)), side.zone, choice):
                    if start[1] == end[1]:
                        yield Span(start[0], end[0], "part", start[1])


def _day_of_part(said: Sentence, ends: int) -> Days:
    day = said.today if said.now.hour < ends else said.today + timedelta(1)
    return Days(day, day)


def _moments(said: Sentence, side: Side, clock: Clock, add: int) -> Iterator[Span]:
    if side.day is None:
        if side.part and said.now.hour >= PARTS[side.part][1]:
            add = max(add, 1)
        yield from _next(said, clock, side.zone, add, loose=_is_open(side))
        return
    for choice in side.day.choices:
        if choice.first != choice.last:
            said.refused("a time needs one day")
            continue
        today = choice.relative and choice.first == said.today
        over = on_day(choice.first, clock) < said.now.replace(tzinfo=None)
        if today and over and _is_open(side) and clock.hour < 12:
            continue
        if today and side.part == "night" and not add and clock.hour < 6:
            continue
        for moment, zone in aware(said, on_day(choice.first, clock, add), side.zone, choice):
            yield Span(moment, zone=zone)


def _is_open(side: Side) -> bool:
    return side.clock is not None and side.clock.is_loose and not side.part


def _next(said: Sentence, clock: Clock, zone: ZonePart | None, add: int, *, loose: bool) -> Iterator[Span]:
    """The next time that a clock shows this."""
    zones = meant(zone, said.now.replace(tzinfo=None)) if zone is not None else [home(said)]
    for own in zones:
        here = said.now.astimezone(own)
        wall = on_day(here.date(), clock, 0 if clock.hour == 24 else add)
        if wall < here.replace(tzinfo=None, second=0, microsecond=0):
            evening = wall + timedelta(hours=12)
            if loose and 9 <= clock.hour <= 12 and evening > here.replace(tzinfo=None):
                yield from (
                    Span(moment, zone=said_zone) for moment, said_zone in _in(said, evening, own, zone)
                )
            wall += timedelta(1)
        yield from (Span(moment, zone=said_zone) for moment, said_zone in _in(said, wall, own, zone))


def _in(
    said: Sentence, wall: datetime, own: tzinfo, zone: ZonePart | None
) -> list[tuple[datetime, tzinfo | None]]:
    return [(moment, own if zone is not None else None) for moment in localized(said, wall, own)]


def home(said: Sentence) -> tzinfo:
    """The user's zone."""
    return said.now.tzinfo or UTC


def aware(
    said: Sentence, wall: datetime, zone: ZonePart | None, day: Days | None = None
) -> list[tuple[datetime, tzinfo | None]]:
    """The moments at which a clock shows `wall`, each with the zone that was said for it.

    A day counted from today is another one where the said zone has another date than the user.
    """
    if zone is None:
        return [(moment, None) for moment in localized(said, wall, home(said))]
    found: list[tuple[datetime, tzinfo | None]] = []
    for own in meant(zone, wall):
        walls = [wall]
        if day is not None and day.relative:
            apart = said.now.astimezone(own).date() - said.today
            walls.extend([wall + apart] if apart else [])
        found.extend((moment, own) for each in walls for moment in localized(said, each, own))
    return found


def localized(said: Sentence, wall: datetime, zone: tzinfo) -> list[datetime]:
    """The moments at which a zone's clock shows `wall`, in the user's zone.

    Where the clock is put back there are two; where it is put forward over it, the ones an hour beside it.
    """
    here = home(said)
    try:
        both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        found = sorted(set(both))
        if both[0] > both[1]:
            said.refused(f"{wall:%Y-%m-%d %H:%M} does not exist: the clock is put forward over it")
        return [moment.astimezone(here) for moment in found]
    except (OverflowError, ValueError):
        said.refused("that is beyond the calendar")
        return []
