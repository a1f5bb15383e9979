"""Watching a part of the tree: the mounts there, each as it can, merged and told in the caller's paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from vfs.action import Effect
from vfs.closing import Closing
from vfs.door import Anchored, Place
from vfs.drive import event_loop
from vfs.errors import Unsupported
from vfs.path import ROOT, Path
from vfs.provider import Changed, Watchable

if TYPE_CHECKING:
    from vfs.tree import Tree

AHEAD = 16
"""Batches that wait for the caller, beyond which mounts wait."""

Batches = AsyncIterator[Sequence[Changed]]


async def watch_all(tree: Tree, paths: Sequence[Path]) -> Batches:
    """What changes at or below any of `paths`, none of which lies below another; see Tree.watch."""
    feeds: list[Batches] = []
    for path in paths:
        await tree.allow(Effect.READ, path)
        await tree.stat(path)
        places = _places(tree, path)
        if not places:
            raise Unsupported(path, "cannot be watched")
        feeds += [_seen(tree, place) for place in places]
    await event_loop()
    async with Closing(_merged(feeds)) as batches:
        async for batch in batches:
            yield batch


def _places(tree: Tree, path: Path) -> list[Place]:
    """What can be watched: the mount at `path`, and those below it."""
    own = tree.place(path)
    nested = [Place(mount.path, mount, ROOT) for mount in tree.mounts.below(path) if tree.sees(mount.path)]
    found = []
    for place in ([own] if own is not None else []) + nested:
        with Anchored(place) as provider:
            if isinstance(provider, Watchable):
                found.append(place)
    return found


async def _seen(tree: Tree, place: Place) -> Batches:
    """One mount's changes in the caller's paths, as far as the guard shows them."""
    base = place.mount.path
    with Anchored(place) as provider:
        assert isinstance(provider, Watchable)
        async with Closing(provider.watch(place.inner)) as batches:
            async for batch in batches:
                shown = [_shown(tree, place, _moved(change, base)) for change in batch]
                left = [change for change in shown if change is not None]
                if left or not batch:
                    yield left


def _moved(change: Changed, base: Path) -> Changed:
    target = None if change.target is None else base.join(change.target)
    return change._replace(path=base.join(change.path), target=target)


def _shown(tree: Tree, place: Place, change: Changed) -> Changed | None:
    source, target = _is_seen(tree, place, change.path), change.target
    if target is None or (source and _is_seen(tree, place, target)):
        return change if source else None
    if source:
        return Changed(change.path, "remove", change.at)
    # Where it came from is hidden: to this caller it is new.
    return Changed(target, "write", change.at) if _is_seen(tree, place, target) else None


def _is_seen(tree: Tree, place: Place, path: Path) -> bool:
    """The guard shows it, and no mount lies over it."""
    return tree.mounts.find(path) is place.mount and tree.sees(path)


async def _merged(feeds: Sequence[Batches]) -> Batches:
    """The batches of all, as they come; one empty one first, when all are ready."""
    queue: asyncio.Queue[Sequence[Changed] | BaseException] = asyncio.Queue(AHEAD)
    ready = len(feeds)

    async def feed(batches: Batches) -> None:
        nonlocal ready
        try:
            async with Closing(batches) as each:
                await anext(each)
                ready -= 1
                if not ready:
                    await queue.put(())
                async for batch in each:
                    await queue.put(batch)
        except Exception as error:
            await queue.put(error)

    tasks = [asyncio.ensure_future(feed(batches)) for batches in feeds]
    early: list[Changed] = []
    try:
        while True:
            item = await queue.get()
            if isinstance(item, BaseException):
                raise item
            if ready:
                early += item
                continue
            yield item
            if early:
                yield early
                early = []
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
