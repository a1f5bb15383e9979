"""calendar import: events from files of other programs."""

from __future__ import annotations

from commands.calendaring.acting import account_of
from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, option
from commands.hostfile import read_file
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.node import Value
from vfs.visible import visible_line

LARGEST = 64 * 1024 * 1024
"""Bytes of a file."""
STDIN = "standard input"


class ImportArguments(Arguments):
    files: list[str] = operand(
        "FILE", many=True, required=False, help="an iCalendar file; standard input when there is none",
        complete=Complete.PATH,
    )  # fmt: skip
    calendar: str | None = option("--calendar", metavar="NAME", help="into which; `personal` by default")


async def run(ctx: Context, args: ImportArguments, io: Io) -> int:
    status = 0
    for word in args.files or ["-"]:
        try:
            if word != "-":
                data = await read_file(ctx, word, LARGEST, "a calendar")
                status = max(status, await _one(ctx, args, word, data, io))
            elif data := await io.stdin.readall():
                status = max(status, await _one(ctx, args, STDIN, data, io))
            else:
                raise Failure(f"{STDIN} is empty", hint="name a file: calendar import FILE")
        except VfsError as error:
            said = await report(io, "calendar import", error, path=STDIN if word == "-" else word)
            status = max(status, said)
        except Failure as error:
            status = max(status, await report(io, "calendar import", error))
    return status


async def _one(ctx: Context, args: ImportArguments, word: str, data: bytes, io: Io) -> int:
    given: dict[str, Value] = {"content": data.decode("latin-1"), "name": word.rpartition("/")[2]}
    if args.calendar:
        given["calendar"] = args.calendar
    attrs = (await ctx.tree.act(await account_of(ctx, args.calendar), "import", given)).attrs
    problems = attrs.get("problems")
    for problem in problems if isinstance(problems, tuple) else ():
        await io.stderr.line(f"calendar import: {visible_line(word)}: {visible_line(str(problem))}")
    await io.stdout.line(
        f"{visible_line(word)}: {attrs.get('new', 0)} new, {attrs.get('changed', 0)} changed, "
        f"{attrs.get('same', 0)} known"
    )
    return 3 if attrs.get("left") else 0


COMMAND = Command(
    name="calendar import",
    summary="events from files of other programs",
    args=ImportArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.BYTES,
    group="Calendar",
    description="""
What is there already, by its UID, is changed or left; `undo` takes all of it back. A FILE that is not in the
tree may be one of this computer.
""",
    examples=(
        Example("calendar import < /calendar/calendars/personal/market.ics", "what is known already stays"),
    ),
)
