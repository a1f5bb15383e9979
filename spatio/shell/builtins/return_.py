"""return: ends a function or a sourced file."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.flow import Return
from spatio.status import MISUSED


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    if not shell.vars.scopes and not shell.sourcing:
        await io.stderr.line("return: only works in a function or a sourced file")
        return MISUSED
    if not args.words:
        raise Return(int(shell.last_status))
    word = args.words[0]
    if not word.removeprefix("-").isdecimal():
        await io.stderr.line(f"return: {word}: numeric argument required")
        raise Return(MISUSED)
    raise Return(int(word) & 0xFF)


COMMAND = Command(
    "return",
    "end a function, with a status",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("f() { return 3; }; f; echo $?", "a status of one's own", "3\n"),),
)
