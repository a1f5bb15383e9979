"""status: the condition of the workspace, in a few lines."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.visible import visible_line


class StatusArguments(Arguments):
    pass


async def run(ctx: Context, args: StatusArguments, io: Io) -> int:
    facts = list(await ctx.services.settings.condition())
    if io.stdout.tty:
        room = max([len(name) for name, _ in facts], default=0)
        for name, value in facts:
            await io.stdout.paint([(f"{name:<{room}}  ", "bold"), (visible_line(value) + "\n", "")])
        return 0
    await io.stdout.put(
        [Record(one_line(f"{name}: {value}"), {"what": name, "value": value}) for name, value in facts]
    )
    return 0


COMMAND = Command(
    name="status",
    summary="where data and secrets lie, and what waits",
    args=StatusArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    examples=(Example("status", "the workspace at a glance"),),
)
