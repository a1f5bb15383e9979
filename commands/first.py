"""first: the first records, or lines, and no more work than they need."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io


def count(word: str) -> int:
    """A number of records. Raises ValueError."""
    if not word.isdecimal():
        raise ValueError(f"must be a whole number from 0 on, but is '{word}'")
    return int(word)


class FirstArguments(Arguments):
    number: int = operand(
        "N", kind=count, required=False, default=1, help="how many (default 1)", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: FirstArguments, io: Io) -> int:
    left = args.number
    if left:
        async for batch in io.stdin.as_records():
            kept = batch[:left]
            await io.stdout.put(kept)
            left -= len(kept)
            if not left:
                break
    await io.stdin.leave()
    return 0


COMMAND = Command(
    name="first",
    summary="the first records or lines",
    args=FirstArguments,
    run=run,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Records",
    description="Whoever produces the rest is stopped.",
    examples=(
        Example("ls /tasks | where priority >= 2 | sort-by due | first 3", "the three most urgent tasks"),
        Example("seq 10 | first 2", "lines, too", "1\n2\n"),
    ),
)
