"""alone: one program at a time, by a lock on a file that ends with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from spatio.paths import make_private
from vfs.errors import Unavailable

PATIENCE = 10.0
"""Seconds that another program is waited for."""
_OFTEN = 0.02


@contextmanager
def alone(file: str, what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the lock `file` inside; blocks until it is free. Raises Unavailable when it is held too long."""
    try:
        make_private(os.path.dirname(file))
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Unavailable(file, f"cannot be made: {str(error.strerror).lower()}") from error
    try:
        until = time.monotonic() + patience
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise Unavailable(None, f"another program is busy with {what}", hint="try again")
            time.sleep(_OFTEN)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
