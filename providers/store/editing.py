"""Changing a collection: each change one unit of work; contents are taken in before it begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from providers.rendering.kind import kind_of
from providers.store import contents, nodes, rendered, rows
from providers.store.contents import Content
from providers.store.intake import SMALL, Intake, content_of
from providers.store.rows import FOLDER, NodeRow
from providers.store.trade import Trade
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import BadName, Conflict, Exists, IsADirectory, NotEmpty, NotFound, Unsupported
from vfs.names import check as check_name
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

T = TypeVar("T")

MANY = 500
"""Files that one transaction of a bulk write holds."""
MANY_BYTES = 8 * 1024 * 1024
TRIES = 50


class Editing:
    """What can be done to a collection; loaded by the first change."""

    def __init__(self, store: Store, mount: str, trade: Trade) -> None:
        self.store = store
        self.mount = mount
        self.trade = trade

    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        mode: Mode,
        etag: str | None,
    ) -> Node:
        self._check_path(path)
        await self.store.read(lambda connection: self._check_write(connection, path, mode, etag))
        async with Intake(self.store.objects) as intake:
            await intake.take(data)
            content = await rendered.with_text(self.store, await intake.finish(), intake.head)
            if mode is Mode.APPEND:
                return await self._append(path, content, intake.head, change, etag)
            put = self._put(path, content, intake.head)

            def work(unit: Unit) -> NodeRow:
                self._check_write(unit.connection, path, mode, etag)
                return unit.put([put])[0]

            return (await self._change(change, work)).node()

    async def _append(
        self, path: Path, added: Content, head: bytes, change: Change, etag: str | None
    ) -> Node:
        """Adds to the end; a large result is put together first, and again when somebody was faster."""
        for _ in range(TRIES):
            before = await self.store.read(
                lambda connection: self._check_write(connection, path, Mode.APPEND, etag)
            )
            async with Intake(self.store.objects) as intake:
                put = None
                if before is None:
                    put = self._put(path, added, head)
                elif before.size + added.size > SMALL:
                    await intake.take(self._joined(before, path, added))
                    content = await rendered.with_text(self.store, await intake.finish(), intake.head)
                    put = self._put(path, content, intake.head)
                row = await self._change(
                    change,
                    lambda unit, before=before, put=put: self._appended(unit, path, added, etag, before, put),  # type: ignore[misc]
                )
            if row is not None:
                return row.node()
        raise Conflict(path)

    def _appended(
        self,
        unit: Unit,
        path: Path,
        added: Content,
        etag: str | None,
        before: NodeRow | None,
        put: Put | None,
    ) -> NodeRow | None:
        """The file with `added` at its end; None when it is not what it was, so that `put` is stale."""
        now = self._check_write(unit.connection, path, Mode.APPEND, etag)
        if put is None and now is not None and now.size + added.size <= SMALL:
            data = contents.of_node(unit.connection, unit.user, now, path).head() + added.head()
            put = self._put(path, content_of(data), data)
        elif (now and now.digest) != (before and before.digest):
            return None
        return None if put is None else unit.put([put])[0]

    async def _joined(self, before: NodeRow, path: Path, added: Content) -> AsyncIterator[bytes]:
        user = self.store.user
        old = await self.store.read(lambda connection: contents.of_node(connection, user, before, path))
        for content in (old, added):
            async for block in contents.blocks(self.store.objects, content, 0, content.size):
                yield block

    def _check_write(
        self, connection: Connection, path: Path, mode: Mode, etag: str | None
    ) -> NodeRow | None:
        """The file that a write would replace. Raises what `write` raises."""
        row = nodes.find_or_none(connection, self.store.user, self.mount, path)
        if row is None:
            check_name(path.name, path)
        elif row.kind == FOLDER:
            raise IsADirectory(path)
        elif mode is Mode.CREATE:
            raise Exists(path)
        if etag is not None and (row is None or row.digest is None or row.digest.hex() != etag):
            raise Conflict(path)
        return row

    def _put(self, path: Path, content: Content, head: bytes) -> Put:
        described = self.trade.describe(path, head)
        parent, name = rows.split_text(rows.path_text(path))
        return Put(parent, name, content, described.mime, rows.write_attrs(described.attrs))

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        batch: dict[Path, bytes] = {}
        size = 0
        async for path, data in files:
            self._check_path(path)
            if path in batch or len(data) > SMALL or len(batch) >= MANY or size > MANY_BYTES:
                if batch:
                    yield await self._write_batch(batch, change)
                batch, size = {}, 0
            if len(data) > SMALL:
                yield [await self.write(path, _once(data), change, Mode.REPLACE, None)]
                continue
            batch[path] = data
            size += len(data)
        if batch:
            yield await self._write_batch(batch, change)

    async def _write_batch(self, batch: Mapping[Path, bytes], change: Change) -> Sequence[Node]:
        documents: dict[bytes, Content] = {}
        for data in batch.values():
            if kind_of(data) is not None and data not in documents:
                documents[data] = await rendered.with_text(self.store, content_of(data), data)

        def work(unit: Unit) -> list[NodeRow]:
            return unit.put(
                [
                    self._put(path, documents.get(data) or content_of(data), data)
                    for path, data in batch.items()
                ]
            )

        return [row.node() for row in await self._change(change, work)]

    async def mkdir(self, path: Path, change: Change) -> Node:
        if not path.parts:
            raise Exists(path)
        self._check_path(path)

        def work(unit: Unit) -> NodeRow:
            parent, name = rows.split_text(rows.path_text(path))
            if unit.row(parent, name) is not None:
                raise Exists(path)
            return unit.make_folder(parent, name)

        return (await self._change(change, work)).node()

    async def remove(self, path: Path, change: Change, recursive: bool) -> None:
        self._check_path(path, making=False)

        def work(unit: Unit) -> None:
            row = unit.at(path)
            if row.kind == FOLDER and not recursive and not unit.is_empty(row.path):
                raise NotEmpty(path)
            unit.remove(row)

        await self._change(change, work, clearing=True)

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        self._check_path(source, making=False)
        self._check_path(target)

        def work(unit: Unit) -> NodeRow:
            moved = unit.move(unit.at(source), *rows.split_text(rows.path_text(target)))
            return self._redescribed(unit, moved, target)

        return (await self._change(change, work)).node()

    def _redescribed(self, unit: Unit, row: NodeRow, path: Path) -> NodeRow:
        """A file may mean something else under another name, or in another folder."""
        if row.kind == FOLDER:
            return row
        head = contents.of_node(unit.connection, unit.user, row, path).head()
        described = self.trade.describe(path, head)
        return unit.describe(row, described.mime, rows.write_attrs(described.attrs))

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        self._check_path(target)
        self._check_path(source, making=False)

        def work(unit: Unit) -> NodeRow:
            content = contents.of_node(unit.connection, unit.user, unit.at(source), source)
            self._check_write(unit.connection, target, Mode.REPLACE, None)
            return unit.put([self._put(target, content, content.head())])[0]

        return (await self._change(change, work)).node()

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        self._check_path(path, making=False)
        return (
            await self._change(change, lambda unit: unit.touch(unit.at(path), rows.from_time(mtime)))
        ).node()

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        self._check_path(path, making=False)

        def work(unit: Unit) -> NodeRow:
            old = contents.of_node(unit.connection, unit.user, unit.at(path), path)
            if old.data is None:
                raise Unsupported(path, "too large to set attributes in")
            data = self.trade.rewrite(path, old.data, attrs)
            put = self._put(path, content_of(data), data)._replace(op="attrs")
            row = unit.put([put])[0]
            home = self.trade.home(path, rows.read_attrs(put.attrs))
            return row if home == path.parent else self._brought_home(unit, row, home)

        return (await self._change(change, work)).node()

    def _brought_home(self, unit: Unit, row: NodeRow, home: Path) -> NodeRow:
        folder = rows.path_text(home)
        if folder and unit.row(*rows.split_text(folder)) is None:
            unit.make_folder(*rows.split_text(folder))
        return unit.move(row, folder, unit.free_name(folder, row.name))

    async def _change(self, change: Change, work: Callable[[Unit], T], *, clearing: bool = False) -> T:
        """What `work` returns; its changes, their events and index entries are one transaction."""

        def transaction(connection: Connection) -> T:
            unit = Unit(connection, self.store.user, self.mount, change)
            result = work(unit)
            unit.finish()
            return result

        return await self.store.write(transaction, clearing=clearing)

    def _check_path(self, path: Path, *, making: bool = True) -> None:
        """Raises for what cannot be changed at all: the root, and what is no UTF-8."""
        if not path.parts:
            raise IsADirectory(path)
        if not rows.storable(path):
            raise BadName(path, "a name must be valid UTF-8") if making else NotFound(path)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
