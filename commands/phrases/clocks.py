"""Times of day: `3pm`, `15:30`, `half past three`, `noon`, `8 in the morning`, `1430`, `quarter to 5`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from commands.phrases.parts import Clock, Sentence, Ways
from commands.phrases.words import PARTS

_WRITTEN = re.compile(r"(\d\d?)(?:[:.](\d\d))?(?:[:.](\d\d))?(?:[.,]\d+)?\s?(?:([ap])\.?m?\.?)?")
_AFTER = ("past", "after")
_BEFORE = ("to", "before", "till", "of")
_MINUTES = frozenset({"m", "min", "mins", "minute", "minutes"})


class ClockPart(NamedTuple):
    """A time of day, or a part of the day without one (`clock` is None), or both: `8 in the morning`."""

    clock: Clock | None
    part: str = ""


def clocks(said: Sentence, at: int, *, after_at: bool = False) -> Ways[Clock]:
    """Every time of day that begins at `at`. A bare number is one only after `at`, or with a word for it."""
    yield from _digits(said, at)
    yield from _named(said, at)
    yield from _spoken(said, at)
    short = len(said.text(at)) < 3 or said.text(at).isalpha()
    if after_at and said.kind(at) == "number" and said.value(at) <= 24 and short:
        yield bare(said, at), at + 1


def bare(said: Sentence, at: int) -> Clock:
    """The hour that a number alone stands for."""
    number, text = said.value(at), said.text(at)
    return Clock(number, style="24" if number > 12 or number == 0 or text.startswith("0") else "bare")


def _digits(said: Sentence, at: int) -> Ways[Clock]:
    kind, text = said.kind(at), said.text(at)
    if kind in ("clock", "decimal"):
        clock = _clock(text)
        place = at + 1
        if clock is not None and clock.style == "colon" and said.text(place) in ("h", "hrs", "hours"):
            clock, place = clock._replace(style="24"), place + 1
        if clock is not None:
            yield clock, place
        elif kind == "clock":
            said.refused(f"'{text}' is no time of day")
    elif kind == "number" and text.isdigit() and len(text) in (3, 4):
        hour, minute = int(text[:-2]), int(text[-2:])
        written = said.text(at + 1) in ("h", "hrs", "hours")
        if said.text(at + 1) in ("am", "pm") and 1 <= hour <= 12 and minute < 60:
            yield Clock(_hour(hour, said.text(at + 1)), minute, style="meridiem"), at + 2
        elif (len(text) == 4 or written) and (hour < 24 or (hour, minute) == (24, 0)) and minute < 60:
            yield Clock(hour, minute), at + 1 + written
    elif kind == "number" and said.text(at + 1) == "h" and said.value(at) <= 24:
        if said.kind(at + 2) == "number" and said.tokens[at + 2].glued and said.value(at + 2) < 60:
            yield Clock(said.value(at), said.value(at + 2)), at + 3
        elif len(text) < 3:
            yield Clock(said.value(at)), at + 2


def _clock(text: str) -> Clock | None:
    match = _WRITTEN.fullmatch(text)
    if match is None or (match[2] is None and match[4] is None):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if minute > 59 or second > 59:
        return None
    if match[4]:
        return Clock(_hour(hour, match[4]), minute, second, "meridiem") if 1 <= hour <= 12 else None
    if hour > 24 or (hour == 24 and (minute or second)):
        return None
    loose = 1 <= hour <= 12 and not text.startswith("0")
    return Clock(hour, minute, second, "colon" if loose else "24")


def _hour(hour: int, meridiem: str) -> int:
    return hour % 12 + (12 if meridiem.startswith("p") else 0)


def _named(said: Sentence, at: int) -> Ways[Clock]:
    word = said.text(at)
    if word in ("noon", "midday"):
        yield Clock(12, style="meridiem"), at + 1
    elif word == "midnight":
        yield Clock(0, style="midnight"), at + 1
    elif word in ("12", "twelve") and said.text(at + 1) in ("noon", "midday", "midnight"):
        yield from _named(said, at + 1)
    elif max(said.says(at, "this time"), said.says(at, "same time"), said.says(at, "the same time")) > 0:
        yield Clock(said.now.hour, said.now.minute), at + 2 + (word == "the")
    elif word in ("cob", "close"):
        place = said.says(at, "close of business") if word == "close" else at + 1
        if place > 0:
            yield Clock(17), place


def ends_of_day(said: Sentence, at: int) -> int:
    """The place after `eod` or `end of day`, at five or in the day's last minute; else -1."""
    if said.text(at) == "eod":
        return at + 1
    return max(
        said.says(at, "end of day"), said.says(at, "end of the day"), said.says(at, "the end of the day")
    )


