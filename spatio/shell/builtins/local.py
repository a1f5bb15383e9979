"""local: variables of a function's own."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.declaring import declared


class Args(Arguments):
    names: list[str] = operand(
        "NAME[=VALUE]", many=True, required=False, complete=Complete.VARIABLE, help="the variables"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    variables = shell_of(ctx).vars

    def own(name: str, value: str | None) -> None:
        variables.local(name)
        if value is not None:
            variables.set(name, value)

    return await declared("local", args.names, variables, io, own)


COMMAND = Command(
    "local",
    "make variables a function's own",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("f() { local x=1; }; x=2; f; echo $x", "x outside stays as it is", "2\n"),),
)
