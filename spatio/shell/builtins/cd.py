"""cd: moves to another folder."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.stream import Io
from spatio.shell.builtins import shell_of
from vfs.action import Effect
from vfs.errors import NotADirectory


class Args(Arguments):
    folder: str | None = operand(
        "FOLDER", required=False, complete=Complete.FOLDER, help="where to; - is the folder before, nothing ~"
    )
    logical: bool = switch("-L", help="accepted; there are no symbolic links to follow")
    physical: bool = switch("-P", help="accepted; there are no symbolic links to follow")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    word = args.folder
    if word is None:
        word = shell.vars.get("HOME") or "/"
    elif word == "":
        return 0
    before = word == "-"
    if before:
        word = shell.vars.get("OLDPWD") or ""
        if not word:
            raise Failure("OLDPWD not set", hint="cd - goes back to where the last cd came from")
    path = shell.resolve(word)
    if not (await ctx.tree.stat(path)).is_folder:
        raise NotADirectory(path)
    shell.change_folder(path)
    if before:
        await io.stdout.line(str(path))
    return 0


COMMAND = Command(
    "cd",
    "move to another folder",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Files",
    examples=(
        Example("cd /notes", "move there"),
        Example("cd /notes; cd ..; pwd", "move up again", "/\n"),
        Example("cd -", "back to the folder before"),
    ),
)
