"""Spool: a content that has come once and may have to be sent several times, in memory or on the disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from tempfile import SpooledTemporaryFile

from vfs.drive import hop
from vfs.provider import Blocks

HELD = 8 * 1024 * 1024
"""Bytes kept in memory."""

BLOCK = 1024 * 1024


class Spool:
    """What was sent in; `blocks` gives it as often as wanted."""

    def __init__(self) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(HELD)  # noqa: SIM115 (closed by `spooled`)

    async def fill(self, data: Blocks) -> None:
        async for block in data:
            await hop(partial(self._file.write, block))

    async def blocks(self) -> AsyncIterator[bytes]:
        self._file.seek(0)
        while block := await hop(partial(self._file.read, BLOCK)):
            yield block

    def close(self) -> None:
        self._file.close()


@asynccontextmanager
async def spooled(data: Blocks) -> AsyncIterator[Spool]:
    """All of `data`, once it has come; gone with the block."""
    spool = Spool()
    try:
        await spool.fill(data)
        yield spool
    finally:
        spool.close()
