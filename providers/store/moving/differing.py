"""What two stores do not have in common, found page by page, and taken over in one transaction.

Contents that one lacks are handed over at once: without a file that names them they show nowhere, and
most of the bytes need not be sent again when a move is broken off. All other differences are gathered
on the disk first. The log of a target can only lack its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from providers.store import log
from providers.store.moving import rowtext, tables
from providers.store.moving.backup import Progress, whole
from providers.store.moving.proof import Head, need_whole, occupied
from providers.store.moving.tables import CONTENT, EVENT, TABLES, Key, Row, Table

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

HEAVY = 4 * 1024 * 1024
LIGHT = 1024
"""Bytes of contents that are handed over at once, and what one that holds none counts."""

HELD = 1024 * 1024
"""Bytes of differences that stay in memory."""

_COMPARED = ("data",)
"""What of a content is not compared: its hash stands for it, and is proven against it later."""


class Gathered:
    """Rows put aside, on the disk when they are many."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.count = 0
        self._file = SpooledTemporaryFile(max_size=HELD)  # noqa: SIM115 (closed by `close`)

    def add(self, row: Row) -> None:
        self._file.write(rowtext.line(self.table, row))
        self.count += 1

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        for line in self._file:
            yield rowtext.read(self.table, line)

    def close(self) -> None:
        self._file.close()


class Differences:
    """What a target lacks, has otherwise, and has too much."""

    def __init__(self) -> None:
        self.missing = {table.name: Gathered(table) for table in TABLES}
        self.changed = {table.name: Gathered(table) for table in TABLES}
        self.surplus: dict[str, list[Key]] = {table.name: [] for table in TABLES}
        self.mark = b""
        """Of the source as it was compared; see `mark_of`."""
        self.rows = self.handed_over = 0
        """How many rows the source has, and how many contents the target was given."""

    @property
    def count(self) -> int:
        gathered = [*self.missing.values(), *self.changed.values()]
        return sum(one.count for one in gathered) + sum(map(len, self.surplus.values()))

    def close(self) -> None:
        for one in (*self.missing.values(), *self.changed.values()):
            one.close()

    def settle(self, connection: Connection, user: str) -> None:
        """Makes the target's rows those of the source, within the caller's transaction."""
        for table in reversed(TABLES):
            gone = list(self.surplus[table.name])
            if table.trading:
                # Files that changed names with each other would be in each other's way.
                gone += [table.key_of(row) for row in self.changed[table.name]]
            if gone and table is CONTENT:
                tables.purge(connection, user, gone)
            elif gone:
                tables.drop(connection, table, user, gone)
        for table in TABLES:
            changed = iter(self.changed[table.name])
            for batch in tables.batches(changed, table.page):
                (tables.put if table.trading else tables.change)(connection, table, user, batch)
            for batch in tables.batches(iter(self.missing[table.name]), table.page):
                tables.put(connection, table, user, batch)


def mark_of(connection: Connection, user: str) -> bytes:
    """Stands for all that a store says at one moment: another mark means that something has changed."""
    mark = _Mark()
    for table in TABLES:
        if table is not EVENT:
            with closing(tables.rows(connection, table, user, _left_out(table))) as rows:
                for row in rows:
                    mark.add(table, row)
    mark.end(Head(*log.last_link(connection, user)))
    return mark.digest()


class _Mark:
    def __init__(self) -> None:
        self._hash = sha256()
        self.digest = self._hash.digest

    def add(self, table: Table, row: Row) -> None:
        self._hash.update(f"{table.name}{row!r}".encode())

    def end(self, head: Head) -> None:
        self._hash.update(repr(tuple(head)).encode())


def _left_out(table: Table) -> tuple[str, ...]:
    return _COMPARED if table is CONTENT else ()


async def differences(
    source: Store, target: Store, progress: Progress | None = None, *, handing_over: bool = True
) -> Differences:
    """Compares every row. With `handing_over`, the target has the contents that it lacked when this returns.

    Raises Conflict when the target's log is not the beginning of the source's, Corrupt for a content
    of the source that is damaged.
    """
    found = Differences()
    try:
        comparison = _Comparison(source, target, found, progress, handing_over)
        await comparison.run()
    except BaseException:
        found.close()
        raise
    return found


