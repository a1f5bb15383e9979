"""Check: whether a plan keeps its rules, found out by other means than those that made it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commands.planning.terms import Plan, Rules, Todo
from vfs.path import Path


def faults(plan: Plan, todos: Sequence[Todo], rules: Rules, now: datetime) -> list[str]:
    """What is wrong with a plan, each in a line; nothing for a good one."""
    found: list[str] = []
    spent: dict[Path, int] = {}
    focus: dict[object, float] = {}
    previous = None
    for block in sorted(plan.blocks, key=lambda one: one.start):
        name = f"{block.todo.title} at {block.start:%Y-%m-%d %H:%M}"
        seconds = block.end.timestamp() - block.start.timestamp()
        if seconds <= 0:
            found.append(f"{name} has no length")
        if block.start < now:
            found.append(f"{name} begins in the past")
        if block.start.date() not in plan.days:
            found.append(f"{name} is on a day that is not planned")
        if previous is not None and block.start < previous.end:
            found.append(f"{name} begins before {previous.todo.title} ends")
        for busy in plan.busy:
            if block.start < busy.end and busy.start < block.end:
                found.append(f"{name} is at the time of {busy.title}")
        if block.todo.fixed is None and not _within(block.start, block.end, rules):
            found.append(f"{name} is outside of the working hours")
        if block.todo.is_deep:
            focus[block.start.date()] = focus.get(block.start.date(), 0.0) + seconds
        spent[block.todo.path] = spent.get(block.todo.path, 0) + int(seconds) // 60
        previous = block
    fixed = {block.start.date() for block in plan.blocks if block.todo.fixed is not None}
    found += [
        f"{day} has more focus than it bears"
        for day, seconds in focus.items()
        if seconds > rules.focus.total_seconds() and day not in fixed
    ]
    left = [one.todo.path for one in plan.left]
    for todo in todos:
        times = left.count(todo.path) + (todo.path in spent)
        if times != 1:
            found.append(f"{todo.title} is there {times} times")
        if todo.path in spent and spent[todo.path] != todo.minutes:
            found.append(f"{todo.title} takes {todo.minutes} minutes, but {spent[todo.path]} are planned")
    return found


def _within(start: datetime, end: datetime, rules: Rules) -> bool:
    opens = start.replace(hour=rules.opens.hour, minute=rules.opens.minute, second=0, microsecond=0)
    closes = start.replace(hour=rules.closes.hour, minute=rules.closes.minute, second=0, microsecond=0)
    return opens.timestamp() <= start.timestamp() and end.timestamp() <= closes.timestamp()
