"""Walking everything below a folder: sibling folders are read ahead, many by one statement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.listing import FIRST_PAGE, PAGE, PAGE_OF_FOLDER, need_to_list
from providers.store.rows import to_node
from vfs.errors import NotFound
from vfs.node import Kind, Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

AHEAD = (8, 64)
"""How many folders one statement has room for."""

_FIRST_OF = (
    "SELECT * FROM (SELECT parent, name, kind, size, mtime, digest, mime, id, attrs FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND deleted_at IS NULL ORDER BY name LIMIT ?) AS first"
)

Entries = list[tuple[Path, Node]]
Ahead = tuple[Sequence[Node], bool]
"""The first entries of a folder, and whether these are all."""


class _Folder:
    """A folder that a walk is in: what is at hand of it, how far that was handed on, and its last name."""

    __slots__ = ("after", "at", "ended", "nodes", "path", "text")

    def __init__(self, text: str, path: Path, after: str = "") -> None:
        self.text = text
        self.path = path
        self.after = after
        self.nodes: Sequence[Node] = ()
        self.at = 0
        self.ended = False

    def copy(self) -> _Folder:
        other = _Folder(self.text, self.path, self.after)
        other.nodes, other.at, other.ended = self.nodes, self.at, self.ended
        return other

    def hold(self, nodes: Sequence[Node], ended: bool) -> None:
        """The next entries, and whether they are the last."""
        self.nodes, self.at, self.ended = nodes, 0, ended
        if nodes:
            self.after = nodes[-1].name

    def down(self, found: Entries) -> _Folder | None:
        """Hands on what is at hand, up to the first folder in it, which it returns."""
        parts = self.path.parts
        while self.at < len(self.nodes):
            node = self.nodes[self.at]
            self.at += 1
            path = Path((*parts, node.name))
            found.append((path, node))
            if node.kind is Kind.FOLDER:
                return _Folder(f"{self.text}/{node.name}", path)
        return None

    def folders(self, count: int) -> list[str]:
        """The next folders at hand, not more than so many."""
        found: list[str] = []
        for node in self.nodes[self.at :]:
            if len(found) == count:
                break
            if node.kind is Kind.FOLDER:
                found.append(f"{self.text}/{node.name}")
        return found


class Walk:
    """Where a walk is. A page leaves it as it was, and gives the one that comes after, so that a page that
    was cut off can be asked for again."""

    def __init__(self, user: str, mount: str, stack: list[_Folder], ahead: dict[str, Ahead]) -> None:
        self.user = user
        self.mount = mount
        self._stack = stack
        self._ahead = ahead

    @classmethod
    def below(cls, user: str, mount: str, path: Path, after: str = "") -> Walk:
        """The walk below a folder, from the entry on that comes after the name `after`."""
        return cls(user, mount, [_Folder(rows.path_text(path), path, after)], {})

    @property
    def ended(self) -> bool:
        return not self._stack

    def page(self, connection: Connection, size: int) -> tuple[Entries, Walk]:
        """The next entries, about `size` of them, and the walk after them."""
        walk = Walk(self.user, self.mount, [folder.copy() for folder in self._stack], dict(self._ahead))
        found: Entries = []
        while walk._stack and len(found) < size:
            folder = walk._stack[-1]
            below = folder.down(found)
            if below is not None:
                walk._stack.append(below)
            elif folder.ended:
                walk._stack.pop()
            else:
                walk._fetch(connection, folder, size)
        return found, walk

    def _fetch(self, connection: Connection, folder: _Folder, size: int) -> None:
        if not folder.after:
            if folder.text not in self._ahead and len(self._stack) > 1:
                self._look_ahead(connection, [folder.text, *self._stack[-2].folders(AHEAD[-1] - 1)])
            ahead = self._ahead.pop(folder.text, None)
            if ahead is not None:
                folder.hold(*ahead)
                return
        asked = (self.user, self.mount, folder.text, folder.after, size)
        nodes = [to_node(*row) for row in connection.execute(PAGE_OF_FOLDER, asked)]
        folder.hold(nodes, len(nodes) < size)

    def _look_ahead(self, connection: Connection, folders: Sequence[str]) -> None:
        """The first entries of folders, where there are several."""
        if len(folders) == 1:
            return
        size = PAGE // len(folders)
        room = next(room for room in AHEAD if room >= len(folders))
        asked: list[str | int] = []
        for folder in folders:
            asked += (self.user, self.mount, folder, size)
        asked += (self.user, self.mount, "", 0) * (room - len(folders))
        first: dict[str, list[Node]] = {folder: [] for folder in folders}
        for parent, *columns in connection.execute(_first_of(room), asked):
            first[parent].append(to_node(*columns))
        self._ahead.update((folder, (nodes, len(nodes) < size)) for folder, nodes in first.items())


@cache
def _first_of(room: int) -> str:
    return " UNION ALL ".join([_FIRST_OF] * room)


async def walk(store: Store, mount: str, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
    """See Walkable.walk: many folders are read in one go."""
    if not rows.storable(path):
        raise NotFound(path)
    at, size = Walk.below(store.user, mount, path), FIRST_PAGE

    def page(connection: Connection) -> tuple[Entries, Walk]:
        found, after = at.page(connection, size)
        if not found and size == FIRST_PAGE:
            need_to_list(connection, store.user, mount, path)
        return found, after

    while not at.ended:
        found, at = await store.read(page)
        if found:
            yield found
        size = PAGE
