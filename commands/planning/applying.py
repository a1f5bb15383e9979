"""What a plan's file means for the tasks at this moment: what would change, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from commands.planning.planfile import Line, Read
from commands.planning.terms import Busy, Todo
from vfs.node import Value
from vfs.path import Path

START, END, BLOCKS = "scheduled_start", "scheduled_end", "scheduled"
"""Attributes of a task: from when to when; and each block, where there are several."""

SHARP, SOFT = "sharp", "soft"


class Change(NamedTuple):
    """What becomes of one task."""

    todo: Todo
    before: tuple[datetime, datetime] | None
    after: Sequence[tuple[datetime, datetime]]
    """Its blocks; none: it is scheduled no more."""

    def attrs(self) -> Mapping[str, Value]:
        """The attributes that say so."""
        if not self.after:
            return {START: None, END: None, BLOCKS: None}
        several = tuple([f"{start:%Y-%m-%dT%H:%M}/{end:%H:%M}" for start, end in self.after])
        return {
            START: self.after[0][0],
            END: self.after[-1][1],
            BLOCKS: several if len(several) > 1 else None,
        }


class Objection(NamedTuple):
    """What speaks against a plan. A sharp one cannot be overruled."""

    number: int
    """The line of the file; 0 for none."""
    kind: str
    text: str


class Meaning(NamedTuple):
    """What a plan's file comes to."""

    changes: Sequence[Change]
    same: int
    """Tasks that are scheduled so already."""
    objections: Sequence[Objection]


def meaning(
    read: Read, todos: Sequence[Todo], busy: Sequence[Busy], finished: Mapping[Path, str], now: datetime
) -> Meaning:
    """Compares a plan with the tasks and events as they are; `finished` are tasks that are open no more."""
    objections = [Objection(number, SHARP, reason) for number, reason in read.wrong]
    known = {todo.path: todo for todo in todos}
    blocks: dict[Path, list[tuple[datetime, datetime]]] = {}
    for line in _in_order(read.lines):
        if line.path is None or not _is_task(line.path):
            continue
        if line.path not in known:
            gone = finished.get(line.path)
            text = f"{line.path}: is {gone} already" if gone else f"{line.path}: there is no such task"
            objections.append(Objection(line.number, SOFT if gone else SHARP, text))
            continue
        objections += _against(line, known[line.path], busy, now)
        blocks.setdefault(line.path, []).append((line.start, line.end))
    objections += _overlapping(read.lines)
    objections += _unknown(read.lines, busy)
    changes, same = _changes(read, todos, blocks)
    return Meaning(changes, same, sorted(objections, key=lambda one: one.number))


def _is_task(path: Path) -> bool:
    return path.parts[:1] == ("tasks",)


def _in_order(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.start, line.end, line.number))


def _against(line: Line, todo: Todo, busy: Sequence[Busy], now: datetime) -> list[Objection]:
    """What speaks against one block of work."""
    found = []
    if line.end <= now:
        found.append(Objection(line.number, SOFT, f"{todo.title}: {line.start:%H:%M} is over"))
    for one in busy:
        if line.start < one.end and one.start < line.end:
            when = "all day" if one.all_day else f"{one.start:%H:%M}-{one.end:%H:%M}"
            found.append(Objection(line.number, SOFT, f"{todo.title}: at the time of {one.title} ({when})"))
    return found


def _overlapping(lines: Sequence[Line]) -> list[Objection]:
    """Two pieces of work at one time."""
    work = [line for line in _in_order(lines) if line.path is not None and _is_task(line.path)]
    return [
        Objection(second.number, SHARP, f"begins before line {first.number} ends")
        for first, second in pairwise(work)
        if second.start < first.end
    ]


def _unknown(lines: Sequence[Line], busy: Sequence[Busy]) -> list[Objection]:
    """Events of the plan that are elsewhere by now."""
    there = {(one.path, one.start) for one in busy}
    found = []
    for line in lines:
        if line.path is None or _is_task(line.path) or line.path.parts[:1] != ("calendar",):
            continue
        if not any(path == line.path for path, _ in there):
            found.append(Objection(line.number, SOFT, f"{line.path}: is not in the calendar then any more"))
    return found


def _changes(
    read: Read, todos: Sequence[Todo], blocks: Mapping[Path, Sequence[tuple[datetime, datetime]]]
) -> tuple[list[Change], int]:
    changes: list[Change] = []
    same = 0
    for todo in todos:
        after = blocks.get(todo.path, ())
        if after:
            change = Change(todo, todo.fixed, after)
            parts = tuple(todo.blocks) or None
            if todo.fixed == (after[0][0], after[-1][1]) and change.attrs()[BLOCKS] == parts:
                same += 1
            else:
                changes.append(change)
        elif todo.fixed is not None and todo.fixed[0].date() in read.days:
            changes.append(Change(todo, todo.fixed, ()))
    return changes, same
