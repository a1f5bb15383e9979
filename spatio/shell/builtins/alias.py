"""alias: other names for the beginnings of lines."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, operand
from commands.report import report
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.quoting import quote


class Args(Arguments):
    names: list[str] = operand(
        "NAME[=TEXT]", many=True, required=False, help="an alias to define, or to show; nothing shows all"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    aliases = shell_of(ctx).aliases
    status = 0
    for word in args.names or [*sorted(aliases)]:
        name, equals, text = word.partition("=")
        if equals and name:
            aliases[name] = text
        elif name in aliases:
            await io.stdout.line(f"alias {name}={quote(aliases[name], always=True)}")
        else:
            status = await report(io, "alias", Failure(f"{name}: not found"))
    return status


COMMAND = Command(
    "alias",
    "give the beginning of a line another name",
    Args,
    run,
    group="Shell",
    examples=(
        Example("alias todo='ls /tasks'", "define one, from the next line on"),
        Example("alias", "show all"),
    ),
)
