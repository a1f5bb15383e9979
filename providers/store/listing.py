"""Reading a collection: a folder page by page, many contents at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING
from zlib import crc32

from providers.store import rows
from providers.store.contents import find_many
from providers.store.many import WIDTHS, together
from providers.store.nodes import find, lookup_many
from providers.store.rows import FOLDER, to_node
from vfs.errors import NotADirectory, NotFound
from vfs.node import Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FIRST_PAGE = 64
PAGE = 2000
GROWTH = 4
"""The first page is small and soon there; each is larger than the one before, up to PAGE."""
APART = 64
"""Files of one folder, one after the other, from which on they are read as such."""
READ_BYTES = 8 * 1024 * 1024
"""Bytes of contents that one batch of a bulk read holds, give or take one file."""

PAGE_OF_FOLDER = (
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
        found = connection.execute(PAGE_OF_FOLDER, (store.user, mount, folder, after, size)).fetchall()
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
    most = WIDTHS[-1]
    while at < len(paths) and len(batch) < PAGE and size < READ_BYTES:
        folder = paths[at].parts[:-1]
        some: Sequence[Path] = list(takewhile(lambda path: path.parts[:-1] == folder, paths[at : at + most]))  # noqa: B023
        if len(some) < APART:
            some = paths[at : at + most]
            found = _wherever(connection, user, mount, some, limit)
            batch += [(path, found.get(path)) for path in some]
            size += sum(map(len, found.values()))
        else:
            contents = _of_folder(connection, user, mount, some, limit)
            batch += [(path, contents.get(path.parts[-1])) if path.parts else (path, None) for path in some]
            size += sum(map(len, contents.values()))
        at += len(some)
    return batch


def _wherever(
    connection: Connection, user: str, mount: str, paths: Sequence[Path], limit: int
) -> dict[Path, bytes]:
    """Contents of files in many folders."""
    spots = {
        rows.split_text(rows.path_text(path)): path for path in paths if path.parts and rows.storable(path)
    }
    nodes = lookup_many(connection, user, mount, spots)
    wanted = {row.digest for row in nodes.values() if row.digest is not None and row.size <= limit}
    contents = find_many(connection, user, wanted)
    found = {}
    for spot, node in nodes.items():
        content = None if node.digest is None else contents.get(node.digest)
        # What is damaged is left out here, and said when the tree opens it alone.
        if content is not None and content.is_whole():
            found[spots[spot]] = content.data or b""
    return found


def _of_folder(
    connection: Connection, user: str, mount: str, paths: Sequence[Path], limit: int
) -> dict[str, bytes]:
    names = [path.parts[-1] for path in paths if path.parts]
    if not rows.storable(Path(("".join(names),))):
        names = [name for name in names if rows.storable(Path((name,)))]
    if not names or not rows.storable(paths[0].parent):
        return {}
    folder = rows.path_text(paths[0].parent)
    contents = {}
    for sql, some in together(_MANY, names):
        for name, size, crc, data in connection.execute(sql, [user, mount, folder, limit, *some]):
            # What is damaged is left out here, and said when the tree opens it alone.
            if data is not None and len(data) == size and crc32(data) == crc:
                contents[name] = data
    return contents
