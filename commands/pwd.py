"""pwd: where we are."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, switch
from commands.stream import Io


class Args(Arguments):
    logical: bool = switch("-L", "--logical", help="accepted; there are no links here")
    physical: bool = switch("-P", "--physical", help="accepted; there are no links here")


async def run(ctx: Context, args: Args, io: Io) -> int:
    await io.stdout.line(str(ctx.cwd))
    return 0


COMMAND = Command(
    "pwd",
    "print the current folder",
    Args,
    run,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[Example("pwd", "the current folder")],
)
