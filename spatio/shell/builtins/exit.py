"""exit: ends the shell."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.flow import Exit
from spatio.status import MISUSED


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    if not args.words:
        raise Exit(int(shell.last_status))
    word = args.words[0]
    if not word.removeprefix("-").isdecimal():
        await io.stderr.line(f"exit: {word}: numeric argument required")
        raise Exit(MISUSED)
    if len(args.words) > 1:
        await io.stderr.line("exit: too many arguments")
        return 1
    raise Exit(int(word) & 0xFF)


COMMAND = Command(
    "exit",
    "end the shell, with a status",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("exit 3", "end a script with the status 3"),),
)
