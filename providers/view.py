"""View: read-only files that are written when somebody reads them, as a Provider.

What is shown is a Shelf's to say. Sizes are not known before the reading, and are not given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Protocol

from vfs.closing import Closing
from vfs.errors import IsADirectory, NotADirectory
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Blocks


class Shelf(Protocol):
    """The entries of a view, and what they say."""

    async def entry(self, path: Path) -> Node:
        """One entry. Raises NotFound, NotADirectory."""
        ...

    def entries(self, folder: Path) -> AsyncIterator[Sequence[Node]]:
        """The entries of a folder that exists, in pages, in name order."""
        ...

    def content(self, path: Path) -> Blocks:
        """The bytes of a file that exists."""
        ...


class View:
    """A shelf as a provider: it is listed and read, and nothing else."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    async def stat(self, path: Path) -> Node:
        return await self.shelf.entry(path) if path.parts else Node("", Kind.FOLDER)

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        if not (await self.stat(path)).is_folder:
            raise NotADirectory(path)
        async with Closing(self.shelf.entries(path)) as pages:
            async for page in pages:
                if page:
                    yield page

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        if (await self.stat(path)).is_folder:
            raise IsADirectory(path)
        async with Closing(_cut(self.shelf.content(path), start, stop)) as blocks:
            yield blocks

    async def aclose(self) -> None:
        return None


async def _cut(content: Blocks, start: int, stop: int | None) -> AsyncIterator[bytes]:
    """The bytes `start` to `stop` of a content whose length is not known."""
    at = 0
    async with Closing(content) as blocks:
        async for block in blocks:
            part = block[max(start - at, 0) : None if stop is None else max(stop - at, 0)]
            at += len(block)
            if part:
                yield part
            if stop is not None and at >= stop:
                return


def json_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as JSON Lines: one row a line, whatever characters it holds."""
    dumps = import_module("json").dumps
    return "".join([dumps(row, default=str) + "\n" for row in rows]).encode()
