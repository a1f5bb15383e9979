"""plan diff: what applying a plan's file would change, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commands.calendaring.events import clock
from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand
from commands.dates import day_text
from commands.planning.applying import SHARP, Change, Meaning, meaning
from commands.planning.inputs import busy, closed, todos
from commands.planning.planfile import read
from commands.planning.rules import rules_of
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class DiffArguments(Arguments):
    file: str = operand("FILE", help="the plan, as `plan today` has written it")


async def run(ctx: Context, args: DiffArguments, io: Io) -> int:
    found = await understood(ctx, args.file)
    await say_objections(found, args.file, io)
    for change in found.changes:
        await io.stdout.line(f"{_sign(change)} {visible_line(change.todo.title)}: {_words(change)}")
    if not found.changes:
        await io.stderr.line("Applying it changes nothing")
    return 1 if found.changes or found.objections else 0


async def understood(ctx: Context, file: str) -> Meaning:
    """What a plan's file comes to at this moment. Raises Failure for a file that holds no day."""
    text = (await ctx.tree.read(ctx.resolve(file))).decode("utf-8", "replace")
    said = read(text, clock(ctx))
    if not said.days:
        raise Failure(
            f"{visible_line(file)}: is no plan: no heading names a day, such as `## {clock(ctx):%Y-%m-%d}`",
            hint="run: plan today > FILE",
        )
    rules = rules_of(ctx)
    taken = await busy(ctx, sorted(said.days))
    return meaning(said, await todos(ctx, rules), taken, await closed(ctx, said.lines), clock(ctx))


async def say_objections(found: Meaning, file: str, io: Io) -> None:
    """Each with the line that it is about."""
    for one in found.objections:
        line = f":{one.number}" if one.number else ""
        mark = "" if one.kind == SHARP else "note: "
        await io.stderr.line(f"{visible_line(file)}{line}: {mark}{visible_line(one.text)}")


def _sign(change: Change) -> str:
    return "-" if not change.after else "+" if change.before is None else "~"


def _words(change: Change) -> str:
    before = _spans([change.before]) if change.before is not None else ""
    if not change.after:
        return f"no longer {before}"
    after = _spans(change.after)
    return f"{before} -> {after}" if before else after


def _spans(spans: Sequence[tuple[datetime, datetime]]) -> str:
    said = []
    day = None
    for start, end in spans:
        first = f"{day_text(start.date())} " if start.date() != day else ""
        last = f"{end:%H:%M}" if end.date() == start.date() else f"{day_text(end.date())} {end:%H:%M}"
        said.append(f"{first}{start:%H:%M}-{last}")
        day = start.date()
    return ", ".join(said)


COMMAND = Command(
    name="plan diff",
    summary="what applying a plan would change",
    args=DiffArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Notes and tasks",
    description="""
+ a task is scheduled, ~ moved, - scheduled no more. What came in between since the plan was made (an event, a
task that was done) is said with the line of the file. The status is 1 when there is something to say.
""",
    examples=(
        Example("plan today > /tmp/today.md; plan diff /tmp/today.md || true", "what it would change"),
    ),
)
