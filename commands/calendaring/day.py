"""calendar day: a day by the hour, with what overlaps side by side, and what is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from commands.calendaring.agenda import line_of
from commands.calendaring.events import Event, between, clock, day_words, record_of
from commands.calendaring.spans import days, read_span
from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.render import fit
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line

FIRST, LAST = 8, 18
"""Hours that are drawn in any case."""
STEP = timedelta(minutes=30)


class DayArguments(Arguments):
    words: list[str] = operand(
        "DAY", many=True, required=False, complete=Complete.NOTHING, help="today by default: tomorrow, friday"
    )


async def run(ctx: Context, args: DayArguments, io: Io) -> int:
    now = clock(ctx)
    day = read_span(args.words, now, "today").start.date()
    span = days(day, 1, now)
    events = await between(ctx, *span)
    if not io.stdout.tty:
        await io.stdout.put([record_of(one, now) for one in events])
        return 0
    await io.stdout.paint([(f" {day_words(day)}\n", "bold")])
    for event in events:
        if event.all_day:
            await io.stdout.paint(line_of(event, day, now, io.stdout.width))
    hours = [one for one in events if not one.all_day]
    await _draw(io, hours, span.start, span.end, now)
    return 0


async def _draw(io: Io, events: Sequence[Event], start: datetime, end: datetime, now: datetime) -> None:
    """A line each half hour. A line is `14:00 |` and what begins then; a bar stands for what goes on."""
    first = min([FIRST, *[max(one.start(now), start).hour for one in events]])
    lanes = _lanes(events, now)
    at = start + timedelta(hours=first)
    final = max([start + timedelta(hours=LAST), *[min(one.end(now), end) for one in events]])
    told = start + timedelta(hours=first)
    while at < final:
        spans = [(f" {at:%H:%M} " if not at.minute else "       ", "dim")]
        starting = []
        for lane in lanes:
            going = next((one for one in lane if one.start(now) < at + STEP and one.end(now) > at), None)
            spans.append(("│ " if going is not None else "  ", "cyan" if going and going.busy else "dim"))
            if going is not None and (going.start(now) >= at or at == told):
                starting.append(going)
        room = max(io.stdout.width - 8 - 2 * len(lanes), 12)
        text = "; ".join([_said(one, now) for one in starting])
        here = " <" if at <= now < at + STEP else ""
        await io.stdout.paint([*spans, (fit(text, room - 2), ""), (here, "bold"), ("\n", "")])
        at += STEP


def _said(event: Event, now: datetime) -> str:
    return f"{visible_line(event.title)} {event.start(now):%H:%M}-{event.end(now):%H:%M}"


def _lanes(events: Sequence[Event], now: datetime) -> list[list[Event]]:
    """Events side by side: each in the first lane that is free when it begins."""
    lanes: list[list[Event]] = []
    for event in events:
        for lane in lanes:
            if lane[-1].end(now) <= event.start(now):
                lane.append(event)
                break
        else:
            lanes.append([event])
    return lanes


COMMAND = Command(
    name="calendar day",
    summary="a day by the hour",
    args=DayArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    examples=(
        Example("calendar day", "today"),
        Example("calendar day tomorrow", "the next day"),
    ),
)
