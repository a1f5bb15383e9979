"""rmdir: removes empty folders."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand, switch
from commands.entry import above, is_mount, place
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import NotADirectory, NotEmpty, VfsError
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="the folders to remove")
    parents: bool = switch("-p", "--parents", help="then those above it, as they become empty")
    verbose: bool = switch("-v", "--verbose", help="say what is removed")
    forgiving: bool = switch("--ignore-fail-on-non-empty", help="pass over folders that are not empty")


async def run(ctx: Context, args: Args, io: Io) -> int:
    status = 0
    for word in args.paths:
        try:
            path = place(ctx, word)
            for folder in _chain(path, word) if args.parents else [path]:
                if args.verbose:
                    shown = above(word, len(path.parts) - len(folder.parts))
                    await io.stdout.line(f"rmdir: removing directory, '{shown}'")
                if is_mount(ctx.tree, folder):
                    raise NotEmpty(folder, "something is mounted here")
                if not (await ctx.tree.stat(folder)).is_folder:
                    raise NotADirectory(folder)
                await ctx.tree.remove(folder)
        except NotEmpty as error:
            if not args.forgiving:
                status = max(status, await report(io, "rmdir", error))
        except VfsError as error:
            status = max(status, await report(io, "rmdir", error))
    return status


def _chain(path: Path, word: str) -> list[Path]:
    """The folder and those above it that the word names, innermost first."""
    named = len([name for name in word.split("/") if name not in ("", ".", "..")])
    base = 0 if word.startswith("/") else max(len(path.parts) - named, 0)
    return [Path(path.parts[:length]) for length in range(len(path.parts), base, -1)]


COMMAND = Command(
    "rmdir",
    "remove empty folders",
    Args,
    run,
    effects=Effect.DELETE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[Example("mkdir /files/empty && rmdir /files/empty", "one folder, when nothing is in it")],
)
