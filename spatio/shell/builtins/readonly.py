"""readonly: variables that do not change any more."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, operand, switch
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.declaring import declared
from spatio.shell.quoting import quote


class Args(Arguments):
    names: list[str] = operand(
        "NAME[=VALUE]", many=True, required=False, complete=Complete.VARIABLE, help="the variables"
    )
    show: bool = switch("-p", help="show them all")


async def run(ctx: Context, args: Args, io: Io) -> int:
    variables = shell_of(ctx).vars
    if not args.names:
        for name in sorted(variables.readonly):
            value = variables.get(name)
            await io.stdout.line(f"readonly {name}" + ("" if value is None else f"={quote(value)}"))
        return 0

    def freeze(name: str, value: str | None) -> None:
        if value is not None:
            variables.set(name, value)
        variables.readonly.add(name)

    return await declared("readonly", args.names, variables, io, freeze)


COMMAND = Command(
    "readonly",
    "keep variables from changing",
    Args,
    run,
    group="Shell",
    examples=(Example("readonly LIMIT=3", "a constant"),),
)
