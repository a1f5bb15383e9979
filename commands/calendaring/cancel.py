"""calendar cancel: takes events out of the calendar."""

from __future__ import annotations

from commands.calendaring.acting import ScopeArguments, scope_of, scope_words
from commands.calendaring.events import Event, clock, find_event, people, when_words
from commands.command import Command, Context, Example, Failure, Shape, operand
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.visible import visible_line


class CancelArguments(ScopeArguments):
    events: list[str] = operand("EVENT", many=True, help="its path, or words of its title")


async def run(ctx: Context, args: CancelArguments, io: Io) -> int:
    status = 0
    scope = scope_of(args)
    for word in args.events:
        try:
            event = await find_event(ctx, word)
            await ctx.tree.act(event.path, "cancel", {"scope": scope})
            await _say(ctx, event, scope, io)
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "calendar cancel", error))
    return status


async def _say(ctx: Context, event: Event, scope: str, io: Io) -> None:
    about = scope_words(event, scope)
    await io.stdout.line(f'Cancelled: "{visible_line(event.title)}" {when_words(event, clock(ctx))}{about}')
    invited = len(people(event.attrs))
    if invited:
        await io.stderr.line("Nobody was told of that; to write to them: mail send")


COMMAND = Command(
    name="calendar cancel",
    summary="take events out of the calendar",
    args=CancelArguments,
    run=run,
    effects=Effect.READ | Effect.DELETE,
    writes=Shape.BYTES,
    group="Calendar",
    description="Of a series the one instance is taken out, unless --following or --all says otherwise. "
    "`undo` brings it back.",
    examples=(
        Example("calendar cancel 'No meetings'", "the next one of a series"),
        Example("calendar cancel 'Paper bin' --all", "a whole series"),
    ),
)
