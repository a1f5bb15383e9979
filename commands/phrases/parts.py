"""Parts of a phrase, as they are understood before they are put together: days, clocks, lengths, zones.

A rule of the grammar is a function of the tokens and a place; it yields every way to read on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from commands.phrases.tokens import Token

T = TypeVar("T")
Ways = Iterator[tuple[T, int]]
"""What was read, and where the next token stands; once for each way to read it."""


class Unknown(ValueError):
    """The phrase is not understood; the message says which word, or why."""


class Sentence:
    """The tokens of a phrase and the moment it is said at. `reasons` collects why a date is none.

    It may lean ahead (1) or back (-1), as filters and searches do, where nothing is written: a weekday or a
    date without a year is then the next or the last one. Else (0) both are meant where both are near.
    """

    __slots__ = ("lean", "now", "reasons", "tokens")

    def __init__(
        self, tokens: list[Token], now: datetime, *, lean: int = 0, reasons: list[str] | None = None
    ) -> None:
        self.tokens = tokens
        self.now = now
        self.lean = lean
        self.reasons = reasons if reasons is not None else []

    @property
    def today(self) -> date:
        return self.now.date()

    def __len__(self) -> int:
        return len(self.tokens)

    def text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def value(self, at: int) -> int:
        return self.tokens[at].value if 0 <= at < len(self.tokens) else 0

    def past(self, at: int, *words: str) -> int:
        """The place after one of these words, or `at` itself where none of them stands there."""
        return at + 1 if self.text(at) in words else at

    def says(self, at: int, phrase: str) -> int:
        """The place after these words in this order; -1 where they do not stand there."""
        for word in phrase.split():
            if self.text(at) != word:
                return -1
            at += 1
        return at

    def slice(self, start: int, end: int) -> Sentence:
        return self.with_tokens(self.tokens[start:end])

    def with_tokens(self, tokens: list[Token]) -> Sentence:
        return Sentence(tokens, self.now, lean=self.lean, reasons=self.reasons)

    def refused(self, reason: str) -> None:
        """Notes why something that looks like a date is none."""
        if reason not in self.reasons:
            self.reasons.append(reason)


class Days(NamedTuple):
    """A day, or several in a row: both ends included."""

    first: date
    last: date
    grain: str = "day"
    relative: bool = False
    """Whether it was counted from today, and so depends on where the clock is read."""


class DayPart(NamedTuple):
    """Words for a day. Of `choices`, any may be meant; the rest is what a range's other side completes."""

    choices: tuple[Days, ...] = ()
    month: int = 0
    day: int = 0
    weekday: int = -1
    """A month and day without a year, a day of a month alone (month 0), or a weekday alone."""

    @property
    def is_open(self) -> bool:
        return bool(self.month or self.day) or self.weekday >= 0


class Clock(NamedTuple):
    """A time of day. `style`: `24`, `meridiem`, `bare` (5), `colon` (5:30) or `midnight`."""

    hour: int
    minute: int = 0
    second: int = 0
    style: str = "24"

    @property
    def is_loose(self) -> bool:
        """Whether it may be twelve hours later."""
        return self.style in ("bare", "colon") and 1 <= self.hour <= 12


class Length(NamedTuple):
    """A length of time: calendar units apart from what a clock measures. `workdays` skip weekends."""

    months: int = 0
    days: int = 0
    seconds: Decimal = Decimal(0)
    workdays: int = 0
    grain: str = "day"

    @property
    def is_exact(self) -> bool:
        """Whether a clock measures some of it."""
        return bool(self.seconds) or self.grain in ("second", "minute", "hour")


class ZonePart(NamedTuple):
    """A zone as it was said: keys of the zone database, or fixed offsets in minutes; any may be meant."""

    said: str
    choices: tuple[str | int, ...]
