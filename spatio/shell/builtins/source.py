"""source: a file of shell, run in this shell."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.flow import Return
from spatio.shell.inner import run_text
from vfs.action import Effect

LARGEST = 16 * 1024 * 1024


class Args(Arguments):
    OPTIONS_FIRST = True

    file: str = operand("FILE", complete=Complete.PATH, help="a script in the tree")
    args: list[str] = operand("ARG", many=True, required=False, help="what $1, $2, … are meanwhile")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    text = (await ctx.tree.read(shell.resolve(args.file), limit=LARGEST)).decode("utf-8", "surrogateescape")
    before = shell.vars.args
    if args.args:
        shell.vars.args = list(args.args)
    shell.sourcing += 1
    try:
        return await run_text(shell, text, io, name=args.file)
    except Return as leaving:
        return leaving.status
    finally:
        shell.sourcing -= 1
        if args.args:
            shell.vars.args = before


COMMAND = Command(
    "source",
    "run a script in this shell",
    Args,
    run,
    effects=Effect.READ,
    also=(".",),
    group="Shell",
    examples=(Example("source /files/setup.spatio", "its functions and variables stay"),),
)
