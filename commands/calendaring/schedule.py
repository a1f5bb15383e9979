"""calendar schedule: a new event, said as a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from commands.calendaring.acting import account_of, done, overlaps, untold
from commands.calendaring.events import Event, clock
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
from commands.dates import DAYS
from commands.nearest import distance
from commands.phrases.asking import ask_when
from commands.phrases.duration import read_length
from commands.phrases.when import When, read_when
from commands.stream import Io
from vfs.action import Effect
from vfs.node import Value
from vfs.visible import visible_line

_NAMED = (*DAYS, "today", "tomorrow", "tonight", "yesterday")
_TIME = re.compile(r"[0-9]{1,2}(?::[0-9]{2})?[ap]m|[0-9]{1,2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}")

USUAL = timedelta(hours=1)
"""How long an event is when nothing is said."""


class ScheduleArguments(Arguments):
    words: list[str] = operand(
        "TITLE WHEN", many=True, complete=Complete.NOTHING,
        help="what it is, in quotes where it has several words, and when: tomorrow 2pm for 1h",
    )  # fmt: skip
    at: str | None = option("--at", metavar="PLACE", help="where it is")
    people: list[str] = option(
        "--with", many=True, metavar="ADDRESS", help="who is to come; told by `calendar invite`",
        complete=Complete.ADDRESS,
    )  # fmt: skip
    calendar: str | None = option(
        "--calendar", metavar="NAME", help="which calendar; `personal`, or the account's own"
    )
    lasts: timedelta | None = option(
        "--for", kind=read_length, metavar="LENGTH", help="how long; 1h by default"
    )
    every: str | None = option("--every", metavar="PHRASE", help="again and again: weekday, 'second tuesday'")
    remind: list[timedelta] = option(
        "--remind", kind=read_length, many=True, metavar="LENGTH", help="so long before it"
    )
    text: str | None = option("--text", metavar="TEXT", help="what else there is to say")
    free: bool = switch("--free", help="it takes none of your time")
    dry: bool = switch("-n", "--dry-run", help="only say what would be written")


async def run(ctx: Context, args: ScheduleArguments, io: Io) -> int:
    place = await account_of(ctx, args.calendar)
    title, phrase = _apart(args.words, clock(ctx))
    if args.every:
        phrase += f" every {args.every.removeprefix('every ')}"
    when = await ask_when(ctx, io, phrase)
    start, end = ends(when, args.lasts)
    await io.stderr.line(f"Understood: {when.understood}")
    if not when.rule and _is_over(end, clock(ctx)):
        await io.stderr.line("That is over already")
    if args.dry:
        return 0
    event = await done(
        ctx,
        place,
        "schedule",
        {
            "title": title,
            "start": start,
            "end": end,
            "zone": when.zone,
            "all_day": when.all_day,
            "rule": when.rule or None,
            "location": args.at,
            "description": args.text,
            "attendees": tuple(args.people) or None,
            "calendar": args.calendar,
            "remind": tuple([int(one.total_seconds()) // 60 for one in args.remind]) or None,
            "busy": not args.free,
        },
    )
    await overlaps(ctx, event, io)
    await untold(event, io)
    where = event.attrs.get("calendar")
    if not args.calendar and where != "personal":
        await io.stderr.line(f"In the calendar {visible_line(str(where))}; --calendar chooses another")
    await io.stdout.line(f'Event created: "{visible_line(title)}" {created_words(event, clock(ctx))}')
    return 0


def ends(when: When, lasts: timedelta | None) -> tuple[Value, Value]:
    """Start and end as the verbs take them: moments, or days of which the last is not meant.

    Raises Usage for a part of a day, and for a length of what has an end already, or of whole days.
    """
    start, end = when.start, when.end
    if when.granularity == "part":
        raise Usage(f"at which hour? That is {when.understood}", hint="say it: tomorrow 9am, friday at 16:00")
    if isinstance(start, datetime):
        if lasts is not None and isinstance(end, datetime) and end != start + lasts:
            raise Usage("the end is said twice", hint="leave out --for, or say only when it begins")
        if lasts is not None:
            end = start + lasts
        return start, end if isinstance(end, datetime) else start + USUAL
    if lasts is not None:
        raise Usage("whole days have no length in hours", hint="say at which hour it begins")
    last = end if isinstance(end, date) and not isinstance(end, datetime) else start
    return start, last + timedelta(1)


def _is_over(end: Value, now: datetime) -> bool:
    if isinstance(end, datetime):
        return end < now
    return isinstance(end, date) and end <= now.date()


def created_words(event: Event, now: datetime) -> str:
    """`2024-01-16 14:00`, in the person's zone."""
    return f"{event.start(now):%Y-%m-%d}" if event.all_day else f"{event.start(now):%Y-%m-%d %H:%M}"


def _apart(words: Sequence[str], now: datetime) -> tuple[str, str]:
    """The title, and what stands behind it. Raises Usage.

    A title in quotes is one word; one without ends where the longest phrase begins that is understood,
    or before a word that can only be of a date, be it misspelt: that is never taken into a title.
    """
    if len(words) < 2:
        raise Usage("what, and when?", hint='for example: calendar schedule "Team meeting" tomorrow 2pm')
    if " " in words[0]:
        return words[0], " ".join(words[1:])
    for at in range(1, len(words)):
        if _is_of_dates(words[at]) or is_said(" ".join(words[at:]), now):
            return " ".join(words[:at]), " ".join(words[at:])
    return words[0], " ".join(words[1:])


def _is_of_dates(word: str) -> bool:
    """Whether it is the name of a day, with a letter's mistake where it is long, or a time of day."""
    said = word.lower()
    return _TIME.fullmatch(said) is not None or any(
        distance(said, day, most) <= most for day in _NAMED for most in ((len(day) - 1) // 5,)
    )


def is_said(text: str, now: datetime) -> bool:
    """Whether it is understood, be it in several ways."""
    try:
        read_when(text, now)
    except ValueError as wrong:
        return type(wrong).__name__ == "Ambiguous"
    return True


COMMAND = Command(
    name="calendar schedule",
    summary="a new event, said as a sentence",
    args=ScheduleArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Calendar",
    description="""
What was understood is said before it is written; a phrase that may be two dates is asked about, or refused
with its readings where nobody can be asked. Nothing leaves: `calendar invite` tells those who are to come.
""",
    examples=(
        Example('calendar schedule "Team meeting" tomorrow 2pm', "an hour tomorrow"),
        Example('calendar schedule "Dentist" 2031-05-20 8:40 for 30 minutes --at "Praktijk"', "with a place"),
        Example('calendar schedule "Swimming" every thursday at 18:00 for 45 minutes', "again and again"),
    ),
)
