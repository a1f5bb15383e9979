"""unalias: forgets aliases."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand, switch
from commands.report import report
from commands.stream import Io
from spatio.shell.builtins import shell_of


class Args(Arguments):
    names: list[str] = operand("NAME", many=True, required=False, help="the aliases")
    all: bool = switch("-a", help="all of them")


async def run(ctx: Context, args: Args, io: Io) -> int:
    aliases = shell_of(ctx).aliases
    if args.all:
        aliases.clear()
    status = 0
    for name in args.names:
        if aliases.pop(name, None) is None and not args.all:
            status = await report(io, "unalias", Failure(f"{name}: not found"))
    return status


COMMAND = Command(
    "unalias",
    "forget aliases",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("unalias -a", "forget all of them"),),
)
