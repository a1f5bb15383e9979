"""Files within items, such as attachments: reachable below an unlisted folder, written by nobody.

/inbox/.attachments/2024-01-15-invoice-1234/invoice.pdf
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from providers.mirror.settings import Extra
from providers.store import contents
from providers.store.provider import StoreProvider
from vfs.closing import Closing
from vfs.drive import hop
from vfs.errors import IsADirectory, NotADirectory, NotFound
from vfs.node import Kind, Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.mirror.mirror import Mirror


class Extras:
    """What a mirror shows of the insides of its items."""

    def __init__(self, mirror: Mirror, extra: Extra) -> None:
        self._mirror = mirror
        self._extra = extra

    def _parted(self, path: Path) -> tuple[Path, Sequence[str]]:
        """The folder that the unlisted one lies in, and the names below that."""
        at = path.parts.index(self._extra.folder)
        return Path(path.parts[:at]), path.parts[at + 1 :]

    async def _item(self, folder: Path, name: str) -> tuple[Node, bytes]:
        """An item and its whole content. Raises NotFound."""
        path = folder.child(name)
        node = await self._mirror.stat(path)
        if node.is_folder:
            raise NotFound(path)
        content = await self._mirror.content(path)
        objects = self._mirror.store.objects
        parts = [block async for block in contents.blocks(objects, content, 0, content.size)]
        return node, b"".join(parts)

    async def _entries(self, folder: Path, name: str) -> Sequence[Node]:
        item, data = await self._item(folder, name)
        found = await hop(lambda: self._extra.entries(data))
        nodes = [Node(entry[0], Kind.FILE, entry[2], item.mtime, item.etag, entry[1]) for entry in found]
        return sorted(nodes, key=lambda node: node.name)

    async def stat(self, path: Path) -> Node:
        folder, names = self._parted(path)
        if len(names) < 2:
            item = await self._mirror.stat(folder if not names else folder.child(names[0]))
            if (not names and not item.is_folder) or (names and item.is_folder):
                raise NotFound(path)
            return Node(path.name, Kind.FOLDER, None, item.mtime)
        for node in await self._entries(folder, names[0]):
            if node.name == names[1]:
                if len(names) > 2:
                    raise NotADirectory(path)
                return node
        raise NotFound(path)

    async def list(self, path: Path) -> Sequence[Node]:
        """What is in such a folder: items that have something, or what an item has."""
        folder, names = self._parted(path)
        if not (await self.stat(path)).is_folder:
            raise NotADirectory(path)
        if names:
            return await self._entries(folder, names[0])
        found = []
        async with Closing(StoreProvider.list(self._mirror, folder)) as pages:
            async for page in pages:
                for node in page:
                    if not node.is_folder and node.attrs.get(self._extra.count):
                        found.append(Node(node.name, Kind.FOLDER, None, node.mtime))
        return found

    async def content(self, path: Path) -> bytes:
        folder, names = self._parted(path)
        if (await self.stat(path)).is_folder:
            raise IsADirectory(path)
        _, data = await self._item(folder, names[0])
        return await hop(lambda: self._extra.content(data, names[1]))
