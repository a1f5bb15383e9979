"""Contents as they are kept: in a row, or as an object; checked when they are read."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, NamedTuple

from providers.store.many import together
from vfs.errors import Corrupt, IsADirectory, NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.objects import ObjectStore
    from providers.store.rows import NodeRow
    from providers.store.store import Connection

BLOCK = 64 * 1024
"""Bytes of a content that are handed on at once."""

RENDERED = b"R"
"""Begins an excerpt that is a document's rendered text; what zlib packs never begins so."""

_COLUMNS = "digest, size, crc, place, data, excerpt"
_CONTENT = f"SELECT {_COLUMNS} FROM content WHERE user_id = ? AND digest = ?"
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


def find_many(connection: Connection, user: str, digests: Iterable[bytes]) -> dict[bytes, ContentRow]:
    """The rows of many contents; what is not there is left out."""
    found: dict[bytes, ContentRow] = {}
    for sql, some in together(_CONTENTS, list(dict.fromkeys(digests))):
        found.update((row[0], ContentRow(*row)) for row in connection.execute(sql, [user, *some]))
    return found


def of_node(connection: Connection, user: str, row: NodeRow, path: Path) -> Content:
    """The content of a file. Raises IsADirectory, Corrupt."""
    if row.digest is None:
        raise IsADirectory(path)
    return kept(connection, user, row.digest, path)


def kept(connection: Connection, user: str, digest: bytes, path: Path) -> Content:
    """A content as it is kept. Raises Corrupt when it is not what was written, NotFound when purged."""
    row = connection.execute(_CONTENT, (user, digest)).fetchone()
    if row is None:
        raise Corrupt(path, "its content is missing", hint="run: spatio doctor")
    return checked(ContentRow(*row), path)


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
