"""shift: drops the first arguments."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of


class Args(Arguments):
    count: int = operand("N", kind=int, required=False, default=1, help="how many")


async def run(ctx: Context, args: Args, io: Io) -> int:
    variables = shell_of(ctx).vars
    if not 0 <= args.count <= len(variables.args):
        return 1
    variables.args = variables.args[args.count :]
    return 0


COMMAND = Command(
    "shift",
    "drop the first arguments",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("set -- a b c; shift; echo $1", "the second is now the first", "b\n"),),
)
