"""Spool: bytes that are written at any place, kept in memory while few, in a temporary file when many."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from importlib import import_module
from io import BytesIO
from typing import IO

from vfs.drive import hop
from vfs.errors import NoSpace, VfsError

IN_MEMORY = 4 * 1024 * 1024
BLOCK = 256 * 1024


class Spool:
    """A growing content. `size` is where its end is."""

    def __init__(self) -> None:
        self._file: IO[bytes] = BytesIO()
        self._on_disk = False
        self.size = 0

    async def write(self, data: bytes, at: int) -> None:
        """Puts `data` at a place; a gap before it becomes zeros. Raises NoSpace, VfsError."""
        if not self._on_disk and at + len(data) > IN_MEMORY:
            self._to_disk()
        if self._on_disk:
            await hop(lambda: self._put(data, at))
        else:
            self._put(data, at)
        self.size = max(self.size, at + len(data))

    def _put(self, data: bytes, at: int) -> None:
        try:
            self._file.seek(at)
            self._file.write(data)
        except OSError as error:
            raise _translated(error) from error

    def _to_disk(self) -> None:
        try:
            kept = self._file
            self._file = import_module("tempfile").TemporaryFile(prefix="spatio-")
            kept.seek(0)
            self._file.write(kept.read())
        except OSError as error:
            raise _translated(error) from error
        self._on_disk = True

    def truncate(self) -> None:
        """Forgets everything."""
        self._file.seek(0)
        self._file.truncate()
        self.size = 0

    async def read(self, at: int) -> bytes:
        """Up to BLOCK bytes from a place; b"" at the end."""

        def read() -> bytes:
            self._file.seek(at)
            return self._file.read(BLOCK)

        return await hop(read) if self._on_disk else read()

    async def blocks(self) -> AsyncIterator[bytes]:
        """The content from its start."""
        at = 0
        while block := await self.read(at):
            at += len(block)
            yield block

    def small(self) -> bytes | None:
        """The whole content where it never left memory."""
        return None if self._on_disk else self._file.getvalue()  # type: ignore[attr-defined]

    def close(self) -> None:
        self._file.close()


def _translated(error: OSError) -> VfsError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return NoSpace(None, "no space left for the output")
    return VfsError(None, f"the output cannot be kept: {error.strerror}")
