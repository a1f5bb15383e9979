"""Recurrence rules: which clock times a rule names, between two of them, wherever it began.

A clock time is the number of seconds on a wall since the calendar's day 0, whatever the zone: a rule is
about calendars, not about instants. A period (year, month, week, day …) that cannot matter is not looked
at, so that the answer does not depend on how long ago the series began.

Written by hand because `dateutil` walks every instance from the first one: of a daily event that began ten
years ago, a month costs it 6,300 µs, and 6 here. `tests/calendar/test_recurrence.py` holds the two to the
same answers, and names where the RFC decides otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from providers.calendar.rule import (
    DAILY,
    HOURLY,
    MINUTELY,
    MONTHLY,
    SECONDLY,
    WEEKLY,
    YEARLY,
    Numbers,
    Rule,
    Written,
)

DAY = 86_400
UNITS = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}

LAST_DAY = date.max.toordinal()
MANY = 100
"""Days that are named at once where every one of them is."""

UNIX = date(1970, 1, 1).toordinal() * DAY
"""The clock time at which 1970 begins."""

END = (LAST_DAY + 1) * DAY
"""After the last clock time that there is."""


def wall_of(moment: datetime) -> int:
    """A clock time as its number."""
    return moment.toordinal() * DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def clock_of(wall: int) -> datetime:
    """The number of a clock time as a time without a zone."""
    return datetime.min + timedelta(seconds=min(max(wall, DAY), END - 1) - DAY)


class Meter:
    """How much may still be looked at, and named; `cut` once it was not enough."""

    __slots__ = ("cut", "most", "steps")

    def __init__(self, steps: int = 100_000, most: int = 5_000) -> None:
        self.steps = steps
        self.most = most
        self.cut = False


def walls(rule: Rule, start: int, low: int, high: int, meter: Meter) -> list[int]:
    """The clock times from `start` on that the rule names, at or after `low` and before `high`, in order.

    When the meter does not suffice, the first of them.
    """
    low, high = max(low, start), min(high, END)
    if low >= high:
        return []
    sets = (
        _sets_within_days(rule, start, low, high) if rule.frequency > DAILY else _sets(rule, start, low, high)
    )
    found: list[int] = []
    cost = _cost(rule)
    for period in sets:
        meter.steps -= cost + len(period)
        if meter.steps < 0:
            meter.cut = True
            break
        chosen = _at_positions(period, rule.positions) if rule.positions else period
        found += [wall for wall in chosen if low <= wall < high]
        if len(found) > meter.most:
            meter.cut = True
            return found[: meter.most]
    return found


def passes_by(rule: Rule, start: int, low: int, high: int) -> bool:
    """Whether a glance tells that `walls` names nothing: each day is looked at alone. For few days."""
    if rule.frequency > DAILY:
        return False
    first, last = low // DAY, (high - 1) // DAY
    if not (rule.hours or rule.minutes or rule.seconds):
        second = start % DAY
        first, last = first + (low % DAY > second), last - ((high - 1) % DAY < second)
    for day in range(max(first, 1), min(last, LAST_DAY) + 1):
        if _may_name(rule, start // DAY, day):
            return False
    return True


def _may_name(rule: Rule, begun: int, day: int) -> bool:
    """Whether a rule of days, which counts from `begun`, may name a day."""
    if rule.nth:
        weekday = (day - 1) % 7
        if weekday not in rule.weekdays and all(weekday != other for _, other in rule.nth):
            return False
    elif rule.limits_days and not _fits(rule, day):
        return False
    if rule.frequency == DAILY:
        return (day - begun) % rule.interval == 0
    if rule.frequency == WEEKLY:
        weeks = (day - 1 - rule.week_start) // 7 - (begun - 1 - rule.week_start) // 7
        return weeks % rule.interval == 0 and (bool(rule.weekdays) or (day - begun) % 7 == 0)
    if _says_days(rule):
        return True
    at, since = date.fromordinal(day), date.fromordinal(begun)
    return at.day == since.day and (rule.frequency == MONTHLY or bool(rule.months) or at.month == since.month)


def _cost(rule: Rule) -> int:
    """How many days are looked at in one period."""
    if rule.frequency == YEARLY:
        return 366 if _is_whole(rule) else 12
    return 1


def _at_positions(period: Sequence[int], positions: Numbers) -> Sequence[int]:
    size = len(period)
    chosen = {at - 1 if at > 0 else size + at for at in positions}
    return [wall for at, wall in enumerate(period) if at in chosen]


def _sets(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    """The clock times of each period of days, in order, all that could matter."""
    day, second = divmod(start, DAY)
    times = _times(rule, second)
    if not times:
        return
    for days in _DAYS[rule.frequency](rule, day, low // DAY, (high - 1) // DAY):
        if len(times) == 1:
            yield [one * DAY + times[0] for one in days]
        else:
            yield [one * DAY + time for one in days for time in times]


def _times(rule: Rule, second: int) -> Sequence[int]:
    if not (rule.hours or rule.minutes or rule.seconds):
        return (second,)
    return [
        hour * 3600 + minute * 60 + at
        for hour in rule.hours or (second // 3600,)
        for minute in rule.minutes or (second // 60 % 60,)
        for at in rule.seconds or (second % 60,)
        if at < 60
    ]


def _daily(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    first = start + max(0, -(-(low - start) // rule.interval)) * rule.interval
    limited = rule.limits_days
    if limited or rule.positions:
        for day in range(first, high + 1, rule.interval):
            yield () if limited and not _fits(rule, day) else (day,)
        return
    for day in range(first, high + 1, rule.interval * MANY):
        yield range(day, min(day + rule.interval * MANY, high + 1), rule.interval)


def _weekly(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    step = 7 * rule.interval
    week = start - (start - 1 - rule.week_start) % 7
    week += max(0, (low - 6 - week) // step) * step
    offsets = sorted((day - rule.week_start) % 7 for day in rule.weekdays or ((start - 1) % 7,))
    limited = rule._replace(weekdays=()).limits_days
    for first in range(week, high + 1, step):
        days = [first + offset for offset in offsets]
        yield [day for day in days if 0 < day <= LAST_DAY and _fits(rule, day)] if limited else days


def _monthly(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    begun = date.fromordinal(start)
    month = begun.year * 12 + begun.month - 1
    first, last = _month_of(low), _month_of(high)
    month += max(0, -(-(first - month) // rule.interval)) * rule.interval
    given = rule if _says_days(rule) else rule._replace(month_days=(begun.day,))
    for one in range(month, last + 1, rule.interval):
        year, at = divmod(one, 12)
        yield _month(given, year, at + 1)


def _yearly(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    begun = date.fromordinal(start)
    first, last = _year_of(low), _year_of(high)
    year = begun.year + max(0, -(-(first - begun.year) // rule.interval)) * rule.interval
    if not _says_days(rule):
        rule = rule._replace(month_days=(begun.day,), months=rule.months or (begun.month,))
    whole = _is_whole(rule)
    for one in range(year, last + 1, rule.interval):
        if whole:
            yield _year(rule, one)
        else:
            yield [day for month in rule.months or range(1, 13) for day in _month(rule, one, month)]


_DAYS = {YEARLY: _yearly, MONTHLY: _monthly, WEEKLY: _weekly, DAILY: _daily}


def _is_whole(rule: Rule) -> bool:
    """Whether a year is looked at as one, not month by month."""
    return bool(rule.weeks or rule.year_days or (rule.nth and not rule.months))


def _says_days(rule: Rule) -> bool:
    return bool(rule.month_days or rule.weekdays or rule.nth or rule.weeks or rule.year_days)


def _year_of(day: int) -> int:
    return date.fromordinal(min(max(day, 1), LAST_DAY)).year


def _month_of(day: int) -> int:
    found = date.fromordinal(min(max(day, 1), LAST_DAY))
    return found.year * 12 + found.month - 1


def _length(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@lru_cache(8192)
def _month(rule: Rule, year: int, month: int) -> Sequence[int]:
    """The days of a month that a rule names."""
    if rule.months and month not in rule.months:
        return ()
    first = date(year, month, 1).toordinal()
    weekday, length = (first - 1) % 7, _length(year, month)
    named = None
    if rule.weekdays or rule.nth:
        named = _of_weekdays(rule, weekday, length)
    if rule.month_days:
        numbers = {day if day > 0 else length + 1 + day for day in rule.month_days}
        named = numbers if named is None else named & numbers
    days = [first + day - 1 for day in sorted(named or ()) if 0 < day <= length]
    if rule.weeks or rule.year_days:
        return [day for day in days if _fits(rule._replace(weekdays=(), month_days=()), day)]
    return days


def _year(rule: Rule, year: int) -> Sequence[int]:
    """The days of a year that a rule names by weeks, by days of the year, or by its nth weekdays."""
    first = date(year, 1, 1).toordinal()
    length = date(year, 12, 31).toordinal() - first + 1
    days: Sequence[int] = range(first, first + length)
    if rule.nth:
        days = [first + day - 1 for day in sorted(_of_weekdays(rule, (first - 1) % 7, length))]
        rule = rule._replace(weekdays=())
    return [day for day in days if _fits(rule, day)] if rule.limits_days else days


def _of_weekdays(rule: Rule, first: int, length: int) -> set[int]:
    """Which days, from 1, of a month or a year have the weekdays; `first` is the weekday of its first."""
    named = {day for weekday in rule.weekdays for day in range((weekday - first) % 7 + 1, length + 1, 7)}
    for which, weekday in rule.nth:
        if which > 0:
            day = (weekday - first) % 7 + 1 + (which - 1) * 7
        else:
            day = length - (first + length - 1 - weekday) % 7 + (which + 1) * 7
        if 0 < day <= length:
            named.add(day)
    return named


def _fits(rule: Rule, ordinal: int) -> bool:
    """Whether a day is one of those that a rule is limited to."""
    if rule.weekdays and (ordinal - 1) % 7 not in rule.weekdays:
        return False
    day = date.fromordinal(ordinal)
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        length = _length(day.year, day.month)
        if day.day not in rule.month_days and day.day - length - 1 not in rule.month_days:
            return False
    if rule.year_days:
        first, last = date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal()
        if ordinal - first + 1 not in rule.year_days and ordinal - last - 1 not in rule.year_days:
            return False
    return not rule.weeks or _in_week(rule, ordinal)


def _in_week(rule: Rule, ordinal: int) -> bool:
    """Whether a day lies in one of the rule's weeks; a week is of the year that has four of its days."""
    week = ordinal - (ordinal - 1 - rule.week_start) % 7
    year = _year_of(week + 3)
    first = _first_week(year, rule.week_start)
    count = (_first_week(year + 1, rule.week_start) - first) // 7
    number = (week - first) // 7 + 1
    return number in rule.weeks or number - count - 1 in rule.weeks


