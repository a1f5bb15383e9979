"""A little disk kept in reserve, given up when the disk is full, so that the database can still be cleared.

What was committed lies in `-wal` until it is folded into the file, which may need to grow for that;
on a full disk neither could happen, and no room could ever be made.
"""

from __future__ import annotations

import os
from contextlib import suppress

SIZE = 256 * 1024
ROOM = SIZE
"""Bytes that what is written leaves free, so that what is cleared away has somewhere to be written down."""

LEAST = 64 * 1024
"""Bytes that must be free even for that."""

TIGHT = 64 * 1024 * 1024
"""Bytes of free disk below which `-wal` is folded in early: what is left to fold then fits the reserve."""


def free(path: str) -> int:
    """Bytes that may still be written where `path` lies."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize


def place(path: str) -> str:
    """Where the reserve of a database lies."""
    return f"{path}.reserve"


def keep(path: str, left: int) -> None:
    """Makes the reserve unless it is there, or the disk is too full for one."""
    if left < 3 * SIZE or os.path.exists(place(path)):
        return
    with suppress(OSError):
        handle = os.open(place(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, bytes(SIZE))
        finally:
            os.close(handle)


def give_up(path: str) -> bool:
    """Lets the reserve go; False when there is none."""
    try:
        os.unlink(place(path))
    except OSError:
        return False
    return True
