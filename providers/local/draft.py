"""Draft: a new content beside the old one, until it takes its place in one step."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from threading import Lock

from providers.local.beneath import check_regular, open_file
from vfs.errors import Conflict, Exists
from vfs.path import Path
from vfs.provider import Mode

PREFIX = ".spatio-draft-"
"""Names of drafts; no listing shows them."""

APPEND_AT_ONCE = 1024 * 1024
"""Appends up to this size are one `write` of the system, larger ones rewrite the file."""

COPY = 4 * 1024 * 1024


def is_draft(name: str) -> bool:
    return name.startswith(PREFIX)


def etag_of(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


class Draft:
    """One write: `start`, `write` …, `keep`, and always `drop`.

    Each step may run on a thread that a cancelled caller no longer waits for; `drop` waits for it.
    """

    def __init__(self, path: Path, mode: Mode, etag: str | None) -> None:
        self.path = path
        self.mode = mode
        self.etag = etag
        self.name = ""
        self._lock = Lock()
        self._dropped = False
        self._parent: int | None = None
        self._file: int | None = None
        self._draft = PREFIX + os.urandom(8).hex()
        self._size = 0

    def start(self, parent: int, name: str) -> None:
        """Opens the draft in the folder `parent`. Raises IsADirectory, Exists, Conflict."""
        with self._lock:
            if self._dropped:
                return
            self.name = name
            self._parent = os.dup(parent)
            there = self._there()
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(self._draft, flags, 0o666, dir_fd=self._parent)
            if there is not None:
                _take_over(there, self._file)

    def _there(self) -> os.stat_result | None:
        """The file that the draft is to replace. Raises IsADirectory, Exists, Conflict."""
        try:
            there = os.lstat(self.name, dir_fd=self._parent)
        except FileNotFoundError:
            if self.etag is not None:
                raise Conflict(self.path) from None
            return None
        check_regular(there.st_mode, self.path)
        if self.mode is Mode.CREATE:
            raise Exists(self.path)
        if self.etag is not None and etag_of(there) != self.etag:
            raise Conflict(self.path)
        return there

    def write(self, data: bytes) -> None:
        """Adds to the draft."""
        with self._lock:
            if self._file is not None:
                _write_all(self._file, data)
                self._size += len(data)

    def keep(self, *, sync_folder: bool = True) -> os.stat_result:
        """Puts the draft in its place, durably. Raises Conflict, Exists, IsADirectory."""
        with self._lock:
            file, parent = self._file, self._parent
            if file is None or parent is None:
                raise OSError(errno.EBADF, "the write was given up")
            fcntl.flock(parent, fcntl.LOCK_EX)
            try:
                there = self._there()
                if self.mode is Mode.APPEND and there is not None:
                    if self._size <= APPEND_AT_ONCE:
                        return self._append(file, parent)
                    file = self._put_before(file, parent, there)
                os.fsync(file)
                if there is not None:
                    _be_later(file, there)
                os.rename(self._draft, self.name, src_dir_fd=parent, dst_dir_fd=parent)
            finally:
                fcntl.flock(parent, fcntl.LOCK_UN)
            if sync_folder:
                os.fsync(parent)
            return os.fstat(file)

    def _append(self, file: int, parent: int) -> os.stat_result:
        """Adds the draft to the present file by one call; a part that did not fit is taken back."""
        added = os.pread(file, self._size, 0)
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        target = os.open(self.name, flags, dir_fd=parent)
        try:
            before = os.fstat(target)
            try:
                if os.write(target, added) < len(added):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(target)
            except OSError:
                os.ftruncate(target, before.st_size)
                raise
            _be_later(target, before)
            after = os.fstat(target)
        finally:
            os.close(target)
        os.unlink(self._draft, dir_fd=parent)
        return after

    def _put_before(self, file: int, parent: int, there: os.stat_result) -> int:
        """A further draft of the present content and then this one, which it replaces."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        whole = os.open(self._draft + "+", flags, 0o600, dir_fd=parent)
        try:
            _take_over(there, whole)
            old = open_file(self.name, parent, self.path)
            try:
                for part in (old, file):
                    at = 0
                    while block := os.pread(part, COPY, at):
                        _write_all(whole, block)
                        at += len(block)
            finally:
                os.close(old)
        except BaseException:
            os.close(whole)
            os.unlink(self._draft + "+", dir_fd=parent)
            raise
        os.unlink(self._draft, dir_fd=parent)
        os.close(file)
        self._draft += "+"
        self._file = whole
        return whole

    def drop(self) -> None:
        """Lets go of everything; what was not kept is gone."""
        with self._lock:
            self._dropped = True
            file, self._file = self._file, None
            parent, self._parent = self._parent, None
            if file is not None:
                os.close(file)
            if parent is not None:
                with suppress(OSError):
                    os.unlink(self._draft, dir_fd=parent)
                os.close(parent)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _take_over(there: os.stat_result, file: int) -> None:
    """Gives the draft the rights of the file that it replaces, before any data is in it."""
    own = os.fstat(file)
    if (own.st_uid, own.st_gid) != (there.st_uid, there.st_gid):
        with suppress(PermissionError):
            os.fchown(file, there.st_uid, there.st_gid)
    os.fchmod(file, stat.S_IMODE(there.st_mode))


def _be_later(file: int, than: os.stat_result) -> None:
    """Clocks tick in milliseconds; two writes within one tick must not carry one etag."""
    if os.fstat(file).st_mtime_ns <= than.st_mtime_ns:
        os.utime(file, ns=(than.st_mtime_ns + 1, than.st_mtime_ns + 1))
