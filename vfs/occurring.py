"""What happens in a span of time, over mounts: each answers for its own days, and the answers are merged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING

from vfs.closing import Closing
from vfs.door import Anchored, Place
from vfs.errors import Incomplete, NotADirectory, NotFound, Unsupported, VfsError
from vfs.fan import in_order
from vfs.node import Node
from vfs.path import ROOT, Path
from vfs.provider import Occurring

if TYPE_CHECKING:
    from vfs.tree import Tree

Entry = tuple[Path, Node]
Order = tuple[datetime, bool, tuple[str, ...]]

PAGE = 500
"""Entries that are handed on at once where several mounts are merged."""


def order_of(entry: Entry, zone: tzinfo) -> Order:
    """The key by which entries are sorted: by start, whole days before hours, then by path.

    A day begins at its midnight in `zone`.
    """
    path, node = entry
    start = node.attrs.get("start")
    if isinstance(start, datetime):
        return _utc(start), True, path.parts
    day = start if isinstance(start, date) else date.min
    return _utc(datetime(day.year, day.month, day.day, tzinfo=zone)), False, path.parts


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


async def between(tree: Tree, path: Path, start: datetime, end: datetime) -> AsyncIterator[Sequence[Entry]]:
    """See Tree.between."""
    if not (await tree.stat(path)).is_folder:
        raise NotADirectory(path)
    failed: list[VfsError] = []
    places = _places(tree, path, failed)
    if not places and not failed:
        raise Unsupported(path, "no calendar is mounted here", hint="run: mounts")
    if len(places) == 1 and not failed:
        async with Closing(_seen(tree, places[0], start, end)) as pages:
            async for page in pages:
                yield page
        return
    async with AsyncExitStack() as stack:
        heads = []
        for place in places:
            pages = await stack.enter_async_context(Closing(_seen(tree, place, start, end)))
            heads.append(_Head(place, pages, failed))
        at_once = len(heads) > 1 and tree.waits(*[place.path for place in places])
        async with Closing(in_order(heads, _Head.fill, at_once=at_once)) as answers:
            left = [head async for head, more in answers if more]
        async with Closing(_merged(left, start.tzinfo or UTC)) as merged:
            async for page in merged:
                yield page
    if failed:
        raise Incomplete(path, "not all could be read: " + "; ".join(map(str, failed)))


def _places(tree: Tree, path: Path, failed: list[VfsError]) -> list[Place]:
    """What has days: the mount at `path`, and those below it."""
    own = tree.place(path)
    nested = [Place(mount.path, mount, ROOT) for mount in tree.mounts.below(path) if tree.sees(mount.path)]
    found = []
    for place in ([own] if own is not None else []) + nested:
        try:
            with Anchored(place) as provider:
                if isinstance(provider, Occurring):
                    found.append(place)
        except VfsError as error:
            failed.append(error)
    return found


async def _seen(tree: Tree, place: Place, start: datetime, end: datetime) -> AsyncIterator[Sequence[Entry]]:
    """One mount's entries in the caller's paths, as far as the guard shows them."""
    base = place.mount.path
    with Anchored(place) as provider:
        assert isinstance(provider, Occurring)
        async with Closing(provider.between(place.inner, start, end)) as pages:
            async for page in pages:
                moved = [(base.join(inner), node) for inner, node in page]
                if tree.guard is not None or tree.mounts.holds(base):
                    moved = [entry for entry in moved if _shows(tree, place, entry)]
                if moved:
                    yield moved


def _shows(tree: Tree, place: Place, entry: Entry) -> bool:
    path, node = entry
    if tree.mounts.find(path) is not place.mount or not tree.sees(path):
        return False
    series = node.attrs.get("series")
    return not isinstance(series, str) or not series or tree.sees(place.mount.path.join(Path.parse(series)))


class _Head:
    """How far one mount's answer was read; what keeps it from answering is noted, and ends it."""

    def __init__(self, place: Place, pages: AsyncIterator[Sequence[Entry]], failed: list[VfsError]) -> None:
        self.place = place
        self.page: Sequence[Entry] = ()
        self.at = 0
        self._pages = pages
        self._failed = failed

    async def fill(self) -> bool:
        """The next page; False at the end."""
        try:
            self.page, self.at = await anext(self._pages), 0
        except StopAsyncIteration:
            return False
        except (NotFound, NotADirectory):
            return False
        except VfsError as error:
            self._failed.append(error)
            return False
        return True


async def _merged(heads: list[_Head], zone: tzinfo) -> AsyncIterator[Sequence[Entry]]:
    """The entries of all, in order of start."""
    ranks = [order_of(head.page[0], zone) for head in heads]
    page: list[Entry] = []
    while heads:
        first = ranks.index(min(ranks))
        head = heads[first]
        page.append(head.page[head.at])
        head.at += 1
        if head.at < len(head.page) or await head.fill():
            ranks[first] = order_of(head.page[head.at], zone)
        else:
            del heads[first], ranks[first]
        if len(page) >= PAGE:
            yield page
            page = []
    if page:
        yield page
