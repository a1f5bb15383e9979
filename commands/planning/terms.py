"""What plans are made of: rules, things to do, times that are taken, blocks; all times aware."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from vfs.path import Path


class Rules(NamedTuple):
    """How a person works; `[plan]` of the config, and the options of `plan`."""

    opens: time
    closes: time
    days: tuple[int, ...]
    """Working days of a week, Monday 0; a day that is asked for alone is planned in any case."""
    peak_from: time
    peak_to: time
    """When a person works best: what is deep lies there, as far as there is room."""
    lunch_from: time
    lunch_to: time
    """What stays free for lunch; both the same for none."""
    focus: timedelta
    """How much deep work a day bears."""
    buffer: timedelta
    """What stays free before and after an event with an hour."""
    pause: timedelta
    """What stays free after each block."""
    longest: timedelta
    """A block; what takes longer is split."""
    shortest: timedelta
    """A part of what is split."""
    usual: timedelta
    """What a task takes that has no estimate."""


class Todo(NamedTuple):
    """An open task."""

    path: Path
    title: str
    minutes: int
    """What it takes."""
    guessed: bool = False
    """It has no estimate."""
    due: date | None = None
    priority: int = 0
    labels: Sequence[str] = ()
    fixed: tuple[datetime, datetime] | None = None
    """When it is scheduled already."""
    blocks: Sequence[str] = ()
    """Each block of that, as its file says them, where there are several."""

    @property
    def is_deep(self) -> bool:
        """Whether it wants a clear head: long, or labelled so."""
        if any(label in ("deep", "focus") for label in self.labels):
            return True
        return self.minutes >= 60 and "shallow" not in self.labels


class Busy(NamedTuple):
    """A time that an event takes."""

    start: datetime
    end: datetime
    title: str
    path: Path
    all_day: bool = False


class Block(NamedTuple):
    """A stretch of work on one task."""

    start: datetime
    end: datetime
    todo: Todo


class Left(NamedTuple):
    """A task that is in no block, and why."""

    todo: Todo
    reason: str


class Plan(NamedTuple):
    """What a planner proposes for some days."""

    days: Sequence[date]
    blocks: Sequence[Block]
    busy: Sequence[Busy]
    left: Sequence[Left]
    warnings: Sequence[str]


def spoken(minutes: int) -> str:
    """`1h 30m`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{rest}m"] * bool(rest or not hours))
