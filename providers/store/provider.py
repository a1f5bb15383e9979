"""StoreProvider: a collection of the store as a mount. What its files mean, a Trade says.

Looking and reading are here; what changes a collection or searches it is loaded by its first use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from providers import RENDERED
from providers.store import contents, listing, nodes, rows
from providers.store.trade import Trade
from vfs.action import Change
from vfs.closing import Closing
from vfs.errors import IsADirectory, NotFound, VfsError
from vfs.node import Kind, Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Changed, Found, Mode

if TYPE_CHECKING:
    from providers.store.editing import Editing
    from providers.store.store import Store
    from vfs.query import Query


class StoreProvider:
    """Notes, tasks, files, agents: a tree of files in the store."""

    journals = True

    def __init__(self, store: Store, mount: str, trade: Trade | None = None) -> None:
        self.store = store
        self.mount = mount
        """The collection's name in the store."""
        self.trade = trade if trade is not None else Trade()
        self._editor: Editing | None = None

    # -- required

    async def stat(self, path: Path) -> Node:
        if not path.parts:
            return Node("", Kind.FOLDER)
        if not rows.storable(path):
            raise NotFound(path)
        user = self.store.user
        row = await self.store.read(lambda connection: nodes.find(connection, user, self.mount, path))
        return row.node()

    async def stat_many(self, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
        module = import_module("providers.store.known")
        found: Sequence[Node | VfsError] = await module.stat_many(self.store, self.mount, paths)
        return found

    def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        return listing.pages(self.store, self.mount, path)

    async def aclose(self) -> None:
        return None

    # -- reading

    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        walk: AsyncIterator[Sequence[tuple[Path, Node]]] = import_module("providers.store.walking").walk(
            self.store, self.mount, path
        )
        return walk

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        if not path.parts:
            raise IsADirectory(path)
        if not rows.storable(path):
            raise NotFound(path)
        user = self.store.user
        content = await self.store.read(lambda connection: contents.at(connection, user, self.mount, path))
        end = content.size if stop is None else min(stop, content.size)
        async with Closing(contents.blocks(self.store.objects, content, start, end)) as blocks:
            yield blocks

    def read_many(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        return listing.read_many(self.store, self.mount, paths, limit)

    def read_below(self, path: Path, *, limit: int) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        read: AsyncIterator[Sequence[tuple[Path, bytes | None]]] = import_module(
            "providers.store.below"
        ).read_below(self.store, self.mount, path, limit)
        return read

    def renders(self, path: Path) -> bool:
        return path.name.lower().endswith(RENDERED)

    def text(self, path: Path) -> AbstractAsyncContextManager[Blocks]:
        module = import_module("providers.store.rendered")
        opened: AbstractAsyncContextManager[Blocks] = module.opened(self.store, self.mount, path)
        return opened

    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        search = import_module("providers.store.search")
        place = search.Place(self.store.user, self.mount, rows.path_text(path))
        found: Found | None = await self.store.read(
            lambda connection: search.search(connection, place, query, limit)
        )
        return found

    async def share(self, path: Path, seconds: int) -> str:
        module = import_module("providers.store.sharing")
        link: str = await module.share(self.store, self.mount, path, seconds)
        return link

    def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        module = import_module("providers.store.watching")
        changes: AsyncIterator[Sequence[Changed]] = module.watch(self.store, self.mount, path)
        return changes

    # -- changing

    def _editing(self) -> Editing:
        if self._editor is None:
            module = import_module("providers.store.editing")
            self._editor = module.Editing(self.store, self.mount, self.trade)
        assert self._editor is not None
        return self._editor

    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        return await self._editing().write(path, data, change, mode, etag)

    def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        return self._editing().write_many(files, change)

    async def mkdir(self, path: Path, change: Change) -> Node:
        return await self._editing().mkdir(path, change)

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        await self._editing().remove(path, change, recursive)

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        return await self._editing().move(source, target, change)

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        return await self._editing().copy(source, target, change)

    async def mkdir_many(self, paths: Sequence[Path], change: Change) -> Sequence[Node | VfsError]:
        return await self._editing().mkdir_many(paths, change)

    async def remove_many(
        self, paths: Sequence[Path], change: Change, *, recursive: bool = False
    ) -> Sequence[VfsError | None]:
        return await self._editing().remove_many(paths, change, recursive)

    async def move_many(
        self, moves: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return await self._editing().move_many(moves, change)

    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return await self._editing().copy_many(copies, change)

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        return await self._editing().set_mtime(path, mtime, change)

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        return await self._editing().set_attrs(path, attrs, change)

    async def set_attrs_many(
        self, changes: Mapping[Path, Mapping[str, Value]], change: Change
    ) -> Sequence[Node | VfsError]:
        return await self._editing().set_attrs_many(changes, change)
