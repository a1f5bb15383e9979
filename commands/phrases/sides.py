"""A side of a phrase: its day, time, part of the day and zone, in any order. A range has two sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from commands.phrases.clocks import clocks, ends_of_day, part_name
from commands.phrases.lengths import moment_moved
from commands.phrases.parts import Clock, DayPart, Days, Sentence, ZonePart
from commands.phrases.relative import days, from_now, one, signed
from commands.phrases.tokens import tokens
from commands.phrases.words import MONTH_NUMBERS, WEEKDAYS
from commands.phrases.written import exact, is_year
from commands.phrases.zones import zones

_INSTANT = re.compile(r"(.+?)t(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s?(z|utc|[+-].+)?")


class Side(NamedTuple):
    """What one side says; what it does not say comes from the other side, or from the clock."""

    day: DayPart | None = None
    clock: Clock | None = None
    part: str = ""
    zone: ZonePart | None = None
    moment: datetime | None = None
    bare: int = -1
    """A number alone, which is an hour or a day by what stands beside it."""
    ends_day: bool = False
    all_day: bool = False
    opened: str = ""
    """`from` or `between`, where it was said."""


def sides(said: Sentence, at: int = 0, side: Side | None = None) -> Iterator[Side]:
    """Every way to read the whole of `said` as one side."""
    side = side or Side()
    if at >= len(said):
        yield side
        return
    if said.text(at) == "," and 0 < at < len(said) - 1 and said.text(at - 1) != ",":
        yield from sides(said, at + 1, side)
    if said.text(at) in ("from", "between") and not side.opened and not side.clock and at < len(said) - 1:
        yield from sides(said, at + 1, side._replace(opened=said.text(at)))
    for grown, place in _grown(said, at, side):
        yield from sides(said, place, grown)


def _grown(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    """The side with one part more."""
    if side.moment is None and not side.all_day:
        yield from _with_clock(said, at, side)
        yield from _with_part(said, at, side)
    if side.day is None and side.moment is None:
        yield from _with_day(said, at, side)
    elif side.day is not None and side.day.month and side.day.day and side.clock and is_year(said, at):
        yield from _with_year(said, at, side, side.day)
    if side == Side(opened=side.opened):
        yield from _with_moment(said, at, side)
    if side.zone is None and not side.all_day:
        for zone, place in zones(said, at, loose=side.clock is not None):
            yield side._replace(zone=zone), place
    number = said.kind(at) == "number" and said.value(at) <= 31
    if number and side.bare < 0 and side.clock is None and side.moment is None and not side.ends_day:
        dotted = said.text(at + 1) == "." and said.tokens[at + 1].glued and at + 2 == len(said)
        yield side._replace(bare=said.value(at)), at + 1 + dotted
    dash = said.past(at + 1, "-")
    if said.text(at) == "all" and said.text(dash) == "day" and not side.clock and not side.part:
        yield side._replace(all_day=True), dash + 1


def _with_clock(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    place = said.past(at, "at", "@")
    end = ends_of_day(said, said.past(place, "by"))
    if end > 0 and not side.ends_day and side.clock is None and side.bare < 0 and not side.part:
        yield side._replace(ends_day=True), end
    if side.clock is not None or side.bare >= 0 or side.ends_day:
        return
    if place == at and is_year(said, at) and said.text(at + 1) in MONTH_NUMBERS:
        return
    after_at = place > at or bool(side.part)
    for clock, end in clocks(said, place, after_at=after_at):
        yield side._replace(clock=clock), said.past(end, "sharp")


def _with_part(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    if side.part or side.ends_day:
        return
    word = said.text(at)
    if word in ("tonight", "tonite") and side.day is None:
        yield side._replace(part="night", day=one(said.today)), at + 1
    part = part_name(said.text(at + 1))
    if side.day is None and part and (word == "this" or (word == "last" and part == "night")):
        day = one(said.today - timedelta(word == "last"))
        yield side._replace(part=part, day=day), at + 2
    place = said.past(said.past(at, "in", "at", "on"), "the")
    if said.text(place) in ("tonight", "tonite") or not part_name(said.text(place)):
        return
    yield (
        side._replace(part=part_name(said.text(place))),
        said.past(place + 1, "of") if side.day is None else place + 1,
    )


def _with_day(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    if said.kind(at) == "instant":
        yield from _instant(said, at, side)
        return
    places = [at] if said.text(at) != "at" else []
    if said.text(at) in ("on", "in", "at", "of", "for", "during"):
        places.append(at + 1)
    for place in places:
        for day, end in days(said, place):
            yield side._replace(day=day), end


def _with_year(said: Sentence, at: int, side: Side, day: DayPart) -> Iterator[tuple[Side, int]]:
    """`Sat Dec 5 15:00:00 2026`: the year that stands behind the time."""
    named = [WEEKDAYS[token.text] for token in said.tokens if token.text in WEEKDAYS]
    for found in exact(said, said.value(at), day.month, day.day):
        if not named or found.weekday() in named:
            yield side._replace(day=DayPart((Days(found, found),))), at + 1


def _instant(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    """`2026-12-01T09:00:00+02:00`, in any of the forms of ISO 8601."""
    match = _INSTANT.fullmatch(said.text(at))
    if match is None or side.clock is not None:
        return
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        said.refused(f"'{said.text(at)}' is no time of day")
        return
    zone = None
    if match[5]:
        digits = re.sub(r"\D", "", match[5]).ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:]) if digits.strip("0") else 0
        if minutes > 14 * 60:
            said.refused(f"'{match[5]}' is no time zone")
            return
        sign = -1 if match[5].startswith("-") else 1
        zone = ZonePart(match[5], (sign * minutes if match[5][0] in "+-" else "UTC",))
    for day, _ in days(said.with_tokens(tokens(match[1])), 0):
        grown = side._replace(day=day, clock=Clock(hour, minute, second))
        yield (grown._replace(zone=zone) if zone is not None else grown), at + 1


def _with_moment(said: Sentence, at: int, side: Side) -> Iterator[tuple[Side, int]]:
    """`now`, `in 2 hours`, `20 minutes ago`, `+90min`, `now-2h`."""
    place = said.past(at, "right")
    if said.text(place) == "now":
        yield side._replace(moment=said.now), place + 1
        for length, sign, end in signed(said, place + 1):
            yield side._replace(moment=moment_moved(said.now, length, sign)), end
    for length, sign, end in (*from_now(said, at), *signed(said, at)):
        if length.is_exact:
            yield side._replace(moment=moment_moved(said.now, length, sign)), end
