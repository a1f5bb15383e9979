"""eval: its words as a line of shell."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.inner import run_text


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = args.words[1:] if args.words[:1] == ("--",) else args.words
    return await run_text(shell_of(ctx), " ".join(words), io)


COMMAND = Command(
    "eval",
    "run words as a line",
    Args,
    run,
    group="Shell",
    examples=(Example("line='echo a b | wc -w'; eval \"$line\"", "run what a variable holds", "2\n"),),
)
