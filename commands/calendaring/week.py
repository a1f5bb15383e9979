"""calendar week: a week as seven columns of events."""

from __future__ import annotations

from datetime import timedelta

from commands.calendaring.agenda import by_day, draw
from commands.calendaring.events import between, clock, record_of
from commands.calendaring.grid import draw_weeks
from commands.calendaring.spans import days, read_span
from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from vfs.action import Effect

NARROW = 100
"""Columns below which a week is a list."""
ROWS = 12


class WeekArguments(Arguments):
    words: list[str] = operand(
        "DAY",
        many=True,
        required=False,
        complete=Complete.NOTHING,
        help="any day of the week",
    )


async def run(ctx: Context, args: WeekArguments, io: Io) -> int:
    now = clock(ctx)
    day = read_span(args.words, now, "today").start.date()
    monday = day - timedelta(days=day.weekday())
    span = days(monday, 7, now)
    events = await between(ctx, *span)
    if not io.stdout.tty:
        await io.stdout.put([record_of(one, now) for one in events])
        return 0
    await io.stdout.paint([(f" Week {monday.isocalendar().week}, {monday:%B %Y}\n", "bold")])
    if io.stdout.width < NARROW:
        await draw(io, events, span, now)
        return 0
    await draw_weeks(io, [monday], dict(by_day(events, span, now)), now, rows=ROWS)
    return 0


COMMAND = Command(
    name="calendar week",
    summary="a week as seven columns; a list where the terminal is narrow",
    args=WeekArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    examples=(
        Example("calendar week", "this week"),
        Example("calendar week next monday", "the next one"),
    ),
)
