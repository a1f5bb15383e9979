"""Changing a collection: each change one unit of work; contents are taken in before it begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from providers.rendering.kind import kind_of
from providers.store import contents, nodes, rendered, rows
from providers.store.contents import Content
from providers.store.intake import SMALL, Intake, content_of
from providers.store.removal import Removal
from providers.store.rows import FOLDER, NodeRow
from providers.store.trade import Trade
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import BadName, Conflict, Exists, IsADirectory, NotEmpty, NotFound, Unsupported, VfsError
from vfs.names import check as check_name
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

T = TypeVar("T")
Item = TypeVar("Item")

MANY = 500
"""Files that one transaction of a bulk write holds."""
MANY_BYTES = 8 * 1024 * 1024
TRIES = 50


class Editing:
    """What can be done to a collection; loaded by the first change."""

    mirrored = False
    """Whether a service is to hear of what changes."""

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

        async def check() -> None:
            await self.store.read(lambda connection: self._check_write(connection, path, mode, etag))

        async with Intake(self.store.objects, check) as intake:
            await intake.take(data)
            content = await rendered.with_text(self.store, await intake.finish(), intake.head)
            if mode is Mode.APPEND:
                return await self._append(path, content, intake.head, change, etag)
            put = self._put(path, content, intake.head)

            def work(unit: Unit) -> NodeRow:
                self._check_unit(unit, path, mode, etag)
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
        now = self._check_unit(unit, path, Mode.APPEND, etag)
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
        return _judged(nodes.find_or_none(connection, self.store.user, self.mount, path), path, mode, etag)

    def _check_unit(self, unit: Unit, path: Path, mode: Mode, etag: str | None) -> NodeRow | None:
        """`_check_write`, by what the unit knows, or will need to know."""
        text = rows.path_text(path)
        unit.look([text])
        folder, name = rows.split_text(text)
        row = unit.row(folder, name)
        if row is None:
            unit.need_folder(folder, path)
        return _judged(row, path, mode, etag)

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

    async def mkdir_many(self, paths: Sequence[Path], change: Change) -> Sequence[Node | VfsError]:
        """See EditableMany.mkdir_many."""

        def one(unit: Unit, path: Path) -> Node:
            return self._made(unit, path).node()

        return await self._many(paths, lambda path: (path,), one, change)

    async def remove_many(
        self, paths: Sequence[Path], change: Change, recursive: bool
    ) -> Sequence[VfsError | None]:
        """See EditableMany.remove_many."""
        results: list[VfsError | None] = []
        for at in range(0, len(paths), MANY):
            some = paths[at : at + MANY]

            def work(unit: Unit, some: Sequence[Path] = some) -> list[VfsError | None]:
                texts = [rows.path_text(path) for path in some if rows.storable(path)]
                unit.look(texts)
                if not recursive:
                    unit.look_for((), [text for text in texts if unit.is_folder(text)])
                removal = Removal(unit, recursive)
                answers = [removal.choose(path) for path in some]
                removal.finish()
                return answers

            results += await self._change(change, work, clearing=True)
        return results

    async def move_many(
        self, moves: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        """See MovableMany.move_many."""

        def one(unit: Unit, move: tuple[Path, Path]) -> Node:
            return self._moved(unit, *move).node()

        return await self._many(moves, lambda move: move, one, change, contents=True)

    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        """See CopyableMany.copy_many."""

        def one(unit: Unit, copy: tuple[Path, Path]) -> Node:
            return self._copied(unit, *copy).node()

        return await self._many(copies, lambda copy: copy, one, change, contents=True)

    async def _many(
        self,
        items: Sequence[Item],
        paths_of: Callable[[Item], Sequence[Path]],
        one: Callable[[Unit, Item], Node],
        change: Change,
        *,
        contents: bool = False,
    ) -> list[Node | VfsError]:
        """What `one` makes of each, a transaction for many; `contents` of the first paths are needed."""
        results: list[Node | VfsError] = []
        for at in range(0, len(items), MANY):
            some = items[at : at + MANY]

            def work(unit: Unit, some: Sequence[Item] = some) -> list[Node | VfsError]:
                places = [[path for path in paths_of(item) if rows.storable(path)] for item in some]
                unit.look(rows.path_text(path) for paths in places for path in paths)
                if contents:
                    firsts = [
                        unit.row(*rows.split_text(rows.path_text(paths[0]))) for paths in places if paths
                    ]
                    unit.look_into(row.digest for row in firsts if row is not None)
                return [_told(one, unit, item) for item in some]

            results += await self._change(change, work)
        return results

    async def mkdir(self, path: Path, change: Change) -> Node:
        return (await self._change(change, lambda unit: self._made(unit, path))).node()

    def _made(self, unit: Unit, path: Path) -> NodeRow:
        if not path.parts:
            raise Exists(path)
        self._check_path(path)
        text = rows.path_text(path)
        unit.look([text])
        parent, name = rows.split_text(text)
        if unit.row(parent, name) is not None:
            raise Exists(path)
        return unit.make_folder(parent, name)

    async def remove(self, path: Path, change: Change, recursive: bool) -> None:
        self._check_path(path, making=False)

        def work(unit: Unit) -> None:
            row = unit.at(path)
            if row.kind == FOLDER and not recursive and not unit.is_empty(row.path):
                raise NotEmpty(path)
            unit.remove(row)

        await self._change(change, work, clearing=True)

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        return (await self._change(change, lambda unit: self._moved(unit, source, target))).node()

    def _moved(self, unit: Unit, source: Path, target: Path) -> NodeRow:
        """A file may mean something else under another name, or in another folder."""
        self._check_path(source, making=False)
        self._check_path(target)
        to = rows.path_text(target)
        unit.look([rows.path_text(source), to])
        row = unit.at(source)
        if row.kind == FOLDER:
            return unit.move(row, *rows.split_text(to))
        described = self.trade.describe(target, unit.content(row.digest, source).head())
        moved = unit.move(row, *rows.split_text(to))
        return unit.describe(moved, described.mime, rows.write_attrs(described.attrs))

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        return (await self._change(change, lambda unit: self._copied(unit, source, target))).node()

    def _copied(self, unit: Unit, source: Path, target: Path) -> NodeRow:
        self._check_path(target)
        self._check_path(source, making=False)
        unit.look([rows.path_text(source), rows.path_text(target)])
        content = unit.content(unit.at(source).digest, source)
        self._check_unit(unit, target, Mode.REPLACE, None)
        return unit.put([self._put(target, content, content.head())._replace(kept=True)])[0]

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        self._check_path(path, making=False)
        return (
            await self._change(change, lambda unit: unit.touch(unit.at(path), rows.from_time(mtime)))
        ).node()

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        return (await self._change(change, lambda unit: self._attributed(unit, path, attrs))).node()

    async def set_attrs_many(
        self, changes: Mapping[Path, Mapping[str, Value]], change: Change
    ) -> Sequence[Node | VfsError]:
        """See AttributedMany.set_attrs_many."""

        def one(unit: Unit, item: tuple[Path, Mapping[str, Value]]) -> Node:
            return self._attributed(unit, *item).node()

        return await self._many(list(changes.items()), lambda item: item[:1], one, change)

    def _attributed(self, unit: Unit, path: Path, attrs: Mapping[str, Value]) -> NodeRow:
        self._check_path(path, making=False)
        old = contents.of_node(unit.connection, unit.user, unit.at(path), path)
        if old.data is None:
            raise Unsupported(path, "too large to set attributes in")
        data = self.trade.rewrite(path, old.data, attrs)
        put = self._put(path, content_of(data), data)._replace(op="attrs")
        row = unit.put([put])[0]
        home = self.trade.home(path, rows.read_attrs(put.attrs))
        return row if home == path.parent else self._brought_home(unit, row, home)

    def _brought_home(self, unit: Unit, row: NodeRow, home: Path) -> NodeRow:
        folder = rows.path_text(home)
        if folder and unit.row(*rows.split_text(folder)) is None:
            unit.make_folder(*rows.split_text(folder))
        return unit.move(row, folder, unit.free_name(folder, row.name))

    async def _change(self, change: Change, work: Callable[[Unit], T], *, clearing: bool = False) -> T:
        """What `work` returns; its changes, their events and index entries are one transaction."""

        def transaction(connection: Connection) -> T:
            unit = Unit(connection, self.store.user, self.mount, change, mirrored=self.mirrored)
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


def _judged(row: NodeRow | None, path: Path, mode: Mode, etag: str | None) -> NodeRow | None:
    """The file that a write would replace, when it may. Raises what `write` raises."""
    if row is None:
        check_name(path.name, path)
    elif row.kind == FOLDER:
        raise IsADirectory(path)
    elif mode is Mode.CREATE:
        raise Exists(path)
    if etag is not None and (row is None or row.digest is None or row.digest.hex() != etag):
        raise Conflict(path)
    return row


def _told(one: Callable[[Unit, Item], Node], unit: Unit, item: Item) -> Node | VfsError:
    try:
        return one(unit, item)
    except VfsError as error:
        return error


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
