"""A backup into an empty store.

What was to leave when the backup was taken may have left since: a person decides (`as_restored`).

Objects come first, then contents in batches, then everything else in one transaction: until that has
been committed, nothing of a workspace is there, and a restore that was broken off is begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from providers.outbox import deed
from providers.store.moving import indexing, tables
from providers.store.moving.archive import Archive, Kept
from providers.store.moving.backup import Progress
from providers.store.moving.proof import (
    WIDTH,
    Head,
    damaged_contents,
    head_of,
    is_empty,
    need_whole,
    occupied,
)
from providers.store.moving.tables import CONTENT, DEED, EVENT, REPLICA, TABLES, Row, Table
from vfs.drive import hop
from vfs.errors import Corrupt
from vfs.fan import fan_out

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

WEIGHT = 4 * 1024 * 1024
"""Bytes of contents that one transaction takes."""

RESTORED = "restored from a backup, and may have left since that was taken"


async def restore(archive: Archive, store: Store, progress: Progress | None = None) -> None:
    """Fills an empty store, or goes on where the same backup was being restored; proves it.

    Raises Conflict when the store holds anything else, NoSpace, Corrupt, Unavailable.
    """
    head = Head(archive.summary.events, bytes.fromhex(archive.summary.chain))
    there = await head_of(store)
    again = bool(there.seq) and there == head
    if not again and not await is_empty(store):
        raise occupied(store, there)
    await _objects(archive, store, progress)
    if not again:
        await _contents(archive, store, progress)
        await store.write(lambda connection: _rest(archive, connection, store.user, progress))
    await _prove(archive, store, progress)


def mark_in(archive: Archive) -> str:
    """Which workspace it is that was backed up, as `claims.mark_of` says it."""
    first = next(archive.rows(EVENT), None)
    return "" if first is None else bytes(first[-1]).hex()


def as_restored(table: Table, row: Row) -> Row:
    """A row of a backup as it is restored: nobody holds it, and nothing leaves by itself."""
    if table is not REPLICA and table is not DEED:
        return row
    fields = dict(zip(table.columns, row, strict=True))
    fields["lease"] = fields["lease_until"] = None
    if fields.get("state") in (deed.WAITING, *deed.HELD):
        fields |= {"state": deed.UNKNOWN, "problem": RESTORED}
    return tuple(fields.values())


def _rows(archive: Archive, table: Table) -> Iterator[Row]:
    return (as_restored(table, row) for row in archive.rows(table))


async def _objects(archive: Archive, store: Store, progress: Progress | None) -> None:
    there = {digest async for batch in store.objects.all() for digest, _ in batch}
    damaged = set(archive.summary.damaged)
    left = [kept for kept in archive.objects if kept.digest not in there and kept.digest.hex() not in damaged]
    if not left:
        return

    async def carry(kept: Kept) -> None:
        upload = await store.objects.begin()
        try:
            pieces = archive.pieces(kept)
            while (piece := await hop(lambda: next(pieces, None))) is not None:
                await upload.write(piece)
            await upload.finish(kept.digest)
        finally:
            await upload.abort()

    done = 0
    async for _ in fan_out(left, carry, WIDTH):
        done += 1
        if progress is not None:
            progress("objects", done, len(left))


async def _contents(archive: Archive, store: Store, progress: Progress | None) -> None:
    user, total, done = store.user, archive.summary.rows[CONTENT.name], 0
    await store.write(lambda connection: tables.purge(connection, user))
    for batch in _weighed(archive.rows(CONTENT)):
        await store.write(_putting(user, batch))
        done += len(batch)
        if progress is not None:
            progress("contents", done, total)


def _putting(user: str, batch: list[Row]) -> Callable[[Connection], None]:
    return lambda connection: tables.put(connection, CONTENT, user, batch, over=True)


def _weighed(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += 200 + sum(len(value) for value in row if isinstance(value, bytes))
        if weight >= WEIGHT:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _rest(archive: Archive, connection: Connection, user: str, progress: Progress | None) -> None:
    for table in TABLES:
        if table is not CONTENT:
            for batch in tables.batches(_rows(archive, table), table.page):
                tables.put(connection, table, user, batch)
    indexing.build(connection, user, progress)


async def _prove(archive: Archive, store: Store, progress: Progress | None) -> None:
    """Raises Corrupt unless the store says what the backup says, and every content has its hash."""

    def differs(connection: Connection) -> str | None:
        for table in TABLES:
            said = _rows(archive, table)
            with closing(tables.rows(connection, table, store.user)) as rows:
                if not _are_the_same(table, rows, said):
                    return table.name
        return None

    table = await store.read(differs)
    if table is not None:
        raise Corrupt(store.name, f"the restored rows of {table} are not those of the backup")
    wrong = await damaged_contents(store, progress=progress)
    await need_whole(store, _beyond(wrong, archive.summary.damaged))


def _are_the_same(table: Table, rows: Iterator[Row], said: Iterator[Row]) -> bool:
    """Whether rows are the ones expected, beside contents that were purged before."""
    expected = next(said, None)
    for row in rows:
        if row == expected:
            expected = next(said, None)
        elif not tables.is_purged(table, row):
            return False
    return expected is None


def _beyond(wrong: Collection[bytes], known: Collection[str]) -> list[bytes]:
    return [digest for digest in wrong if digest.hex() not in known]
