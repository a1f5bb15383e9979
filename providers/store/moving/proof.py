"""A store's contents, objects and log against their hashes, and what makes it one workspace or another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from providers.store import log
from providers.store.moving import tables
from providers.store.moving.backup import Progress, whole
from providers.store.moving.tables import CONTENT
from vfs.errors import Conflict, Corrupt
from vfs.fan import fan_out

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

WIDTH = 8
"""Objects that are moved or read at once."""

_SIGNS = ("event", "node", "command", "collection", "run", "intent", "replica")
"""What a workspace has; contents alone are what a move that was broken off has left."""


class Head(NamedTuple):
    """The last event of a log, and its link of the chain: no two workspaces share one."""

    seq: int
    chain: bytes


async def head_of(store: Store) -> Head:
    """Where the log of a workspace ends; 0 for one that has none."""
    return await store.read(lambda connection: Head(*log.last_link(connection, store.user)))


async def is_empty(store: Store) -> bool:
    """Whether nothing of a workspace is there."""

    def empty(connection: Connection) -> bool:
        return not any(
            connection.execute(f"SELECT 1 FROM {name} WHERE user_id = ? LIMIT 1", (store.user,)).fetchone()
            for name in _SIGNS
        )

    return await store.read(empty)


async def knows(store: Store, head: Head) -> bool:
    """Whether an event is part of a store's log, so that who ends with it has an earlier state of it."""

    def there(connection: Connection) -> bool:
        row = connection.execute(
            "SELECT chain FROM event WHERE user_id = ? AND seq = ?", (store.user, head.seq)
        ).fetchone()
        return row is not None and bytes(row[0]) == head.chain

    return head.seq > 0 and await store.read(there)


def occupied(store: Store, head: Head) -> Conflict:
    """The store holds a workspace that must not be touched."""
    count = f" ({head.seq:,} changes)" if head.seq else ""
    return Conflict(
        store.name,
        f"holds another workspace already{count}; nothing was changed",
        hint="choose an empty place: another database, another user of it, or another file",
    )


async def breaks_of(store: Store) -> list[tuple[int, str]]:
    """What is wrong with a store's log."""
    return await store.read(lambda connection: list(log.breaks(connection, store.user)))


async def damaged_contents(
    store: Store, verified: Collection[bytes] = (), progress: Progress | None = None
) -> list[bytes]:
    """The contents that are not what their hash says, objects included unless they are `verified`."""

    def contents(connection: Connection) -> tuple[list[bytes], list[tuple[bytes, int]]]:
        wrong, objects = [], []
        with closing(tables.rows(connection, CONTENT, store.user)) as rows:
            for digest, size, crc, place, data, *_ in rows:
                if place == "objects":
                    objects.append((bytes(digest), int(size)))
                elif place == "rows" and not whole(digest, size, crc, data):
                    wrong.append(bytes(digest))
        return wrong, objects

    wrong, objects = await store.read(contents)
    left = [one for one in objects if one[0] not in verified]

    async def is_whole(one: tuple[bytes, int]) -> bool:
        return await store.objects.verify(*one)

    if not left:
        return wrong
    done = 0
    async for (digest, _), good in fan_out(left, is_whole, WIDTH):
        done += 1
        if not good:
            wrong.append(digest)
        if progress is not None:
            progress("verifying objects", done, len(left))
    return wrong


async def need_whole(store: Store, digests: Sequence[bytes]) -> None:
    """Raises Corrupt, which names the first of the files, unless there are no damaged contents."""
    if not digests:
        return

    def places(connection: Connection) -> list[str]:
        found = []
        for digest in digests[:100]:
            rows = connection.execute(
                "SELECT mount, parent, name FROM node WHERE user_id = ? AND digest = ? LIMIT 1",
                (store.user, digest),
            ).fetchall()
            found += [f"/{mount}{parent}/{name}" for mount, parent, name in rows]
        return found

    named = (await store.read(places))[:3]
    what = f"{len(digests)} contents are" if len(digests) > 1 else "a content is"
    where = f", such as that of {', '.join(named)}" if named else ", which only the history needs"
    raise Corrupt(
        store.name,
        f"{what} damaged{where}",
        hint="write it again from a copy of yours, or take it out for good: spatio forget PATH",
    )
