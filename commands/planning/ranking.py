"""Ranking: what an agent says matters first. Of its answer an order of numbers counts, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from commands.command import Context, Failure
from commands.dates import day_text
from commands.planning.terms import Todo
from commands.stream import Collected, Io
from commands.values import one_line
from vfs.path import Path
from vfs.visible import visible

_NUMBER = re.compile(r"^\s*(\d{1,4})\b[.:)]?\s*(.*)$")
ASKED = (
    "Put these tasks in the order in which they should be done, the most important first. Answer with one "
    "line for each: its number, then the reason in a few words. Nothing else.\n"
)


async def ranks_by(ctx: Context, io: Io, agent: str, todos: Sequence[Todo]) -> Mapping[Path, int]:
    """The places of tasks in the order that an agent gives; its reasons go to standard error.

    Tasks that it does not name come last. Raises what running it raises, and Failure for an answer without
    any number.
    """
    ordered = sorted(todos, key=lambda todo: todo.path)
    lines = [f"{number}. {_told(todo)}" for number, todo in enumerate(ordered, 1)]
    answer = Collected()
    status = await ctx.services.agents.ask(agent, ASKED + "\n".join(lines), ctx, io._replace(stdout=answer))
    if status:
        raise Failure(f"the agent {agent} gave no order", status=status)
    ranks: dict[Path, int] = {}
    for line in answer.data.decode("utf-8", "replace").splitlines():
        found = _NUMBER.match(line)
        if found is None or not 1 <= int(found[1]) <= len(ordered):
            continue
        todo = ordered[int(found[1]) - 1]
        if todo.path not in ranks:
            ranks[todo.path] = len(ranks)
            await io.stderr.line(visible(f"{agent}: {one_line(todo.title)}: {found[2]}"))
    if not ranks:
        raise Failure(f"the agent {agent} gave no order", hint="without an agent: plan today")
    return ranks


def _told(todo: Todo) -> str:
    due = f", due {day_text(todo.due)}" if todo.due is not None else ""
    return f"{one_line(todo.title)} (priority {todo.priority}, {todo.minutes} minutes{due})"
