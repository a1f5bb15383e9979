"""SqliteStore: a workspace's database file and its objects, opened by the first call that uses them.

`read` and `write` take a function of a connection and cross to the database's thread once, whatever
the function does there. Without an event loop everything happens in place. With one, changes run
on one thread and reading on another, with a connection of its own, so that no listing waits for a
long write.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from providers.store import copies, database, errors, reserve
from providers.store.database import SqliteConnection
from providers.store.objects import LocalObjects, ObjectStore
from vfs.drive import event_loop, hop, looping
from vfs.errors import NoSpace, VfsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import ThreadPoolExecutor

    from providers.rendering.renderer import Renderer
    from providers.store.store import Connection, Waiting, Work

FOLDED_AT, FOLDED_EARLY = 1000, 32
"""Pages that `-wal` holds before it is folded in, and on a disk that is nearly full."""

LOOKING = 0.25
"""Seconds between two looks for changes."""

_SET_MERGING = "INSERT INTO words (words, rank) VALUES (?, ?)"
_PUT_OFF = (("automerge", 0), ("crisismerge", 100_000))
"""The index does not merge its parts meanwhile, which can take as much disk as the index itself."""
_AS_EVER = (("automerge", 4), ("crisismerge", 16))

T = TypeVar("T")


class SqliteStore:
    """A Store in one database file, with its objects in a folder or elsewhere."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        objects: ObjectStore | str | os.PathLike[str],
        user: str = "me",
        *,
        waiting: Waiting | None = None,
        keep_copy: bool = True,
    ) -> None:
        self.path = os.fspath(path)
        self.objects: ObjectStore = (
            LocalObjects(os.fspath(objects)) if isinstance(objects, str | os.PathLike) else objects
        )
        self.user = user
        self.waiting = waiting
        """Told when a lock is waited for; may be set at any time."""
        self.keep_copy = keep_copy
        """Puts a copy of the database aside once a day, when it is closed after a change."""
        self._main: SqliteConnection | None = None
        self._reader: SqliteConnection | None = None
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._renderer: Renderer | None = None
        self._anchor = -1
        self._written = False
        self._tight = False

    @property
    def name(self) -> str:
        return self.path

    async def read(self, work: Work[T]) -> T:
        """What `work` makes of a connection that only reads. Raises Corrupt, Unavailable …"""
        if not looping():
            return self.read_here(work)
        return await hop(lambda: self._ask(self._reading(), work), self._thread("store-reads"))

    async def snapshot(self, work: Work[T]) -> T:
        """`read` of one moment, whatever others write meanwhile."""

        def within(connection: Connection) -> T:
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")

        return await self.read(within)

    async def write(self, work: Work[T], *, clearing: bool = False) -> T:
        """What `work` returns, all that it did committed and on the disk; nothing when it raises.

        Work that clears something away (`clearing`) may use the disk's last reserve.
        Raises Unavailable, NoSpace, ReadOnly, Corrupt, and what `work` raises.
        """
        if not looping():
            return self.write_here(work, clearing=clearing)
        return await hop(lambda: self.write_here(work, clearing=clearing), self._thread("store-writes"))

    def read_here(self, work: Work[T]) -> T:
        """`read`, in this thread; for code that holds no event loop."""
        return self._ask(self._writing(), work)

    def write_here(self, work: Work[T], *, clearing: bool = False) -> T:
        """`write`, in this thread."""
        connection = self._writing()
        if not self._written:
            # A copy that was put back in place has no `-wal` yet.
            database.patiently(lambda: connection.execute("PRAGMA journal_mode=WAL"), self.path, self.waiting)
            self._written = True
            reserve.keep(self.path, reserve.free(self.path))
        self._mind_the_disk(connection)
        try:
            result = self._transact(connection, work, clearing)
        except NoSpace:
            # What was committed lies in `-wal`, perhaps several times over: folding it in makes room.
            if clearing:
                reserve.give_up(self.path)
            self._tight = True
            if not self._fold(connection):
                raise
            result = self._transact(connection, work, clearing)
        self._move_anchor(connection)
        return result

    def _transact(self, connection: SqliteConnection, work: Work[T], clearing: bool) -> T:
        """`work`, committed; on a nearly full disk only if there is room to fold it in afterwards."""
        if not self._tight:
            return database.transact(connection, self.path, work, self.waiting)
        room = reserve.LEAST if clearing else reserve.ROOM

        def sparing(connection: SqliteConnection) -> T:
            if clearing:
                connection.executemany(_SET_MERGING, _PUT_OFF)
            result = work(connection)
            if clearing:
                connection.executemany(_SET_MERGING, _AS_EVER)
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            growth = max(0, pages * database.PAGE - os.stat(self.path).st_size)
            if reserve.free(self.path) < 2 * growth + room:
                raise NoSpace(self.path)
            return result

        return database.transact(connection, self.path, sparing, self.waiting)

    async def changes(self) -> AsyncIterator[None]:
        """Ticks once it watches, and whenever something was changed; looks a few times a second."""
        await event_loop()
        sleep = import_module("asyncio").sleep
        seen = None
        while True:
            version = await hop(self._data_version, self._thread("store-reads"))
            if version != seen:
                seen = version
                yield
            await sleep(LOOKING)

    def _data_version(self) -> int:
        # SQLite counts what other connections have committed; this store changes nothing by its reader.
        ask = "PRAGMA data_version"
        version: int = self._ask(self._reading(), lambda connection: connection.execute(ask).fetchone()[0])
        return version

    async def fold(self) -> bool:
        """Brings what waits in `-wal` into the file and empties it; False when readers were in the way."""
        return await hop(
            lambda: self._fold(self._writing()), self._thread("store-writes") if looping() else None
        )

    def _ask(self, connection: SqliteConnection, work: Work[T]) -> T:
        return database.patiently(lambda: work(connection), self.path, self.waiting)

    def _writing(self) -> SqliteConnection:
        if self._main is None:
            self._main = database.open_database(self.path, waiting=self.waiting)
        return self._main

    def _reading(self) -> SqliteConnection:
        if self._reader is None:
            self._reader = database.open_database(self.path, waiting=self.waiting, reading=True)
        return self._reader

    def _thread(self, name: str) -> ThreadPoolExecutor:
        thread = self._threads.get(name)
        if thread is None:
            pool = import_module("concurrent.futures").ThreadPoolExecutor
            thread = self._threads[name] = pool(max_workers=1, thread_name_prefix=name)
        return thread

    def _mind_the_disk(self, connection: SqliteConnection) -> None:
        tight = reserve.free(self.path) < reserve.TIGHT
        if tight is not self._tight:
            self._tight = tight
            connection.execute(f"PRAGMA wal_autocheckpoint={FOLDED_EARLY if tight else FOLDED_AT}")

    def _fold(self, connection: SqliteConnection) -> bool:
        try:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            return False
        return not busy

    def _move_anchor(self, connection: SqliteConnection) -> None:
        """Names the last event outside of the database, so that a lost one is noticed."""
        last = connection.execute(
            "SELECT seq, chain FROM event WHERE user_id = ? ORDER BY seq DESC LIMIT 1", (self.user,)
        ).fetchone()
        if last is None:
            return
        try:
            if self._anchor < 0:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._anchor = os.open(database.head_path(self.path), flags, 0o600)
                fcntl = import_module("fcntl")
                fcntl.flock(self._anchor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            os.pwrite(self._anchor, database.Head(last[0], last[1], self.user).line(), 0)
        except OSError:
            # The change itself is safe; without an anchor its loss would only go unnoticed.
            return

    def renderer(self) -> Renderer:
        """What gives documents' texts; never asked inside a transaction."""
        if self._renderer is None:
            self._renderer = import_module("providers.rendering.renderer").Renderer()
        assert self._renderer is not None
        return self._renderer

    # -- the end

    async def aclose(self) -> None:
        """Lets go of the file and the threads; the next call opens it again. Safe to call twice."""
        if self._renderer is not None:
            await hop(self._renderer.close)
        reads, writes = (self._threads.pop(name, None) for name in ("store-reads", "store-writes"))
        if reads is not None:
            reads.shutdown(wait=True)
        await hop(self._close, writes)
        if writes is not None:
            writes.shutdown(wait=True)
        await self.objects.aclose()

    def _close(self) -> None:
        if self._written and self.keep_copy and self._main is not None:
            self._copy_today(self._main)
        connections, self._main, self._reader = (self._reader, self._main), None, None
        for connection in connections:
            if connection is not None:
                try:
                    connection.close()
                except sqlite3.Error as error:
                    raise errors.from_sqlite(error, self.path) from error
        if self._anchor >= 0:
            os.close(self._anchor)
            self._anchor = -1
        self._written = False

    def _copy_today(self, connection: SqliteConnection) -> None:
        # Best effort: what the user asked for is done, whether or not there is room for a copy.
        with suppress(VfsError, OSError, sqlite3.Error):
            first = connection.execute(
                "SELECT at FROM event WHERE user_id = ? LIMIT 1", (self.user,)
            ).fetchone()
            if copies.is_due(self.path, time.time() if first is None else first[0] / 1e6):
                copies.put_aside(connection, self.path, "backup")
