"""One database file: opened, checked, made or upgraded, and its transactions.

Opening is cheap when all is well: a look at the file's size, one `PRAGMA`, and the last event
compared with the anchor (`FILE.head`, which names the last event that was committed). After an
unclean stop the file is checked before anything is read from it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from providers.store import errors, schema
from vfs.errors import ReadOnly, VfsError

if TYPE_CHECKING:
    from providers.store.store import Waiting
    from providers.store.wordindex import WordIndex

T = TypeVar("T")

PATIENCE = 8.0
"""Seconds that a locked database is waited for."""

PAGE = 4096
CHECKED = 256 * 1024 * 1024
"""Bytes up to which a database is checked whole after an unclean stop; a larger one for CHECK_TIME."""
CHECK_TIME = 5.0


class SqliteConnection(sqlite3.Connection):
    """SQLite's connection, as the one that `work` is given on every engine."""

    __slots__ = ()

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> sqlite3.Cursor:
        """SQLite gives every statement's rows as they are asked for."""
        return self.execute(sql, values)

    @property
    def words(self) -> WordIndex:
        """FTS5, loaded by the first call that changes or asks the index."""
        index: WordIndex = import_module("providers.store.fts5").INDEX
        return index


def patiently(call: Callable[[], T], database: str, waiting: Waiting | None = None) -> T:
    """The result of `call()`, tried again while others hold a lock. Raises Unavailable, Corrupt, NoSpace …"""
    give_up = 0.0
    while True:
        try:
            return call()
        except UnicodeDecodeError as error:
            raise errors.damaged(database, "it holds text that is no text") from error
        except sqlite3.Error as error:
            if not errors.is_busy(error):
                raise errors.from_sqlite(error, database) from error
            now = time.monotonic()
            if not give_up:
                give_up = now + PATIENCE
                if waiting is not None:
                    waiting(f"waiting for {errors.holders(database)}, who uses the database")
            if now >= give_up:
                raise errors.from_sqlite(error, database) from error


