"""Reading a collection: one node, a folder page by page, everything below, many contents at once."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.nodes import find
from providers.store.rows import COLUMNS, FOLDER, NodeRow, to_node
from vfs.errors import NotADirectory, NotFound
from vfs.node import Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FIRST_PAGE = 64
PAGE = 2000
GROWTH = 4
"""The first page is small and soon there; each is larger than the one before, up to PAGE."""
TOGETHER = 128
"""Files of one folder that one statement reads."""
READ_BYTES = 8 * 1024 * 1024
"""Bytes of contents that one batch of a bulk read holds, give or take one file."""

_PAGE = (
    "SELECT name, kind, size, mtime, digest, mime, id, attrs FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND name > ? AND deleted_at IS NULL"
    " ORDER BY name LIMIT ?"
)
_ROWS = (
    f"SELECT {COLUMNS} FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND name > ? AND deleted_at IS NULL"
    " ORDER BY name LIMIT ?"
)
_MANY = (
    "SELECT n.name, n.size, n.digest, c.crc, c.data FROM node n"
    " JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = ? AND n.deleted_at IS NULL AND n.size <= ?"
    f" AND n.name IN ({', '.join('?' * TOGETHER)})"
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
            _need_to_list(connection, store.user, mount, path)
        return [to_node(*row) for row in found]

    after, size = "", FIRST_PAGE
    while True:
        nodes = await store.read(lambda connection, after=after, size=size: page(connection, after, size))  # type: ignore[misc]
        if nodes:
            yield nodes
        if len(nodes) < size:
            return
        after, size = nodes[-1].name, min(size * GROWTH, PAGE)


def _need_to_list(connection: Connection, user: str, mount: str, path: Path) -> None:
    if path.parts and find(connection, user, mount, path).kind != FOLDER:
        raise NotADirectory(path)


class _Folder:
    """A folder that a walk is in: its text and path, the last name seen, and rows not yet handed on."""

    __slots__ = ("after", "ended", "path", "rows", "text")

    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.path = path
        self.after = ""
        self.rows: Iterator[NodeRow] = iter(())
        self.ended = False


async def walk(store: Store, mount: str, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
    """See Walkable.walk: many folders are read in one go, none is read before it is reached."""
    if not rows.storable(path):
        raise NotFound(path)
    stack = [_Folder(rows.path_text(path), path)]

    found: list[tuple[Path, Node]] = []

    def page(connection: Connection, size: int) -> None:
        # Asked again after a lock, it goes on where it was: what it has found stays found.
        while stack and len(found) < size:
            folder = stack[-1]
            row = next(folder.rows, None)
            if row is None:
                if folder.ended:
                    stack.pop()
                    continue
                some = connection.execute(
                    _ROWS, (store.user, mount, folder.text, folder.after, size)
                ).fetchall()
                folder.ended = len(some) < size
                folder.rows = iter([NodeRow(*columns) for columns in some])
                folder.after = some[-1][3] if some else folder.after
                continue
            below = folder.path.child(row.name)
            found.append((below, row.node()))
            if row.kind == FOLDER:
                stack.append(_Folder(row.path, below))

    await store.read(lambda connection: _need_to_list(connection, store.user, mount, path))
    size = FIRST_PAGE
    while stack:
        found = []
        await store.read(lambda connection, size=size: page(connection, size))  # type: ignore[misc]
        if found:
            yield found
        size = PAGE


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
    while at < len(paths) and len(batch) < PAGE and size < READ_BYTES:
        folder = paths[at].parts[:-1]
        some = [paths[at]]
        while (
            len(some) < TOGETHER
            and at + len(some) < len(paths)
            and paths[at + len(some)].parts[:-1] == folder
        ):
            some.append(paths[at + len(some)])
        contents = _of_folder(connection, user, mount, some, limit)
        for path in some:
            data = contents.get(path.name)
            batch.append((path, data))
            size += len(data or b"")
        at += len(some)
    return batch


def _of_folder(
    connection: Connection, user: str, mount: str, paths: Sequence[Path], limit: int
) -> dict[str, bytes]:
    names = [path.name for path in paths if path.parts and rows.storable(path)]
    if not names:
        return {}
    folder = rows.path_text(paths[0].parent)
    asked = [user, mount, folder, limit, *names, *[names[0]] * (TOGETHER - len(names))]
    contents = {}
    for name, size, _, crc, data in connection.execute(_MANY, asked):
        # What is damaged is left out here, and said when the tree opens it alone.
        if data is not None and len(data) == size and zlib.crc32(data) == crc:
            contents[name] = data
    return contents
