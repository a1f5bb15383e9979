"""false: does nothing, and fails."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    return 1


COMMAND = Command(
    "false",
    "do nothing and fail",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Text",
    examples=[Example("false || echo yes", "the status is 1", "yes\n")],
)
