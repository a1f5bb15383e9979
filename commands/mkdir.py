"""mkdir: makes folders."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.entry import above, place
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import NotFound, VfsError
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="the folders to make")
    parents: bool = switch("-p", "--parents", help="those above, too; content when they exist")
    verbose: bool = switch("-v", "--verbose", help="say what was made")
    mode: str | None = option("-m", "--mode", metavar="MODE", help="accepted; entries have no mode here")


async def run(ctx: Context, args: Args, io: Io) -> int:
    status = 0
    for word in args.paths:
        try:
            path = place(ctx, word)
            made = await _missing(ctx, path) if args.parents and args.verbose else [path]
            await ctx.tree.mkdir(path, parents=args.parents)
            if args.verbose:
                for each in made:
                    shown = above(word, len(path.parts) - len(each.parts))
                    await io.stdout.line(f"mkdir: created directory '{shown}'")
        except VfsError as error:
            status = max(status, await report(io, "mkdir", error))
    return status


async def _missing(ctx: Context, path: Path) -> list[Path]:
    """The folders that `-p` is about to make, outermost first."""
    missing: list[Path] = []
    while path.parts:
        try:
            await ctx.tree.stat(path)
            break
        except NotFound:
            missing.append(path)
            path = path.parent
    return missing[::-1]


COMMAND = Command(
    "mkdir",
    "make folders",
    Args,
    run,
    effects=Effect.WRITE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[
        Example("mkdir /files/invoices", "one folder"),
        Example("mkdir -p /files/2024/january", "with those above it, as far as they are missing"),
    ],
)