@lru_cache(1024)
def _first_week(year: int, week_start: int) -> int:
    fourth = date(year, 1, 4).toordinal() if year < 10_000 else LAST_DAY + 4
    return fourth - (fourth - 1 - week_start) % 7


# -- several times a day


def _sets_within_days(rule: Rule, start: int, low: int, high: int) -> Iterator[Sequence[int]]:
    """The clock times of each hour, minute or second, all that could matter; () for what was passed over."""
    unit = UNITS[rule.frequency]
    step = unit * rule.interval
    base = start - start % unit
    at = base + max(0, (low - base) // step) * step
    while at < high:
        resume = _passed_over(rule, at)
        if resume:
            at += max(1, -(-(resume - at) // step)) * step
            yield ()
            continue
        yield _within(rule, at, start)
        at += step


def _passed_over(rule: Rule, at: int) -> int:
    """Up to where nothing is named, seen from the period at `at`; 0 when that may be named itself."""
    if rule.limits_days and not _fits(rule, at // DAY):
        return (at // DAY + 1) * DAY
    if rule.hours and at % DAY // 3600 not in rule.hours:
        return (at // 3600 + 1) * 3600
    if rule.frequency > HOURLY and rule.minutes and at // 60 % 60 not in rule.minutes:
        return (at // 60 + 1) * 60
    if rule.frequency > MINUTELY and rule.seconds and at % 60 not in rule.seconds:
        return at + 1
    return 0


def _within(rule: Rule, at: int, start: int) -> Sequence[int]:
    if rule.frequency == SECONDLY:
        return (at,)
    seconds = [second for second in rule.seconds or (start % 60,) if second < 60]
    if rule.frequency == MINUTELY:
        return [at + second for second in seconds]
    minutes = rule.minutes or (start // 60 % 60,)
    return [at + minute * 60 + second for minute in minutes for second in seconds]


# -- counting


def last_of(written: Written, start: int, meter: Meter) -> int:
    """The last clock time of a rule with a COUNT; where the meter does not suffice, the last it counted.

    Before `start` when the rule names nothing at all.
    """
    rule, left = written.rule, written.times or 0
    step = UNITS.get(rule.frequency, DAY) * rule.interval
    if rule.frequency >= DAILY and rule == Rule(rule.frequency, rule.interval, week_start=rule.week_start):
        return min(start + (left - 1) * step, END - 1)
    last, low, width = start - 1, start, DAY * 366
    while left > 0 and low < END and not meter.cut:
        sheet = Meter(meter.steps, min(left, meter.most))
        found = walls(rule, start, low, low + width, sheet)
        meter.steps, meter.most = sheet.steps, meter.most - len(found)
        meter.cut = sheet.cut and len(found) < left
        last = found[-1] if found else last
        left -= len(found)
        low += width
        width *= 2
    return last