def _spoken(said: Sentence, at: int) -> Ways[Clock]:
    """`half past 3`, `a quarter to five pm`, `ten past three`, `3 o'clock`, `six thirty`, `3 pm`."""
    start = said.past(at, "a") if said.text(at + 1) == "quarter" else at
    if said.text(start) == "half":
        place = said.past(start + 1, "past")
        for clock, end in _hours(said, place):
            yield clock._replace(minute=30), end
        return
    minutes, place = 0, start
    if said.text(start) == "quarter":
        minutes, place = 15, start + 1
    elif said.kind(start) == "number" and 1 <= said.value(start) <= 59:
        minutes, place = said.value(start), start + 1
        spelled = said.text(start).isalpha() or "-" in said.text(start)
        if said.text(place) in _MINUTES:
            place += 1
        elif not spelled and said.text(place) in _BEFORE:
            minutes = 0
    if minutes and said.text(place) in (*_AFTER, *_BEFORE):
        for clock, end in _hours(said, place + 1):
            yield _apart(clock, minutes if said.text(place) in _AFTER else -minutes), end
    yield from _hours(said, at, marked=True)


def _apart(clock: Clock, minutes: int) -> Clock:
    if minutes > 0:
        return clock._replace(minute=minutes)
    if clock.is_loose:
        return clock._replace(hour=12 if clock.hour == 1 else clock.hour - 1, minute=60 + minutes)
    total = (clock.hour * 60 + minutes) % 1440
    return clock._replace(hour=total // 60, minute=total % 60)


def _hours(said: Sentence, at: int, *, marked: bool = False) -> Ways[Clock]:
    """A whole hour; with `marked`, only one that a word says to be a time of day."""
    word = said.text(at)
    if word in ("noon", "midday", "midnight") and not marked:
        yield Clock(12 if word != "midnight" else 0), at + 1
        return
    if said.kind(at) == "clock" and not marked:
        clock = _clock(word)
        if clock is not None and not clock.minute and not clock.second:
            yield clock, at + 1
        return
    if said.kind(at) != "number" or not 1 <= said.value(at) <= 24 or len(said.text(at)) > 9:
        return
    hour, place, minute = said.value(at), at + 1, 0
    spelled = word[0].isalpha()
    if marked and spelled:
        if said.kind(place) == "number" and said.text(place)[0].isalpha() and 10 <= said.value(place) <= 59:
            minute, place = said.value(place), place + 1
        elif (
            said.text(place) in ("oh", "o")
            and said.kind(place + 1) == "number"
            and said.value(place + 1) < 10
        ):
            minute, place = said.value(place + 1), place + 2
    clock = bare(said, at)._replace(minute=minute)
    said_so = bool(minute)
    if said.text(place) in ("o'clock", "oclock"):
        place, said_so = place + 1, True
    if said.text(place) in ("am", "pm", "a", "p") and 1 <= hour <= 12:
        meridiem = said.text(place)
        if meridiem in ("am", "pm") or said.tokens[place].glued:
            yield clock._replace(hour=_hour(hour, meridiem), style="meridiem"), place + 1
            return
    if said_so or not marked:
        yield clock, place


def in_part(clock: Clock, part: str) -> list[tuple[Clock, int]]:
    """A time in a part of the day, with the days to add; none where it cannot be in that part."""
    if not clock.is_loose:
        hour = clock.hour
        fits = {"morning": hour < 12, "afternoon": 12 <= hour < 19, "evening": hour >= 16 or hour == 0}
        fine = fits.get(part, hour >= 17 or hour < 6)
        late = part not in ("morning", "afternoon") and hour < 6
        if part == "morning" and clock.style == "midnight":
            return []
        return [(clock._replace(style="24"), int(late or clock.style == "midnight"))] if fine else []
    hour = clock.hour % 12
    if part == "morning":
        return [(clock._replace(hour=hour, style="24"), 0)]
    if part == "afternoon":
        return [(clock._replace(hour=hour + 12, style="24"), 0)] if hour < 8 else []
    if part == "evening":
        return [(clock._replace(hour=hour + 12, style="24"), 0)] if hour >= 4 else []
    if hour >= 5:
        return [(clock._replace(hour=hour + 12, style="24"), 0)]
    return [(clock._replace(hour=hour, style="24"), add) for add in (1, 0)]


def part_name(word: str) -> str:
    """`morning`, `afternoon`, `evening` or `night`; empty for other words."""
    if word not in PARTS:
        return ""
    return (
        "morning"
        if word.startswith(("morn", "fore"))
        else "night"
        if word.startswith("ton")
        else word.rstrip("s")
    )


def default_hours(clock: Clock) -> list[Clock]:
    """The times that are meant where nothing else says which half of the day.

    A bare hour from eight to twelve, and one with minutes from seven on, is as it is written.
    """
    plain = clock._replace(style="24")
    if not clock.is_loose or clock.hour >= (8 if clock.style == "bare" and not clock.minute else 7):
        return [plain]
    return [plain, plain._replace(hour=clock.hour + 12)]


def on_day(day: date, clock: Clock, add: int = 0) -> datetime:
    """The wall clock's moment."""
    if clock.hour == 24:
        return datetime(day.year, day.month, day.day) + timedelta(1 + add)
    return datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second) + timedelta(add)
