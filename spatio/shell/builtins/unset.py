"""unset: forgets variables and functions."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.report import report
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.flow import ShellError


class Args(Arguments):
    names: list[str] = operand(
        "NAME", many=True, required=False, complete=Complete.VARIABLE, help="the names"
    )
    functions: bool = switch("-f", help="functions only")
    variables: bool = switch("-v", help="variables only")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    status = 0
    for name in args.names:
        if args.functions or (
            not args.variables and name not in shell.vars.values and name in shell.functions
        ):
            shell.functions.pop(name, None)
            continue
        try:
            shell.vars.unset(name)
        except ShellError as wrong:
            status = await report(io, "unset", Failure(str(wrong)))
    return status


COMMAND = Command(
    "unset",
    "forget variables and functions",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("x=1; unset x; echo ${x:-gone}", "it has no value any more", "gone\n"),),
)
