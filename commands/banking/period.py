"""Which days a command is about: a month, or from one day to another, as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from commands.command import Usage, option
from commands.dates import DAYS, read_period

_NAMES = r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


class Days(NamedTuple):
    """Days from `first` to `last`, both included; None where there is no end."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def holds_month(self, name: str) -> bool:
        """Whether some days of a month, by its file's name, may be among these."""
        month = name.removesuffix(".csv")
        return (self.first is None or month >= self.first.isoformat()[:7]) and (
            self.last is None or month <= self.last.isoformat()[:7]
        )


def month_option() -> Any:
    return option("--month", "-m", metavar="MONTH", help="a month: 2026-10, this month, last month")


def first_option() -> Any:
    return option("--from", metavar="DAY", help="from this day on")


def last_option() -> Any:
    return option("--to", metavar="DAY", help="up to this day, itself included")


def days_of(month: str | None, first: str | None, last: str | None, now: datetime) -> Days:
    """The days that options name. Raises Usage."""
    if month is not None and (first is not None or last is not None):
        raise Usage("--month goes without --from and --to")
    if month is not None:
        return month_of(month, now)
    start = _period("--from", first, now).first if first is not None else None
    end = _period("--to", last, now).last if last is not None else None
    if start is not None and end is not None and end < start:
        raise Usage(f"--from {start} is after --to {end}")
    return Days(start, end)


def month_of(text: str, now: datetime) -> Days:
    """The month that a text names: `2026-10`, `this month`, `last month`. Raises Usage."""
    found = _MONTH.fullmatch(text.strip())
    if found:
        year, month = int(found[1]), int(found[2])
        if not 1 <= month <= 12 or year < 1:
            raise Usage(f"--month: '{text}' is no month")
        return whole_month(date(year, month, 1))
    named = {"this": "this month", "last": "last month"}.get(text.strip().lower(), text)
    days = _period("--month", named, now)
    assert days.first is not None
    assert days.last is not None
    if (days.last - days.first).days > 31 or days.first.month != days.last.month:
        raise Usage(f"--month: '{text}' is no month", hint="for example: --month 2026-10")
    return whole_month(days.first)


def whole_month(day: date) -> Days:
    """The month in which a day lies."""
    start = day.replace(day=1)
    if (start.year, start.month) == (9999, 12):
        return Days(start, date.max)
    return Days(start, (start + timedelta(days=32)).replace(day=1) - timedelta(days=1))


def _period(flag: str, text: str, now: datetime) -> Days:
    try:
        found = read_period(text, now)
    except (ValueError, OverflowError) as wrong:
        raise Usage(f"{flag}: {wrong}") from None
    last = found.end if found.is_moment else found.end - timedelta(microseconds=1)
    return _past(Days(found.start.date(), last.date()), text.lower(), now.date())


def _past(days: Days, text: str, today: date) -> Days:
    """The days as they were last, where a text (`october`, `friday`) has them ahead."""
    assert days.first is not None
    assert days.last is not None
    if days.first <= today or re.search(r"\d{4}|next|\bin\b", text):
        return days
    if re.search(_NAMES, text):
        return Days(_year_before(days.first), _year_before(days.last))
    if any(name in text for name in DAYS):
        return Days(days.first - timedelta(7), days.last - timedelta(7))
    return days


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)
