"""What SQLite and the disk report, as the errors of the tree. The one place where they are mapped."""

from __future__ import annotations

import errno
import os
import sqlite3

from vfs.errors import Corrupt, NoSpace, ReadOnly, TooLarge, Unavailable, VfsError

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 when the error came from the module itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else's lock is all that is in the way."""
    return code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def from_sqlite(error: sqlite3.Error, database: str) -> VfsError:
    """The tree's error for SQLite's, about the database file."""
    code = code_of(error)
    if is_busy(error):
        return Unavailable(database, f"in use by {holders(database)}", hint="try again when it is done")
    if code == sqlite3.SQLITE_FULL:
        return NoSpace(database, hint="nothing was changed: free some space and run it again")
    if code == sqlite3.SQLITE_READONLY:
        return ReadOnly(database, "the database cannot be written")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(database, str(error))
    if code == sqlite3.SQLITE_CANTOPEN:
        return cannot_open(database)
    if code == sqlite3.SQLITE_IOERR:
        return VfsError(database, f"the disk failed ({error}); nothing was changed")
    if code == sqlite3.SQLITE_NOMEM:
        return VfsError(database, "out of memory; nothing was changed")
    return VfsError(database, str(error))


def from_os(error: OSError, path: str) -> VfsError:
    """The tree's error for the disk's."""
    if isinstance(error, VfsError):
        return error
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    if error.errno in _DISK_FULL:
        return NoSpace(path, hint="nothing was changed: free some space and run it again")
    if error.errno == errno.EFBIG:
        return TooLarge(path, "larger than the limit on file sizes allows")
    if error.errno in _FORBIDDEN:
        return ReadOnly(path, f"cannot be written ({reason})")
    return VfsError(path, reason)


def damaged(database: str, what: str) -> Corrupt:
    """The database must not be used as it is; names the copy to go back to."""
    copies = copies_of(database)
    if copies:
        hint = f"the newest copy to go back to: {copies[0]} (put it in place of {database})"
    else:
        hint = f"no copy was put aside yet: restore {database} from your own backup"
    return Corrupt(database, f"the database is damaged: {what}", hint=hint)


def cannot_open(database: str) -> VfsError:
    """Why SQLite could not open the file, as far as the file system says."""
    folder = os.path.dirname(database)
    if os.path.isdir(database):
        return VfsError(database, "a folder stands where the database should be")
    if not os.access(folder, os.W_OK | os.X_OK) or (
        os.path.exists(database) and not os.access(database, os.R_OK)
    ):
        return ReadOnly(database, "cannot be opened or made", hint=f"check the permissions of {folder}")
    return VfsError(database, "cannot be opened", hint="too many open files, or the disk failed")


def copies_of(database: str) -> list[str]:
    """Copies that were put aside, newest first."""
    folder, name = os.path.split(database)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return []
    copies = [
        os.path.join(folder, other)
        for other in names
        if other.startswith((f"{name}.before-", f"{name}.backup")) and not other.endswith(".part")
    ]
    return sorted(copies, key=lambda path: os.stat(path).st_mtime, reverse=True)


def holders(database: str) -> str:
    """Who holds a lock on the database, as words for a person."""
    return " and ".join(lockers(database)) or "another program"


def lockers(database: str) -> list[str]:
    """The other programs that have the database open, as far as the system tells: who writes, if any does."""
    inodes = set()
    for suffix in ("", "-wal", "-shm"):
        try:
            inodes.add(str(os.stat(database + suffix).st_ino))
        except OSError:
            continue
    try:
        with open("/proc/locks", encoding="ascii") as locks:
            rows = [line.split() for line in locks]
    except OSError:
        return []
    found: dict[str, bool] = {}
    for row in rows:
        if len(row) > 5 and row[5].rpartition(":")[2] in inodes and row[4] != str(os.getpid()):
            found[row[4]] = found.get(row[4], False) or row[3] == "WRITE"
    writing = [pid for pid, writes in found.items() if writes] or list(found)
    return [_program(pid) for pid in writing]


def _program(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
            return f"process {pid} ({comm.read().strip()})"
    except OSError:
        return f"process {pid}"
