"""history: what was changed, when, by whom and by which command."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, option
from commands.first import count
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.logged import Event
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line

SHOWN = 20
"""Events on a terminal without `-n`."""


class HistoryArguments(Arguments):
    path: str | None = operand("PATH", required=False, help="only changes at or below PATH")
    number: int | None = option(
        "-n", "--number", kind=count, metavar="N", help="the last N changes (default 20; all in a pipe)"
    )
    command: str | None = option(
        "--command", metavar="ID", help="only what one command did", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: HistoryArguments, io: Io) -> int:
    under = ctx.tree.real(ctx.resolve(args.path)) if args.path is not None else None
    limit = args.number if args.number is not None else SHOWN if io.stdout.tty else None
    shown = 0
    any_seen = False
    more = False
    async for events in ctx.services.history.events(under=under, command_id=args.command):
        visible = [event for event in events if _sees(ctx, event)]
        any_seen = any_seen or bool(visible)
        batch = visible if limit is None else visible[: limit - shown]
        shown += len(batch)
        await io.stdout.put([record_of(event) for event in batch])
        more = len(batch) < len(visible)
        if limit is not None and shown >= limit:
            break
    if more and args.number is None:
        await io.stderr.line(f"the last {shown} changes are shown; -n N shows more")
    if not any_seen:
        await io.stderr.line(
            "nothing has changed yet"
            if under is None
            else f"nothing has changed at {visible_line(str(under))}"
        )
    return 0


def _sees(ctx: Context, event: Event) -> bool:
    guard = ctx.tree.guard
    return guard is None or (guard.sees(event.path) and (event.target is None or guard.sees(event.target)))


def record_of(event: Event) -> Record:
    """An event as a record; its line has the event, the time, what was done, and the command."""
    where = str(event.path) if event.target is None else f"{event.path} -> {event.target}"
    at = event.at.isoformat(timespec="seconds")
    line = f"{event.seq}\t{at}\t{event.op}\t{where}\t{event.actor}\t{event.command}"
    fields: dict[str, Value] = {
        "event": event.seq,
        "at": event.at,
        "op": event.op,
        "path": str(event.path),
        "target": None if event.target is None else str(event.target),
        "actor": event.actor,
        "command": event.command,
        "command_id": event.command_id,
        "before": event.before,
        "after": event.after,
    }
    return Record(" ".join(line.splitlines()), fields, _entry(event))


def _entry(event: Event) -> Path:
    return event.path if event.target is None else event.target


COMMAND = Command(
    name="history",
    summary="what was changed, by whom and when",
    args=HistoryArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    description="The newest change comes first. `undo --event N` takes one of them back.",
    examples=(
        Example("history", "the last changes"),
        Example("history /notes -n 5", "the last five below /notes"),
        Example("history | where op == remove | select at path", "what was removed"),
    ),
)
