"""Lengths of time: `3 days`, `an hour and a half`, `1h30`, `2 weeks and 3 days`; and moving by them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from commands.phrases.parts import Length, Sentence, Unknown, Ways
from commands.phrases.words import UNITS

BEYOND = "that is beyond the calendar"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_MOST = 10**7


def lengths(said: Sentence, at: int) -> Ways[Length]:
    """One length of time, of one or several units."""
    for first, place in _one(said, at):
        yield first, place
        follow = said.past(place, "and", ",")
        if follow > place or said.kind(place) in ("number", "decimal") or said.text(place) in UNITS:
            for more, end in lengths(said, follow):
                if _rank(more.grain) < _rank(first.grain):
                    yield added(first, more), end


def _one(said: Sentence, at: int) -> Ways[Length]:
    if said.says(at, "half hour") > 0:
        yield Length(seconds=Decimal(1800), grain="minute"), at + 2
    half = said.says(at, "half a") if said.says(at, "half a") > 0 else said.says(at, "half an")
    if half < 0 and said.says(at, "a half") > 0:
        half = at + 2
    if half > 0 and said.text(half) in UNITS:
        yield from _made(said, Decimal("0.5"), half)
        return
    quarter = max(said.says(at, "a quarter of an hour"), said.says(at, "quarter of an hour"))
    if quarter > 0:
        yield Length(seconds=Decimal(900), grain="minute"), quarter
    couple = max(said.says(at, "a couple of"), said.says(at, "couple of"), said.says(at, "a couple"))
    if couple > 0:
        yield from _made(said, Decimal(2), couple)
    if said.text(at) in ("a", "an"):
        yield from _made(said, Decimal(1), at + 1)
        return
    if said.kind(at) not in ("number", "decimal"):
        if said.text(at) in ("fortnight",):
            yield from _made(said, Decimal(1), at)
        return
    amount = said.tokens[at].amount
    if said.text(at + 1) == "quarters" and said.says(at + 2, "of an hour") > 0:
        yield Length(seconds=amount * 900, grain="minute"), at + 5
    if said.says(at + 1, "and a half") > 0:
        yield from _made(said, amount + Decimal("0.5"), at + 4)
    elif _is_compact(said, at):
        yield Length(seconds=amount * 3600 + said.value(at + 2) * 60, grain="minute"), at + 3
    dash = (
        said.text(at + 1) == "-"
        and said.tokens[at + 1].glued
        and at + 2 < len(said)
        and said.tokens[at + 2].glued
    )
    yield from _made(said, amount, at + 1 + dash)


def _is_compact(said: Sentence, at: int) -> bool:
    """Whether `1h30` stands there, its minutes without their unit."""
    if said.text(at + 1) != "h" or said.kind(at + 2) != "number" or said.text(at + 3) in UNITS:
        return False
    return said.tokens[at + 1].glued and said.tokens[at + 2].glued


def _made(said: Sentence, amount: Decimal, at: int) -> Ways[Length]:
    """The length of so many units, the unit standing at `at`."""
    word = said.text(at)
    place = at + 1
    if word in ("business", "working", "work") and said.text(at + 1) in ("day", "days"):
        unit, place = "workday", at + 2
    else:
        unit = UNITS.get(word, "")
    if amount > _MOST:
        said.refused(BEYOND)
        return
    if not unit:
        return
    if said.says(place, "and a half") > 0 and amount == amount.to_integral_value():
        half = length_of(amount + Decimal("0.5"), unit)
        if half is not None:
            yield half, place + 3
    length = length_of(amount, unit)
    if length is None:
        said.refused(f"{amount} {unit}s are no whole number of days: write the days")
    else:
        yield length, place


def length_of(amount: Decimal, unit: str) -> Length | None:
    """So many of a unit; None where a part of one has no length that all agree on."""
    if unit in _SECONDS:
        return Length(seconds=amount * _SECONDS[unit], grain=unit)
    whole = amount == amount.to_integral_value()
    if unit in _DAYS:
        days = amount * _DAYS[unit]
        if days == days.to_integral_value():
            return Length(days=int(days), grain=unit)
        return Length(seconds=days * 86400, grain="hour") if unit == "day" else None
    if unit == "workday":
        return Length(workdays=int(amount), grain="workday") if whole else None
    months = amount * _MONTHS[unit]
    return Length(months=int(months), grain=unit) if months == months.to_integral_value() else None


def _rank(grain: str) -> int:
    order = (
        "second",
        "minute",
        "hour",
        "workday",
        "day",
        "week",
        "fortnight",
        "month",
        "quarter",
        "year",
        "decade",
    )
    return order.index(grain)


def added(one: Length, other: Length) -> Length:
    """Both together, in the finer grain."""
    finer = min(one, other, key=lambda length: _rank(length.grain))
    return Length(
        one.months + other.months,
        one.days + other.days,
        one.seconds + other.seconds,
        one.workdays + other.workdays,
        finer.grain,
    )


def day_moved(day: date, length: Length, sign: int = 1) -> date:
    """A day moved by the calendar's units; a month's missing day is its last. Raises Unknown."""
    try:
        months = day.year * 12 + day.month - 1 + sign * length.months
        moved = _clipped(months // 12, months % 12 + 1, day.day)
        moved += timedelta(days=sign * length.days)
        left = length.workdays
        while left > 0:
            moved += timedelta(days=sign)
            left -= moved.weekday() < 5
        return moved
    except (OverflowError, ValueError):
        raise Unknown(BEYOND) from None


def _clipped(year: int, month: int, day: int) -> date:
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            if day <= 28:
                raise
            day -= 1


def moment_moved(moment: datetime, length: Length, sign: int = 1) -> datetime:
    """An aware moment moved: calendar units on the wall clock, hours and less exactly. Raises Unknown."""
    zone = moment.tzinfo
    try:
        if length.months or length.days or length.workdays:
            moment = datetime.combine(day_moved(moment.date(), length, sign), moment.timetz())
        exact = moment.astimezone(UTC) + sign * timedelta(seconds=float(length.seconds))
        return exact.astimezone(zone)
    except (OverflowError, ValueError):
        raise Unknown(BEYOND) from None
