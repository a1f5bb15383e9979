"""calendar move: an event to another time."""

from __future__ import annotations

from datetime import datetime, timedelta

from commands.calendaring.acting import ScopeArguments, done, overlaps, scope_of, scope_words, untold
from commands.calendaring.events import Event, clock, find_event, when_words
from commands.calendaring.schedule import ends, is_said
from commands.command import Command, Complete, Context, Example, Shape, Usage, operand, option
from commands.dates import midnight
from commands.phrases.asking import ask_when
from commands.phrases.duration import read_length
from commands.phrases.when import When
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.visible import visible_line


class MoveArguments(ScopeArguments):
    event: str = operand("EVENT", help="its path, or words of its title")
    words: list[str] = operand(
        "WHEN", many=True, required=False, complete=Complete.NOTHING, help="tomorrow 3pm, friday, 16:30"
    )
    lasts: timedelta | None = option("--for", kind=read_length, metavar="LENGTH", help="how long it is then")


async def run(ctx: Context, args: MoveArguments, io: Io) -> int:
    event = await find_event(ctx, args.event)
    if not args.words and args.lasts is None:
        raise Usage("when to?", hint=f"for example: calendar move {args.event} tomorrow 3pm")
    now = clock(ctx)
    start, end = event.start(now), event.end(now)
    before = when_words(event, now)
    target: tuple[Value, Value]
    if args.words:
        when = await ask_when(ctx, io, _with_day(" ".join(args.words), start))
        if when.rule:
            raise Usage("an event is moved to one time", hint="to let it come again: calendar edit --every")
        target = _target(event, when, args.lasts, now)
        await io.stderr.line(f"Understood: {when.understood}")
    else:
        target = (start, start + (args.lasts or end - start))
    scope = scope_of(args)
    moved = await done(ctx, event.path, "move", {"start": target[0], "end": target[1], "scope": scope})
    await overlaps(ctx, moved, io)
    await untold(moved, io)
    about = scope_words(event, scope)
    await io.stdout.line(
        f'Moved: "{visible_line(event.title)}" from {before} to {when_words(moved, now)}{about}'
    )
    return 0


def _with_day(phrase: str, start: datetime) -> str:
    """An hour alone is one of the day on which the event is; what names a day stays as it is."""
    days = [(start + timedelta(more)).date().isoformat() for more in (0, 1)]
    alone = all(is_said(f"{day} {phrase}", start) for day in days)
    return f"{days[0]} {phrase}" if alone else phrase


def _target(event: Event, when: When, lasts: timedelta | None, now: datetime) -> tuple[Value, Value]:
    """Where an event goes: a day without an hour keeps its hours, a moment keeps its length."""
    start, end = event.start(now), event.end(now)
    if when.end is not None or lasts is not None:
        return ends(when, lasts)
    if isinstance(when.start, datetime):
        return when.start, when.start + (end - start if not event.all_day else timedelta(hours=1))
    if event.all_day:
        days = max((end.date() - start.date()).days, 1)
        return when.start, when.start + timedelta(days)
    begins = midnight(when.start, now).replace(hour=start.hour, minute=start.minute)
    return begins, begins + (end - start)


COMMAND = Command(
    name="calendar move",
    summary="an event to another time",
    args=MoveArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Calendar",
    description="""
A day without an hour keeps the hours; an hour without a day is on the day of the event, and without an end it
keeps the length. Of a series the one instance
is moved, unless --following or --all says otherwise.
""",
    examples=(
        Example("calendar move Mondhygiëniste 2031-05-20 9:00", "by a word of its title"),
        Example("calendar move 'Climbing with Oksana' --for 90m", "shorter, the next time"),
    ),
)
