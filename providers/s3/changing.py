"""Changing: what writes and removes in a bucket.

An object is replaced whole or not at all. A write with an etag asks the service for the condition, and
compares before that: a service that knows no conditions leaves a moment in which another writer is not seen.
Folders outlive their last entry: where one was only implied by its keys, its marker is written first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from random import random
from time import monotonic

from providers.mime import mime_of
from providers.s3.client import WIDTH, Facts
from providers.s3.entries import Entries, Look, is_marker, node_of, side_by_side, telling
from providers.s3.naming import LONGEST_KEY, spot_of
from providers.s3.spool import spooled
from vfs import names
from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.errors import (
    BadName,
    Conflict,
    Exists,
    IsADirectory,
    NotEmpty,
    NotFound,
    Unsupported,
    VfsError,
)
from vfs.fan import fan_out
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Blocks, Mode

TRIES = 50
"""How often an append is tried again when another writer was faster."""

SEEN = 5.0
"""Seconds for which a folder that was there is taken to be there still. Should another device have removed it
meanwhile, what is written brings it back."""

MANY = 128
MANY_BYTES = 8 * 1024 * 1024
"""One batch of many small files: so many, or so many bytes."""

LOOKED_AT = 1000
"""Entries of a folder up to which the names of its folders are kept in mind while files are written there."""


class Changing:
    """The changes of one bucket."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._appending: dict[str, asyncio.Lock] = {}
        self._leaving: set[str] = set()
        """Keys that are being removed: what keeps a folder there has to be another one."""
        self._seen: dict[str, float] = {}
        """Folders that were there, and when."""

    # -- places

    def key(self, path: Path) -> str:
        """The key that a new object at `path` gets. Raises BadName, IsADirectory."""
        if not path.parts:
            raise IsADirectory(path)
        try:
            key = spot_of(path.parts).key
        except ValueError as error:
            names.check(path.name, path)
            raise BadName(path, str(error)) from None
        if key is None or len(self._entries.whole(key).encode()) > LONGEST_KEY:
            raise BadName(path, f"a key has at most {LONGEST_KEY:,} bytes")
        return key

    async def look(self, path: Path) -> Look:
        """What is where something is to be put. Raises NotFound, NotADirectory when that has no folder."""
        key = self.key(path)
        await event_loop()
        look: Look
        look, above = await side_by_side(self._entries.look(path), self._parent_is_there(path, key))
        if not above:
            raise await self._entries.why_missing(path)
        if look.spot.prefix is None and look.file is None:
            raise BadName(path, "stands for an object beside a folder, and there is none")
        return look

    async def _parent_is_there(self, path: Path, key: str) -> bool:
        """Whether the folder that holds `key` is there, or was a moment ago and nothing was removed since."""
        parent = _parent(key)
        if not parent or monotonic() - self._seen.get(parent, -SEEN) < SEEN:
            return True
        with telling(path):
            there = await self._entries.below(parent)
        if there:
            if len(self._seen) > LOOKED_AT:
                self._seen.clear()
            self._seen[parent] = monotonic()
        return there

    async def to_replace(self, path: Path) -> None:
        """Raises what `write` raises where it matters not which object is there."""
        key = self.key(path)
        if self._entries.spot(path).prefix is None:
            await self._to_write(path)
            return
        await event_loop()
        with telling(path):
            calls = self._parent_is_there(path, key), self._entries.below(f"{key}/")
            above, folder = await side_by_side(*calls)
        if not above:
            raise await self._entries.why_missing(path)
        if folder:
            raise IsADirectory(path)

    async def _to_write(self, path: Path) -> Facts | None:
        """The object that a write would replace. Raises what `write` raises."""
        look = await self.look(path)
        if look.is_folder:
            raise IsADirectory(path)
        return look.file

    # -- writing

    async def write(self, path: Path, data: Blocks, mode: Mode, etag: str | None) -> Node:
        if mode is Mode.REPLACE and etag is None:
            await self.to_replace(path)
            return await self._put(path, data)
        there = await self._to_write(path)
        if mode is Mode.CREATE and there is not None:
            raise Exists(path)
        if etag is not None and (there is None or there.etag != etag):
            raise Conflict(path)
        if mode is Mode.APPEND:
            return await self._append(path, data, etag)
        async with spooled(data) as spool:
            try:
                return await self._put_if(path, spool.blocks, there if etag is not None else None)
            except Conflict:
                if etag is None:
                    raise Exists(path) from None
                raise

    async def _put(
        self, path: Path, data: bytes | Blocks, *, only_new: bool = False, etag: str | None = None
    ) -> Node:
        key = self.key(path)
        client = self._entries.client
        mime = mime_of(path.name)
        with telling(path):
            facts = await client.put(self._entries.whole(key), data, only_new=only_new, etag=etag, mime=mime)
        return node_of(path.name, facts)

    async def _put_if(self, path: Path, content: Callable[[], Blocks], there: Facts | None) -> Node:
        """Writes where `there` is what is there, None: nothing. Raises Conflict."""
        try:
            only_new, etag = there is None, None if there is None else there.etag
            return await self._put(path, content(), only_new=only_new, etag=etag)
        except Unsupported:
            present = await self._to_write(path)
            if (present and present.etag) != (there and there.etag):
                raise Conflict(path) from None
            return await self._put(path, content())

    async def _append(self, path: Path, data: Blocks, etag: str | None) -> Node:
        key = self.key(path)
        lock = self._appending.setdefault(key, asyncio.Lock())
        async with spooled(data) as spool, lock:
            for attempt in range(TRIES):
                there = await self._to_write(path)
                if etag is not None and (there is None or there.etag != etag):
                    raise Conflict(path)

                async def whole(there: Facts | None = there) -> AsyncIterator[bytes]:
                    if there is not None:
                        async for block in self._entries.client.get(there.key, etag=there.etag):
                            yield block
                    async for block in spool.blocks():
                        yield block

                try:
                    return await self._put_if(path, whole, there)
                except (Conflict, NotFound):
                    await asyncio.sleep(random() * 0.01 * min(attempt, 20))  # noqa: S311 (spreads writers)
        raise Conflict(path)

    async def write_many(self, files: AsyncIterator[tuple[Path, bytes]]) -> AsyncIterator[Sequence[Node]]:
        folders: dict[str, frozenset[str] | None] = {}
        batch: list[tuple[Path, bytes]] = []
        size = 0
        async for path, data in files:
            batch.append((path, data))
            size += len(data)
            if len(batch) >= MANY or size >= MANY_BYTES:
                async for nodes in self._write_batch(batch, folders):
                    yield nodes
                batch, size = [], 0
        async for nodes in self._write_batch(batch, folders):
            yield nodes

    async def _write_batch(
        self, batch: Sequence[tuple[Path, bytes]], folders: dict[str, frozenset[str] | None]
    ) -> AsyncIterator[Sequence[Node]]:
        """What is written when an error comes is yielded before it is raised."""
        await event_loop()
        done: list[Node] = []
        wrong: VfsError | None = None
        try:
            for path, _ in batch:
                await self._know_folder(path, folders)
            calls = fan_out(batch, lambda file: self._write_one(*file, folders), WIDTH)
            async with Closing(calls) as answers:
                async for _, node in answers:
                    done.append(node)
        except VfsError as error:
            wrong = error
        if done:
            yield done
        if wrong is not None:
            raise wrong

    async def _know_folder(self, path: Path, folders: dict[str, frozenset[str] | None]) -> None:
        """Looks once at the folder that a file goes to. Raises NotFound, NotADirectory."""
        parent = _parent(self.key(path))
        if parent in folders:
            return
        try:
            with telling(path):
                folders[parent] = await self._entries.own_folders(parent, LOOKED_AT)
        except NotFound:
            raise await self._entries.why_missing(path) from None

    async def _write_one(self, path: Path, data: bytes, folders: dict[str, frozenset[str] | None]) -> Node:
        key = self.key(path)
        known = folders.get(_parent(key))
        if known is None or self._entries.spot(path).prefix is None:
            await self.to_replace(path)
        elif f"{key}/" in known:
            raise IsADirectory(path)
        return await self._put(path, data)

    # -- folders

    async def mkdir(self, path: Path) -> Node:
        if not path.parts:
            raise Exists(path)
        look = await self.look(path)
        if look.is_folder or look.file is not None:
            raise Exists(path)
        with telling(path):
            await self._entries.client.put(self._entries.whole(look.spot.prefix or ""), b"")
        return Node(path.name, Kind.FOLDER)

    def forget_folders(self) -> None:
        """Folders that were seen may be gone."""
        self._seen.clear()

    async def remove(self, path: Path, recursive: bool) -> None:
        self.forget_folders()
        if not path.parts:
            raise IsADirectory(path)
        look = await self._entries.look(path)
        if look.is_folder:
            await self._remove_folder(path, look.spot.prefix or "", recursive)
        elif look.file is not None:
            with telling(path):
                await self.remove_object(look.spot.key or "")
        else:
            raise await self._entries.why_missing(path)

    async def _remove_folder(self, path: Path, prefix: str, recursive: bool) -> None:
        with telling(path):
            if not recursive and any(key != prefix for key in await self._entries.some(prefix)):
                raise NotEmpty(path)
            await self.keep_parent(prefix)
            markers: list[str] = []
            async with Closing(self._entries.keys(prefix)) as pages:
                async for page in pages:
                    markers += [facts.key for facts in page if is_marker(facts)]
                    await self.delete([facts.key for facts in page if not is_marker(facts)])
            await self.delete(markers)

    async def remove_object(self, key: str) -> None:
        """Removes an object; its folder stays."""
        self._leaving.add(key)
        try:
            await self.keep_parent(key)
            await self._entries.client.delete([self._entries.whole(key)])
        finally:
            self._leaving.discard(key)

    async def delete(self, keys: Sequence[str]) -> None:
        """Whole keys, the deepest first: a service that keeps folders keeps those that are not empty."""
        rest = sorted(keys, reverse=True)
        for at in range(0, len(rest), 1000):
            await self._entries.client.delete(rest[at : at + 1000])

    async def keep_parent(self, leaving: str) -> None:
        """Marks the folder above what is removed, should nothing else say that it is there."""
        parent = _parent(leaving.removesuffix("/") if leaving != "/" else leaving)
        if not parent:
            return
        some = await self._entries.some(parent, 3 + len(self._leaving))
        if not any(key != leaving and key not in self._leaving for key in some):
            await self._entries.client.put(self._entries.whole(parent), b"")


def _parent(key: str) -> str:
    """The key of the folder that holds an object; empty for the root."""
    return key[: key.rfind("/") + 1]
