"""calendar when: what a phrase means as a date, a time or a recurrence; nothing is written."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from commands.calendaring.events import clock
from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
)
from commands.phrases.when import Ambiguous, When, read_when
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.node import Value
from vfs.zone import zone_of


class WhenArguments(Arguments):
    words: list[str] = operand(
        "PHRASE", many=True, help="such as: next friday at noon", complete=Complete.NOTHING
    )
    now: str | None = option("--now", metavar="TIME", help="as if it were said then: 2026-11-18T09:30")
    zone: str | None = option("--zone", metavar="NAME", help="as if it were said there: Europe/Helsinki")


async def run(ctx: Context, args: WhenArguments, io: Io) -> int:
    now = _now(ctx, args)
    text = " ".join(args.words)
    try:
        readings = [read_when(text, now)]
    except Ambiguous as several:
        readings = list(several.readings)
    except ValueError as wrong:
        raise Failure(str(wrong)) from None
    await io.stdout.put([record_of(one) for one in islice(readings, 20)])
    if len(readings) > 1:
        await io.stderr.line(f"'{one_line(text)}' may be {len(readings)} dates: say which")
        return 1
    return 0


def _now(ctx: Context, args: WhenArguments) -> datetime:
    now = clock(ctx)
    try:
        if args.zone:
            now = now.astimezone(zone_of(args.zone))
        if args.now:
            given = datetime.fromisoformat(args.now)
            now = given.astimezone(now.tzinfo) if given.tzinfo else given.replace(tzinfo=now.tzinfo)
    except ValueError as wrong:
        raise Usage(str(wrong)) from None
    return now


def record_of(when: When) -> Record:
    """A reading as a record."""
    fields: dict[str, Value] = {
        "understood": when.understood,
        "start": when.start,
        "end": when.end,
        "kind": when.kind,
        "granularity": when.granularity,
        "zone": when.zone,
        "rule": when.rule,
        "say": when.plain,
    }
    return Record(one_line(when.understood), fields)


COMMAND = Command(
    name="calendar when",
    summary="what a phrase means as a date; nothing is written",
    args=WhenArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Calendar",
    description="Each reading is a record with start, end, zone, rule and a phrase that means it alone. The "
    "status is 1 when there are several, or none.",
    examples=(
        Example("calendar when tomorrow 2pm for 90 minutes", "with its weekday, end and zone"),
        Example("calendar when every second tuesday at 9", "the rule of a series"),
    ),
)
