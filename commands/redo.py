"""redo: what was undone last, done again."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io
from commands.undo import tell
from vfs.action import Effect


class RedoArguments(Arguments):
    pass


async def run(ctx: Context, args: RedoArguments, io: Io) -> int:
    return await tell(io, "redo", await ctx.services.history.redo())


COMMAND = Command(
    name="redo",
    summary="do again what was undone last",
    args=RedoArguments,
    run=run,
    effects=Effect.WRITE | Effect.DELETE,
    writes=Shape.RECORDS,
    group="Workspace",
    description="Only right after `undo`: once something else is changed there is nothing to do again.",
    examples=(Example("undo && redo", "take back, and think better of it"),),
)
