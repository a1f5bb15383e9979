"""calendar agenda: what happens, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from commands.calendaring.events import Event, between, clock, day_words, record_of
from commands.calendaring.spans import Span, read_span
from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, switch
from commands.render import fit
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line

_ANSWERS = {"needs-action": "not answered", "declined": "declined", "tentative": "maybe"}

TIMES = 13
"""Columns of `09:00-10:30  `."""


class AgendaArguments(Arguments):
    words: list[str] = operand(
        "PERIOD", many=True, required=False, complete=Complete.NOTHING,
        help="today, tomorrow, week (when there is none), month, 'next week', 2026-12",
    )  # fmt: skip
    busy: bool = switch("-b", "--busy", help="only what takes your time")


async def run(ctx: Context, args: AgendaArguments, io: Io) -> int:
    now = clock(ctx)
    span = read_span(args.words, now, "week")
    events = [one for one in await between(ctx, *span) if not args.busy or one.busy]
    if not io.stdout.tty:
        await io.stdout.put([record_of(one, now) for one in events])
    else:
        await draw(io, events, span, now)
    if not events:
        await io.stderr.line("Nothing is in the calendar then")
    return 0


async def draw(io: Io, events: Sequence[Event], span: Span, now: datetime) -> None:
    """The days on which something happens, each with its events."""
    for at, (day, some) in enumerate(by_day(events, span, now)):
        if at:
            await io.stdout.paint([("\n", "")])
        today = " today" if day == now.date() else ""
        await io.stdout.paint([(f"{day_words(day)}{today}\n", "bold")])
        for event in some:
            await io.stdout.paint(line_of(event, day, now, io.stdout.width))


def by_day(events: Sequence[Event], span: Span, now: datetime) -> list[tuple[date, list[Event]]]:
    """The events of each day of a span that has some; one over several days stands in each."""
    found: dict[date, list[Event]] = {}
    last_of_span = (span.end - timedelta(microseconds=1)).date()
    for event in events:
        day = max(event.start(now).date(), span.start.date())
        end = event.end(now)
        last = (end - timedelta(microseconds=1)).date() if end > event.start(now) else end.date()
        while day <= min(last, last_of_span):
            found.setdefault(day, []).append(event)
            day += timedelta(1)
    return sorted(found.items())


def line_of(event: Event, day: date, now: datetime, width: int) -> list[tuple[str, str]]:
    """An event on a terminal: its hours on that day, its title, where, who, and what is special."""
    hours = f"{hours_on(event, day, now):<{TIMES}}"
    marks = marks_of(event)
    place = event.attrs.get("location")
    rest = [f"  {visible_line(place)}"] if isinstance(place, str) and place else []
    title = fit(visible_line(event.title), max(width - TIMES - 3, 10))
    style = "" if event.busy else "dim"
    room = width - TIMES - 2 - len(title)
    tail = fit("".join([*rest, *[f"  {mark}" for mark in marks]]), room) if room > 6 else ""
    return [("  ", ""), (hours, "cyan" if event.busy else "dim"), (title, style), (tail, "dim"), ("\n", "")]


def hours_on(event: Event, day: date, now: datetime) -> str:
    """`14:00-15:30`; `all day`; `-10:00` and `22:00-` where it began before or goes on."""
    start, end = event.start(now), event.end(now)
    if event.all_day:
        return "all day"
    first = f"{start:%H:%M}" if start.date() == day else ""
    over = end.date() == day or end == day_after(day, now)
    last = f"{end:%H:%M}" if over else ""
    return f"{first}-{last}" if first or last else "all day"


def day_after(day: date, now: datetime) -> datetime:
    """The midnight that ends a day."""
    return read_span([(day + timedelta(1)).isoformat()], now, "").start


def marks_of(event: Event) -> list[str]:
    """What a person wants to know of an event besides: that it comes again, was not answered, is off."""
    marks = []
    if event.recurring:
        marks.append(str(event.attrs.get("rule") or "again and again"))
    if event.attrs.get("status") in ("cancelled", "tentative"):
        marks.append(str(event.attrs["status"]))
    answer = _ANSWERS.get(str(event.attrs.get("answer")))
    if answer is not None:
        marks.append(answer)
    return marks


COMMAND = Command(
    name="calendar agenda",
    summary="what happens, day by day",
    args=AgendaArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    description="""
For a pipe each event is a record with start, end, title, location, calendar, attendees, recurring, answer,
path and the other attributes of events, for where, sort-by and group-by.
""",
    examples=(
        Example("calendar agenda", "this week"),
        Example("calendar agenda tomorrow", "one day"),
        Example("calendar agenda month | where busy | group-by calendar", "whose calendar takes most"),
    ),
)
