"""Paced: the bytes of a socket, until a deadline that moves with what has come, and no more than so many."""

from __future__ import annotations

import io
import socket
from time import monotonic

PACE = 8192
"""Bytes a second that the other side must at least bring, once it was silent for its patience."""


class Flood(OSError):
    """More came than may come."""


class Paced(io.RawIOBase):
    """What a server sends. A read raises TimeoutError once `patience` and the pace are used up."""

    def __init__(self, sock: socket.socket, patience: float, most: int | None = None) -> None:
        self.sock = sock
        self.patience = patience
        self.most = most
        self.begin()

    def begin(self, patience: float | None = None) -> None:
        """A new answer's time starts."""
        self.came = 0
        self.within = self.patience if patience is None else patience
        self.started = monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        left = self.started + self.within + self.came / PACE - monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self.sock.settimeout(left)
        count = self.sock.recv_into(buffer)
        self.came += count
        if self.most is not None and self.came > self.most:
            raise Flood("the server sends more than an answer can hold")
        return count
