"""Purging: contents, names, index entries and replicas gone for good; of the log, hashes stay.

Also sweeping: objects and contents that nothing names any more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from providers.store import log
from providers.store.many import WIDTHS, together
from providers.store.nodes import below
from providers.store.objects import SWEEP_AGE
from providers.store.rows import COLUMNS, NodeRow
from vfs.action import Change
from vfs.errors import NotFound, VfsError
from vfs.ids import uuid7
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FEW = 2 * WIDTHS[-1]
"""Contents up to which the store is asked which of them it needs, instead of for all that it needs."""


async def forget(
    store: Store, under: Path, collections: Sequence[tuple[str, str]], numbers: Sequence[int] | None
) -> int:
    """Purges nodes at or below `under`, live or removed, and the names in events `numbers` (None: all)."""
    user = store.user
    gone, objects = await store.write(
        lambda connection: _forget(connection, user, collections, numbers), clearing=True
    )
    if not gone and not numbers and under.parts:
        raise NotFound(under, "nothing is, or ever was, here")
    try:
        await store.objects.delete(objects)
    except OSError as error:
        raise _left(store, len(objects), error) from error
    # What was purged must not linger in `-wal`; in the file itself, freed pages were overwritten.
    await store.fold()
    return gone


def _left(store: Store, count: int, error: OSError) -> VfsError:
    """What is said when the rows are purged and the objects are not."""
    kind = type(error) if isinstance(error, VfsError) else VfsError
    why = error.reason if isinstance(error, VfsError) else error.strerror
    many = f"{count} large contents lie" if count > 1 else "a large content lies"
    return kind(
        store.objects.name,
        f"{why}: all else is forgotten, but {many} there still",
        hint="spatio doctor removes what no file names, once it is a day old: run it then",
    )


def _forget(
    connection: Connection,
    user: str,
    collections: Sequence[tuple[str, str]],
    numbers: Sequence[int] | None,
) -> tuple[int, list[bytes]]:
    gone = [row for mount, folder in collections for row in _nodes(connection, user, mount, folder)]
    connection.words.purge(connection, user, [row for row in gone if row.indexed])
    connection.executemany(
        "DELETE FROM node WHERE user_id = ? AND seq = ?", [(user, row.seq) for row in gone]
    )
    _let_go(connection, user, collections, [row.seq for row in gone])
    doomed = {row.digest for row in gone if row.digest is not None}
    events = _event_numbers(connection, user) if numbers is None else list(numbers)
    for sql, some in together("SELECT before, after FROM event WHERE user_id = ? AND seq IN (%s)", events):
        for row in connection.execute(sql, [user, *some]):
            doomed |= {digest for digest in row if digest is not None}
    connection.executemany(
        "DELETE FROM event_name WHERE user_id = ? AND seq = ?", [(user, number) for number in events]
    )
    connection.execute(
        "UPDATE command SET line = '', undone_by = id WHERE user_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM event_name n WHERE n.user_id = command.user_id"
        " AND n.seq BETWEEN command.first AND command.last)",
        (user,),
    )
    if numbers is None:
        for table in ("step", "run", "intent", "replica"):
            connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user,))
    objects = _purge_contents(connection, user, doomed)
    if gone or events:
        _note(connection, user)
    return len(gone), objects


def _let_go(
    connection: Connection, user: str, collections: Sequence[tuple[str, str]], numbers: Sequence[int]
) -> None:
    """Purges what services said of nodes, and what they were to be told.

    Of a folder that is forgotten whole it is forgotten, too, how far it was replicated: it is listed anew.
    """
    for table in ("item", "push", "deed"):
        for sql, some in together(f"DELETE FROM {table} WHERE user_id = ? AND node IN (%s)", numbers):
            connection.execute(sql, [user, *some])
    for mount, folder in collections:
        sql = "DELETE FROM replica WHERE user_id = ? AND mount = ?"
        values = [user, mount]
        if folder:
            sql += " AND (path = ? OR (path >= ? AND path < ?))"
            values += below(folder)
        connection.execute(sql, values)


def _nodes(connection: Connection, user: str, mount: str, folder: str) -> list[NodeRow]:
    sql = f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND mount = ?"
    values = [user, mount]
    if folder:
        parent, _, name = folder.rpartition("/")
        sql += " AND (parent = ? OR (parent >= ? AND parent < ?) OR (parent = ? AND name = ?))"
        values += [*below(folder), parent, name]
    return [NodeRow(*row) for row in connection.execute(sql, values).fetchall()]


def _event_numbers(connection: Connection, user: str) -> list[int]:
    found = connection.execute("SELECT seq FROM event_name WHERE user_id = ?", (user,))
    return [seq for (seq,) in found.fetchall()]


def _purge_contents(connection: Connection, user: str, doomed: set[bytes]) -> list[bytes]:
    """Purges contents that no node and no event with a name needs; returns those that are objects."""
    gone = sorted(doomed - _needed(connection, user, doomed))
    objects = _named(connection, user, gone)
    connection.executemany(
        "UPDATE content SET place = 'purged', data = NULL, excerpt = NULL, size = 0, crc = 0, created_at = ?"
        " WHERE user_id = ? AND digest = ?",
        [(time.time_ns() // 1000, user, digest) for digest in gone],
    )
    connection.executemany(
        "DELETE FROM span WHERE user_id = ? AND digest = ?", [(user, digest) for digest in gone]
    )
    return sorted(objects)


def _needed(connection: Connection, user: str, doomed: set[bytes]) -> set[bytes]:
    """Of these contents, those that a node, or an event with a name, still stands for."""
    needed: set[bytes] = set()
    named = "event e JOIN event_name n ON n.user_id = e.user_id AND n.seq = e.seq"
    for column, table, of in (
        ("digest", "node", "user_id"),
        ("e.before", named, "e.user_id"),
        ("e.after", named, "e.user_id"),
        ("before", "intent", "user_id"),
    ):
        all_of = f"SELECT {column} FROM {table} WHERE {of} = ? AND {column} IS NOT NULL"
        if len(doomed) > FEW:
            needed.update(digest for (digest,) in connection.stream(all_of, (user,)))
            continue
        for sql, some in together(f"{all_of} AND {column} IN (%s)", sorted(doomed)):
            needed.update(digest for (digest,) in connection.execute(sql, [user, *some]))
    return needed


def _note(connection: Connection, user: str) -> None:
    change = Change(uuid7(), "forget", "user")
    entry = log.Entry("purge", "", "")
    log.append(connection, user, change, time.time_ns() // 1000, [entry])
    # Nothing takes a purge back.
    connection.execute(
        "UPDATE command SET undone_by = id WHERE user_id = ? AND id = ?", (user, change.command_id)
    )


async def sweep(store: Store, *, age: float = SWEEP_AGE) -> int:
    """Removes objects that no row names and that are older than `age` seconds; returns how many."""
    gone = 0
    limit = time.time() - age
    async for batch in store.objects.all():
        old = [digest for digest, kept in batch if kept < limit]
        named = await store.read(lambda connection, old=old: _named(connection, store.user, old))  # type: ignore[misc]
        orphans = [digest for digest in old if digest not in named]
        await store.objects.delete(orphans)
        gone += len(orphans)
    return gone + await store.objects.sweep_parts(age)


def _named(connection: Connection, user: str, digests: Sequence[bytes]) -> set[bytes]:
    """Those of these contents that are objects."""
    found: set[bytes] = set()
    for sql, some in together(
        "SELECT digest FROM content WHERE user_id = ? AND place = 'objects' AND digest IN (%s)", digests
    ):
        found.update(digest for (digest,) in connection.execute(sql, [user, *some]))
    return found


def facts(connection: Connection, user: str) -> Mapping[str, int]:
    """How much the store holds."""
    counts = {
        "files": "SELECT count(*) FROM node WHERE user_id = ? AND kind = 'file' AND deleted_at IS NULL",
        "removed": "SELECT count(*) FROM node WHERE user_id = ? AND kind = 'file' AND deleted_at IS NOT NULL",
        "events": "SELECT coalesce(max(seq), 0) FROM event WHERE user_id = ?",
        "contents": "SELECT count(*) FROM content WHERE user_id = ? AND place <> 'purged'",
        "bytes": "SELECT coalesce(sum(size), 0) FROM content WHERE user_id = ?",
    }
    return {name: int(connection.execute(sql, (user,)).fetchone()[0]) for name, sql in counts.items()}
