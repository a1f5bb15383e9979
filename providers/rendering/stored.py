"""The rendered text of a document that is stored somewhere as it is."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import partial

from providers.rendering.kind import LARGEST, kind_of
from providers.rendering.renderer import Renderer
from vfs.drive import hop
from vfs.errors import Unsupported
from vfs.path import Path
from vfs.provider import Blocks

READ = LARGEST + 1
"""How much of a file has to be opened to know whether it is too large."""


async def rendered(renderer: Renderer, opened: AbstractAsyncContextManager[Blocks], path: Path) -> bytes:
    """What a person reads of a document. Raises Unsupported for what is none, or is too large."""
    async with opened as blocks:
        data = await _document(blocks)
    text = None if data is None else await hop(partial(renderer.text, data))
    if text is None:
        raise Unsupported(path, "has no rendered text")
    return text.encode()


async def _document(blocks: Blocks) -> bytes | None:
    """The whole content; None as soon as it shows to be no document."""
    parts: list[bytes] = []
    async for block in blocks:
        if not parts and kind_of(block) is None:
            return None
        parts.append(block)
    return b"".join(parts)