def open_database(path: str, *, waiting: Waiting | None = None, reading: bool = False) -> SqliteConnection:
    """A connection to the workspace's database, which is made when missing and upgraded when older.

    Raises Corrupt, ReadOnly, Unavailable, NoSpace, and VfsError for a file of a newer version.
    """
    head = read_head(path)
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        size = 0
        _make_file(path)
    except OSError as error:
        raise errors.from_os(error, path) from error
    if size % PAGE:
        raise errors.damaged(path, "it does not end at the end of a page")
    if size and _unclean(path):
        patiently(lambda: _check(path, head), path, waiting)
    connection = patiently(lambda: _connect(path, size), path, waiting)
    try:
        version = patiently(lambda: _version(connection), path, waiting)
        if version != schema.VERSION:
            _bring_up(connection, path, version, waiting)
        patiently(lambda: _compare(connection, path, head), path, waiting)
        connection.execute("PRAGMA query_only=ON" if reading else "PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    connection.set_authorizer(_authorize)
    return connection


def _connect(path: str, size: int) -> SqliteConnection:
    if os.access(path, os.W_OK) and os.access(os.path.dirname(path) or ".", os.W_OK):
        return sqlite3.connect(
            path,
            timeout=0.2,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=200,
            factory=SqliteConnection,
        )
    if not size:
        raise ReadOnly(path, "the database cannot be made here")
    # Where no lock file can be made, the file is read as it lies, unless work waits in `-wal`.
    return _uri(path, "mode=ro" if _pending(path) else "mode=ro&immutable=1")


def _uri(path: str, options: str) -> SqliteConnection:
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(
        f"file:{quoted}?{options}",
        uri=True,
        timeout=0.2,
        isolation_level=None,
        check_same_thread=False,
        factory=SqliteConnection,
    )


def _make_file(path: str) -> None:
    folder = os.path.dirname(path) or "."
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700)
            os.chmod(folder, 0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise errors.from_os(error, path) from error


def _version(connection: SqliteConnection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _bring_up(connection: SqliteConnection, path: str, version: int, waiting: Waiting | None) -> None:
    if version > schema.VERSION:
        raise VfsError(
            path,
            f"written by a newer Spatio (its schema is {version}, this one knows {schema.VERSION})",
            hint="update Spatio, then run it again; nothing was changed",
        )
    if version:
        import_module("providers.store.upgrade").upgrade(connection, path, version, waiting)
    else:
        patiently(lambda: _create(connection, path), path, waiting)


def _create(connection: SqliteConnection, path: str) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() and not _version(connection):
        raise VfsError(path, "not a database of Spatio", hint="move it away, or choose another SPATIO_HOME")
    connection.execute(f"PRAGMA page_size={PAGE}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _version(connection):
            for statement in schema.CREATE:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={schema.APPLICATION}")
            connection.execute(f"PRAGMA user_version={schema.VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


# -- after an unclean stop


def _pending(path: str) -> bool:
    try:
        return os.stat(path + "-wal").st_size > 0
    except OSError:
        return False


def _unclean(path: str) -> bool:
    """Work waits in `-wal` and no writer lives: the last one was killed."""
    if not _pending(path):
        return False
    fcntl = import_module("fcntl")
    try:
        anchor = os.open(head_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(anchor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(anchor)
    return True


def _check(path: str, head: Head | None) -> None:
    # Read-only, since closing another connection would fold a foreign `-wal` into the file.
    connection = _uri(path, "mode=ro")
    try:
        if os.stat(path).st_size > CHECKED:
            end = time.monotonic() + CHECK_TIME
            connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            if errors.code_of(error) != sqlite3.SQLITE_INTERRUPT:
                raise
            found = ("ok",)
        connection.set_progress_handler(None, 0)
        if found is None or found[0] != "ok":
            raise errors.damaged(path, str(found[0] if found else "it cannot be checked").splitlines()[-1])
        if _version(connection) == schema.VERSION:
            _compare(connection, path, head)
    finally:
        connection.close()


# -- the anchor


class Head(NamedTuple):
    """An event's number, its link of the chain, and whose log it ends."""

    seq: int
    chain: bytes
    user: str

    def line(self) -> bytes:
        """How it stands in the anchor; a shorter one leaves nothing of a longer."""
        return f"{self.seq:020d} {self.chain.hex()} {self.user.encode().hex()} \n".encode()


def head_path(path: str) -> str:
    """Where the anchor of the event log stands."""
    return path + ".head"


def read_head(path: str) -> Head | None:
    """The last event that is known to have been committed."""
    try:
        anchor = os.open(head_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        words = os.read(anchor, 1000).split()
    finally:
        os.close(anchor)
    try:
        return Head(
            int(words[0]), bytes.fromhex(words[1].decode()), bytes.fromhex(words[2].decode()).decode()
        )
    except (IndexError, ValueError):
        return None


def _compare(connection: SqliteConnection, path: str, head: Head | None) -> None:
    if head is None:
        return
    row = connection.execute(
        "SELECT chain FROM event WHERE user_id = ? AND seq = ?", (head.user, head.seq)
    ).fetchone()
    if row is None or row[0] != head.chain:
        error = errors.damaged(path, f"change {head.seq}, which was made, is not in it")
        error.hint = (
            f"its `-wal` file is missing or belongs to another copy; {error.hint}; "
            f"to go on with what is there, remove {head_path(path)}"
        )
        raise error


# -- what the program may do to the log


def _authorize(
    action: int, first: str | None, second: str | None, base: str | None, trigger: str | None
) -> int:
    if (
        action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_DROP_TABLE)
        and first == schema.LOG_TABLE
    ):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_ALTER_TABLE and second == schema.LOG_TABLE:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_DROP_TRIGGER and first in schema.LOG_TRIGGERS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first == "writable_schema":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


# -- transactions


def transact(
    connection: SqliteConnection,
    path: str,
    call: Callable[[SqliteConnection], T],
    waiting: Waiting | None = None,
) -> T:
    """The result of `call`, committed with all that it did; nothing of it is left when it raises."""
    patiently(lambda: connection.execute("BEGIN IMMEDIATE"), path, waiting)
    try:
        result = call(connection)
        patiently(lambda: connection.execute("COMMIT"), path, waiting)
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise errors.from_sqlite(error, path) from error
        raise
    return result
