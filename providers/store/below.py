"""Every content below a folder: listed and read by one statement a folder and batch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from providers.store import rows
from providers.store.listing import FIRST_PAGE, PAGE, READ_BYTES, need_to_list
from providers.store.rows import FOLDER
from vfs.errors import NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_CONTENTS = (
    "SELECT n.name, n.kind, n.size, c.crc, CASE WHEN n.size <= ? THEN c.data END FROM node n"
    " LEFT JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = ? AND n.name > ? AND n.deleted_at IS NULL"
    " ORDER BY n.name"
)

Batch = list[tuple[Path, bytes | None]]


class _Folder(NamedTuple):
    """A folder that is being read, and the last name in it that has been."""

    path: Path
    after: str = ""


async def read_below(
    store: Store, mount: str, path: Path, limit: int
) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
    """See ReadableBelow.read_below."""
    if not rows.storable(path):
        raise NotFound(path)
    await store.read(lambda connection: need_to_list(connection, store.user, mount, path))
    stack, most = [_Folder(path)], FIRST_PAGE

    def some(connection: Connection) -> tuple[Batch, list[_Folder]]:
        return _some(connection, (limit, store.user, mount), list(stack), most)

    while stack:
        batch, stack = await store.read(some)
        if batch:
            yield batch
        most = PAGE


def _some(
    connection: Connection, of: tuple[int, str, str], stack: list[_Folder], most: int
) -> tuple[Batch, list[_Folder]]:
    """The next contents, as many as fit a batch, and the folders that are not yet read to their ends."""
    batch: Batch = []
    size = 0
    while stack and len(batch) < most and size < READ_BYTES:
        folder, name = stack.pop()
        parts = folder.parts
        found = connection.execute(_CONTENTS, (*of, rows.path_text(folder), name))
        for name, kind, length, crc, data in found:
            path = Path((*parts, name))
            if kind == FOLDER:
                stack += [_Folder(folder, name), _Folder(path)]
                break
            # What is damaged is left out here, and said when the tree opens it alone.
            if data is None or len(data) != length or crc32(data) != crc:
                batch.append((path, None))
            else:
                batch.append((path, data))
                size += length
            if len(batch) >= most or size >= READ_BYTES:
                stack.append(_Folder(folder, name))
                break
        found.close()
    return batch, stack
