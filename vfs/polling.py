"""Watching what tells nobody of its changes: looked at again and again, compared with the time before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.errors import NotFound
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Changed

EVERY = 0.5
"""Seconds between two looks; where a look takes long, the pause is REST times as long."""
REST = 10

State = dict[Path, Node]


class Walked(Protocol):
    async def stat(self, path: Path) -> Node: ...
    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]: ...


async def watch(provider: Walked, path: Path) -> AsyncIterator[Sequence[Changed]]:
    """See Watchable.watch. What came and went between two looks is not seen; a move is a removal and a
    write."""
    await provider.stat(path)
    await event_loop()
    before = await _look(provider, path)
    yield ()
    while True:
        begun = time.monotonic()
        after = await _look(provider, path)
        changes = list(_compared(before, after))
        before = after
        if changes:
            yield changes
        await asyncio.sleep(max(EVERY, REST * (time.monotonic() - begun)))


async def _look(provider: Walked, path: Path) -> State:
    found: State = {}
    try:
        node = await provider.stat(path)
        if not node.is_folder:
            return {path: node}
        async with Closing(provider.walk(path)) as pages:
            async for page in pages:
                found.update(page)
    except NotFound:
        pass  # removed meanwhile, and perhaps made again
    return found


def _compared(before: State, after: State) -> Iterator[Changed]:
    now = datetime.now(UTC)
    for path in reversed(before):
        if path not in after:
            yield Changed(path, "remove", now)
    for path, node in after.items():
        old = before.get(path)
        if old is None:
            yield Changed(path, "mkdir" if node.is_folder else "write", now)
        elif not node.is_folder and (old.size, old.mtime, old.etag) != (node.size, node.mtime, node.etag):
            yield Changed(path, "write", now)
