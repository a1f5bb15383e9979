"""Mirror: an account at a service as a mount: a replica in the store, read at once, kept in step by syncs.

Looking and reading are the store's, over what is here; what has to ask the service, or change anything,
is loaded by its first use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, cast

from providers.mirror.freshness import Freshness
from providers.mirror.records import Place
from providers.mirror.settings import MirrorSettings
from providers.store import contents, rows
from providers.store.contents import CUT, RENDERED
from providers.store.nodes import find
from providers.store.provider import StoreProvider
from vfs.action import Arguments, Change, Verb
from vfs.closing import Closing
from vfs.errors import IsADirectory, NotFound, Unsupported, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Changed, Found

if TYPE_CHECKING:
    from providers.mirror.editing import MirrorEditing
    from providers.mirror.extras import Extras
    from providers.mirror.remote import Remote
    from providers.mirror.sync import Engine
    from providers.outbox.deed import Performs
    from providers.store.contents import Content
    from providers.store.store import Connection, Store
    from vfs.query import Query

MANY = 512
"""Files whose texts are read at once."""

Entries = Sequence[tuple[Path, bytes | None]]


def is_local(path: Path) -> bool:
    """Whether a path lies in a folder that no service hears of: `/.rules`."""
    return bool(path.parts) and path.parts[0].startswith(".")


class Mirror(StoreProvider):
    """Mail, calendars, issues: what a `Remote` offers, kept in a collection of the store."""

    def __init__(
        self, store: Store, mount: str, remote: Callable[[], Remote], settings: MirrorSettings
    ) -> None:
        """`remote` is made by the first use of the service."""
        super().__init__(store, mount)
        self.settings = settings
        self.place = Place(store.user, mount)
        self._remote = remote
        self._engine: Engine | None = None
        self._extras: Extras | None = None
        self.freshness = Freshness(store, self.place, settings, lambda: self.engine)

    @property
    def engine(self) -> Engine:
        """What asks the service; made by the first use."""
        if self._engine is None:
            module = import_module("providers.mirror.sync")
            self._engine = module.Engine(self.store, self.mount, self._remote, self.settings)
        assert self._engine is not None
        return self._engine

    @property
    def account(self) -> str:
        """What a person calls the account."""
        return self.settings.title

    async def aclose(self) -> None:
        await self.freshness.aclose()
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.aclose()

    def extras(self, path: Path) -> Extras | None:
        """What shows the files within items, if the path is about such."""
        extra = self.settings.extra
        if extra is None or extra.folder not in path.parts:
            return None
        if self._extras is None:
            self._extras = import_module("providers.mirror.extras").Extras(self, extra)
        return self._extras

    def is_local(self, path: Path) -> bool:
        """Whether no service hears of what lies at a path."""
        return is_local(path) or (bool(path.parts) and path.parts[0] in self.settings.here)

    # -- looking

    async def stat(self, path: Path) -> Node:
        extras = self.extras(path)
        if extras is not None:
            return await extras.stat(path)
        if path.parts:
            await self.freshness.look(path)
        return await super().stat(path)

    async def stat_many(self, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
        for where in {Path(path.parts[:1]) for path in paths}:
            await self.freshness.look(where)
        found = list(await super().stat_many(paths))
        for at, path in enumerate(paths):
            extras = self.extras(path)
            if extras is not None:
                try:
                    found[at] = await extras.stat(path)
                except VfsError as error:
                    found[at] = error
        return found

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        extras = self.extras(path)
        if extras is not None:
            yield await extras.list(path)
            return
        await self.freshness.look(path)
        async with Closing(StoreProvider.list(self, path)) as pages:
            async for page in pages:
                yield page

    async def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        extras = self.extras(path)
        if extras is not None:
            yield [(path.child(node.name), node) for node in await extras.list(path)]
            return
        await self.freshness.look(path)
        async with Closing(StoreProvider.walk(self, path)) as pages:
            async for page in pages:
                yield page

    # -- reading

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        extras = self.extras(path)
        if extras is not None:
            data = await extras.content(path)
            yield _blocks(data[start:stop])
            return
        content = await self.content(path)
        end = content.size if stop is None else min(stop, content.size)
        async with Closing(contents.blocks(self.store.objects, content, start, end)) as blocks:
            yield blocks

    async def content(self, path: Path) -> Content:
        """The whole content of a file, fetched where only its beginning is here.

        Raises NotFound, IsADirectory, Unavailable when the service cannot be asked.
        """
        if not path.parts:
            raise IsADirectory(path)
        if not rows.storable(path):
            raise NotFound(path)
        await self.freshness.look(path)
        content = await self.store.read(lambda connection: self._whole(connection, path))
        if content is None:
            await import_module("providers.mirror.wanting").want(self, [path])
            content = await self.store.read(lambda connection: self._whole(connection, path))
        if content is None:
            raise NotFound(path, "its content is not at the service any more")
        return content

    def _whole(self, connection: Connection, path: Path) -> Content | None:
        """The content of a file; None when it is not all here."""
        row = find(connection, self.store.user, self.mount, path)
        content = contents.of_node(connection, self.store.user, row, path)
        partial = connection.execute(
            "SELECT 1 FROM item WHERE user_id = ? AND node = ? AND NOT whole", (self.store.user, row.seq)
        ).fetchone()
        return content if partial is None else None

    async def read_many(self, paths: Sequence[Path], *, limit: int) -> AsyncIterator[Entries]:
        for where in {Path(path.parts[:1]) for path in paths}:
            await self.freshness.look(where)
        async with Closing(StoreProvider.read_many(self, paths, limit=limit)) as batches:
            async for batch in batches:
                yield batch

    async def read_below(self, path: Path, *, limit: int) -> AsyncIterator[Entries]:
        await self.freshness.look(path)
        async with Closing(StoreProvider.read_below(self, path, limit=limit)) as batches:
            async for batch in batches:
                yield batch

    def renders(self, path: Path) -> bool:
        if self.is_local(path):
            return super().renders(path)
        return self.settings.extra is None or self.settings.extra.folder not in path.parts

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        if not self.renders(path):
            raise Unsupported(path, "has no rendered text")
        content = await self.content(path)
        kept = content.excerpt or b""
        text = b""
        if kept.startswith(RENDERED):
            text = import_module("zlib").decompress(kept[len(RENDERED) :])
        if not text or text.endswith(CUT.encode()):
            text = await import_module("providers.mirror.wanting").described(self, content)
        yield _blocks(text)

    async def texts(self, paths: Sequence[Path], *, limit: int) -> AsyncIterator[Entries]:
        for where in {Path(path.parts[:1]) for path in paths}:
            await self.freshness.look(where)
        texts = import_module("providers.mirror.wanting").texts
        for at in range(0, len(paths), MANY):
            yield await texts(self, paths[at : at + MANY], limit)

    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        await self.freshness.look(path)
        found = await super().search(path, query, limit)
        if query.terms and not self.is_local(path):
            await import_module("providers.mirror.wanting").tell_missing(self, path)
        return found

    async def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        async with Closing(StoreProvider.watch(self, path)) as changes:
            async for some in changes:
                yield some

    # -- changing

    def _editing(self) -> MirrorEditing:
        if self._editor is None:
            self._editor = import_module("providers.mirror.editing").MirrorEditing(self)
        assert self._editor is not None
        return cast("MirrorEditing", self._editor)

    async def set_attrs_many(
        self, changes: Mapping[Path, Mapping[str, Value]], change: Change
    ) -> Sequence[Node | VfsError]:
        return await self._editing().set_attrs_many(changes, change)

    # -- deeds

    def performs(self) -> Performs | None:
        """The service, where it does deeds."""
        from_outbox = import_module("providers.outbox.deed")
        remote = self.engine.remote
        return remote if isinstance(remote, from_outbox.Performs) else None

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        performs = self.performs() if not path.parts else None
        return {} if performs is None else performs.deeds()

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        performs = self.performs()
        if performs is None or verb not in performs.deeds():
            raise Unsupported(path, f"has no verb `{verb}`")
        prepared = await performs.prepare(verb, path, arguments)
        queue = import_module("providers.outbox.queue").queue
        wanted = arguments.get("countdown")
        countdown = float(wanted) if isinstance(wanted, int | float) else None
        node: Node = await queue(self.store, self.mount, verb, prepared, change, countdown)
        return node


async def _blocks(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), contents.BLOCK):
        yield data[at : at + contents.BLOCK]
