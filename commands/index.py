"""index: checking that the search index agrees with the data, and building it anew."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class IndexArguments(Arguments):
    action: str = operand(
        "ACTION", choices=("check", "rebuild"), help="what to do", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: IndexArguments, io: Io) -> int:
    if args.action == "rebuild":
        count = await ctx.services.indexing.rebuild()
        await io.stdout.line(f"indexed {count:,} {'entry' if count == 1 else 'entries'}")
        return 0
    wrong = await ctx.services.indexing.check()
    for line in wrong:
        await io.stdout.line(visible_line(line))
    await io.stderr.line("run: index rebuild" if wrong else "the index agrees with the data")
    return 1 if wrong else 0


COMMAND = Command(
    name="index",
    summary="check the search index, or build it anew",
    args=IndexArguments,
    run=run,
    effects=Effect.WRITE,
    writes=Shape.BYTES,
    group="Finding",
    description="`index check` prints what disagrees and ends with 1 where something does.",
    examples=(
        Example("index check", "does the index agree with the data?"),
        Example("index rebuild", "index everything again"),
    ),
)
