"""calendar: what happens, day by day; new events said as sentences; free time; answers to invitations."""

from __future__ import annotations

from commands.calendaring.agenda import COMMAND as AGENDA
from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.dates import DAYS
from commands.nearest import nearest
from commands.parse import parse
from commands.stream import Io
from vfs.action import Effect

PARTS = {
    "agenda": "commands.calendaring.agenda:COMMAND",
    "day": "commands.calendaring.day:COMMAND",
    "week": "commands.calendaring.week:COMMAND",
    "month": "commands.calendaring.month:COMMAND",
    "schedule": "commands.calendaring.schedule:COMMAND",
    "move": "commands.calendaring.move:COMMAND",
    "edit": "commands.calendaring.edit:COMMAND",
    "cancel": "commands.calendaring.cancel:COMMAND",
    "free": "commands.calendaring.free:COMMAND",
    "answer": "commands.calendaring.answer:COMMAND",
    "invite": "commands.calendaring.invite:COMMAND",
    "import": "commands.calendaring.import_:COMMAND",
    "calendars": "commands.calendaring.calendars:COMMAND",
    "when": "commands.calendaring.when:COMMAND",
}


class CalendarArguments(Arguments):
    RAW = True

    action: str = operand(
        "SUBCOMMAND", help="agenda, when there is none", required=False, complete=Complete.NOTHING
    )
    words: list[str] = operand("WORD", many=True, required=False, help="what the subcommand takes")


async def run(ctx: Context, args: CalendarArguments, io: Io) -> int:
    words = list(args.words)
    if words and not words[0].startswith("-"):
        near = nearest(words[0], PARTS)
        if words[0] in ("today", "tomorrow", "yesterday", "next", "this", *DAYS):
            near = f"agenda {' '.join(words)}"
        raise Usage(
            f"unknown subcommand '{words[0]}'",
            hint=f"did you mean calendar {near}?" if near else "run: calendar --help",
        )
    return await AGENDA.run(ctx, parse(AGENDA, words), io)


COMMAND = Command(
    name="calendar",
    summary="what happens, new events, free time, invitations",
    args=CalendarArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.DELETE | Effect.SEND,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Calendar",
    parts=PARTS,
    description="""
Events are files in /calendar, a folder a day, so that ls, cat, mv and rm work on them, too. An EVENT is the
path of one, or words of its title: the next one that fits. Dates are said as people say them, and what was
understood is always said before anything is written.
""",
    examples=(
        Example("calendar", "this week"),
        Example('calendar schedule "Team meeting" tomorrow 2pm', "a new event"),
        Example("calendar free tomorrow 1h", "when there is time"),
    ),
)
