"""Arranging: folders that were made, renamed and removed here become collections of the service.

As with items, only what is here counts: a folder without a collection is to have one, one that stands
elsewhere than its collection was renamed, a collection whose folder is gone is to go once it is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from providers.mirror import records
from providers.mirror.bodies import collection_of
from providers.mirror.records import ACCOUNT, NODE, Folder
from providers.mirror.remote import Arranges, Collection
from providers.mirror.run import Run
from providers.store import rows
from providers.store.rows import COLUMNS, NodeRow
from providers.store.unit import Unit
from vfs.errors import LoginNeeded, NotEmpty, TimedOut, Unavailable, VfsError

if TYPE_CHECKING:
    from providers.store.store import Connection

_FOLDERS = (
    f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND mount = ? AND kind = 'folder' AND deleted_at IS NULL"
    " ORDER BY parent, name"
)


class Layout(NamedTuple):
    """The folders that are here, and the collections that were known."""

    folders: list[NodeRow]
    known: list[Folder]


class Arranging:
    """One account's folders on their way to its service."""

    def __init__(self, run: Run, remote: Arranges) -> None:
        self.run = run
        self.remote = remote
        self.leaving: list[Folder] = []
        """Collections whose folders are gone here."""

    async def arrange(self) -> None:
        """Makes and renames. Raises what ends a sync; what the service refuses is a problem of the run."""
        layout = await self.run.store.read(self._look)
        if not layout.known:
            return
        there = {row.seq: row for row in layout.folders}
        known = layout.known
        self.leaving = [one for one in known if one.node >= 0 and one.node not in there]
        for at, folder in enumerate(known):
            row = there.get(folder.node)
            if row is not None and row.path != folder.path:
                await self._try(folder.path, self._rename(known, at, row.path))
        named = {one.path for one in known}
        for row in layout.folders:
            if row.path not in named and not row.path.startswith("/."):
                await self._try(row.path, self._make(row))

    def _look(self, connection: Connection) -> Layout:
        place = self.run.place
        known = records.folders(connection, place)
        known.pop(ACCOUNT, None)
        folders = [NodeRow(*columns) for columns in connection.execute(_FOLDERS, place)]
        return Layout(folders, sorted(known.values(), key=lambda one: one.path.count("/")))

    async def _try(self, path: str, doing: object) -> None:
        try:
            await doing  # type: ignore[misc]
        except (LoginNeeded, Unavailable, TimedOut):
            raise
        except VfsError as error:
            self.run.problems.append(f"{path}: {error.reason}")

    async def _make(self, row: NodeRow) -> None:
        made = await self.run.patiently(lambda: self.remote.make(rows.to_path(row.path)))
        attrs = rows.write_attrs({**made.attrs, NODE: row.seq})
        folder = Folder(made.key, row.path, made.role, attrs, None, 0, False, None, None, None, "")
        await self.run.write(lambda unit: records.put_folders(unit.connection, self.run.place, [folder]))

    async def _rename(self, known: list[Folder], at: int, path: str) -> None:
        """Renames a collection; those below it have moved with it, here and there."""
        folder = known[at]
        renamed: Collection = await self.run.patiently(
            lambda: self.remote.rename(collection_of(folder), rows.to_path(path))
        )
        inside = f"{folder.path}/"
        for number, other in enumerate(known):
            if other.path.startswith(inside):
                known[number] = other._replace(path=f"{path}/{other.path[len(inside) :]}")
        known[at] = folder._replace(key=renamed.key, path=path)

        def note(unit: Unit) -> None:
            if renamed.key != folder.key:
                records.rebind(unit.connection, self.run.place, folder.key, renamed.key)
            records.put_folders(unit.connection, self.run.place, known)

        await self.run.write(note)

    async def drop(self) -> None:
        """Takes away the collections whose folders are gone, once what was in them is; others come back."""
        for folder in self.leaving:
            await self._try(folder.path, self._drop(folder))

    async def _drop(self, folder: Folder) -> None:
        place = self.run.place
        left = await self.run.store.read(
            lambda connection: records.count_items(connection, place, folder.key)
        )
        gone = not left
        if gone:
            try:
                await self.run.patiently(lambda: self.remote.drop(collection_of(folder)))
            except NotEmpty:
                gone = False

        def note(unit: Unit) -> None:
            if gone:
                records.drop_folder(unit.connection, place, folder.key)
            else:
                records.put_folders(unit.connection, place, [folder._replace(attrs="")])

        await self.run.write(note)
        if not gone:
            self.run.problems.append(f"{folder.path}: holds something at the service, and comes back")
