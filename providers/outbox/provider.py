"""`/outbox`: what is about to leave, a file each, with its countdown.

`cat` shows what leaves; `rm` cancels, `undo` queues it again; writing the file changes what leaves and
starts its countdown again; the verb `release` makes it due at once. Nothing is made here by hand.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from providers.spec import Opening, Option, ProviderSpec
from providers.store import contents, nodes, rows
from providers.store.provider import StoreProvider
from vfs.action import Arguments, Change, Effect, Undo, Verb
from vfs.closing import Closing
from vfs.errors import Conflict, NotFound, Unsupported, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

if TYPE_CHECKING:
    from providers.store.contents import Content
    from providers.store.rows import NodeRow
    from providers.store.store import Connection

OUTBOX = "outbox"
LARGEST = 64 * 1024 * 1024
"""Bytes of a content that can be changed here."""

RELEASE = Verb("release", "sends it now, whatever its countdown says", Effect.SEND, Undo.FINAL)
_NOT_MADE = "what leaves is queued by the command that makes it"
_HINT = "run: mail send --help"


class Outbox(StoreProvider):
    """The deeds that are not done."""

    _looked = False

    async def _look(self) -> None:
        """The first look sees to it that what is shown is true, also after a backup was restored."""
        if self._looked:
            return
        self._looked = True
        table, user = import_module("providers.outbox.table"), self.store.user
        if await self.store.read(lambda connection: table.strays(connection, user)):
            with suppress(VfsError):
                await self.store.write(lambda connection: table.mend(connection, user))

    async def stat(self, path: Path) -> Node:
        await self._look()
        return await super().stat(path)

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        await self._look()
        async with Closing(super().list(path)) as pages:
            async for page in pages:
                yield page

    async def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        await self._look()
        async with Closing(super().walk(path)) as pages:
            async for page in pages:
                yield page

    def renders(self, path: Path) -> bool:
        return True

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        row, content = await self._kept(path)
        module = import_module("providers.store.rendered")
        kept: bytes | None = module.kept_text(content)
        if kept is None:
            form = import_module("providers.outbox.form").form_of(row.mime)
            kept = form.text(await self._whole(content)).encode("utf-8", "replace")
        assert kept is not None
        yield module.in_blocks(kept)

    async def _kept(self, path: Path) -> tuple[NodeRow, Content]:
        """The row and the content of a file. Raises NotFound, IsADirectory."""
        if not path.parts or not rows.storable(path):
            raise NotFound(path)
        user = self.store.user

        def read(connection: Connection) -> tuple[NodeRow, Content]:
            row = nodes.find(connection, user, self.mount, path)
            return row, contents.of_node(connection, user, row, path)

        return await self.store.read(read)

    async def _whole(self, content: Content) -> bytes:
        blocks = contents.blocks(self.store.objects, content, 0, content.size)
        return b"".join([block async for block in blocks])

    # -- changing

    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        """Another content for what waits. Raises Unsupported for anything that is not there yet."""
        module = import_module("providers.outbox.editing")
        try:
            row, content = await self._kept(path)
        except NotFound:
            raise Unsupported(path, _NOT_MADE, hint=_HINT) from None
        if mode is not Mode.REPLACE:
            raise Unsupported(path, "what leaves is changed as a whole", hint=f"run: edit {path}")
        if etag is not None and (row.digest is None or row.digest.hex() != etag):
            raise Conflict(path)
        edited = await module.taken(data, path, LARGEST)
        node: Node = await module.rewrite(self.store, row, await self._whole(content), edited, change)
        return node

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        await self._editing().remove(path, change, recursive)

    async def remove_many(
        self, paths: Sequence[Path], change: Change, *, recursive: bool = False
    ) -> Sequence[VfsError | None]:
        results: list[VfsError | None] = []
        for path in paths:
            try:
                await self.remove(path, change, recursive=recursive)
            except VfsError as error:
                results.append(error)
            else:
                results.append(None)
        return results

    # -- deeds

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        return {RELEASE.name: RELEASE} if path.parts else {}

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        """Makes a deed due. Raises Conflict for what is on its way."""
        if verb != RELEASE.name or not path.parts:
            raise Unsupported(path, f"has no verb `{verb}`")
        user, now = self.store.user, time.time_ns() // 1000
        releasing = import_module("providers.outbox.editing").released

        def work(connection: Connection) -> Node:
            row = nodes.find(connection, user, self.mount, path)
            made: Node = releasing(connection, user, row, now).node()
            return made

        return await self.store.write(work)

    # -- what it is not for

    async def mkdir(self, path: Path, change: Change) -> Node:
        _refuse(path, "has no folders")

    async def mkdir_many(self, paths: Sequence[Path], change: Change) -> Sequence[Node | VfsError]:
        return [Unsupported(path, "has no folders") for path in paths]

    def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        return self._write_each(files, change)

    async def _write_each(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        async for path, data in files:
            yield [await self.write(path, _once(data), change)]

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        _refuse(source, "keeps its name until it has left")

    async def move_many(
        self, moves: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return [Unsupported(source, "keeps its name until it has left") for source, _ in moves]

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        _refuse(target, _NOT_MADE)

    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return [Unsupported(target, _NOT_MADE, hint=_HINT) for _, target in copies]

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        _refuse(path, "the time here is that of its last change")

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        _refuse(path, "nothing can be set here but what leaves", f"run: edit {path}")


def _refuse(path: Path, reason: str, hint: str = _HINT) -> NoReturn:
    raise Unsupported(path, reason, hint=hint)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _open(opening: Opening) -> Outbox:
    return Outbox(opening.store(), OUTBOX)


COUNTDOWN = Option(
    "countdown", "how long what you send waits here, unless you say otherwise: 30s, 2m", default="0s"
)

PROVIDER = ProviderSpec("outbox", "what is about to leave, with its countdown", _open, (COUNTDOWN,))
