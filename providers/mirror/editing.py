"""Changing a mirror: here at once, at the service with the next sync.

Items are moved, marked, removed and added; what they say stays, but where a collection's items may be
replaced (drafts). Folders whose names begin with "." are local, as is what the settings name (`here`), and
anything can be done there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mirror import records
from providers.mirror.described import Ready, ready_of
from providers.mirror.records import ACCOUNT, Folder
from providers.store import nodes, rows
from providers.store.editing import MANY, Editing
from providers.store.rows import FOLDER, NodeRow
from providers.store.trade import Trade
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import BadName, Conflict, IsADirectory, NotEmpty, ReadOnly, Unsupported, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode
from vfs.reading import gather

if TYPE_CHECKING:
    from providers.mirror.mirror import Mirror

LARGEST = 128 * 1024 * 1024
"""Bytes of an item that is written here."""

FIXED = "does not change once it is written"

TRASH = "/trash"

READ_ONLY = "read_only"
"""The attribute of a collection in which nothing is changed from here."""


class MirrorEditing(Editing):
    """What can be done to a replica."""

    mirrored = True

    def __init__(self, mirror: Mirror) -> None:
        super().__init__(mirror.store, mirror.mount, Trade())
        self.mirror = mirror
        self.settings = mirror.settings
        self._unit: Unit | None = None
        self._folders: dict[str, Folder] = {}

    def _of(self, unit: Unit) -> Mapping[str, Folder]:
        """The account's collections by path, asked for once a unit."""
        if self._unit is not unit:
            found = records.folders(unit.connection, self.mirror.place)
            self._folders = {one.path: one for key, one in found.items() if key != ACCOUNT}
            self._unit = unit
        return self._folders

    def _need_place(self, unit: Unit, path: Path, old: NodeRow | None) -> None:
        """Raises ReadOnly where no item can be put, or the one that is there stays as it is."""
        self._need_outside(path)
        folder = self._of(unit).get(rows.path_text(path.parent))
        if folder is None and not self.settings.arranges:
            unit.need_folder(rows.path_text(path.parent), path)
            raise ReadOnly(path, "the service keeps nothing here")
        self._need_writable(unit, rows.path_text(path.parent), path)
        role = "" if folder is None else folder.role
        if old is not None and role not in self.settings.replaces:
            raise ReadOnly(path, FIXED)

    def _need_writable(self, unit: Unit, folder: str, path: Path) -> None:
        """Raises ReadOnly in a folder whose service lets nobody change anything."""
        known = self._of(unit).get(folder)
        if known is not None and rows.read_attrs(known.attrs).get(READ_ONLY):
            raise ReadOnly(path, "the service lets you read this, not change it")

    def _need_outside(self, path: Path) -> None:
        """Raises ReadOnly for what lies within an item."""
        extra = self.settings.extra
        if extra is not None and extra.folder in path.parts:
            raise ReadOnly(path, "is a part of its entry, which does not change")

    # -- contents

    async def write(self, path: Path, data: Blocks, change: Change, mode: Mode, etag: str | None) -> Node:
        if self.mirror.is_local(path):
            return await super().write(path, data, change, mode, etag)
        self._check_path(path)
        self._need_outside(path)
        await self.store.read(lambda connection: self._check_write(connection, path, mode, etag))
        content = await gather(data, path, LARGEST)
        for _ in range(20):
            before = b""
            if mode is Mode.APPEND:
                with suppress(VfsError):
                    async with self.mirror.open(path) as blocks:
                        before = b"".join([block async for block in blocks])
            ready = (await self._ready([before + content]))[0]

            def work(unit: Unit, before: bytes = before, ready: Ready = ready) -> NodeRow | None:
                old = self._check_unit(unit, path, mode, etag)
                if mode is Mode.APPEND and (old.size if old is not None else 0) != len(before):
                    return None
                return unit.put([self._item(unit, path, ready, old)])[0]

            row = await self._change(change, work)
            if row is not None:
                return row.node()
        raise Conflict(path)

    async def _ready(self, datas: Sequence[bytes]) -> list[Ready]:
        return await ready_of(self.store.objects, datas, self.mirror.engine.remote.describe)

    def _item(self, unit: Unit, path: Path, ready: Ready, old: NodeRow | None) -> Put:
        self._need_place(unit, path, old)
        attrs = dict(ready.described.attrs)
        if old is not None:
            before = rows.read_attrs(old.attrs)
            attrs |= {key: before[key] for key in self.settings.settable if key in before}
        parent, name = rows.split_text(rows.path_text(path))
        return Put(parent, name, ready.content, ready.described.mime, rows.write_attrs(attrs))

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        batch: dict[Path, bytes] = {}
        async for path, data in files:
            self._check_path(path)
            if self.mirror.is_local(path):
                yield [await self.write(path, _once(data), change, Mode.REPLACE, None)]
                continue
            if path in batch or len(batch) >= MANY:
                yield await self._write_items(batch, change)
                batch = {}
            batch[path] = data
        if batch:
            yield await self._write_items(batch, change)

    async def _write_items(self, batch: Mapping[Path, bytes], change: Change) -> Sequence[Node]:
        ready = dict(zip(batch, await self._ready(list(batch.values())), strict=True))

        def work(unit: Unit) -> list[NodeRow]:
            unit.look(map(rows.path_text, batch))
            return unit.put(
                [
                    self._item(unit, path, one, self._check_unit(unit, path, Mode.REPLACE, None))
                    for path, one in ready.items()
                ]
            )

        return [row.node() for row in await self._change(change, work)]

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        await self._whole([source])
        return await super().copy(source, target, change)

    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        await self._whole([source for source, _ in copies])
        return await super().copy_many(copies, change)

    async def _whole(self, paths: Sequence[Path]) -> None:
        await import_module("providers.mirror.wanting").want(self.mirror, paths)

    def _copied(self, unit: Unit, source: Path, target: Path) -> NodeRow:
        if self.mirror.is_local(source) and self.mirror.is_local(target):
            return super()._copied(unit, source, target)
        if self.mirror.is_local(source) or self.mirror.is_local(target):
            raise Unsupported(target)
        self._check_path(target)
        self._check_path(source, making=False)
        unit.look([rows.path_text(source), rows.path_text(target)])
        row = unit.at(source)
        content = unit.content(row.digest, source)
        self._need_place(unit, target, self._check_unit(unit, target, Mode.REPLACE, None))
        parent, name = rows.split_text(rows.path_text(target))
        return unit.put([Put(parent, name, content, row.mime, row.attrs, row.mtime, kept=True)])[0]

    # -- places

    def _made(self, unit: Unit, path: Path) -> NodeRow:
        if path.parts and not self.mirror.is_local(path) and not self.settings.arranges:
            raise ReadOnly(path, "folders are made at the service")
        return super()._made(unit, path)

    def _moved(self, unit: Unit, source: Path, target: Path) -> NodeRow:
        if self.mirror.is_local(source) and self.mirror.is_local(target):
            return super()._moved(unit, source, target)
        self._check_path(source, making=False)
        self._check_path(target)
        if self.mirror.is_local(source) or self.mirror.is_local(target):
            raise Unsupported(source, "cannot be moved there; copy it")
        self._need_outside(target)
        to = rows.path_text(target)
        unit.look([rows.path_text(source), to])
        row = unit.at(source)
        parent, name = rows.split_text(to)
        if row.kind == FOLDER:
            self._need_arranged(unit, source, "renamed")
        elif target != source:
            self._need_writable(unit, row.parent, source)
            old = unit.row(parent, name)
            if old is None or old.kind != FOLDER:
                self._need_place(unit, target, old)
        return unit.move(row, parent, name)

    async def remove(self, path: Path, change: Change, recursive: bool) -> None:
        self._check_path(path, making=False)
        await self._change(change, lambda unit: self._gone(unit, path, recursive), clearing=True)

    async def remove_many(
        self, paths: Sequence[Path], change: Change, recursive: bool
    ) -> Sequence[VfsError | None]:
        results: list[VfsError | None] = []
        for at in range(0, len(paths), MANY):
            some = paths[at : at + MANY]

            def work(unit: Unit, some: Sequence[Path] = some) -> list[VfsError | None]:
                unit.look(rows.path_text(path) for path in some if rows.storable(path))
                answers: list[VfsError | None] = []
                for path in some:
                    try:
                        self._check_path(path, making=False)
                        self._gone(unit, path, recursive)
                        answers.append(None)
                    except VfsError as error:
                        answers.append(error)
                return answers

            results += await self._change(change, work, clearing=True)
        return results

    def _gone(self, unit: Unit, path: Path, recursive: bool) -> None:
        """Into the trash, where the service has one; what is there already, for good."""
        self._need_outside(path)
        row = unit.at(path)
        if row.kind == FOLDER:
            if not self.mirror.is_local(path):
                self._need_arranged(unit, path, "removed")
            if not recursive and not unit.is_empty(row.path):
                raise NotEmpty(path)
            self._need_writable(unit, row.path, path)
            self._empty(unit, path, row)
            unit.remove(row)
            return
        self._need_writable(unit, row.parent, path)
        trash = None if self.mirror.is_local(path) else self._trash(unit)
        if trash is None or f"{row.parent}/".startswith(f"{trash}/"):
            unit.remove(row)
        else:
            unit.move(row, trash, unit.free_name(trash, row.name))

    def _need_arranged(self, unit: Unit, path: Path, deed: str) -> None:
        """Raises ReadOnly for a folder that the service keeps as it is."""
        folder = self._of(unit).get(rows.path_text(path))
        if not self.settings.arranges or (folder is not None and folder.role):
            raise ReadOnly(path, f"is not {deed} from here: it is a folder of the service")

    def _empty(self, unit: Unit, path: Path, folder: NodeRow) -> None:
        """What is below a folder goes where what is removed goes."""
        trash = None if self.mirror.is_local(path) else self._trash(unit)
        if trash is None or f"{folder.path}/".startswith(f"{trash}/"):
            return
        unit.look_for((), ())
        for row in list(nodes.all_below(unit.connection, unit.user, unit.mount, [folder.path])):
            if row.kind != FOLDER:
                unit.move(row, trash, unit.free_name(trash, row.name))

    def _trash(self, unit: Unit) -> str | None:
        """Where what is removed goes, made where that is possible; None where it is gone for good."""
        for folder in self._of(unit).values():
            if folder.role == "trash" and unit.is_folder(folder.path):
                return folder.path
        if not self.settings.makes_trash:
            return None
        if not unit.is_folder(TRASH):
            unit.make_folder(*rows.split_text(TRASH))
        return TRASH

    # -- attributes

    def _attributed(self, unit: Unit, path: Path, attrs: Mapping[str, Value]) -> NodeRow:
        if self.mirror.is_local(path):
            return super()._attributed(unit, path, attrs)
        self._check_path(path, making=False)
        row = unit.at(path)
        if row.kind == FOLDER:
            raise IsADirectory(path)
        for key in attrs:
            if key not in self.settings.settable:
                settable = ", ".join(sorted(self.settings.settable)) or "nothing"
                raise BadName(path, f"`{key}` cannot be set here", hint=f"what can be set: {settable}")
        before = rows.read_attrs(row.attrs)
        after = {**before, **attrs}
        kept = {key: value for key, value in after.items() if value is not None}
        if kept == before:
            return row
        was = rows.write_attrs({key: before.get(key) for key in attrs})
        detail = import_module("json").dumps({"was": was, "to": rows.write_attrs(attrs)}, ensure_ascii=False)
        return unit.mark(row, rows.write_attrs(kept), detail)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
