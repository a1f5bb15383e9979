"""Local: a folder of this computer as a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from importlib import import_module

from providers import RENDERED
from providers.local.disk import Disk
from providers.local.draft import Draft
from providers.local.steps import stepped
from providers.rendering.renderer import READ, Renderer, rendered
from vfs.action import Change
from vfs.closing import Closing
from vfs.drive import hop
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Changed, Mode
from vfs.writing import once

HELD = 512 * 1024
"""Bytes written in one hop."""

MANY = 100
"""Files read or written in one hop."""


class Local:
    """A folder of this computer. Links are followed while they stay inside it.

    Names that are not UTF-8 are readable under their surrogate escapes. A link to a folder is listed as
    a folder, but a walk does not descend into it; a link that leads out is listed and never opened.
    """

    def __init__(self, folder: str) -> None:
        self._disk = Disk(folder)
        self._renderer = Renderer()

    # -- required

    async def stat(self, path: Path) -> Node:
        return await hop(partial(self._disk.stat, path))

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        async with Closing(stepped(self._disk.listing(path))) as pages:
            async for page in pages:
                yield [node for _, node in page]

    def real(self, path: Path) -> Path:
        return self._disk.real(path)

    async def aclose(self) -> None:
        self._disk.close()
        await hop(self._renderer.close)

    # -- reading

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        async with Closing(stepped(self._disk.reading(path, start, stop))) as steps:
            await anext(steps)

            async def blocks() -> AsyncIterator[bytes]:
                async for step in steps:
                    for block in step:
                        yield block

            yield blocks()

    async def read_many(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        for at in range(0, len(paths), MANY):
            some = paths[at : at + MANY]
            yield await hop(partial(self._disk.read_some, some, limit))

    def renders(self, path: Path) -> bool:
        return path.name.lower().endswith(RENDERED)

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        yield once(await rendered(self._renderer, self.open(path, stop=READ), path))

    async def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        async with Closing(stepped(self._disk.walking(path))) as pages:
            async for page in pages:
                yield page

    def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        changes: AsyncIterator[Sequence[Changed]] = import_module("vfs.polling").watch(self, path)
        return changes

    # -- changing

    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        draft = Draft(path, mode, etag)
        try:
            await hop(partial(self._disk.start, draft))
            async for part in _joined(data):
                await hop(partial(self._disk.add, draft, part))
            return await hop(partial(self._disk.keep, draft))
        finally:
            draft.drop()

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        some: list[tuple[Path, bytes]] = []
        async for file in files:
            some.append(file)
            if len(some) == MANY:
                yield await hop(partial(self._disk.write_some, some))
                some = []
        if some:
            yield await hop(partial(self._disk.write_some, some))

    async def mkdir(self, path: Path, change: Change) -> Node:
        return await hop(partial(self._disk.mkdir, path))

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        await hop(partial(self._disk.remove, path, recursive))

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        return await hop(partial(self._disk.move, source, target))

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        return await hop(partial(self._disk.set_mtime, path, mtime))


async def _joined(data: Blocks) -> AsyncIterator[bytes]:
    """The same data in larger pieces."""
    held: list[bytes] = []
    size = 0
    async for block in data:
        held.append(block)
        size += len(block)
        if size >= HELD:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
