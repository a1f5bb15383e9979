"""Given: contents on their way in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from vfs.errors import TooLarge
from vfs.path import Path
from vfs.provider import Blocks

LARGEST = 32 * 1024 * 1024
"""Bytes of what is written at once: an event, or all that another calendar has exported."""


async def gathered(path: Path, data: Blocks) -> bytes:
    """A whole content. Raises TooLarge."""
    blocks: list[bytes] = []
    size = 0
    async for block in data:
        size += len(block)
        if size > LARGEST:
            raise TooLarge(path, f"larger than {LARGEST:,} bytes")
        blocks.append(block)
    return b"".join(blocks)


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def given_files(files: Sequence[tuple[Path, bytes]]) -> AsyncIterator[tuple[Path, bytes]]:
    for file in files:
        yield file
