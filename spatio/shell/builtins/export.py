"""export: variables for the commands to come; with a folder, the user's data as plain files."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from commands.command import Arguments, Command, Complete, Context, Example, operand, switch
from commands.stream import Io
from spatio.invoke import invoke
from spatio.session import Session
from spatio.shell.builtins import shell_of
from spatio.shell.declaring import declared
from spatio.shell.quoting import quote


class Args(Arguments):
    RAW = True
    names: list[str] = operand(
        "NAME[=VALUE]", many=True, required=False, complete=Complete.VARIABLE, help="the variables"
    )
    show: bool = switch("-p", help="show them all")
    undo: bool = switch("-n", help="do not export them any more")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    words = [word for word in args.words if word not in {"-p", "-n", "--"}]
    if _is_folder(args.words):
        command = import_module("commands.export").COMMAND
        return await invoke(command, args.words, ctx, io)
    if not words:
        return await _show(shell, io)
    variables = shell.vars

    def share(name: str, value: str | None) -> None:
        if value is not None:
            variables.set(name, value)
        if "-n" in args.words:
            variables.exported.discard(name)
        else:
            variables.exported.add(name)

    return await declared("export", words, variables, io, share)


def _is_folder(words: Sequence[str]) -> bool:
    """Whether the data is meant: a word that is a path, or an option of that command."""
    return any(
        ("/" in word.partition("=")[0] or word.startswith("."))
        or (word.startswith("-") and word not in {"-p", "-n", "--"})
        for word in words
    )


async def _show(shell: Session, io: Io) -> int:
    for name in sorted(shell.vars.exported):
        value = shell.vars.get(name)
        await io.stdout.line(f"export {name}" + ("" if value is None else f"={quote(value)}"))
    return 0


COMMAND = Command(
    "export",
    "share variables with commands, or export all data to a folder",
    Args,
    run,
    group="Shell",
    description="""\
With NAME or NAME=VALUE: the variables go to every command to come. With a folder of the host (a word
with a `/`): all of your data goes there as plain files and JSON.""",
    examples=(
        Example("export EDITOR=nano", "share a variable"),
        Example("export ./backup", "all data, into a folder of the host"),
    ),
)
