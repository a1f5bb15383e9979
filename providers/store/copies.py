"""Copies of the database that are put aside: before an upgrade, and one a day while it is in use."""

from __future__ import annotations

import os
import sqlite3
import time

from providers.store import errors, reserve

DAY = 24 * 3600.0
"""Seconds between two copies of a database in use."""

SMALL = 8 * 1024 * 1024
"""Bytes up to which a first copy is made at once; a larger database waits for its second day."""

LARGEST = 512 * 1024 * 1024
"""Bytes beyond which no copy is made without being asked for: it would be waited for."""


def put_aside(connection: sqlite3.Connection, path: str, suffix: str) -> str:
    """Copies the database, as it is at this moment, to `PATH.SUFFIX`; returns that path.

    It is whole or not there. Raises NoSpace, ReadOnly.
    """
    place = f"{path}.{suffix}"
    part = f"{place}.part"
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        target = sqlite3.connect(part, isolation_level=None)
        try:
            connection.backup(target)
            # A copy is opened by whoever finds it: without a `-wal` of its own beside it.
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
        handle = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(part, place)
    except sqlite3.Error as error:
        _drop(part)
        raise errors.from_sqlite(error, place) from error
    except OSError as error:
        _drop(part)
        raise errors.from_os(error, place) from error
    return place


def _drop(part: str) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        try:
            os.unlink(part + suffix)
        except OSError:
            continue


def is_due(path: str, first_event: float) -> bool:
    """Whether today's copy is missing, and has room to spare. `first_event` is when the database was first
    used."""
    size = os.stat(path).st_size
    if size > LARGEST or reserve.free(path) < 2 * size + SMALL:
        return False
    now = time.time()
    try:
        return now - os.stat(f"{path}.backup").st_mtime > DAY
    except OSError:
        return size <= SMALL or now - first_event > DAY
