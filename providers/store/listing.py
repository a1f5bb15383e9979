"""Reading a collection: one node, a folder page by page, everything below, many contents at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING
from zlib import crc32

from providers.store import rows
from providers.store.nodes import find
from providers.store.rows import FOLDER, to_node
from vfs.errors import NotADirectory, NotFound
from vfs.node import Kind, Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FIRST_PAGE = 64
PAGE = 2000
GROWTH = 4
"""The first page is small and soon there; each is larger than the one before, up to PAGE."""
TOGETHER = (8, 512)
"""Files of one folder that one statement reads: few, or many."""
READ_BYTES = 8 * 1024 * 1024
"""Bytes of contents that one batch of a bulk read holds, give or take one file."""

_PAGE = (
    "SELECT name, kind, size, mtime, digest, mime, id, attrs FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND name > ? AND deleted_at IS NULL"
    " ORDER BY name LIMIT ?"
)
_MANY = (
    "SELECT n.name, n.size, c.crc, c.data FROM node n"
    " JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = ? AND n.deleted_at IS NULL AND n.size <= ?"
    " AND n.name IN (%s)"
)


# -- folders


async def pages(store: Store, mount: str, path: Path) -> AsyncIterator[Sequence[Node]]:
    """See Provider.list. No page holds a lock until the next."""
    if not rows.storable(path):
        raise NotFound(path)
    folder = rows.path_text(path)

    def page(connection: Connection, after: str, size: int) -> list[Node]:
        found = connection.execute(_PAGE, (store.user, mount, folder, after, size)).fetchall()
        if not found and not after and folder:
            need_to_list(connection, store.user, mount, path)
        return [to_node(*row) for row in found]

    after, size = "", FIRST_PAGE
    while True:
        nodes = await store.read(lambda connection, after=after, size=size: page(connection, after, size))  # type: ignore[misc]
        if nodes:
            yield nodes
        if len(nodes) < size:
            return
        after, size = nodes[-1].name, min(size * GROWTH, PAGE)


def need_to_list(connection: Connection, user: str, mount: str, path: Path) -> None:
    """Raises NotFound, NotADirectory unless `path` is a folder."""
    if path.parts and find(connection, user, mount, path).kind != FOLDER:
        raise NotADirectory(path)


class _Folder:
    """A folder that a walk is in: its text and path, the last name seen, and entries not yet handed on."""

    __slots__ = ("after", "ended", "nodes", "path", "text")

    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.path = path
        self.after = ""
        self.nodes: Iterator[Node] = iter(())
        self.ended = False


async def walk(store: Store, mount: str, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
    """See Walkable.walk: many folders are read in one go, none is read before it is reached."""
    if not rows.storable(path):
        raise NotFound(path)
    stack = [_Folder(rows.path_text(path), path)]

    def page(connection: Connection, size: int) -> list[tuple[Path, Node]]:
        found: list[tuple[Path, Node]] = []
        while stack and len(found) < size:
            folder = stack[-1]
            below = _down_to_a_folder(folder, found)
            if below is not None:
                stack.append(_Folder(f"{folder.text}/{below.name}", below))
            elif folder.ended:
                stack.pop()
            else:
                some = connection.execute(
                    _PAGE, (store.user, mount, folder.text, folder.after, size)
                ).fetchall()
                folder.ended = len(some) < size
                folder.nodes = iter([to_node(*row) for row in some])
                folder.after = some[-1][0] if some else folder.after
        return found

    await store.read(lambda connection: need_to_list(connection, store.user, mount, path))
    size = FIRST_PAGE
    while stack:
        found = await store.read(lambda connection, size=size: page(connection, size))  # type: ignore[misc]
        if found:
            yield found
        size = PAGE


def _down_to_a_folder(folder: _Folder, found: list[tuple[Path, Node]]) -> Path | None:
    """Hands on what a folder has at hand, up to the first folder in it, which it returns."""
    parts = folder.path.parts
    for node in folder.nodes:
        path = Path((*parts, node.name))
        found.append((path, node))
        if node.kind is Kind.FOLDER:
            return path
    return None


# -- many contents


async def read_many(
    store: Store, mount: str, paths: Sequence[Path], limit: int
) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
    """See ReadableMany.read_many."""
    at = 0

    def some(connection: Connection) -> list[tuple[Path, bytes | None]]:
        return _some(connection, store.user, mount, paths, at, limit)

    while at < len(paths):
        batch = await store.read(some)
        at += len(batch)
        yield batch


def _some(
    connection: Connection, user: str, mount: str, paths: Sequence[Path], at: int, limit: int
) -> list[tuple[Path, bytes | None]]:
    """The next contents, as many as fit a batch: files of one folder, one after the other, together."""
    batch: list[tuple[Path, bytes | None]] = []
    size = 0
    most = TOGETHER[-1]
    while at < len(paths) and len(batch) < PAGE and size < READ_BYTES:
        folder = paths[at].parts[:-1]
        some = list(takewhile(lambda path: path.parts[:-1] == folder, paths[at : at + most]))  # noqa: B023
        contents = _of_folder(connection, user, mount, some, limit)
        batch += [(path, contents.get(path.parts[-1])) if path.parts else (path, None) for path in some]
        size += sum(map(len, contents.values()))
        at += len(some)
    return batch


def _of_folder(
    connection: Connection, user: str, mount: str, paths: Sequence[Path], limit: int
) -> dict[str, bytes]:
    names = [path.parts[-1] for path in paths if path.parts]
    if not rows.storable(Path(("".join(names),))):
        names = [name for name in names if rows.storable(Path((name,)))]
    if not names or not rows.storable(paths[0].parent):
        return {}
    folder = rows.path_text(paths[0].parent)
    places = next(count for count in TOGETHER if count >= len(names))
    asked = [user, mount, folder, limit, *names, *[names[0]] * (places - len(names))]
    contents = {}
    for name, size, crc, data in connection.execute(_MANY % ", ".join("?" * places), asked):
        # What is damaged is left out here, and said when the tree opens it alone.
        if data is not None and len(data) == size and crc32(data) == crc:
            contents[name] = data
    return contents
