"""Spans: the stretch of time that a person names for a look at the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from commands.command import Usage
from commands.dates import midnight, read_period
from commands.phrases.when import read_when

LONGEST = timedelta(days=3 * 366)


class Span(NamedTuple):
    """From `start` until before `end`, in the person's zone."""

    start: datetime
    end: datetime


def read_span(words: Sequence[str], now: datetime, usual: str) -> Span:
    """The span that `words` name: today, week, `next month`, 2026-12, `dec 1 to dec 7`. Raises Usage."""
    text = " ".join(words).strip() or usual
    known = _named(text.lower(), now)
    try:
        span = known or _read(text, now)
    except ValueError as wrong:
        raise Usage(str(wrong), hint="for example: today, tomorrow, week, next month, 2026-12") from None
    if span.end - span.start > LONGEST:
        raise Usage(f"'{text}' is more than three years")
    return span


def _named(text: str, now: datetime) -> Span | None:
    today = now.date()
    ahead = text.startswith("next ")
    word = text.removeprefix("this ").removeprefix("next ")
    if word == "week":
        return days(today - timedelta(days=today.weekday() - 7 * ahead), 7, now)
    if word == "month":
        first = today.replace(day=1)
        if ahead:
            first = (first + timedelta(days=32)).replace(day=1)
        return days(first, ((first + timedelta(days=32)).replace(day=1) - first).days, now)
    if word == "year" and not ahead:
        return days(today.replace(month=1, day=1), 366 if today.year % 4 == 0 else 365, now)
    return None


def _read(text: str, now: datetime) -> Span:
    try:
        period = read_period(text, now)
    except ValueError:
        when = read_when(text, now)
        return Span(_from(when.start, now), _until(when.end or when.start, now))
    if period.is_moment:
        return days(period.start.date(), 1, now)
    return Span(period.start, period.end)


def _from(value: date | datetime, now: datetime) -> datetime:
    return value if isinstance(value, datetime) else midnight(value, now)


def _until(value: date | datetime, now: datetime) -> datetime:
    return value if isinstance(value, datetime) else midnight(value + timedelta(1), now)


def days(first: date, count: int, now: datetime) -> Span:
    """So many whole days from `first` on."""
    return Span(midnight(first, now), midnight(first + timedelta(count), now))
