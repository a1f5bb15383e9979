"""Dates as people type them: `today`, `friday`, `2026-12-24`, `+3d`, `in 3 days`, `next monday`.

A word that could mean two days, or is not known here, is refused with the reason; nothing is guessed.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNITS = {
    "min": "minute", "mins": "minute", "minute": "minute", "minutes": "minute",
    "h": "hour", "hour": "hour", "hours": "hour",
    "d": "day", "day": "day", "days": "day",
    "w": "week", "week": "week", "weeks": "week",
    "mo": "month", "month": "month", "months": "month",
    "y": "year", "year": "year", "years": "year",
}  # fmt: skip

_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}

KNOWN = "today, tomorrow, friday, next monday, 2026-12-24, +3d, in 3 days"


class Period(NamedTuple):
    """A stretch of time, `end` not included; a moment is a period of no length."""

    start: datetime
    end: datetime

    @property
    def is_moment(self) -> bool:
        return self.start == self.end


def read_period(text: str, now: datetime) -> Period:
    """The moment, day, month or year that `text` names, seen from `now` and in its zone.

    Raises ValueError with the reason for what is not known, or may be two things.
    """
    words = text.strip().lower().split()
    found = _relative(words, now) or (_one_word(words[0], now) if len(words) == 1 else _written(text, now))
    if found is None:
        raise ValueError(f"'{text}' is no date that is known here; known are {KNOWN}")
    return found


def read_day(text: str, now: datetime) -> date:
    """The one day that `text` names. Raises ValueError."""
    period = read_period(text, now)
    if period.end - period.start > timedelta(hours=25):
        raise ValueError(f"'{text}' is more than one day")
    return period.start.date()


def looks_like_date(text: str) -> bool:
    """Whether a word can only be meant as a date, whatever it is compared with."""
    word = text.lower()
    return (
        word in _NAMED
        or word == "now"
        or (len(word) >= 10 and word[:4].isdecimal() and word[4] == "-" and word[7] == "-")
    )


def day_text(day: date) -> str:
    """A day with its weekday, so that a person sees which one was understood."""
    return f"{DAYS[day.weekday()][:3].capitalize()} {day.isoformat()}"


def _day(day: date, now: datetime) -> Period:
    return Period(midnight(day, now), midnight(day + timedelta(1), now))


def midnight(day: date, now: datetime) -> datetime:
    """The first moment of a day where `now` is, its own summer time considered."""
    start = datetime.combine(day, time())
    if isinstance(now.tzinfo, timezone) and now.utcoffset() == now.astimezone().utcoffset():
        return start.astimezone()
    return start.replace(tzinfo=now.tzinfo)


def _one_word(word: str, now: datetime) -> Period | None:
    for sign in "+-":
        base, found, amount = word.partition(sign)
        if found and (base == "now" or base in _NAMED or not base):
            start = now if base == "now" else now + timedelta(_NAMED.get(base, 0))
            return _shifted(start, f"{sign}{amount}", exact=base == "now")
    if word == "now":
        return Period(now, now)
    if word in _NAMED:
        return _day(now.date() + timedelta(_NAMED[word]), now)
    weekday = _weekday(word)
    if weekday is not None:
        return _day(now.date() + timedelta((weekday - now.weekday() - 1) % 7 + 1), now)
    return _written(word, now)


def _shifted(start: datetime, amount: str, *, exact: bool) -> Period:
    sign, digits = amount[0], amount[1:].rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = _UNITS.get(amount[1 + len(digits) :])
    if unit is None or not digits.isdecimal():
        raise ValueError(
            f"'{amount}' is no length of time; known are {sign}30min, {sign}2h, {sign}3d, {sign}2w, {sign}1mo"
        )
    moved = _moved(start, int(sign + digits), unit)
    return Period(moved, moved) if exact or unit in ("minute", "hour") else _day(moved.date(), start)


def _moved(start: datetime, count: int, unit: str) -> datetime:
    try:
        if unit in ("month", "year"):
            months = start.year * 12 + start.month - 1 + count * (12 if unit == "year" else 1)
            day = start.day
            while True:
                try:
                    return start.replace(year=months // 12, month=months % 12 + 1, day=day)
                except ValueError:
                    if day <= 28:
                        raise
                    day -= 1
        return start + timedelta(**{f"{unit}s": count})
    except (OverflowError, ValueError):
        raise ValueError("that is beyond the calendar") from None


def _relative(words: list[str], now: datetime) -> Period | None:
    """`in 3 days`, `3 days ago`, `next monday`, `last friday`, `this month`."""
    if len(words) == 3 and (words[0] == "in" or words[2] == "ago"):
        number, unit = words[1:] if words[0] == "in" else words[:2]
        count = 1 if number in ("a", "an", "one") else int(number) if number.isdecimal() else None
        if count is None or unit not in _UNITS:
            return None
        kind = _UNITS[unit]
        moved = _moved(now, count if words[0] == "in" else -count, kind)
        return Period(moved, moved) if kind in ("minute", "hour") else _day(moved.date(), now)
    if len(words) != 2 or words[0] not in ("this", "next", "last"):
        return None
    step = {"this": 0, "next": 1, "last": -1}[words[0]]
    weekday = _weekday(words[1])
    if weekday is not None:
        return _day(_weekday_of(step, weekday, " ".join(words), now.date()), now)
    today = now.date()
    if words[1] == "week":
        monday = today + timedelta(7 * step - today.weekday())
        return Period(_day(monday, now).start, _day(monday + timedelta(7), now).start)
    if words[1] in ("month", "year"):
        first = today.replace(day=1) if words[1] == "month" else today.replace(month=1, day=1)
        start = _moved(_day(first, now).start, step, words[1])
        return Period(start, _moved(start, 1, words[1]))
    return None


def _weekday_of(step: int, weekday: int, text: str, today: date) -> date:
    """`this`, `next` or `last` weekday. Raises ValueError where people mean different days by it."""
    monday = today - timedelta(today.weekday())
    here = monday + timedelta(weekday)
    if step == 0 or (step == 1 and here <= today) or (step == -1 and here >= today):
        return here + timedelta(7 * step)
    other = here + timedelta(7 * step)
    raise ValueError(f"'{text}' may be {day_text(here)} or {day_text(other)}: write which")


def _weekday(word: str) -> int | None:
    for number, name in enumerate(DAYS):
        if word == name or (len(word) >= 3 and name.startswith(word)):
            return number
    return None


def _written(text: str, now: datetime) -> Period | None:
    """ISO 8601: a year, month, day or time."""
    word = text.strip().upper()
    try:
        if len(word) == 4 and word.isdecimal():
            return Period(
                datetime(int(word), 1, 1, tzinfo=now.tzinfo), datetime(int(word) + 1, 1, 1, tzinfo=now.tzinfo)
            )
        if len(word) == 7 and word[4] == "-":
            start = datetime(int(word[:4]), int(word[5:]), 1, tzinfo=now.tzinfo)
            return Period(start, _moved(start, 1, "month"))
        if len(word) == 10:
            return _day(date.fromisoformat(word), now)
        if len(word) > 10 and word[4] == "-":
            moment = datetime.fromisoformat(word)
            moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)
            if len(word) == 16:
                return Period(moment, moment + timedelta(minutes=1))
            return Period(moment, moment)
    except ValueError:
        return None
    return None
