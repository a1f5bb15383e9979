"""What is asked of a calendar: its verbs by the path of an event, and what is said before and after."""

from __future__ import annotations

from collections.abc import Mapping

from commands.calendaring.events import CALENDAR, Event, clock, people, when_words
from commands.command import Arguments, Context, Failure, Usage, switch
from commands.stream import Io
from vfs.errors import NotFound
from vfs.node import Node, Value
from vfs.path import Path
from vfs.visible import visible_line

THIS, FOLLOWING, ALL = "this", "following", "all"
_MEANS = {
    THIS: " (this one alone)",
    FOLLOWING: " (this one and all after it)",
    ALL: " (the whole series)",
}


class ScopeArguments(Arguments):
    """Which instances of a series are meant: the one that was named, where nothing is said."""

    this: bool = switch("--this", help="of a series this one alone")
    following: bool = switch("--following", help="this one and all after it")
    all: bool = switch("--all", help="the whole series")


def scope_of(args: ScopeArguments, usual: str = THIS) -> str:
    """The scope that the options name; the usual one when they name none. Raises Usage for several."""
    said = [name for name in (THIS, FOLLOWING, ALL) if getattr(args, name)]
    if len(said) > 1:
        raise Usage(f"--{said[0]} and --{said[1]} exclude each other")
    return said[0] if said else usual


def scope_words(event: Event, scope: str) -> str:
    """What a scope means for an event, to be said behind what was done; "" for what comes once."""
    if not event.recurring:
        return ""
    return _MEANS[scope]


async def done(ctx: Context, path: Path, verb: str, arguments: Mapping[str, Value]) -> Event:
    """Does it; the event as it is after that, by the path of its day."""
    given = {name: value for name, value in arguments.items() if value is not None}
    node: Node = await ctx.tree.act(path, verb, given)
    entry, mount = node.attrs.get("entry"), ctx.tree.mount_of(path)
    if not isinstance(entry, str) or not entry or mount is None:
        return Event(path, node)
    return Event(mount.path.join(Path.parse(entry)), node)


async def overlaps(ctx: Context, event: Event, io: Io) -> None:
    """Says what else is in the calendar at that time."""
    from_, until = event.start(clock(ctx)), event.end(clock(ctx))
    if event.all_day or until <= from_:
        return
    others = []
    async for page in ctx.tree.between(CALENDAR, from_, until):
        others += [Event(path, node) for path, node in page]
    for other in others:
        if other.node.id != event.node.id and other.busy and not other.all_day:
            await io.stderr.line(
                f"At the same time: {visible_line(other.title)} {when_words(other, clock(ctx))}"
            )


async def untold(event: Event, io: Io) -> None:
    """Says that those who are invited know nothing of a change: nothing leaves by itself."""
    invited = len(people(event.attrs))
    if invited:
        who = "1 person was" if invited == 1 else f"{invited} people were"
        await io.stderr.line(f"{who} not told; to tell them: calendar invite {visible_line(str(event.path))}")


async def account_of(ctx: Context, calendar: str | None) -> Path:
    """Where events of a calendar are made: the account that has one of this name, else all of them."""
    place = calendar_mount(ctx)
    if not calendar or "/" in calendar:
        return place
    for mount in ctx.tree.mounts.below(place):
        if not ctx.tree.sees(mount.path):
            continue
        try:
            if await ctx.tree.is_folder(mount.path.join(Path(("calendars", calendar)))):
                return mount.path
        except NotFound:
            continue
    return place


def calendar_mount(ctx: Context) -> Path:
    """Where events are made. Raises Failure when nothing is mounted there."""
    if ctx.tree.mount_of(CALENDAR) is None:
        raise Failure("no calendar is mounted at /calendar", hint="run: mount /calendar calendar")
    return CALENDAR
