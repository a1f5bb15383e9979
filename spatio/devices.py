"""What `/dev` is: `null`, empty to read and swallowing what is written, so that scripts find it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from vfs.action import Change
from vfs.errors import IsADirectory, NotADirectory, NotFound, ReadOnly
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Blocks, Mode

_NULL = Node("null", Kind.FILE, size=0)


class Devices:
    """A provider of one file. Nothing that happens to it is worth a journal."""

    journals = True

    async def stat(self, path: Path) -> Node:
        if not path.parts:
            return Node("", Kind.FOLDER)
        if path.parts[0] != "null":
            raise NotFound(path)
        if len(path.parts) > 1:
            raise NotADirectory(path)
        return _NULL

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        if not (await self.stat(path)).is_folder:
            raise NotADirectory(path)
        yield [_NULL]

    def open(
        self, path: Path, *, start: int = 0, stop: int | None = None
    ) -> AbstractAsyncContextManager[Blocks]:
        return self._open(path)

    @asynccontextmanager
    async def _open(self, path: Path) -> AsyncIterator[Blocks]:
        if (await self.stat(path)).is_folder:
            raise IsADirectory(path)
        yield _no_blocks()

    async def write(
        self, path: Path, data: Blocks, change: Change, *, mode: Mode = Mode.REPLACE, etag: str | None = None
    ) -> Node:
        try:
            node = await self.stat(path)
        except NotFound:
            raise ReadOnly(path) from None
        if node.is_folder:
            raise IsADirectory(path)
        async for _ in data:
            pass
        return node

    async def aclose(self) -> None:
        return None


async def _no_blocks() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for block in nothing:
        yield block
