"""The first day of a series: the rules that phrases name, followed day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from commands.phrases.parts import Days
from commands.phrases.relative import nth
from commands.phrases.repeats import Repeat
from commands.phrases.written import month_moved

_LONGEST = 366 * 12


def first_day(repeat: Repeat, base: date, after: date | None = None) -> date | None:
    """The first day of the series that is counted from `base`, after a day if one is given."""
    fits = _FITS[repeat.freq]
    start = base if after is None else after + timedelta(1)
    for step in range(_LONGEST):
        if (start - date.min).days + step > 3_600_000:
            return None
        day = start + timedelta(step)
        if (not repeat.months or day.month in repeat.months) and fits(repeat, base, day):
            return day
    if repeat.freq == "YEARLY" and after is None:
        for step in range(1, min(repeat.interval, 10)):
            found = first_day(repeat._replace(interval=1), date(base.year + step, 1, 1))
            if found is not None:
                return found
    return None


def _daily(repeat: Repeat, base: date, day: date) -> bool:
    return (day - base).days % repeat.interval == 0 and (not repeat.byday or day.weekday() in repeat.byday)


def _weekly(repeat: Repeat, base: date, day: date) -> bool:
    weeks = ((day - timedelta(day.weekday())) - (base - timedelta(base.weekday()))).days // 7
    return weeks % repeat.interval == 0 and day.weekday() in (repeat.byday or (base.weekday(),))


def _monthly(repeat: Repeat, base: date, day: date) -> bool:
    months = (day.year - base.year) * 12 + day.month - base.month
    return months % repeat.interval == 0 and _in_month(repeat, base, day)


def _each_year(repeat: Repeat, base: date, day: date) -> bool:
    if (day.year - base.year) % repeat.interval:
        return False
    if not repeat.months and day.month != base.month:
        return False
    return _in_month(repeat, base, day)


def _in_month(repeat: Repeat, base: date, day: date) -> bool:
    month = Days(day.replace(day=1), month_moved(day, 1) - timedelta(1))
    if repeat.number:
        return nth(month, repeat.number, repeat.byday) == day
    if repeat.monthdays:
        return day.day in repeat.monthdays or day.day - month.last.day - 1 in repeat.monthdays
    return day.weekday() in repeat.byday if repeat.byday else day.day == base.day


def _any(repeat: Repeat, base: date, day: date) -> bool:
    return not repeat.byday or day.weekday() in repeat.byday


_FITS: dict[str, Callable[[Repeat, date, date], bool]] = {
    "MINUTELY": _any, "HOURLY": _any, "DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly,
    "YEARLY": _each_year,
}  # fmt: skip
