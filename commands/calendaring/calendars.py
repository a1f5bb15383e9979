"""calendar calendars: which calendars there are."""

from __future__ import annotations

from commands.calendaring.events import CALENDAR
from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.errors import NotFound
from vfs.node import Value
from vfs.path import Path


class CalendarsArguments(Arguments):
    pass


async def run(ctx: Context, args: CalendarsArguments, io: Io) -> int:
    for folder in await _folders(ctx):
        async for page in ctx.tree.list(folder):
            rows = []
            for node in page:
                if node.is_folder:
                    path = folder.child(node.name)
                    count = 0
                    async for inner in ctx.tree.list(path):
                        count += len(inner)
                    fields: dict[str, Value] = {"name": node.name, "events": count, "path": str(path)}
                    rows.append(Record(f"{node.name}\t{count}\t{path}", fields, path))
            await io.stdout.put(rows)
    return 0


async def _folders(ctx: Context) -> list[Path]:
    """Where calendars lie: in the one mount, or in each of several accounts."""
    mounts = [mount.path for mount in ctx.tree.mounts.below(CALENDAR) if ctx.tree.sees(mount.path)]
    found = []
    for path in mounts or [CALENDAR]:
        try:
            if await ctx.tree.is_folder(path.child("calendars")):
                found.append(path.child("calendars"))
        except NotFound:
            continue
    return found


COMMAND = Command(
    name="calendar calendars",
    summary="which calendars there are, and how much is in them",
    args=CalendarsArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    description="`mkdir /calendar/calendars/NAME` makes another one.",
    examples=(Example("calendar calendars", "all of them"),),
)
