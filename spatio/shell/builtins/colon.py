""":: does nothing, with success."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    return 0


COMMAND = Command(
    ":",
    "do nothing, with success",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example(": ${NAME:=Ada}; echo $NAME", "set a variable that is not set", "Ada\n"),),
)
