"""true: does nothing, and succeeds."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    return 0


COMMAND = Command(
    "true",
    "do nothing and succeed",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Text",
    examples=[Example("true && echo yes", "the status is 0", "yes\n")],
)
