"""clear: an empty terminal."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io


class ClearArguments(Arguments):
    pass


async def run(ctx: Context, args: ClearArguments, io: Io) -> int:
    await io.stdout.clear()
    return 0


COMMAND = Command(
    name="clear",
    summary="clear the terminal",
    args=ClearArguments,
    run=run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("clear", "an empty screen; nothing at all where output is no terminal"),),
)
