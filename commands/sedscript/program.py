"""Programs of sed as data: commands with their addresses, jumps already resolved."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from commands.regex.regex import Searcher


class Line(NamedTuple):
    """The address of a line number; `step` makes it every so many lines from there."""

    number: int
    step: int | None = None


class Last(NamedTuple):
    """`$`."""


class Match(NamedTuple):
    """`/regex/`; None is the last one used."""

    regex: Searcher | None


class After(NamedTuple):
    """`+N` or, with `multiple`, `~N`: where a range ends, seen from where it begins."""

    lines: int
    multiple: bool = False


Address = Line | Last | Match | After


class Case(Enum):
    """How the case of a replacement changes from here on."""

    UPPER = "U"
    LOWER = "L"
    NEXT_UPPER = "u"
    NEXT_LOWER = "l"
    END = "E"


Part = bytes | int | Case
"""A piece of a replacement: text, the number of a group, or a change of case."""


class Substitution(NamedTuple):
    """What `s` does."""

    regex: Searcher | None
    parts: tuple[Part, ...]
    number: int = 1
    """Which match is the first to be replaced."""
    all: bool = False
    printed: int = 0
    """How many times the result is printed."""
    file: str | None = None


class Step:
    """One command: what it does, and on which lines. The machine keeps a range's state in it."""

    __slots__ = (
        "active", "end", "first", "letter", "negated", "number", "second", "skip", "substitution",
        "table", "target", "text",
    )  # fmt: skip

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.first: Address | None = None
        self.second: Address | None = None
        self.negated = False
        self.text = b""
        """The text of a, i, c; a file name; a label."""
        self.number: int | None = None
        """The exit status of q and Q, the width of l."""
        self.target = 0
        """Where a branch leads."""
        self.skip = 0
        """Where to go on when the line is not selected."""
        self.substitution: Substitution | None = None
        self.table: dict[int, str] = {}
        self.active = False
        """Inside the range."""
        self.end: int | None = None
        """The last line of the range, where that is known."""

    def reset(self) -> None:
        """Before the first line of an input."""
        self.active = isinstance(self.first, Line) and self.first.number == 0 and self.second is not None
        self.end = None


class Program(NamedTuple):
    """Steps in order; `#n` on the first line means the same as -n."""

    steps: tuple[Step, ...]
    silent: bool = False


def acts_on_matches_only(steps: Sequence[Step]) -> bool:
    """Whether a line that no regex of the program matches is left alone, and no other line is needed.

    Such a line need not be looked at: it is printed, or with -n it is not.
    """
    until = 0
    for at, step in enumerate(steps):
        if step.letter in "nNDF" or not isinstance(step.first, Match | None) or step.second is not None:
            return False
        if at < until:
            continue
        own = step.first if step.first is not None else step.substitution
        if step.negated or own is None or own.regex is None:
            return False
        until = step.skip if step.letter == "{" else 0
    return True


class Quit(Exception):
    """The program ends at once. Carries the exit status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
