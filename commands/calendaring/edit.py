"""calendar edit: what an event is called, where it is, what is said of it."""

from __future__ import annotations

from datetime import timedelta

from commands.calendaring.acting import ScopeArguments, done, scope_of, scope_words, untold
from commands.calendaring.events import clock, find_event, when_words
from commands.command import Command, Complete, Context, Example, Shape, Usage, operand, option, switch
from commands.phrases.duration import read_length
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.visible import visible_line


class EditArguments(ScopeArguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    title: str | None = option("--title", metavar="TEXT", help="what it is called")
    at: str | None = option("--at", metavar="PLACE", help="where it is; '' for nowhere")
    text: str | None = option("--text", metavar="TEXT", help="what else there is to say")
    people: list[str] = option(
        "--with", many=True, metavar="ADDRESS", help="who is to come besides", complete=Complete.ADDRESS
    )
    remind: list[timedelta] = option(
        "--remind", kind=read_length, many=True, metavar="LENGTH", help="so long before it"
    )
    free: bool = switch("--free", help="it takes none of your time")
    busy: bool = switch("--busy", help="it takes your time")


async def run(ctx: Context, args: EditArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    changes: dict[str, Value] = {"title": args.title, "location": args.at, "description": args.text}
    if args.people:
        changes["attendees"] = tuple(args.people)
    if args.remind:
        changes["remind"] = tuple([int(one.total_seconds()) // 60 for one in args.remind])
    if args.free or args.busy:
        changes["busy"] = args.busy
    if not any(value is not None for value in changes.values()):
        raise Usage("what is to change?", hint="for example: --title, --at, --text, --with; or: edit PATH")
    scope = scope_of(args)
    changed = await done(ctx, event.path, "change", {**changes, "scope": scope})
    await untold(changed, io)
    about = scope_words(event, scope)
    title = visible_line(changed.title)
    await io.stdout.line(f'Changed: "{title}" {when_words(changed, clock(ctx))}{about}')
    return 0


COMMAND = Command(
    name="calendar edit",
    summary="change what an event is called, where it is, who is to come",
    args=EditArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Calendar",
    description="To change when it is: calendar move. Its file is edited by `edit PATH`.",
    examples=(
        Example("calendar edit Mondhygiëniste --at 'Biltstraat 12' --remind 1h", "where, and a reminder"),
    ),
)
