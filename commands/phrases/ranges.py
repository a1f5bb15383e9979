"""Ranges: what two sides stand for together. Each side takes from the other what it does not say itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from commands.phrases.clocks import default_hours, in_part, on_day
from commands.phrases.parts import Clock, DayPart, Days, Sentence, ZonePart
from commands.phrases.sides import Side
from commands.phrases.spans import Span, aware, hour_of, localized
from commands.phrases.written import exact, month_moved

_HALF = 720
_WHOLE = 1440
_LONG = 183
"""Days that a range without years may reach into the next one."""
_NIGHT = 18 * 60
"""Minutes that a range of hours over midnight may last; one that is longer is a slip."""
BACKWARDS = "it ends before it begins"


def between(said: Sentence, left: Side, right: Side) -> Iterator[Span]:
    """Every span that the two sides may stand for."""
    if left.all_day or right.all_day or right.opened or left.ends_day or right.ends_day:
        return
    if all(side.clock is None and side.moment is None and not side.part for side in (left, right)):
        yield from _days(said, left, right)
    if left.moment is not None:
        yield from _from_moment(said, left.moment, right)
    elif right.moment is None and not (left.part and right.part):
        yield from _hours(said, left, right)


def _days(said: Sentence, left: Side, right: Side) -> Iterator[Span]:
    if left.zone or right.zone:
        return
    for first, last in _pairs_of_days(said, left, right):
        if last < first:
            said.refused(BACKWARDS)
        else:
            yield Span(first, last if last != first else None, "day")


def _pairs_of_days(said: Sentence, left: Side, right: Side) -> Iterator[tuple[date, date]]:
    if left.bare >= 0 and left.day is None and right.day is not None and right.bare < 0:
        yield from _day_before(said, left.bare, right.day)
    elif left.day is not None and left.bare < 0 and right.bare >= 0:
        yield from _day_after(said, left.day, right.bare, right.day)
    elif left.day is not None and right.day is not None and left.bare < 0 and right.bare < 0:
        yield from _both(said, left.day, right.day)


def _day_before(said: Sentence, number: int, right: DayPart) -> Iterator[tuple[date, date]]:
    """`24-26 december`: the days of one month."""
    if right.weekday >= 0:
        return
    for choice in right.choices:
        if choice.grain == "day" and not choice.relative and 1 <= number < choice.first.day:
            yield choice.first.replace(day=number), choice.first


def _day_after(
    said: Sentence, left: DayPart, number: int, year: DayPart | None
) -> Iterator[tuple[date, date]]:
    """`december 24-26`, with a year after it or without."""
    choices = left.choices
    if year is not None:
        if year.choices[0].grain != "year" or not left.month:
            return
        choices = tuple(
            Days(day, day) for day in exact(said, year.choices[0].first.year, left.month, left.day)
        )
    for choice in choices:
        if choice.grain == "day" and not choice.relative and choice.first.day < number:
            for last in exact(said, choice.first.year, choice.first.month, number):
                yield choice.first, last


def _both(said: Sentence, left: DayPart, right: DayPart) -> Iterator[tuple[date, date]]:
    if right.choices and right.choices[0].grain == "year" != left.choices[0].grain:
        return
    if left.is_open and not right.is_open and left.weekday < 0:
        for choice in right.choices:
            first = _latest(left, choice)
            if first is not None:
                yield first, choice.last
        return
    if not left.month and left.day and right.month and right.day:
        for choice in right.choices:
            first = _latest(left, choice)
            if first is not None:
                yield first, choice.last
        return
    for choice in left.choices:
        if right.is_open:
            last = _earliest(right, choice.last)
            if last is None or (
                right.month and last.year > choice.first.year and (last - choice.first).days > _LONG
            ):
                said.refused(BACKWARDS)
            else:
                yield choice.first, last
        else:
            fitting = [other for other in right.choices if other.last >= choice.first] or list(right.choices)
            yield from ((choice.first, other.last) for other in fitting)
            for other in fitting if left.weekday >= 0 else ():
                if other.relative and other.first == other.last:
                    yield other.last - timedelta((other.last.weekday() - left.weekday) % 7), other.last


def _earliest(part: DayPart, after: date) -> date | None:
    """The first such day after another one; of a month, its last day."""
    for step in range(1, 8 * 366 if part.month == 2 and part.day == 29 else 367):
        day = after + timedelta(step)
        if part.weekday >= 0:
            fits = day.weekday() == part.weekday
        elif not part.day:
            fits = day.month == part.month and month_moved(day, 1) - timedelta(1) == day
        else:
            fits = day.day == part.day and part.month in (0, day.month)
        if fits:
            return day
    return None


def _latest(part: DayPart, before: Days) -> date | None:
    """The last such day at or before another one; of a month, its first day."""
    for step in range(8 * 366):
        day = before.last - timedelta(step)
        if not part.day:
            fits = day.month == part.month and day.day == 1
        else:
            fits = day.day == part.day and part.month in (0, day.month)
        if fits:
            return day
    return None


def _from_moment(said: Sentence, start: datetime, right: Side) -> Iterator[Span]:
    """`now to 5pm`, `from now until friday`."""
    if right.moment is not None:
        if right.moment > start:
            yield Span(start, right.moment)
        return
    if right.clock is None:
        for choice in right.day.choices if right.day is not None and not right.part else ():
            for end in localized(said, on_day(choice.last, Clock(24)), start.tzinfo or said.now.tzinfo):  # type: ignore[arg-type]
                if end > start:
                    yield Span(start, end)
        return
    for clock in _ends(right.clock):
        for choice in (
            right.day.choices if right.day is not None else (Days(start.date(), start.date(), relative=True),)
        ):
            for end, zone in aware(said, on_day(choice.first, clock), right.zone, choice):
                if end <= start and right.day is None:
                    end += timedelta(1)
                if end > start:
                    yield Span(start, end, zone=zone)


def _ends(clock: Clock) -> list[Clock]:
    return [Clock(24)] if clock.style == "midnight" else default_hours(clock)


def _hours(said: Sentence, left: Side, right: Side) -> Iterator[Span]:
    """A range of hours, on one day or from one day to another."""
    start, end = left.clock, right.clock
    if start is None and left.bare >= 0:
        start = hour_of(left.bare)
    if end is None and right.bare >= 0:
        end = hour_of(right.bare)
    if start is None or end is None or max(start.hour, end.hour) > 24:
        return
    zone = right.zone or left.zone
    said_so = left.clock or right.clock or left.part or right.part
    for begin, finish in _in_part(start, end, left.part, right.part):
        if left.day is not None and right.day is not None:
            yield from _two_days(said, left.day, right.day, begin, finish, zone)
        elif (left.day or right.day) is not None:
            yield from _one_day(said, left, right, begin, finish)
        elif said_so:
            yield from _coming(said, begin, finish, zone)


def _in_part(start: Clock, end: Clock, first: str, last: str) -> list[tuple[Clock, Clock]]:
    """The two times as a part of the day beside one of them has them: `friday morning 9-11`."""
    if first:
        return [(clock._replace(style="meridiem"), end) for clock, add in in_part(start, first) if not add]
    if last:
        return [(start, clock._replace(style="meridiem")) for clock, add in in_part(end, last) if not add]
    return [(start, end)]


def _one_day(said: Sentence, left: Side, right: Side, start: Clock, end: Clock) -> Iterator[Span]:
    given = left.day or right.day
    assert given is not None
    zone = right.zone or left.zone
    beside = left.day is not None and left.bare >= 0
    if not (left.clock or right.clock or left.part or right.part or beside) and not _counted(given):
        return
    if not pairs(start, end):
        said.refused(BACKWARDS)
    for choice in given.choices:
        if choice.first != choice.last:
            continue
        for first, last, add in pairs(start, end):
            days = [(choice.first, add)]
            if add and left.day is None:
                days.append((choice.first - timedelta(1), add))
            for day, more in days:
                yield from _spans(said, on_day(day, first), on_day(day, last, more), zone, choice)


def _counted(given: DayPart) -> bool:
    """Whether numbers beside such a day can only be hours."""
    return given.weekday >= 0 or all(choice.relative for choice in given.choices)


def _two_days(
    said: Sentence, left: DayPart, right: DayPart, start: Clock, end: Clock, zone: ZonePart | None
) -> Iterator[Span]:
    for choice in left.choices:
        if right.is_open:
            last = choice.first if _fits(right, choice.first) else _earliest(right, choice.first)
            others = [Days(last, last)] if last is not None else []
        else:
            others = [other for other in right.choices if other.last >= choice.first] or list(right.choices)
        for other in others:
            for first in default_hours(start):
                for last_clock in _ends(end):
                    begins, ends = on_day(choice.first, first), on_day(other.last, last_clock)
                    if ends > begins and choice.first == choice.last and other.first == other.last:
                        yield from _spans(said, begins, ends, zone, choice)
                    else:
                        said.refused(BACKWARDS)


def _fits(part: DayPart, day: date) -> bool:
    if part.weekday >= 0:
        return part.weekday == day.weekday()
    return part.day == day.day and part.month in (0, day.month)


def _coming(said: Sentence, start: Clock, end: Clock, zone: ZonePart | None) -> Iterator[Span]:
    """A range of hours without a day: the next one; the one that is under way, too."""
    for first, last, add in pairs(start, end):
        for step in (0, 1):
            day = said.today + timedelta(step)
            for span in _spans(said, on_day(day, first), on_day(day, last, add), zone, Days(day, day)):
                assert isinstance(span.start, datetime)
                assert isinstance(span.end, datetime)
                if span.start >= said.now.replace(second=0, microsecond=0):
                    yield span
                    break
                if span.end > said.now:
                    yield span
            else:
                continue
            break


def _spans(
    said: Sentence, begins: datetime, ends: datetime, zone: ZonePart | None, day: Days
) -> Iterator[Span]:
    for start, own in aware(said, begins, zone, day):
        for end, other in aware(said, ends, zone, day):
            if own == other and timedelta(0) < end - start < ends - begins + timedelta(hours=12):
                yield Span(start, end, zone=own)


def pairs(start: Clock, end: Clock) -> list[tuple[Clock, Clock, int]]:
    """The two times of day that are meant together, and the days between them (0 or 1).

    `3-4pm` are both of the afternoon, `11-1pm` begins before noon, `9 to 5` ends after it.
    """
    if end.style == "midnight":
        return [(first, Clock(24), 0) for first in default_hours(start)]
    if start.style == "midnight":
        start = Clock(0)
    found: list[tuple[Clock, Clock, int]] = []
    if start.is_loose and end.style == "meridiem":
        halves = [start._replace(hour=start.hour % 12 + more, style="24") for more in (0, 12)]
        first = min(halves, key=lambda half: (_minutes(end) - _minutes(half) - 1) % _WHOLE)
        found.append((first, end, 0))
    else:
        firsts = default_hours(start) if end.is_loose or not start.is_loose else [start._replace(style="24")]
        for first in firsts:
            if not end.is_loose:
                found.append((first, end, 0))
                continue
            apart = (_minutes(end) - _minutes(first) - 1) % _HALF + 1
            near = (_minutes(first) + apart) % _WHOLE
            found.append((first, Clock(near // 60, near % 60), 0))
            if start.style == "24" and near != _minutes(end):
                found.append((first, end._replace(style="24"), 0))
    overnight = [(first, last, int(_minutes(last) <= _minutes(first))) for first, last, _ in found]
    return [one for one in overnight if not one[2] or _minutes(one[1]) + _WHOLE - _minutes(one[0]) <= _NIGHT]


def _minutes(clock: Clock) -> int:
    return clock.hour * 60 + clock.minute
