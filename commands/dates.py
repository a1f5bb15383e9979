"""Dates for commands: `today`, `friday`, `2026-12-24`, `+3d`, and all that commands.phrases reads.

What is written of most is read here; the grammar is loaded for the rest. A phrase that may mean two days,
or that is not understood, is refused with the reason; nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from commands.phrases.when import When

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

AHEAD, BACK = 1, -1

_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TO_THE_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Period(NamedTuple):
    """A stretch of time, `end` not included; a moment is a period of no length."""

    start: datetime
    end: datetime

    @property
    def is_moment(self) -> bool:
        return self.start == self.end


def read_period(text: str, now: datetime, *, lean: int = AHEAD) -> Period:
    """The moment, day, month or year that `text` names, seen from `now` and in its zone.

    A weekday or a date without a year is the next one, or the last one where it leans BACK. Raises
    ValueError with the reason for what is not known, or may be two things.
    """
    word = text.strip().lower()
    if word == "now":
        return Period(now, now)
    plain = _plain(word, now)
    if plain is not None:
        return Period(midnight(plain, now), midnight(plain + timedelta(1), now))
    when = read_phrase(text, now, lean=lean)
    if when.rule:
        raise ValueError(f"'{text}' is {when.understood}: one date is meant here")
    start, end = when.period(zoned(now))
    return Period(start, end + timedelta(minutes=1) if _TO_THE_MINUTE.fullmatch(text.strip()) else end)


def read_day(text: str, now: datetime) -> date:
    """The one day that `text` names. Raises ValueError."""
    plain = _plain(text.strip().lower(), now)
    if plain is not None:
        return plain
    when = read_phrase(text, now, lean=AHEAD)
    if when.rule:
        raise ValueError(f"'{text}' is {when.understood}: one date is meant here")
    if isinstance(when.start, datetime):
        raise ValueError(f"'{text}' is {when.understood}: a day without a time is meant here")
    if when.end is not None:
        raise ValueError(f"'{text}' is more than one day")
    return when.start


def read_phrase(text: str, now: datetime, *, lean: int = 0) -> When:
    """What a phrase means, its moments to the second. Raises ValueError: Ambiguous with readings, Unknown."""
    when: When = import_module("commands.phrases.when").read_when(text, zoned(now), lean=lean, exact=True)
    return when


def zoned(now: datetime) -> datetime:
    """`now` in the user's zone by name, where it is only known by its distance from UTC."""
    if now.tzinfo is not None and not isinstance(now.tzinfo, timezone):
        return now
    here = now.astimezone(import_module("vfs.zone").home_zone())
    return here if here.utcoffset() == now.utcoffset() or now.tzinfo is None else now


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


def midnight(day: date, now: datetime) -> datetime:
    """The first moment of a day where `now` is, its own summer time considered."""
    return datetime.combine(day, time(), zoned(now).tzinfo)


def _plain(word: str, now: datetime) -> date | None:
    """A day that needs no grammar."""
    if word in _NAMED:
        return now.date() + timedelta(_NAMED[word])
    if _DAY.fullmatch(word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            return None
    return None
