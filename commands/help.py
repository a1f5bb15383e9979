"""help: all commands under their headings, or one of them."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand
from commands.helptext import help_text, overview
from commands.registry import narrowed
from commands.report import report
from commands.stream import Io


class HelpArguments(Arguments):
    names: list[str] = operand(
        "COMMAND", many=True, required=False, help="the command to explain", complete=Complete.COMMAND
    )


async def run(ctx: Context, args: HelpArguments, io: Io) -> int:
    commands = ctx.services.commands
    if not args.names:
        found = []
        for name in commands.names():
            try:
                command = commands.find(name)
            except Failure as broken:
                await report(io, "help", broken)
                continue
            if command is not None:
                found.append(command)
        await io.stdout.text(overview(found))
        return 0
    status = 0
    for at, (name, part) in enumerate(_asked(ctx, args.names)):
        command = commands.find(name)
        if command is None:
            near = commands.nearest(name)
            hint = f"did you mean {near}?" if near else "run: help"
            status = await report(io, "help", Failure(f"{name}: no such command", hint=hint))
            continue
        shown, _ = narrowed(command, [part] if part else [])
        await io.stdout.text(("\n" if at else "") + help_text(shown))
    return status


def _asked(ctx: Context, words: Sequence[str]) -> list[tuple[str, str]]:
    """Commands, each with the subcommand that was named after it, or ""."""
    asked: list[tuple[str, str]] = []
    for word in words:
        before = ctx.services.commands.find(asked[-1][0]) if asked and not asked[-1][1] else None
        if before is not None and word in before.parts:
            asked[-1] = (asked[-1][0], word)
        else:
            asked.append((word, ""))
    return asked


COMMAND = Command(
    name="help",
    summary="list all commands, or explain one",
    args=HelpArguments,
    run=run,
    writes=Shape.BYTES,
    group="Shell",
    examples=(
        Example("help", "every command in a line"),
        Example("help where", "one of them, with examples"),
    ),
)
