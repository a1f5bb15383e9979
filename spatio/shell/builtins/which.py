"""which: whether there is a command of a name."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.builtins.type import described, kind_of


class Args(Arguments):
    names: list[str] = operand("NAME", many=True, complete=Complete.COMMAND, help="the names")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    status = 0
    for name in args.names:
        if kind_of(shell, name):
            await io.stdout.line(described(shell, name))
        else:
            near = ctx.services.commands.nearest(name)
            await io.stderr.line(f"which: no {name}" + (f"\n  did you mean {near}?" if near else ""))
            status = 1
    return status


COMMAND = Command(
    "which",
    "tell whether there is a command of a name",
    Args,
    run,
    group="Shell",
    examples=(Example("which grep", "is there a grep?", "grep is a shell builtin\n"),),
)
