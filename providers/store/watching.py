"""What changes in a collection, read from the log whenever the store says that something did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from providers.store import log, nodes, rows, takeback
from providers.store.store import Connection, Store
from providers.store.takeback import Logged
from vfs.closing import Closing
from vfs.errors import NotFound, Unavailable
from vfs.path import Path
from vfs.provider import Changed

PAGE = 1000
"""Events that are read at once."""


async def watch(store: Store, mount: str, path: Path) -> AsyncIterator[Sequence[Changed]]:
    """See Watchable.watch."""
    if not rows.storable(path):
        raise NotFound(path)
    if path.parts:
        await store.read(lambda connection: nodes.find(connection, store.user, mount, path))
    last: int | None = None
    async with Closing(store.changes()) as ticks:
        async for _ in ticks:
            if last is None:
                last = await store.read(lambda connection: log.last_link(connection, store.user)[0])
                yield ()
                continue
            try:
                while True:
                    found = await store.read(partial(_after, user=store.user, last=last))
                    changes = [change for event in found for change in _told(event, mount, path)]
                    if changes:
                        yield changes
                    if found:
                        last = found[-1].seq
                    if len(found) < PAGE:
                        break
            except Unavailable:
                # The store ticks again when it is back, and the log has kept what was missed.
                continue


def _after(connection: Connection, user: str, last: int) -> list[Logged]:
    return takeback.logged_page(connection, user, last, PAGE, newest_first=False)


def _told(event: Logged, mount: str, path: Path) -> list[Changed]:
    if event.mount != mount or event.op == "purge":
        return []
    at, source = rows.to_time(event.at), rows.to_path(event.path)
    target = None if event.target is None else rows.to_path(event.target)
    here, there = source.is_under(path), target is not None and target.is_under(path)
    if target is not None and here != there:
        # Of a move across the border only one end lies here.
        return [Changed(source, "remove", at) if here else Changed(target, "write", at)]
    return [Changed(source, event.op, at, target)] if here else []
