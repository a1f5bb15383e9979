"""command: a command, whatever functions have its name; or what a name stands for."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, operand, switch
from commands.stream import Io
from spatio.invoke import invoke
from spatio.shell.builtins import shell_of
from spatio.shell.builtins.type import described, kind_of
from spatio.status import Result


class Args(Arguments):
    OPTIONS_FIRST = True

    words: list[str] = operand(
        "WORD", many=True, required=False, complete=Complete.COMMAND, help="the command and its words"
    )
    name: bool = switch("-v", help="print how the name would be understood")
    verbose: bool = switch("-V", help="the same, in a sentence")
    path: bool = switch("-p", help="accepted")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    words = list(args.words)
    if not words:
        return 0
    if args.name or args.verbose:
        status = 0
        for word in words:
            kind = kind_of(shell, word)
            if not kind:
                status = 1
                if args.verbose:
                    await io.stderr.line(f"command: {word}: not found")
                continue
            shown = f"alias {word}='{shell.aliases[word]}'" if kind == "alias" else word
            await io.stdout.line(described(shell, word) if args.verbose else shown)
        return status
    found = await shell.find(words[0], io)
    return found if isinstance(found, Result) else await invoke(found, words[1:], ctx, io)


COMMAND = Command(
    "command",
    "run a command past a function of its name",
    Args,
    run,
    group="Shell",
    examples=(
        Example("command ls /notes", "ls itself, even when a function is called ls"),
        Example("command -v ls", "whether there is such a command", "ls\n"),
    ),
)