class _Comparison:
    def __init__(
        self, source: Store, target: Store, found: Differences, progress: Progress | None, handing_over: bool
    ) -> None:
        self.source = source
        self.target = target
        self.found = found
        self.progress = progress
        self.handing_over = handing_over
        self.mark = _Mark()
        self.lacking: list[Key] = []
        self.weight = 0
        self.passed_by = 0
        """Contents between the lacking ones that the target has."""

    async def run(self) -> None:
        head = Head(0, log.START)
        for table in TABLES:
            async for mine, theirs in _paired(self.source, self.target, table):
                if mine is not None:
                    self.found.rows += 1
                    if table is EVENT:
                        head = Head(mine[0], bytes(mine[-1]))
                    else:
                        self.mark.add(table, mine)
                if table is CONTENT and self.lacking and mine == theirs:
                    self.passed_by += 1
                if mine != theirs and not _is_left_over(table, mine, theirs):
                    await self._differ(table, mine, theirs)
                if self.progress is not None and not self.found.rows % 100:
                    self.progress(f"comparing {table.name}", self.found.rows, 0)
            await self._hand_over()
        self.mark.end(head)
        self.found.mark = self.mark.digest()

    async def _differ(self, table: Table, mine: Row | None, theirs: Row | None) -> None:
        if table is EVENT and theirs is not None:
            raise occupied(self.target, Head(theirs[0], b""))
        if mine is None:
            assert theirs is not None
            self.found.surplus[table.name].append(table.key_of(theirs))
        elif table is not CONTENT:
            (self.found.missing if theirs is None else self.found.changed)[table.name].add(mine)
        elif theirs is not None:
            for row in await self._whole([table.key_of(mine)]):
                self.found.changed[table.name].add(row)
        elif self.handing_over:
            self.lacking.append(table.key_of(mine))
            self.weight += LIGHT + (mine[1] if mine[3] == "rows" else 0)
            if self.weight >= HEAVY:
                await self._hand_over()
        else:
            self.found.missing[table.name].add(_without_data(mine))

    async def _hand_over(self) -> None:
        if self.lacking:
            rows = await self._whole(self.lacking)
            self.lacking, self.weight, self.passed_by = [], 0, 0
            self.found.handed_over += len(rows)
            await self.target.write(
                lambda connection: tables.put(connection, CONTENT, self.target.user, rows)
            )

    async def _whole(self, keys: list[Key]) -> list[Row]:
        """Contents with their bytes. Raises Corrupt for what is not what was written."""
        user = self.source.user

        def fetch(connection: Connection) -> list[Row]:
            if self.passed_by <= len(keys):
                wanted = set(keys)
                near = tables.between(connection, CONTENT, user, keys[0], keys[-1])
                return [row for row in near if CONTENT.key_of(row) in wanted]
            found = [tables.one(connection, CONTENT, user, key) for key in keys]
            return [row for row in found if row is not None]

        rows = await self.source.read(fetch)
        wrong = [row[0] for row in rows if row[3] == "rows" and not whole(row[0], row[1], row[2], row[4])]
        await need_whole(self.source, wrong)
        return rows


def _is_left_over(table: Table, mine: Row | None, theirs: Row | None) -> bool:
    """What a move of something else, broken off, has left: contents that were purged since."""
    return mine is None and theirs is not None and tables.is_purged(table, theirs)


def _without_data(row: Row) -> Row:
    """A compared content as a row of all columns."""
    at = CONTENT.columns.index("data")
    return (*row[:at], None, *row[at:])


async def _paired(source: Store, target: Store, table: Table) -> AsyncIterator[tuple[Row | None, Row | None]]:
    """The rows of both, by their keys; None where one has no such row."""
    left, right = _all(source, table), _all(target, table)
    mine, theirs = await anext(left, None), await anext(right, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and table.key_of(mine) < table.key_of(theirs)):
            yield mine, None
            mine = await anext(left, None)
        elif mine is None or table.key_of(theirs) < table.key_of(mine):
            yield None, theirs
            theirs = await anext(right, None)
        else:
            yield mine, theirs
            mine, theirs = await anext(left, None), await anext(right, None)


async def _all(store: Store, table: Table) -> AsyncIterator[Row]:
    after: Key | None = None
    while True:
        found = await store.read(_page(table, store.user, after))
        for row in found:
            yield row
        if len(found) < table.page:
            return
        after = table.key_of(found[-1])


def _page(table: Table, user: str, after: Key | None) -> Callable[[Connection], list[Row]]:
    return lambda connection: tables.page(connection, table, user, after, _left_out(table))
