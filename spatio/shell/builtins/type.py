"""type: what a name stands for."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Failure, operand, switch
from commands.report import report
from commands.stream import Io
from spatio.session import Session
from spatio.shell.builtins import shell_of
from spatio.shell.parser import RESERVED


class Args(Arguments):
    names: list[str] = operand("NAME", many=True, complete=Complete.COMMAND, help="the names")
    kind: bool = switch("-t", help="one word only: alias, keyword, function, builtin")
    path: bool = switch("-p", help="accepted; no command is a file")
    all: bool = switch("-a", help="accepted")


def kind_of(shell: Session, name: str) -> str:
    """`alias`, `keyword`, `function`, `builtin`, or "" when nothing has the name."""
    if name in shell.aliases:
        return "alias"
    if name in RESERVED:
        return "keyword"
    if name in shell.functions:
        return "function"
    try:
        return "builtin" if shell.services.commands.find(name) is not None else ""
    except Failure:
        return ""


def described(shell: Session, name: str) -> str:
    """The answer in a sentence."""
    kind = kind_of(shell, name)
    if kind == "alias":
        return f"{name} is aliased to `{shell.aliases[name]}'"
    if kind == "function":
        return f"{name} is a function"
    return f"{name} is a shell {kind}"


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    status = 0
    for name in args.names:
        kind = kind_of(shell, name)
        if not kind:
            status = 1 if args.kind else await report(io, "type", Failure(f"{name}: not found"))
        elif not args.path:
            await io.stdout.line(kind if args.kind else described(shell, name))
    return status


COMMAND = Command(
    "type",
    "tell what a name stands for",
    Args,
    run,
    group="Shell",
    examples=(Example("type cd", "a command, a function, an alias?", "cd is a shell builtin\n"),),
)
