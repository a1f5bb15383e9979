"""Many changes at once on a mount where each waits for a network, and is journalled by the tree.

What is about to happen is recorded for all of them, then they are done together, then the outcomes are
recorded. Where that ends in an error, the intents of what may or may not have happened are left: the
journal tells them as unsure, and `undo` looks for itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from vfs.closing import Closing
from vfs.door import Anchored, Journal, Place
from vfs.errors import Unsupported, VfsError
from vfs.fan import fan_out
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Editable, Provider, WritableMany
from vfs.writing import before

if TYPE_CHECKING:
    from vfs.tree import Tree

T = TypeVar("T")


async def _intend_all(tree: Tree, journal: Journal, op: str, places: Sequence[Place]) -> list[str]:
    """An intent for each, in order; none is left when one of them fails."""
    keys: list[str] = []

    async def intend(place: Place) -> str:
        content = None if op == "mkdir" else await before(place)
        key = await journal.intend(tree.the_change(), op, place.path, content)
        keys.append(key)
        return key

    try:
        async with Closing(fan_out(places, intend)) as calls:
            return [key async for _, key in calls]
    except BaseException:
        for key in keys:
            await journal.settle(key, done=False)
        raise


async def write_together(
    tree: Tree, provider: Provider, batch: Sequence[tuple[Place, bytes]]
) -> AsyncIterator[Sequence[Node]]:
    """Writes files, each of them journalled."""
    assert isinstance(provider, WritableMany)
    assert tree.journal is not None
    keys = await _intend_all(tree, tree.journal, "write", [place for place, _ in batch])

    async def files() -> AsyncIterator[tuple[Path, bytes]]:
        for place, data in batch:
            yield place.inner, data

    at = 0
    with Anchored(batch[0][0]):
        async with Closing(provider.write_many(files(), tree.the_change())) as written:
            async for nodes in written:
                for node in nodes:
                    await tree.journal.settle(keys[at], done=True, after=node)
                    at += 1
                yield nodes


async def remove_together(tree: Tree, places: Sequence[Place]) -> None:
    """Removes a folder, the last of `places`, and all below it, which stand before it, the deepest first."""
    assert tree.journal is not None
    keys = await _intend_all(tree, tree.journal, "remove", places)
    with Anchored(places[-1]) as provider:
        if not isinstance(provider, Editable):
            raise Unsupported(places[-1].inner)
        await provider.remove(places[-1].inner, tree.the_change(), recursive=True)
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
