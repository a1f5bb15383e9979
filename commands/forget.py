"""forget: purging data for good, after a typed confirmation."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand, option
from commands.stream import Io
from vfs.action import Effect
from vfs.path import ROOT, Path
from vfs.visible import visible_line


class ForgetArguments(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, help="what is forgotten, with everything below it; / is everything"
    )
    confirm: str = option(
        "--confirm", metavar="WORDS", default="", help="the confirmation, for scripts: 'forget PATH...'"
    )


async def run(ctx: Context, args: ForgetArguments, io: Io) -> int:
    paths = [ctx.resolve(word) for word in args.paths]
    wanted = "forget " + " ".join([str(path) for path in paths])
    await _confirmed(ctx, args.confirm, wanted, paths, io)
    gone = 0
    for path in paths:
        gone += await ctx.services.history.forget(path)
    await io.stderr.line(f"Forgotten for good: {gone:,} {'entry' if gone == 1 else 'entries'}")
    return 0


async def _confirmed(ctx: Context, given: str, wanted: str, paths: list[Path], io: Io) -> None:
    """Returns when the very words were given or typed. Raises Failure (126)."""
    if ctx.tree.guard is not None:
        raise Failure("only the user may do this", status=126)
    if not given and ctx.interactive and io.stdin.tty:
        what = "EVERYTHING in this workspace" if ROOT in paths else ", ".join([str(path) for path in paths])
        await io.stderr.text(
            f"This purges {visible_line(what)} for good: contents, names, past versions, search index.\n"
            f"No undo brings it back. Type `{visible_line(wanted)}` to go on: "
        )
        given = (await io.stdin.readline()).decode("utf-8", "replace").strip()
    if not given:
        raise Failure(
            "this needs a typed confirmation", status=126, hint=f"run: forget ... --confirm '{wanted}'"
        )
    if given != wanted:
        raise Failure(f"not confirmed: '{wanted}' was expected; nothing is forgotten", status=126)


COMMAND = Command(
    name="forget",
    summary="purge data for good: contents, names, past versions",
    args=ForgetArguments,
    run=run,
    effects=Effect.DELETE,
    writes=Shape.NOTHING,
    group="Workspace",
    description="""
Unlike `rm`, which `undo` takes back, nothing is left but hashes in the log. The very words that are
asked for must be typed; a script gives them with --confirm.
""",
    examples=(
        Example(
            "forget /notes/gift-ideas.md --confirm 'forget /notes/gift-ideas.md'",
            "as if it had never been written",
        ),
    ),
)
