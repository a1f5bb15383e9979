"""Every content below a folder: a folder of files as one stream, a tree by its listing and by digests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from providers.store import rows
from providers.store.contents import find_many
from providers.store.listing import FIRST_PAGE, PAGE, READ_BYTES, need_to_list
from providers.store.rows import FOLDER
from providers.store.walking import Entries, Walk
from vfs.errors import NotFound
from vfs.node import Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_CONTENTS = (
    "SELECT n.name, n.kind, n.size, c.crc, CASE WHEN n.size <= ? THEN c.data END FROM node n"
    " LEFT JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = ? AND n.name > ? AND n.deleted_at IS NULL"
    " ORDER BY n.name LIMIT ?"
)

Batch = list[tuple[Path, bytes | None]]


class _Files(NamedTuple):
    """The next files of a folder, the last name among them, and what comes after: files, folders, nothing."""

    batch: Batch
    after: str
    next: str


async def read_below(
    store: Store, mount: str, path: Path, limit: int
) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
    """See ReadableBelow.read_below."""
    if not rows.storable(path):
        raise NotFound(path)
    of, after, most = (limit, store.user, mount), "", FIRST_PAGE

    def files(connection: Connection) -> _Files:
        found = _files(connection, of, path, after, most)
        if not found.batch and not found.next and not after:
            need_to_list(connection, store.user, mount, path)
        return found

    while True:
        found = await store.read(files)
        if found.batch:
            yield found.batch
        after, most = found.after, PAGE
        if found.next != "files":
            break
    if found.next:
        async for batch in _below(store, Walk.below(store.user, mount, path, after), limit, most):
            yield batch


def _files(connection: Connection, of: tuple[int, str, str], path: Path, after: str, most: int) -> _Files:
    """The files of a folder with their contents, up to its first folder."""
    batch: Batch = []
    size = 0
    parts = path.parts
    found = connection.stream(_CONTENTS, (*of, rows.path_text(path), after, most))
    try:
        for name, kind, length, crc, data in found:
            if kind == FOLDER:
                return _Files(batch, after, "folders")
            after = name
            # What is damaged is left out here, and said when the tree opens it alone.
            if data is None or len(data) != length or crc32(data) != crc:
                batch.append((Path((*parts, name)), None))
            else:
                batch.append((Path((*parts, name)), data))
                size += length
            if size >= READ_BYTES:
                return _Files(batch, after, "files")
    finally:
        found.close()
    return _Files(batch, after, "files" if len(batch) == most else "")


async def _below(store: Store, at: Walk, limit: int, size: int) -> AsyncIterator[Batch]:
    """What is below a folder, from where a walk stands."""
    while not at.ended:
        page, at = await store.read(lambda connection, at=at: at.page(connection, size))  # type: ignore[misc]
        for entries in _in_parts(page, limit):
            yield await store.read(
                lambda connection, entries=entries: _contents(connection, store.user, entries, limit)  # type: ignore[misc]
            )


def _in_parts(page: Entries, limit: int) -> Sequence[Entries]:
    """The files of a page, as many at once as are read together."""
    parts: list[Entries] = []
    size = READ_BYTES
    for path, node in page:
        if node.is_folder:
            continue
        if size >= READ_BYTES:
            parts.append([])
            size = 0
        parts[-1].append((path, node))
        size += _length(node, limit)
    return parts


def _length(node: Node, limit: int) -> int:
    return node.size if node.size is not None and node.size <= limit else 0


def _contents(connection: Connection, user: str, entries: Entries, limit: int) -> Batch:
    digests = {
        path: bytes.fromhex(node.etag)
        for path, node in entries
        if node.etag is not None and (node.size or 0) <= limit
    }
    contents = find_many(connection, user, digests.values())
    batch: Batch = []
    for path, _ in entries:
        content = contents.get(digests[path]) if path in digests else None
        batch.append((path, content.data if content is not None and content.is_whole() else None))
    return batch
