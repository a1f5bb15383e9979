"""calendar free: when there is time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from commands.calendaring.events import Event, between, clock, day_words
from commands.calendaring.spans import Span, read_span
from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.phrases.duration import read_length
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.node import Value

HOURS = "09:00-18:00"
LEAST = timedelta(minutes=30)


class Slot(NamedTuple):
    """A stretch of time in which nothing is."""

    start: datetime
    end: datetime


class FreeArguments(Arguments):
    words: list[str] = operand(
        "PERIOD [LENGTH]", many=True, required=False, complete=Complete.NOTHING,
        help="tomorrow, week, 'next week'; and how long: 1h, 45m, '1h 30m'",
    )  # fmt: skip
    hours: str = option("--hours", default=HOURS, metavar="FROM-TO", help=f"the hours of a day; {HOURS}")
    weekends: bool = switch("-w", "--weekends", help="Saturday and Sunday, too")


async def run(ctx: Context, args: FreeArguments, io: Io) -> int:
    now = clock(ctx)
    words, least = _split(args.words)
    span = read_span(words, now, "week")
    opens, closes = read_hours(args.hours)
    events = await between(ctx, *span)
    slots = [
        slot
        for slot in free_slots(events, span, now, opens, closes, weekends=args.weekends or _is_one_day(span))
        if slot.end - slot.start >= least
    ]
    await io.stdout.put([_record(slot) for slot in slots])
    if not slots:
        await io.stderr.line(f"There is no time of {_minutes(least)} then")
        return 1
    return 0


def _is_one_day(span: Span) -> bool:
    return span.end - span.start <= timedelta(hours=25)


def _split(words: Sequence[str]) -> tuple[Sequence[str], timedelta]:
    """The words of a period, and the length that stands behind them."""
    for at in range(len(words)):
        with suppress(ValueError):
            return words[:at], read_length(" ".join(words[at:]))
    return words, LEAST


def read_hours(text: str) -> tuple[time, time]:
    """`09:00-17:30`. Raises Usage."""
    first, dash, last = text.partition("-")
    try:
        opens, closes = time.fromisoformat(_padded(first)), time.fromisoformat(_padded(last))
    except ValueError:
        opens = closes = time()
    if not dash or opens >= closes:
        raise Usage(f"'{text}' is no span of hours", hint=f"for example: --hours {HOURS}")
    return opens, closes


def _padded(text: str) -> str:
    hour, colon, minute = text.strip().partition(":")
    return f"{hour:0>2}:{minute if colon else '00'}"


def free_slots(
    events: Sequence[Event], span: Span, now: datetime, opens: time, closes: time, *, weekends: bool
) -> list[Slot]:
    """What is left of the days' hours beside all that takes time, from `now` on."""
    taken = sorted((one.start(now), one.end(now)) for one in events if one.busy)
    slots: list[Slot] = []
    day = span.start.date()
    while day <= (span.end - timedelta(microseconds=1)).date():
        at = max(_at(day, opens, now), span.start, _rounded(now))
        end = min(_at(day, closes, now), span.end)
        if weekends or day.weekday() < 5:
            slots += _gaps(taken, at, end)
        day += timedelta(1)
    return slots


def _at(day: date, hour: time, now: datetime) -> datetime:
    return datetime.combine(day, hour, now.tzinfo)


def _gaps(taken: Sequence[tuple[datetime, datetime]], at: datetime, end: datetime) -> list[Slot]:
    found = []
    for first, last in taken:
        if last <= at or first >= end:
            continue
        if first > at:
            found.append(Slot(at, first))
        at = max(at, last)
    if at < end:
        found.append(Slot(at, end))
    return found


def _rounded(moment: datetime) -> datetime:
    """The next quarter of an hour."""
    whole = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=15)


def _minutes(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(minutes or not hours))


def _record(slot: Slot) -> Record:
    day, lasts = slot.start.date(), _minutes(slot.end - slot.start)
    fields: dict[str, Value] = {
        "day": day_words(day),
        "from": f"{slot.start:%H:%M}",
        "to": f"{slot.end:%H:%M}",
        "lasts": lasts,
        "start": slot.start,
        "end": slot.end,
    }
    line = f"{day_words(day)} {slot.start:%H:%M}-{slot.end:%H:%M}\t{lasts}"
    return Record(line, fields)


COMMAND = Command(
    name="calendar free",
    summary="when there is time: what is left of the working hours",
    args=FreeArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    description="""
Events that are marked as free, cancelled or declined take no time; whole days that are not marked as free do.
Weekends count where one day alone is asked for, or with --weekends. The status is 1 when there is none.
""",
    examples=(
        Example("calendar free", "this week, at least half an hour"),
        Example("calendar free tomorrow 1h", "an hour tomorrow"),
        Example("calendar free next week 2h --hours 13-18", "two hours in an afternoon"),
    ),
)
