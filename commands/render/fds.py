"""FdSource and FdSink: descriptors of the host as streams.

Without an event loop they simply block. With one, a descriptor that is not ready is waited for by
the loop and never on a thread: a thread stuck in `read` outlives the Ctrl-C that wanted it gone.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from importlib import import_module

from commands.stream import BLOCK, Item, ReaderGone, Sink, Source
from vfs.drive import breathe, event_loop, looping, sharing
from vfs.errors import NoSpace, VfsError

AT_ONCE = 4096
"""Bytes (PIPE_BUF) that a pipe said to be writable takes without blocking."""
OFTEN = 64
"""Writes that never had to wait, after which others get their turn."""

_READY_TO_READ = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL
_READY_TO_WRITE = select.POLLOUT | select.POLLHUP | select.POLLERR | select.POLLNVAL
_GONE = (errno.EPIPE, errno.ECONNRESET)


def _ready(fd: int, events: int, timeout: int | None = 0) -> bool:
    poll = select.poll()
    poll.register(fd, events)
    return bool(poll.poll(timeout))


async def _until(fd: int, *, writing: bool) -> None:
    """Returns when `fd` can be read, or written, without waiting."""
    events = _READY_TO_WRITE if writing else _READY_TO_READ
    if not looping():
        _ready(fd, events, None)
        return
    if _ready(fd, events):
        return
    loop = import_module("asyncio").get_running_loop()
    ready = loop.create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    add(fd, wake)
    try:
        await ready
    finally:
        remove(fd)


class FdSource(Source):
    """Reads a descriptor of the host. Nothing is read ahead of what was asked for."""

    def __init__(self, fd: int, name: str = "standard input") -> None:
        super().__init__()
        self.fd = fd
        self.name = name
        self.tty = os.isatty(fd)
        self.regular = _is_plain_file(fd)
        self._ended = False

    async def fetch(self) -> Item | None:
        """The next block. Raises VfsError when the descriptor cannot be read."""
        while not self._ended:
            if sharing() and not self.regular and not _ready(self.fd, _READY_TO_READ):
                await event_loop()
            if looping():
                await _until(self.fd, writing=False)
            try:
                block = os.read(self.fd, BLOCK)
            except BlockingIOError:
                await _until(self.fd, writing=False)
                continue
            except OSError as error:
                if error.errno == errno.EIO and self.tty:
                    break
                reason = "is closed" if error.errno == errno.EBADF else str(error.strerror).lower()
                raise VfsError(self.name, reason) from error
            if block:
                return block
            self._ended = not self.tty
            break
        return None

    async def leave(self) -> None:
        self._ended = True


class FdSink(Sink):
    """Writes a descriptor of the host; every block goes out whole before `write` returns."""

    def __init__(self, fd: int, name: str = "standard output") -> None:
        self.fd = fd
        self.name = name
        self._gone = False
        self._since = 0
        self._whole = _is_plain_file(fd)

    async def write(self, data: bytes) -> None:
        """Raises ReaderGone when nobody reads any more, NoSpace, VfsError (closed)."""
        if self._gone:
            raise ReaderGone
        rest = memoryview(data)
        while rest:
            inline = self._whole or not looping()
            try:
                if not inline:
                    await _until(self.fd, writing=True)
                rest = rest[os.write(self.fd, rest if inline else rest[:AT_ONCE]) :]
                self._since += 1
                if self._since >= OFTEN:
                    self._since = 0
                    await breathe()
            except BlockingIOError:
                await _until(self.fd, writing=True)
            except OSError as error:
                self._gone = True
                raise self._failure(error) from error

    def _failure(self, error: OSError) -> Exception:
        if error.errno in _GONE or (error.errno == errno.EIO and not self._whole):
            return ReaderGone()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return NoSpace(self.name)
        reason = "is closed" if error.errno == errno.EBADF else str(error.strerror).lower()
        return VfsError(self.name, reason)


def _is_plain_file(fd: int) -> bool:
    """Reading and writing one returns at once."""
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    except OSError:
        return False
