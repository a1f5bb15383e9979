"""plan today, tomorrow, week, for DAY: the proposal, as a file on standard output."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from datetime import date, timedelta

from commands.calendaring.events import clock
from commands.calendaring.spans import read_span
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
    switch,
)
from commands.planning.check import faults
from commands.planning.inputs import busy, todos
from commands.planning.planfile import written
from commands.planning.planner import NO_RANKS, plan
from commands.planning.ranking import ranks_by
from commands.planning.rules import read_rules, rules_of
from commands.planning.terms import Rules, Todo
from commands.stream import Io
from vfs.action import Effect
from vfs.path import Path


class RuleArguments(Arguments):
    """Rules for once."""

    hours: str | None = option("--hours", metavar="FROM-TO", help="working hours, for this plan")
    peak: str | None = option("--peak", metavar="FROM-TO", help="when long and important work is best done")
    focus: str | None = option("--focus", metavar="LENGTH", help="how much of that a day bears")
    project: list[str] = option("--project", many=True, metavar="NAME", help="only tasks of this project")
    label: list[str] = option("--label", many=True, metavar="NAME", help="only tasks with this label")
    anew: bool = switch("--anew", help="do not keep what is scheduled already")
    agent: str | None = option(
        "--agent",
        metavar="NAME",
        complete=Complete.AGENT,
        help="let an agent say what matters first: planner",
    )


class ProposeArguments(RuleArguments):
    words: list[str] = operand(
        "DAY", many=True, required=False, complete=Complete.NOTHING, help="a day, or days: friday, next week"
    )


async def _today(ctx: Context, args: RuleArguments, io: Io) -> int:
    return await _propose(ctx, args, io, [clock(ctx).date()])


async def _tomorrow(ctx: Context, args: RuleArguments, io: Io) -> int:
    return await _propose(ctx, args, io, [clock(ctx).date() + timedelta(1)])


async def _week(ctx: Context, args: RuleArguments, io: Io) -> int:
    rules = _rules(ctx, args)
    today = clock(ctx).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(at) for at in range(7)]
    left = [day for day in days if day >= today and day.weekday() in rules.days]
    if not left:
        raise Failure("nothing is left of this week", hint="run: plan for next week")
    return await _propose(ctx, args, io, left)


async def run(ctx: Context, args: ProposeArguments, io: Io) -> int:
    if not args.words:
        return await _today(ctx, args, io)
    now = clock(ctx)
    span = read_span(args.words, now, "today")
    count = (span.end.date() - span.start.date()).days
    if count > 31:
        raise Usage("a plan is for a month at most")
    rules = _rules(ctx, args)
    days = [span.start.date() + timedelta(at) for at in range(max(count, 1))]
    if len(days) > 1:
        days = [day for day in days if day.weekday() in rules.days]
    days = [day for day in days if day >= now.date()]
    if not days:
        raise Failure("these days are over, or no working days", hint="run: plan today")
    return await _propose(ctx, args, io, days)


def _rules(ctx: Context, args: RuleArguments) -> Rules:
    said = {name: getattr(args, name) for name in ("hours", "peak", "focus") if getattr(args, name)}
    return read_rules(said, rules_of(ctx))


async def _propose(ctx: Context, args: RuleArguments, io: Io, days: list[date]) -> int:
    rules, now = _rules(ctx, args), clock(ctx)
    found = await todos(ctx, rules, projects=args.project, labels=args.label)
    if args.anew:
        found = [todo._replace(fixed=None) for todo in found]
    if args.project or args.label:
        found += await _standing(ctx, rules, {todo.path for todo in found}, days)
    taken = await busy(ctx, days)
    ranks: Mapping[Path, int] = NO_RANKS
    if args.agent:
        ranks = await ranks_by(ctx, io, args.agent, found)
    made = plan(found, taken, days, rules, now, ranks)
    wrong = faults(made, found, rules, now)
    if wrong:
        raise Failure(f"the plan does not hold: {wrong[0]}", status=70)
    await io.stdout.text(written(made, rules, now, ordered_by=args.agent or ""))
    planned = len({block.todo.path for block in made.blocks})
    await io.stderr.line(f"{planned} of {len(found)} open tasks are planned")
    if days == [now.date()] and now.time() >= rules.closes:
        later = ", or --hours 19-22" if now.hour < 21 else ""
        await io.stderr.line(f"The working hours of today are over; run: plan tomorrow{later}")
    return 0


async def _standing(ctx: Context, rules: Rules, chosen: Set[Path], days: Sequence[date]) -> list[Todo]:
    """What else is scheduled for these days: it stays, in the plan as on the day."""
    return [
        todo
        for todo in await todos(ctx, rules)
        if todo.path not in chosen and todo.fixed is not None and todo.fixed[0].date() in days
    ]


def _part(
    name: str, summary: str, call: Callable[[Context, RuleArguments, Io], Awaitable[int]]
) -> Command[RuleArguments]:
    return Command(
        name=f"plan {name}",
        summary=summary,
        args=RuleArguments,
        run=call,
        effects=Effect.READ,
        writes=Shape.BYTES,
        group="Notes and tasks",
        examples=(Example(f"plan {name}", "the proposal, as text"),),
    )


TODAY = _part("today", "propose the rest of this day", _today)
TOMORROW = _part("tomorrow", "propose the next day", _tomorrow)
WEEK = _part("week", "propose the rest of this week", _week)

COMMAND = Command(
    name="plan for",
    summary="propose any day, or several",
    args=ProposeArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Notes and tasks",
    description="""
Tasks are placed by when they are due, then by priority; what is long or labelled deep goes to the peak hours.
A task is planned whole, in blocks, or not at all, and then the plan says why.
""",
    examples=(Example("plan for next week --focus 3h", "a week with more air"),),
)
