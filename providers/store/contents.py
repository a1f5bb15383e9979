"""Contents as they are kept: in a row, or as an object; checked when they are read."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from providers.store import rows
from providers.store.many import together
from providers.store.nodes import need_folder
from providers.store.rows import FOLDER
from vfs.errors import Conflict, Corrupt, IsADirectory, NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.objects import ObjectStore
    from providers.store.rows import NodeRow
    from providers.store.store import Connection

BLOCK = 64 * 1024
"""Bytes of a content that are handed on at once."""

CUT = "\U0010fffd"
"""Ends the searchable part of a rendered text that is longer; in the index, a symbol like any other."""

RENDERED = b"R"
"""Begins an excerpt that is a document's rendered text; what zlib packs never begins so."""

_COLUMNS = "digest, size, crc, place, data, excerpt"
_CONTENT = f"SELECT {_COLUMNS} FROM content WHERE user_id = ? AND digest = ?"
_AT = (
    "SELECT n.kind, n.digest, c.size, c.crc, c.place, c.data, c.excerpt FROM node n"
    " LEFT JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = ? AND n.name = ? AND n.deleted_at IS NULL"
)
_PURGED = "SELECT 1 FROM content WHERE user_id = ? AND place = 'purged' AND created_at > ? AND digest IN (%s)"
_CONTENTS = f"SELECT {_COLUMNS} FROM content WHERE user_id = ? AND digest IN (%s)"


class Content(NamedTuple):
    """Bytes that are about to be kept: whole when small, else already an object."""

    digest: bytes
    size: int
    crc: int
    data: bytes | None
    excerpt: bytes | None
    """For the index and for snippets, packed: the beginning of an object that is text, or of the text
    that a document is rendered as (RENDERED)."""
    span: tuple[int, int, str] | None = None
    """Of a calendar file that comes in: a row of `span`, but for whose and which it is."""

    @property
    def place(self) -> str:
        return "objects" if self.data is None else "rows"

    def head(self) -> bytes:
        """The beginning of what is text, all of what is small."""
        if self.data is not None:
            return self.data
        if not self.excerpt or self.excerpt.startswith(RENDERED):
            return b""
        return zlib.decompress(self.excerpt)


class ContentRow(NamedTuple):
    """A row of `content`."""

    digest: bytes
    size: int
    crc: int
    place: str
    data: bytes | None
    excerpt: bytes | None

    def is_whole(self) -> bool:
        """Whether it holds the very bytes that were written; False for what is an object, or was purged."""
        return self.data is not None and len(self.data) == self.size and zlib.crc32(self.data) == self.crc


def find_many(connection: Connection, user: str, digests: Iterable[bytes]) -> dict[bytes, ContentRow]:
    """The rows of many contents; what is not there is left out."""
    found: dict[bytes, ContentRow] = {}
    for sql, some in together(_CONTENTS, list(dict.fromkeys(digests))):
        found.update((row[0], ContentRow(*row)) for row in connection.execute(sql, [user, *some]))
    return found


SETTLING = 120 * 1_000_000
"""Microseconds for which a purged object cannot come back: it may be deleted only now."""


def need_settled(connection: Connection, user: str, objects: Sequence[bytes], now: int) -> None:
    """Raises Conflict when one of these objects, about to be named, was purged a moment ago."""
    for sql, some in together(_PURGED, list(objects)):
        if connection.execute(sql, [user, now - SETTLING, *some]).fetchone() is not None:
            raise Conflict(
                None, "the same content is being forgotten at this moment", hint="try again in two minutes"
            )


def at(connection: Connection, user: str, mount: str, path: Path) -> Content:
    """The content of the file at `path`, by one statement.

    Raises NotFound, NotADirectory, IsADirectory, Corrupt.
    """
    parent, name = rows.split_text(rows.path_text(path))
    found = connection.execute(_AT, (user, mount, parent, name)).fetchone()
    if found is None:
        need_folder(connection, user, mount, parent, path)
        raise NotFound(path)
    kind, digest, *content = found
    if kind == FOLDER or digest is None:
        raise IsADirectory(path)
    if content[0] is None:
        raise _missing(path)
    return checked(ContentRow(digest, *content), path)


def of_node(connection: Connection, user: str, row: NodeRow, path: Path) -> Content:
    """The content of a file. Raises IsADirectory, Corrupt."""
    if row.digest is None:
        raise IsADirectory(path)
    return kept(connection, user, row.digest, path)


def kept(connection: Connection, user: str, digest: bytes, path: Path) -> Content:
    """A content as it is kept. Raises Corrupt when it is not what was written, NotFound when purged."""
    row = connection.execute(_CONTENT, (user, digest)).fetchone()
    if row is None:
        raise _missing(path)
    return checked(ContentRow(*row), path)


def _missing(path: Path) -> Corrupt:
    return Corrupt(path, "its content is missing", hint="run: spatio doctor")


def checked(row: ContentRow, path: Path) -> Content:
    """The content that a row holds. Raises Corrupt when it is not what was written, NotFound when purged."""
    digest, size, crc, place, data, excerpt = row
    if place == "purged":
        raise NotFound(path, "its content was purged")
    if place != "objects" or data is not None:
        check(data, size, crc, path)
    return Content(digest, size, crc, data, excerpt)


def check(data: bytes | None, size: int, crc: int, path: Path) -> None:
    """Raises Corrupt unless these are the bytes that were written."""
    if data is None or len(data) != size or zlib.crc32(data) != crc:
        raise Corrupt(path, "its stored content is damaged", hint="run: spatio doctor")


async def blocks(objects: ObjectStore, content: Content, start: int, stop: int) -> AsyncIterator[bytes]:
    """The bytes `start` to `stop` of a content. Raises Corrupt."""
    if content.data is not None:
        for at in range(start, stop, BLOCK):
            yield content.data[at : min(at + BLOCK, stop)]
    elif start < stop:
        async for block in objects.read(content.digest, content.size, start, stop):
            yield block
