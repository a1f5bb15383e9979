"""plan: proposes a day or a week out of tasks and calendar, as a file to edit, and applies it."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.nearest import nearest
from commands.parse import parse
from commands.planning.propose import COMMAND as PROPOSE
from commands.stream import Io
from vfs.action import Effect

PARTS = {
    "today": "commands.planning.propose:TODAY",
    "tomorrow": "commands.planning.propose:TOMORROW",
    "week": "commands.planning.propose:WEEK",
    "for": "commands.planning.propose:COMMAND",
    "diff": "commands.planning.diff:COMMAND",
    "apply": "commands.planning.apply:COMMAND",
}


class PlanArguments(Arguments):
    RAW = True

    action: str = operand(
        "SUBCOMMAND", required=False, help="today, when there is none", complete=Complete.NOTHING
    )
    words: list[str] = operand("WORD", many=True, required=False, help="what the subcommand takes")


async def run(ctx: Context, args: PlanArguments, io: Io) -> int:
    words = list(args.words)
    if words and not words[0].startswith("-"):
        near = nearest(words[0], PARTS)
        raise Usage(
            f"unknown subcommand '{words[0]}'",
            hint=f"did you mean plan {near}?" if near else f"for a day: plan for {words[0]}",
        )
    return await PROPOSE.run(ctx, parse(PROPOSE, words), io)


COMMAND = Command(
    name="plan",
    summary="propose a day out of tasks and calendar, and apply it",
    args=PlanArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.EITHER,
    writes=Shape.BYTES,
    group="Notes and tasks",
    parts=PARTS,
    description="""
A plan is a text: keep it in a file, change it as you like, look at what it would do, apply it. Nothing is
changed before that, and `undo` takes all of it back. The rules stand in the config:

  [plan]
  hours = "09:00-18:00"     working hours
  days = "mon-fri"          of a week; a day asked for alone is planned, too
  peak = "09:00-12:00"      when long and important work is best done
  lunch = "12:30-13:00"     what stays free for it, or "none"
  focus = "5h"              how much of that a day bears
  buffer = "10m"            free before and after an event
  pause = "10m"             free after each block
  longest = "90m"           a block; what takes longer is split
  shortest = "25m"          a part of it
  usual = "45m"             a task without an estimate
""",
    examples=(
        Example("plan today", "what this day could be"),
        Example("plan today > /tmp/today.md && plan diff /tmp/today.md", "what applying it would change"),
    ),
)
