"""trash: what was removed, and bringing it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from commands.command import Arguments, Command, Context, Example, Failure, Shape, Usage, operand
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.errors import NotFound, VfsError
from vfs.logged import Event
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line


class TrashArguments(Arguments):
    action: str = operand(
        "ACTION",
        required=False,
        default="list",
        choices=("list", "restore"),
        help="what to do (default: list)",
    )
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="what to bring back; with list: only what was below"
    )


async def run(ctx: Context, args: TrashArguments, io: Io) -> int:
    wanted = [ctx.resolve(word) for word in args.paths]
    if args.action == "list":
        return await _list(ctx, wanted, io)
    if not wanted:
        raise Usage("trash restore needs a PATH", hint="run: trash list")
    status = 0
    for path in wanted:
        try:
            await _restore(ctx, path, io)
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "trash", error))
    return status


async def _list(ctx: Context, wanted: Sequence[Path], io: Io) -> int:
    empty = True
    async for batch in _removed(ctx):
        kept = [item for item in batch if not wanted or any(item[1].is_under(path) for path in wanted)]
        empty = empty and not kept
        await io.stdout.put([_record(event, path) for event, path in kept])
    if empty:
        await io.stderr.line("the trash is empty" if not wanted else "nothing that was removed there is kept")
    return 0


async def _removed(ctx: Context) -> AsyncIterator[Sequence[tuple[Event, Path]]]:
    guard = ctx.tree.guard
    async for batch in ctx.services.history.trash():
        yield [item for item in batch if guard is None or guard.sees(item[1])]


def _record(event: Event, path: Path) -> Record:
    fields: dict[str, Value] = {
        "path": str(path),
        "removed": event.at,
        "actor": event.actor,
        "command": event.command,
        "event": event.seq,
    }
    return Record(" ".join(str(path).splitlines()), fields, path)


async def _restore(ctx: Context, path: Path, io: Io) -> None:
    """Brings back what stood at `path` last. Raises NotFound, Failure."""
    async for batch in _removed(ctx):
        for event, removed in batch:
            if removed != path:
                continue
            undone = await ctx.services.history.undo(event=event.seq, change_line=f"trash restore {path}")
            for left, reason in undone.skipped:
                raise Failure(f"{left}: cannot be brought back: {reason}")
            await io.stderr.line(f"Restored {visible_line(str(path))}")
            return
    raise NotFound(path, "not in the trash", hint="run: trash list")


COMMAND = Command(
    name="trash",
    summary="list what was removed, and bring it back",
    args=TrashArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.RECORDS,
    group="Workspace",
    examples=(
        Example("trash", "what was removed, the latest first"),
        Example("trash list /notes | first 5", "the last five notes that were removed"),
    ),
)
