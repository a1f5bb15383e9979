"""Blocks cut where lines end, for lines that end in any byte."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def whole_lines(blocks: AsyncIterator[bytes], end: bytes) -> AsyncIterator[bytes]:
    """The same bytes in blocks of whole lines; only the very last block may lack its `end`."""
    rest: list[bytes] = []
    async for block in blocks:
        cut = block.rfind(end) + 1
        if not cut:
            rest.append(block)
            continue
        yield b"".join((*rest, block[:cut]))
        rest = [block[cut:]] if cut < len(block) else []
    if rest:
        yield b"".join(rest)


def split_lines(block: bytes, end: bytes) -> list[bytes]:
    """The lines of a block of whole lines, without their ends."""
    lines = block.split(end)
    if not lines[-1]:
        lines.pop()
    return lines
