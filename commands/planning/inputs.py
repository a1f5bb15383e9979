"""What a plan is made of: the open tasks, the events of its days, and the rules of the config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from commands.calendaring.events import Event, between, clock
from commands.calendaring.spans import days as span_of
from commands.command import Context
from commands.entries import texts
from commands.planning.planfile import Line
from commands.planning.rules import estimate
from commands.planning.terms import Busy, Rules, Todo
from vfs.closing import Closing
from vfs.errors import NotFound, Unsupported
from vfs.node import Node
from vfs.path import Path

TASKS = Path(("tasks",))
FINISHED = ("done", "cancelled", "canceled")


async def todos(
    ctx: Context, rules: Rules, *, projects: Sequence[str] = (), labels: Sequence[str] = ()
) -> list[Todo]:
    """The open tasks, by path; of one of some projects, or with one of some labels, where any are named."""
    found: list[Todo] = []
    async with Closing(ctx.tree.list(TASKS)) as pages:
        async for page in pages:
            found += [
                todo_of(TASKS.child(node.name), node, rules)
                for node in page
                if not node.is_folder
                and node.attrs.get("status") not in FINISHED
                and (not projects or node.attrs.get("project") in projects)
                and (not labels or not set(labels).isdisjoint(texts(node.attrs.get("labels"))))
            ]
    return found


async def closed(ctx: Context, lines: Sequence[Line]) -> Mapping[Path, str]:
    """The status of those tasks of a plan that are open no more, wherever they lie."""
    found: dict[Path, str] = {}
    for path in {line.path for line in lines if line.path is not None}:
        for place in (path, TASKS.child("done").child(path.name)):
            if path.parts[:1] != TASKS.parts or not await ctx.tree.exists(place):
                continue
            status = (await ctx.tree.stat(place)).attrs.get("status")
            if status in FINISHED:
                found[path] = str(status)
    return found


def todo_of(path: Path, node: Node, rules: Rules) -> Todo:
    """A task as the planner takes it."""
    attrs = node.attrs
    title, due, priority = attrs.get("title"), attrs.get("due"), attrs.get("priority")
    minutes = estimate(attrs.get("estimate"))
    start, end = attrs.get("scheduled_start"), attrs.get("scheduled_end")
    fixed = None
    if isinstance(start, datetime) and isinstance(end, datetime) and start.tzinfo and end.tzinfo:
        fixed = (start.astimezone(), end.astimezone())
    return Todo(
        path,
        title if isinstance(title, str) and title else path.name.removesuffix(".md"),
        minutes or int(rules.usual.total_seconds()) // 60,
        minutes is None,
        due.date() if isinstance(due, datetime) else due if isinstance(due, date) else None,
        priority if isinstance(priority, int) else 0,
        texts(attrs.get("labels")),
        fixed,
        texts(attrs.get("scheduled")),
    )


async def busy(ctx: Context, days: Sequence[date]) -> list[Busy]:
    """What takes the person's time on these days; nothing where no calendar is mounted."""
    now = clock(ctx)
    span = span_of(days[0], (days[-1] - days[0]).days + 1, now)
    try:
        events = await between(ctx, *span)
    except (NotFound, Unsupported):
        return []
    return [taken(event, now) for event in events if event.busy and event.end(now) > event.start(now)]


def taken(event: Event, now: datetime) -> Busy:
    """An event as the planner takes it."""
    return Busy(event.start(now), event.end(now), event.title, event.path, event.all_day)
