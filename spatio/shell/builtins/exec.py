"""exec: redirects for good, or a last command."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example
from commands.stream import Io
from spatio.invoke import invoke
from spatio.shell.builtins import shell_of
from spatio.shell.flow import Exit
from spatio.status import Result


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    if not args.words:
        return 0
    found = await shell.find(args.words[0], io)
    raise Exit(found if isinstance(found, Result) else await invoke(found, args.words[1:], ctx, io))


COMMAND = Command(
    "exec",
    "redirect this shell for good, or end it with a command",
    Args,
    run,
    group="Shell",
    examples=(Example("exec > /tmp/log", "everything that follows goes to the file"),),
)
