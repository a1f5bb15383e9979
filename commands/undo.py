"""undo: the last command's changes, or one of them, taken back."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, option
from commands.render import fit
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.errors import Conflict
from vfs.logged import Undone
from vfs.visible import visible_line

LONGEST = 100
"""Columns of the line that is named."""


class UndoArguments(Arguments):
    event: int | None = option(
        "--event", "-e", kind=int, metavar="N", help="take back one event of `history` instead"
    )


async def run(ctx: Context, args: UndoArguments, io: Io) -> int:
    line = "undo" if args.event is None else f"undo --event {args.event}"
    return await tell(io, "undo", await ctx.services.history.undo(event=args.event, change_line=line))


async def tell(io: Io, name: str, undone: Undone) -> int:
    """Says what an undo or redo did; 1 when something could not be restored."""
    paths = list(dict.fromkeys(undone.paths))
    if not io.stdout.tty:
        await io.stdout.put(
            [Record(" ".join(str(path).splitlines()), {"path": str(path)}, path) for path in paths]
        )
    done = {"undo": "Undone", "redo": "Done again"}[name]
    number = len(paths)
    what = f"{number:,} {'entry' if number == 1 else 'entries'}"
    await io.stderr.line(f"{done}: {fit(visible_line(undone.command), LONGEST)} ({what})")
    for path, reason in undone.skipped:
        await report(io, name, Conflict(path, f"left as it is: {reason}"))
    return 1 if undone.skipped else 0


COMMAND = Command(
    name="undo",
    summary="take back the last command that changed something",
    args=UndoArguments,
    run=run,
    effects=Effect.WRITE | Effect.DELETE,
    writes=Shape.RECORDS,
    group="Workspace",
    description="""
All that one line changed is taken back together; again, and the line before it is. What has been
changed since by somebody else is left as it is and named. `redo` does it again.
""",
    examples=(
        Example("undo", "take back the last command"),
        Example("history /notes -n 1", "the event to take back"),
    ),
)
