"""What a unit of work knows of the tree: asked for together, and kept true while the unit changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from providers.store import nodes, rows
from providers.store.many import together
from providers.store.nodes import Spot
from providers.store.rows import FOLDER, NodeRow
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.node import Kind, Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_ENTRIES = (
    "SELECT parent, count(*) FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL"
    " AND parent IN (%s) GROUP BY parent"
)


def spots_of(text: str) -> tuple[Spot, Spot]:
    """Where a path stands, and where its folder does."""
    folder, name = rows.split_text(text)
    return (folder, name), rows.split_text(folder)


class Known:
    """The live nodes of a collection, as far as somebody has looked.

    What it is asked for and does not know yet, it asks the database: there must be nothing pending then
    that concerns such places.
    """

    def __init__(self, connection: Connection, user: str, mount: str) -> None:
        self._connection = connection
        self._user = user
        self._mount = mount
        self._rows: dict[Spot, NodeRow | None] = {}
        self._entries: dict[str, int] = {}

    # -- looking

    def has(self, spot: Spot) -> bool:
        """Whether it needs no question to tell what is there."""
        return spot in self._rows

    def look(self, spots: Iterable[Spot]) -> None:
        """Asks for many places at once."""
        asked = [spot for spot in dict.fromkeys(spots) if spot[1] and spot not in self._rows]
        if len(asked) == 1:
            self.row(*asked[0])
        elif asked:
            found = nodes.lookup_many(self._connection, self._user, self._mount, asked)
            self._rows.update((spot, found.get(spot)) for spot in asked)

    def row(self, parent: str, name: str) -> NodeRow | None:
        """The node at a place."""
        spot = parent, name
        if spot not in self._rows:
            self._rows[spot] = nodes.lookup(self._connection, self._user, self._mount, parent, name)
        return self._rows[spot]

    def at(self, text: str, path: Path) -> NodeRow:
        """The node at a path, also spelt as rows hold it. Raises NotFound, NotADirectory."""
        parent, name = rows.split_text(text)
        row = self.row(parent, name)
        if row is None:
            self.need_folder(parent, path)
            raise NotFound(path)
        return row

    def need_folder(self, folder: str, path: Path) -> None:
        """Raises NotFound or NotADirectory, about `path`, unless `folder` is a folder."""
        if not folder:
            return
        parent, name = rows.split_text(folder)
        row = self.row(parent, name)
        if row is None:
            self.need_folder(parent, path)
            raise NotFound(path)
        if row.kind != FOLDER:
            raise NotADirectory(path)

    def count(self, folders: Iterable[str]) -> None:
        """Asks at once how many entries folders have."""
        asked = [folder for folder in dict.fromkeys(folders) if folder not in self._entries]
        self._entries.update(dict.fromkeys(asked, 0))
        for sql, some in together(_ENTRIES, asked):
            self._entries.update(
                (parent, count)
                for parent, count in self._connection.execute(sql, [self._user, self._mount, *some])
            )

    def entries(self, folder: str) -> int | None:
        """How many entries a folder has; None when nobody has asked."""
        return self._entries.get(folder)

    # -- changing

    def appeared(self, row: NodeRow) -> None:
        """A node is there where none was."""
        self._rows[row.parent, row.name] = row
        if row.parent in self._entries:
            self._entries[row.parent] += 1

    def changed(self, row: NodeRow) -> None:
        """A node is another one in the same place."""
        self._rows[row.parent, row.name] = row

    def vanished(self, row: NodeRow) -> None:
        """A node is not there any more."""
        self._rows[row.parent, row.name] = None
        if row.parent in self._entries:
            self._entries[row.parent] -= 1

    def forget_below(self, folder: str) -> None:
        """What lies below a folder is somewhere else."""
        inside = f"{folder}/"
        self._rows = {spot: row for spot, row in self._rows.items() if not f"{spot[0]}/".startswith(inside)}
        self._entries = {
            one: count for one, count in self._entries.items() if not f"{one}/".startswith(inside)
        }


async def stat_many(store: Store, mount: str, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
    """See StattableMany.stat_many."""

    def look(connection: Connection) -> list[Node | VfsError]:
        known = Known(connection, store.user, mount)
        texts = [rows.path_text(path) if rows.storable(path) else "" for path in paths]
        known.look(spot for text in texts for spot in spots_of(text))
        return [_told(known, path, text) for path, text in zip(paths, texts, strict=True)]

    return await store.read(look)


def _told(known: Known, path: Path, text: str) -> Node | VfsError:
    if not path.parts:
        return Node("", Kind.FOLDER)
    if not text:
        return NotFound(path)
    try:
        return known.at(text, path).node()
    except VfsError as error:
        return error
