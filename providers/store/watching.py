"""What changes in a collection, read from the log whenever the store says that something did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from providers.store import log, nodes, rows, takeback
from providers.store.many import together
from providers.store.store import Connection, Store
from providers.store.takeback import Logged
from vfs.closing import Closing
from vfs.errors import NotFound, Unavailable
from vfs.path import Path
from vfs.provider import Changed

SYNC = "sync"
"""What an event is called that tells of many files of a folder."""

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
                    found, synced = await store.read(partial(_after, user=store.user, mount=mount, last=last))
                    changes = [
                        change
                        for event in found
                        for change in _told(event, mount, path, synced.get(event.seq))
                    ]
                    if changes:
                        yield changes
                    if found:
                        last = found[-1].seq
                    if len(found) < PAGE:
                        break
            except Unavailable:
                # The store ticks again when it is back, and the log has kept what was missed.
                continue


def _after(
    connection: Connection, user: str, mount: str, last: int
) -> tuple[list[Logged], dict[int, list[Path]]]:
    """The next events, and the files that those are about which tell of many."""
    found = takeback.logged_page(connection, user, last, PAGE, newest_first=False)
    many = [event for event in found if event.op == SYNC and event.mount == mount]
    return found, {event.seq: _files(connection, user, event) for event in many}


def _files(connection: Connection, user: str, event: Logged) -> list[Path]:
    """The files that a service sent at once, or marked, where they are by now; contents are no change."""
    further = event.further()
    sql = "SELECT parent, name FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL AND seq"
    if "first" in further:
        values = (user, event.mount, further["first"], further["last"])
        rows_found = connection.execute(f"{sql} BETWEEN ? AND ?", values).fetchall()
    else:
        rows_found = []
        for filled, some in together(f"{sql} IN (%s)", further.get("states", [])):
            rows_found += connection.execute(filled, [user, event.mount, *some]).fetchall()
    return [rows.to_path(f"{parent}/{name}") for parent, name in rows_found]


def _told(event: Logged, mount: str, path: Path, files: Sequence[Path] | None) -> list[Changed]:
    if event.mount != mount or event.op == "purge":
        return []
    if files is not None:
        op, at = ("write" if "first" in event.further() else "attrs"), rows.to_time(event.at)
        return [Changed(file, op, at) for file in files if file.is_under(path)]
    at, source = rows.to_time(event.at), rows.to_path(event.path)
    target = None if event.target is None else rows.to_path(event.target)
    here, there = source.is_under(path), target is not None and target.is_under(path)
    if target is not None and here != there:
        # Of a move across the border only one end lies here.
        return [Changed(source, "remove", at) if here else Changed(target, "write", at)]
    return [Changed(source, event.op, at, target)] if here else []
