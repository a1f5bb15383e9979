"""continue: leaves the round of a loop."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.flow import Continue


class Args(Arguments):
    levels: int = operand("N", kind=int, required=False, default=1, help="how many loops, from the inside")


async def run(ctx: Context, args: Args, io: Io) -> int:
    loops = shell_of(ctx).runner.loops
    if args.levels < 1:
        raise Failure(f"N must be 1 or more, but is {args.levels}")
    if not loops:
        await io.stderr.line("continue: only meaningful in a loop")
        return 0
    raise Continue(0, min(args.levels, loops))


COMMAND = Command(
    "continue",
    "go on with the next round of the loop",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(
        Example("for i in 1 2 3; do test $i = 2 && continue; echo $i; done", "leave out what is not wanted"),
    ),
)
