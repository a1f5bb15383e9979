"""News: what has come into a collection of an account and was not looked at yet, handed out once.

`replica.handled` is the highest number of a node that was looked at. Whoever looks holds the row's lease,
so that two programs never look at the same; a lease that ran out is taken over, and what its holder
had not marked as handled comes again. What a first listing brings is the past, and never comes: its end
is the first mark.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from providers.store import rows
from providers.store.schema import SPAN
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

LEASE = 600.0
"""Seconds for which a row is held; each `mark` begins them again."""

_ROW = (
    "SELECT key, handled FROM replica WHERE user_id = ? AND mount = ? AND path = ? AND key <> ''"
    " AND NOT listing AND synced_at IS NOT NULL"
)
_TAKE = (
    "UPDATE replica SET lease = ?, lease_until = ? WHERE user_id = ? AND mount = ? AND key = ?"
    " AND (lease IS NULL OR lease_until < ?) RETURNING 1"
)
_MARK = (
    "UPDATE replica SET handled = ?, lease_until = ?"
    " WHERE user_id = ? AND mount = ? AND key = ? AND lease = ? RETURNING 1"
)
_FREE = (
    "UPDATE replica SET lease = NULL, lease_until = NULL"
    " WHERE user_id = ? AND mount = ? AND key <> '' AND lease = ?"
)
_NEW = (
    "SELECT seq, name, created_at FROM node WHERE user_id = ? AND mount = ? AND parent = ?"
    " AND deleted_at IS NULL AND kind = 'file' AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"
)
_NUMBER = "SELECT number FROM collection WHERE user_id = ? AND name = ?"


class Claim(NamedTuple):
    """A collection that the caller may look at."""

    mount: str
    path: Path
    key: str
    lease: str
    handled: int


def _now() -> int:
    return time.time_ns() // 1000


def _until() -> int:
    return _now() + int(LEASE * 1_000_000)


async def claim(store: Store, mount: str, path: Path, lease: str) -> Claim | None:
    """The collection at `path`, held by the caller; None when there is none, or somebody else has it.

    Where no first listing has left its mark, what is there counts as handled. Whoever is cancelled here
    lets go, too.
    """
    user = store.user

    def take(connection: Connection) -> Claim | None:
        row = connection.execute(_ROW, (user, mount, rows.path_text(path))).fetchone()
        if row is None:
            return None
        key, handled = str(row[0]), int(row[1])
        taken = connection.execute(_TAKE, (lease, _until(), user, mount, key, _now()))
        if taken.fetchone() is None:
            return None
        if not handled:
            first, last = _range(connection, user, mount)
            found = connection.execute(
                "SELECT max(seq) FROM node WHERE user_id = ? AND seq >= ? AND seq < ?", (user, first, last)
            ).fetchone()
            handled = int(found[0] or first)
            connection.execute(_MARK, (handled, _until(), user, mount, key, lease))
        return Claim(mount, path, key, lease, handled)

    return await store.write(take)


def _range(connection: Connection, user: str, mount: str) -> tuple[int, int]:
    row = connection.execute(_NUMBER, (user, mount)).fetchone()
    number = int(row[0]) if row is not None else 0
    return number * SPAN, (number + 1) * SPAN


class Arrival(NamedTuple):
    """Something that came."""

    number: int
    path: Path
    at: datetime
    """When it came here."""


async def arrived(store: Store, held: Claim, after: int, most: int) -> Sequence[Arrival]:
    """The next of what has come since `after`, by number."""
    user = store.user

    def read(connection: Connection) -> Sequence[Arrival]:
        _, last = _range(connection, user, held.mount)
        values = (user, held.mount, rows.path_text(held.path), after, last, most)
        found = connection.execute(_NEW, values).fetchall()
        return [Arrival(seq, held.path.child(name), rows.to_time(at)) for seq, name, at in found]

    return await store.read(read)


async def mark(store: Store, held: Claim, number: int) -> bool:
    """Notes that all up to `number` was looked at; False when somebody else has taken the lease over."""

    def note(connection: Connection) -> bool:
        values = (number, _until(), store.user, held.mount, held.key, held.lease)
        return connection.execute(_MARK, values).fetchone() is not None

    return await store.write(note)


async def let_go(store: Store, mount: str, lease: str) -> None:
    """Gives a lease back, if it was taken."""

    def free(connection: Connection) -> None:
        connection.execute(_FREE, (store.user, mount, lease))

    await store.write(free)


async def is_done(store: Store, command: str) -> bool:
    """Whether the log has a command of this id."""

    def read(connection: Connection) -> bool:
        sql = "SELECT 1 FROM command WHERE user_id = ? AND id = ?"
        return connection.execute(sql, (store.user, command)).fetchone() is not None

    return await store.read(read)
