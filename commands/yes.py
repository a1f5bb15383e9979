"""yes: a line, again and again."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, operand
from commands.stream import BLOCK, Io, to_bytes
from vfs.drive import breathe


class Args(Arguments):
    OPTIONS_FIRST = True
    line: list[str] = operand(
        "WORD", many=True, required=False, help="y, if none is given", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    line = to_bytes(" ".join(args.line or ["y"]) + "\n")
    block = line * max(BLOCK // len(line), 1)
    while True:
        await io.stdout.write(block)
        await breathe()


COMMAND = Command(
    "yes",
    "print a line until nobody reads it",
    Args,
    run,
    group="Text",
    misuse=1,
    examples=[Example("yes | head -n 2", "twice", "y\ny\n")],
)
