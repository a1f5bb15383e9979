"""last: the last records, or lines."""

from __future__ import annotations

from collections import deque

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.first import count
from commands.stream import Io, Record


class LastArguments(Arguments):
    number: int = operand(
        "N", kind=count, required=False, default=1, help="how many (default 1)", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: LastArguments, io: Io) -> int:
    kept: deque[Record] = deque(maxlen=args.number)
    async for batch in io.stdin.as_records():
        kept.extend(batch)
    await io.stdout.put(list(kept))
    return 0


COMMAND = Command(
    name="last",
    summary="the last records or lines",
    args=LastArguments,
    run=run,
    reads=Shape.EITHER,
    writes=Shape.RECORDS,
    group="Records",
    examples=(
        Example("note list | sort-by size | last 3", "the three longest notes"),
        Example("seq 10 | last 2", "lines, too", "9\n10\n"),
    ),
)
