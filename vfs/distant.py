"""Many changes at once on a mount where each waits for a network, and is journalled by the tree.

What is about to happen is recorded for all of them, then they are done together, then the outcomes are
recorded. Where that ends before its end, what happened is looked up. Where even that cannot be done, the
intents are left: the journal tells them as unsure, and `undo` looks for itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from vfs.closing import Closing
from vfs.door import Anchored, Journal, Place
from vfs.errors import NotADirectory, NotFound, Unavailable, Unsupported, VfsError
from vfs.fan import fan_out
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Editable, Provider, WritableMany
from vfs.walk import walk
from vfs.writing import before, stored, without_guard

if TYPE_CHECKING:
    from vfs.tree import Tree

T = TypeVar("T")

Kept = Callable[[Place], Awaitable[Blocks | None]]
"""The content that a change replaces or removes."""

LISTED = 16
"""From so many files of one folder on, the folder is listed instead of asking for each."""

PAGES = 8
"""Pages of that listing at most."""


async def _intend_all(
    tree: Tree,
    journal: Journal,
    op: str,
    places: Sequence[Place],
    content: Callable[[Place], Awaitable[Blocks | None]],
) -> list[str]:
    """An intent for each, in order; none is left when one of them fails."""
    keys: list[str] = []

    async def intend(place: Place) -> str:
        key = await journal.intend(tree.the_change(), op, place.path, await content(place))
        keys.append(key)
        return key

    try:
        async with Closing(fan_out(places, intend)) as calls:
            return [key async for _, key in calls]
    except BaseException:
        for key in keys:
            await journal.settle(key, done=False)
        raise


async def _absent(tree: Tree, places: Sequence[Place]) -> set[Path]:
    """Those of many files of one folder that are not there yet, by a few pages of a listing."""
    folders: dict[Path, set[str]] = {}
    for place in places:
        folders.setdefault(place.path.parent, set()).add(place.path.name)
    absent: set[Path] = set()
    for folder, wanted in folders.items():
        if len(wanted) < LISTED:
            continue
        left, last = set(wanted), max(wanted)
        read = 0
        with suppress(VfsError):
            async with Closing(tree.list(folder)) as pages:
                async for page in pages:
                    left -= {node.name for node in page}
                    read += 1
                    if read == PAGES or page[-1].name >= last:
                        last = page[-1].name
                        break
            absent |= {folder.child(name) for name in left if name <= last}
    return absent


async def write_together(
    tree: Tree, provider: Provider, batch: Sequence[tuple[Place, bytes]]
) -> AsyncIterator[Sequence[Node]]:
    """Writes files, each of them journalled."""
    assert isinstance(provider, WritableMany)
    assert tree.journal is not None
    places = [place for place, _ in batch]
    absent = await _absent(without_guard(tree), places)

    async def content(place: Place) -> Blocks | None:
        return None if place.path in absent else await before(place)

    keys = await _intend_all(tree, tree.journal, "write", places, content)

    async def files() -> AsyncIterator[tuple[Path, bytes]]:
        for place, data in batch:
            yield place.inner, data

    at = 0
    try:
        with Anchored(batch[0][0]):
            async with Closing(provider.write_many(files(), tree.the_change())) as written:
                async for nodes in written:
                    for node in nodes:
                        await tree.journal.settle(keys[at], done=True, after=node)
                        at += 1
                    yield nodes
    except BaseException as error:
        await _settle_by_looking(tree, "write", list(zip(places, keys, strict=True))[at:], error)
        raise


async def _settle_by_looking(
    tree: Tree, op: str, left: Sequence[tuple[Place, str]], error: BaseException
) -> None:
    """Records of each change that was begun whether it happened, as far as the provider can be asked."""
    journal = tree.journal
    assert journal is not None
    if isinstance(error, Unavailable):
        return

    async def look(one: tuple[Place, str]) -> None:
        place, key = one
        node: Node | None = None
        with Anchored(place) as provider, suppress(NotFound, NotADirectory):
            node = await provider.stat(place.inner)
        there = node is not None
        await journal.settle(key, done=there if op == "write" else not there, after=node)

    with suppress(VfsError):
        async with Closing(fan_out(left, look)) as looked:
            async for _ in looked:
                pass


async def remove_together(tree: Tree, place: Place) -> None:
    """Removes a folder and all below it. Each entry is journalled before the folder that holds it."""
    assert tree.journal is not None
    below = [entry async for page in walk(without_guard(tree), place.path) for entry in page]
    files = {path for path, node in below if not node.is_folder}
    paths = [*reversed([path for path, _ in below]), place.path]

    async def content(place: Place) -> Blocks | None:
        return stored(place) if place.path in files else None

    places = [one for one in map(tree.place, paths) if one is not None]
    keys = await _intend_all(tree, tree.journal, "remove", places, content)
    try:
        with Anchored(place) as provider:
            if not isinstance(provider, Editable):
                raise Unsupported(place.inner)
            await provider.remove(place.inner, tree.the_change(), recursive=True)
    except BaseException as error:
        await _settle_by_looking(tree, "remove", list(zip(places, keys, strict=True)), error)
        raise
    for key in keys:
        await tree.journal.settle(key, done=True)


async def each(
    paths: Sequence[Path], work: Callable[[Path], Awaitable[T]], width: int
) -> AsyncIterator[T | VfsError]:
    """What `work` makes of each path, or why it could not, in order, up to `width` of them at once."""

    async def settled(path: Path) -> T | VfsError:
        try:
            return await work(path)
        except VfsError as error:
            return error

    async with Closing(fan_out(paths, settled, width)) as calls:
        async for _, result in calls:
            yield result
