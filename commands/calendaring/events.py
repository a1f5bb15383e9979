"""Events: what happens in a span of time, found by the names people use, and said in their words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from commands.command import Context, Failure
from commands.dates import DAYS, midnight, zoned
from commands.stream import Record
from commands.values import one_line
from vfs.closing import Closing
from vfs.errors import NotFound
from vfs.node import Later, Node, Value
from vfs.path import Path
from vfs.query import fold

CALENDAR = Path(("calendar",))

AHEAD = timedelta(days=366)
"""How far ahead an event is looked for by its title."""
BEHIND = timedelta(days=31)
"""How far back, where nothing ahead fits."""
SHOWN = 5
_APART = re.compile(r"[^\w]+")


class Event(NamedTuple):
    """One instance of an event, by the path of its day."""

    path: Path
    node: Node

    @property
    def attrs(self) -> Mapping[str, Value]:
        return self.node.attrs

    @property
    def title(self) -> str:
        title = self.attrs.get("title")
        return title if isinstance(title, str) and title else self.path.name.removesuffix(".ics")

    @property
    def all_day(self) -> bool:
        return bool(self.attrs.get("all_day"))

    @property
    def recurring(self) -> bool:
        return bool(self.attrs.get("recurring"))

    @property
    def busy(self) -> bool:
        """Whether it takes the person's time: not free, not cancelled, not declined."""
        return (
            self.attrs.get("busy") is not False
            and self.attrs.get("status") != "cancelled"
            and self.attrs.get("answer") != "declined"
        )

    def start(self, now: datetime) -> datetime:
        """When it begins, in the zone of `now`."""
        return _moment(self.attrs.get("start"), now, now)

    def end(self, now: datetime) -> datetime:
        """When it is over, in the zone of `now`; of whole days the midnight after the last one."""
        return self.times(now)[1]

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """Both."""
        attrs = self.node.attrs
        start = _moment(attrs.get("start"), now, now)
        return start, max(start, _moment(attrs.get("end"), now, start))


def _moment(value: Value, now: datetime, other: datetime) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo is now.tzinfo else value.astimezone(now.tzinfo)
    return midnight(value, now) if isinstance(value, date) else other


def clock(ctx: Context) -> datetime:
    """The present moment in the person's zone, by its name: so that tomorrow has its own summer time."""
    return zoned(ctx.now())


async def between(ctx: Context, start: datetime, end: datetime, place: Path = CALENDAR) -> list[Event]:
    """What happens from `start` until before `end`, in order."""
    found: list[Event] = []
    async with Closing(ctx.tree.between(place, start, end)) as pages:
        async for page in pages:
            found += [Event(path, node) for path, node in page]
    return found


async def find_event(ctx: Context, word: str) -> Event:
    """The event that `word` names: by path, or by words of its title, the next one ahead.

    Raises NotFound, and Failure where several different events fit.
    """
    if "/" in word or word.endswith(".ics"):
        path = ctx.resolve(word)
        node = await ctx.tree.stat(path)
        if node.is_folder or "start" not in node.attrs:
            raise Failure(f"{path}: is no event", hint="run: calendar agenda")
        return Event(path, node)
    now = clock(ctx)
    ahead = _fitting(await between(ctx, now, now + AHEAD), word)
    if not ahead:
        ahead = _fitting(await between(ctx, now - BEHIND, now), word)[::-1]
    if not ahead:
        raise NotFound(CALENDAR.child(word), "no event is called so", hint="run: calendar agenda month")
    first = ahead[0]
    others = [one for one in ahead if one.node.id != first.node.id]
    exact = [one for one in ahead if fold(one.title) == fold(word)]
    if others and len({one.node.id for one in exact}) != 1:
        nearest = {one.node.id: one for one in reversed(ahead)}
        named = sorted(nearest.values(), key=lambda one: abs(one.start(now) - now))[:SHOWN]
        told = ", ".join([f"{one.title} ({one.path})" for one in named])
        raise Failure(f"'{word}' may be any of: {told}", hint="give its path, or more of its title")
    return exact[0] if others else first


def _fitting(events: Sequence[Event], word: str) -> list[Event]:
    """The events in whose title a word begins so; in scripts without spaces, anywhere in it."""
    wanted = f" {_plain(word)}"
    return [
        event
        for event in events
        if wanted in f" {_plain(event.title)}" or (not word.isascii() and fold(word) in fold(event.title))
    ]


def _plain(text: str) -> str:
    """A text as its words, with one space between them."""
    return _APART.sub(" ", fold(text)).strip()


@lru_cache(512)
def day_words(day: date) -> str:
    """`Tue 2026-11-24`."""
    return f"{DAYS[day.weekday()][:3].capitalize()} {day.isoformat()}"


def when_words(event: Event, now: datetime) -> str:
    """When an event is, in full: `Tue 2026-11-24 14:00-15:00`, `Tue 2026-11-24, all day`."""
    start, end = event.times(now)
    if event.all_day:
        last = (end - timedelta(1)).date()
        return (
            f"{day_words(start.date())}, all day"
            if last <= start.date()
            else (f"{day_words(start.date())} to {day_words(last)}, all day")
        )
    day, last, begins, ends = start.date(), end.date(), hour_words(start), hour_words(end)
    if last == day or (end.time() == time() and last == day + timedelta(1)):
        return f"{day_words(day)} {begins}-{ends}"
    return f"{day_words(day)} {begins} to {day_words(last)} {ends}"


def hour_words(moment: datetime) -> str:
    """`14:05`."""
    return _hour_words(moment.hour, moment.minute)


@lru_cache(1440)
def _hour_words(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"


def record_of(event: Event, now: datetime) -> Record:
    """An event as a record: its attributes, with when it is in the person's own zone."""
    line = f"{when_words(event, now)}\t{one_line(event.title)}\t{one_line(str(event.path))}"
    return Record(line, EventFields(event, now), event.path)


class EventFields(Later):
    """The fields of an event's record: most readers want the line, or few of them."""

    __slots__ = ("_event", "_now")

    def __init__(self, event: Event, now: datetime) -> None:
        self._event = event
        self._now = now
        self._read = None

    def _made(self) -> dict[str, Value]:
        event, attrs = self._event, self._event.attrs
        start, end = attrs.get("start"), attrs.get("end")
        if isinstance(start, datetime):
            start, end = event.times(self._now)
        title = event.title
        made = {"start": start, "end": end, "title": title, **attrs, "path": str(event.path)}
        made.update(start=start, end=end, title=title)
        return made


def people(attrs: Mapping[str, Value]) -> Sequence[str]:
    """Who is invited."""
    said = attrs.get("attendees")
    return [one for one in said if isinstance(one, str)] if isinstance(said, tuple) else []
