"""A database file made beside its place, and put there when it is whole: killed at any moment, there is
the old one or the new one.

One that was there before is put aside first, with everything that belongs to it: its objects have a second
name in its new folder, so that sweeping what the new database does not name leaves them alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from providers.store import errors
from providers.store.database import head_path
from providers.store.objects import LocalObjects
from vfs.errors import Unavailable

_JOURNALS = ("-wal", "-shm", "-journal")
_BESIDE = (".head", ".reserve")


@contextmanager
def reserved(database: str) -> Iterator[str]:
    """Where to make the database, in a folder that is there; nobody else makes one for this place meanwhile.

    What a run that was killed has left there is still there. Raises Unavailable, ReadOnly, NoSpace.
    """
    aside = f"{database}.moving"
    lock = f"{aside}.lock"
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise errors.from_os(error, database) from error
    try:
        if not _locked(handle, lock):
            raise Unavailable(
                database, "another program is bringing a workspace here", hint="try again when it is done"
            )
        yield aside
        with suppress(OSError):
            if not os.path.exists(aside):
                os.unlink(lock)
    finally:
        os.close(handle)


def _locked(handle: int, lock: str) -> bool:
    """Whether the lock is this program's; one whose file is gone is none."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(handle).st_ino == os.stat(lock).st_ino
    except OSError:
        return False


def sweep(aside: str) -> None:
    """Removes a database that was being made, and what the store laid beside it, as far as it goes."""
    for suffix in ("", *_JOURNALS, *_BESIDE):
        with suppress(OSError):
            os.unlink(aside + suffix)


def begin(aside: str) -> None:
    """Makes sure that there is nothing at the place to make a database at. Raises VfsError, ReadOnly."""
    for suffix in ("", *_JOURNALS, *_BESIDE):
        try:
            os.unlink(aside + suffix)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise errors.from_os(error, aside + suffix) from error


def exists(database: str) -> bool:
    """Whether a database is there, or what is left of one."""
    return os.path.lexists(database)


def place(aside: str, database: str) -> None:
    """Moves a closed database to where nothing is. Raises FileExistsError, OSError."""
    _complete(aside)
    _forget_log(database)
    try:
        os.link(aside, database)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: somebody may put a file there in between.
        if exists(database):
            raise FileExistsError(database) from None
        os.rename(aside, database)
    _settle(aside, database)


def replace(aside: str, database: str, objects: LocalObjects | None, kept: str) -> None:
    """Moves a closed database to where another one is, which then lies in the folder `kept`, whole."""
    _complete(aside)
    _fold(database)
    os.mkdir(kept, 0o700)
    name = os.path.basename(database)
    for suffix in ("", *_JOURNALS, *_BESIDE):
        with suppress(FileNotFoundError):
            _twin(database + suffix, os.path.join(kept, name + suffix))
    if objects is not None and os.path.isdir(objects.folder):
        shutil.copytree(
            objects.folder, os.path.join(kept, "objects"), copy_function=_twin, ignore=_unfinished
        )
    _forget_log(database)
    for suffix in _JOURNALS:
        with suppress(FileNotFoundError):
            os.unlink(database + suffix)
    os.replace(aside, database)
    _settle(aside, database)


def users_of(database: str) -> list[str]:
    """Other programs that have the database open, as words for a person, as far as the system tells."""
    return errors.lockers(database)


def _settle(aside: str, database: str) -> None:
    """The log's anchor follows its database; what is left aside goes."""
    # Without an anchor the database is as whole; its loss would only go unnoticed.
    with suppress(OSError):
        os.replace(head_path(aside), head_path(database))
    sweep(aside)
    _flush_folder(os.path.dirname(database))


def _forget_log(database: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(head_path(database))


def _fold(database: str) -> None:
    """Brings what waits in `-wal` into the file, so that it is whole by itself; a damaged one stays."""
    if not os.path.exists(database):
        return  # SQLite would make one
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _twin(source: str, target: str, *, follow_symlinks: bool = True) -> str:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)
    return target


def _unfinished(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("part-")]


def _complete(aside: str) -> None:
    """On the disk, and whole without its journal."""
    _fold(aside)
    if os.path.exists(f"{aside}-wal") and os.stat(f"{aside}-wal").st_size:
        raise Unavailable(aside, "somebody else has opened it", hint="run it again")
    handle = os.open(aside, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(folder: str) -> None:
    handle = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
