"""calendar month: a month as a table of days."""

from __future__ import annotations

from datetime import timedelta

from commands.calendaring.agenda import by_day
from commands.calendaring.events import between, clock, record_of
from commands.calendaring.grid import draw_weeks
from commands.calendaring.spans import days, read_span
from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from vfs.action import Effect

ROWS = 4


class MonthArguments(Arguments):
    words: list[str] = operand(
        "MONTH", many=True, required=False, complete=Complete.NOTHING, help="2026-12, december, 'next month'"
    )


async def run(ctx: Context, args: MonthArguments, io: Io) -> int:
    now = clock(ctx)
    first = read_span(args.words, now, "month").start.date().replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(1)
    if not io.stdout.tty:
        span = days(first, last.day, now)
        await io.stdout.put([record_of(one, now) for one in await between(ctx, *span)])
        return 0
    monday = first - timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    span = days(monday, weeks * 7, now)
    found = dict(by_day(await between(ctx, *span), span, now))
    await io.stdout.paint([(f" {first:%B %Y}\n", "bold")])
    mondays = [monday + timedelta(weeks=at) for at in range(weeks)]
    await draw_weeks(io, mondays, found, now, rows=ROWS, month=first.month)
    return 0


COMMAND = Command(
    name="calendar month",
    summary="a month as a table of days",
    args=MonthArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    examples=(
        Example("calendar month", "this month"),
        Example("calendar month next month", "the next one"),
    ),
)
