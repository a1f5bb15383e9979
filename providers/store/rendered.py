"""Documents' rendered texts: made when a document is written, kept beside it as its excerpt.

A text that is longer than what is searchable is kept cut, and made anew for who reads it.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from providers.rendering.kind import HEAD, LARGEST, kind_of
from providers.store import contents, rows
from providers.store.contents import BLOCK, CUT, RENDERED, Content
from providers.store.words import LONGEST
from vfs.drive import hop
from vfs.errors import IsADirectory, NotFound, Unsupported, VfsError
from vfs.path import Path
from vfs.provider import Blocks

if TYPE_CHECKING:
    from providers.store.store import Connection, Store


_MADE = "SELECT excerpt FROM content WHERE user_id = ? AND digest = ? AND substr(excerpt, 1, 1) = ?"
_UNMADE = (
    "SELECT digest FROM content WHERE user_id = ? AND place <> 'purged'"
    " AND (excerpt IS NULL OR substr(excerpt, 1, 1) <> ?)"
    " AND (data IS NULL OR substr(data, 1, 4) IN (?, ?, ?))"
)


async def with_text(store: Store, content: Content, head: bytes) -> Content:
    """A content that begins with `head`; when it is a document, with the beginning of its text."""
    if kind_of(head) is None:
        return content
    made = await store.read(
        lambda connection: connection.execute(_MADE, (store.user, content.digest, RENDERED)).fetchone()
    )
    if made is not None:
        return content._replace(excerpt=made[0])
    text = await _rendered(store, content)
    if text is None:
        return content
    if len(text) >= LONGEST:
        end = CUT.encode()
        text = text[: LONGEST - len(end)].decode("utf-8", "ignore").encode() + end
    return content._replace(excerpt=RENDERED + zlib.compress(text, 6))


async def missing(store: Store) -> list[Content]:
    """The kept documents that have a text which was never made, each with it now."""

    asked = (store.user, RENDERED, b"%PDF", b"PK\3\4", b"BEGI")

    def unmade(connection: Connection) -> list[bytes]:
        return [digest for (digest,) in connection.execute(_UNMADE, asked)]

    found = []
    for digest in await store.read(unmade):
        with suppress(VfsError):
            content = await store.read(
                lambda connection, digest=digest: contents.kept(connection, store.user, digest, Path())  # type: ignore[misc]
            )
            made = await with_text(store, content, await _read(store, content, min(HEAD, content.size)))
            if made is not content:
                found.append(made._replace(data=None))
    return found


@asynccontextmanager
async def opened(store: Store, mount: str, path: Path) -> AsyncIterator[Blocks]:
    """See Rendered.text. Raises NotFound, IsADirectory, Corrupt, Unsupported."""
    if not path.parts:
        raise IsADirectory(path)
    if not rows.storable(path):
        raise NotFound(path)

    content = await store.read(lambda connection: contents.at(connection, store.user, mount, path))
    text = kept_text(content)
    if text is None:
        text = await _rendered(store, content)
    if text is None:
        raise Unsupported(path, "has no rendered text")
    yield in_blocks(text)


async def in_blocks(text: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(text), BLOCK):
        yield text[at : at + BLOCK]


def kept_text(content: Content) -> bytes | None:
    """The text as it was kept; None when it was not, or not whole."""
    if not content.excerpt or not content.excerpt.startswith(RENDERED):
        return None
    try:
        text = zlib.decompress(content.excerpt[len(RENDERED) :])
    except zlib.error:
        return None
    return None if text.endswith(CUT.encode()) else text


async def _rendered(store: Store, content: Content) -> bytes | None:
    """The text, made from the stored bytes; None for what is no document, or has no text."""
    if content.size > LARGEST:
        return None
    first = await _read(store, content, min(HEAD, content.size))
    if kind_of(first) is None:
        return None
    data = await _read(store, content, content.size)
    text = await hop(lambda: store.renderer().text(data))
    return None if text is None else text.encode()


async def _read(store: Store, content: Content, stop: int) -> bytes:
    return b"".join([block async for block in contents.blocks(store.objects, content, 0, stop)])
