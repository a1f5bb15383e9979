"""Rules of recurrence, as an RRULE writes them.

On the way of every listing of a day, so that annotations are no texts here: each field's would be compiled.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Numbers = tuple[int, ...]


class Rule(NamedTuple):
    """An RRULE but for where it ends."""

    frequency: int
    interval: int = 1
    months: Numbers = ()
    weeks: Numbers = ()
    year_days: Numbers = ()
    month_days: Numbers = ()
    weekdays: Numbers = ()
    """Monday is 0."""
    nth: tuple[tuple[int, int], ...] = ()
    """(which of them, weekday) of a month or a year."""
    hours: Numbers = ()
    minutes: Numbers = ()
    seconds: Numbers = ()
    positions: Numbers = ()
    week_start: int = 0

    @property
    def limits_days(self) -> bool:
        """Whether a day that its frequency names may still be none."""
        return bool(self.months or self.weeks or self.year_days or self.month_days or self.weekdays)


class Written(NamedTuple):
    """An RRULE as it is written."""

    rule: Rule
    times: int | None
    """COUNT."""
    until: datetime | None
    """The clock time that is written; the midnight of a date."""
    text: str
    """The rule as it is written, but for COUNT and UNTIL."""


_LISTS = {
    "BYMONTH": ("months", 1, 12, False),
    "BYWEEKNO": ("weeks", 1, 53, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYSECOND": ("seconds", 0, 60, False),
    "BYSETPOS": ("positions", 1, 366, True),
}


@lru_cache(4096)
def read_rule(text: str) -> Written:
    """The value of an RRULE. Raises ValueError with what is wrong with it."""
    parts: dict[str, str] = {}
    for part in text.upper().replace(" ", "").split(";"):
        name, equals, value = part.partition("=")
        if value:
            parts[name] = value
        elif name and not equals:
            raise ValueError(f"{name} is no part of a rule")
    count = None if (counted := parts.pop("COUNT", "")).startswith("-") else _number(counted, "COUNT", 1)
    until = _until(parts.pop("UNTIL", ""))
    bare = ";".join("=".join(part) for part in parts.items())
    found = parts.pop("FREQ", "")
    if found not in FREQUENCIES:
        raise ValueError(f"FREQ is {found or 'missing'}, not one of {', '.join(FREQUENCIES)}")
    frequency = FREQUENCIES.index(found)
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError("RSCALE asks for another calendar than the Gregorian")
    parts.pop("SKIP", None)
    week_start = parts.pop("WKST", "MO")
    if week_start not in WEEKDAYS:
        raise ValueError(f"WKST is no weekday: {week_start}")
    interval = _number(parts.pop("INTERVAL", ""), "INTERVAL", 1) or 1
    weekdays, nth = _weekdays(parts.pop("BYDAY", ""), frequency)
    lists: dict[str, Any] = {}
    for name, value in parts.items():
        if name.startswith("X-"):
            continue
        if name not in _LISTS:
            raise ValueError(f"{name} is not known")
        field, least, largest, signed = _LISTS[name]
        lists[field] = _numbers(value, name, least, largest, signed)
    rule = Rule(frequency, interval, weekdays=weekdays, nth=nth, week_start=WEEKDAYS.index(week_start))
    return Written(rule._replace(**lists), count, until, bare)


def _until(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")
    except ValueError:
        raise ValueError(f"UNTIL is no date: {text[:20]}") from None


def _number(text: str, name: str, least: int) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) < least:
        raise ValueError(f"{name} is no number from {least} on: {text[:20]}")
    return int(text)


def _numbers(text: str, name: str, least: int, largest: int, signed: bool) -> Numbers:
    found = set()
    for one in text.split(","):
        bare = one.removeprefix("+").removeprefix("-")
        if not bare.isascii() or not bare.isdigit() or len(bare) > 3 or not least <= int(bare) <= largest:
            raise ValueError(f"{name} has no number from {least} to {largest}: {one[:20]}")
        if one.startswith("-") and not signed and int(bare):
            raise ValueError(f"{name} cannot be negative: {one}")
        found.add(-int(bare) if one.startswith("-") else int(bare))
    return tuple(sorted(found))


def _weekdays(text: str, frequency: int) -> tuple[Numbers, tuple[tuple[int, int], ...]]:
    plain: set[int] = set()
    nth: set[tuple[int, int]] = set()
    for one in filter(None, text.split(",")):
        number, name = one[:-2], one[-2:]
        if name not in WEEKDAYS:
            raise ValueError(f"BYDAY has no weekday: {one[:20]}")
        day = WEEKDAYS.index(name)
        if not number or frequency > MONTHLY:
            plain.add(day)
        else:
            nth.update((which, day) for which in _numbers(number, "BYDAY", 1, 53, True))
    return tuple(sorted(plain)), tuple(sorted(nth))
