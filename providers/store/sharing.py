"""Sharing: a link to a file's content, where the store's objects lie in a bucket that signs links.

A link reads one content: what the file holds at this moment. A content that lies in a row becomes an object
first, and its row then says so, so that no sweep takes it for an orphan while the link lasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from providers.mime import mime_of
from providers.store import contents, nodes, rows
from vfs.errors import IsADirectory, NotFound, Unsupported
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.contents import Content
    from providers.store.objects import ObjectStore
    from providers.store.store import Connection, Store

_NAMED = (
    "UPDATE content SET place = 'objects' WHERE user_id = ? AND digest = ? AND place <> 'purged'"
    " RETURNING digest"
)


@runtime_checkable
class Signing(Protocol):
    """Objects that can be read by a link."""

    async def sign(self, digest: bytes, seconds: int, *, filename: str, mime: str | None) -> str:
        """A link that reads one object for so long: a secret."""
        ...


async def share(store: Store, mount: str, path: Path, seconds: int) -> str:
    """A link to what a file of the collection `mount` holds. Raises Unsupported, NotFound, IsADirectory."""
    if not path.parts:
        raise IsADirectory(path)
    if not rows.storable(path):
        raise NotFound(path)
    user = store.user

    def look(connection: Connection) -> tuple[Content, str | None]:
        row = nodes.find(connection, user, mount, path)
        return contents.of_node(connection, user, row, path), row.mime

    content, mime = await store.read(look)
    objects = store.objects
    if not isinstance(objects, Signing):
        raise Unsupported(
            path,
            "the workspace's contents lie on this machine, where no link leads",
            hint="copy it to a bucket: mount /b s3://BUCKET; cp FILE /b",
        )
    if content.data is not None:
        await _put(store, objects, content, path)
    return await objects.sign(content.digest, seconds, filename=path.name, mime=mime or mime_of(path.name))


async def _put(store: Store, objects: ObjectStore, content: Content, path: Path) -> None:
    """Makes an object of a content that lies in a row. Raises NotFound when it was purged meanwhile."""
    assert content.data is not None
    upload = await objects.begin()
    try:
        await upload.write(content.data)
        await upload.finish(content.digest)
    finally:
        await upload.abort()

    def name(connection: Connection) -> bool:
        return connection.execute(_NAMED, (store.user, content.digest)).fetchone() is not None

    if not await store.write(name):
        raise NotFound(path, "its content was purged")
