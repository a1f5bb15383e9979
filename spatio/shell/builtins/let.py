"""let: arithmetic as a command."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Shape, Usage
from commands.stream import Io
from spatio.shell.arithmetic import calculate
from spatio.shell.builtins import shell_of
from spatio.shell.flow import ShellError


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    if not args.words:
        raise Usage("an expression is missing", hint="let 'n = n + 1'")
    number = 0
    try:
        for word in args.words:
            number = calculate(word, shell_of(ctx).vars)
    except ShellError as wrong:
        raise Failure(str(wrong)) from None
    return int(number == 0)


COMMAND = Command(
    "let",
    "calculate; the status is 1 when the result is 0",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("let 'n = 6 * 7'; echo $n", "into a variable", "42\n"),),
)
