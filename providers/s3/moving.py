"""Moving: what copies and renames in a bucket, without moving a byte through this machine.

There is no renaming in a bucket: all is copied before anything is removed. What cannot be copied whole
leaves the source as it was, and nothing at the target.
"""

from __future__ import annotations

import asyncio

from providers.s3.changing import Changing
from providers.s3.client import WIDTH, Facts
from providers.s3.entries import Entries, Look, is_marker, node_of, telling
from vfs.closing import Closing
from vfs.errors import BadName, Conflict, IsADirectory, NotADirectory, NotEmpty, NotFound, VfsError
from vfs.fan import fan_out
from vfs.node import Kind, Node
from vfs.path import Path


class Moving:
    """The copies and renamings of one bucket."""

    def __init__(self, entries: Entries, changing: Changing) -> None:
        self._entries = entries
        self._changing = changing

    async def copy(self, source: Path, target: Path) -> Node:
        try:
            await self._changing.to_replace(target)
        except VfsError:
            await self._entries.readable(source)
            raise
        key = self._entries.spot(source).key
        if source == target or not key or key.endswith("/"):
            facts = await self._entries.readable(source)
            return node_of(target.name, facts) if source == target else await self._copy(facts.key, target)
        try:
            with telling(source):
                return await self._copy(self._entries.whole(key), target)
        except NotFound:
            await self._entries.readable(source)
            raise

    async def _copy(self, key: str, target: Path, etag: str | None = None) -> Node:
        aim = self._entries.whole(self._changing.key(target))
        return node_of(target.name, await self._entries.client.copy(key, aim, etag=etag))

    async def move(self, source: Path, target: Path) -> Node:
        if not source.parts:
            raise BadName(target, "the root cannot be moved")
        look = await self._entries.look(source)
        if not look.is_folder and look.file is None:
            raise await self._entries.why_missing(source)
        if source == target:
            return await self._entries.stat(source)
        if target.is_under(source):
            raise BadName(target, f"lies inside {source} itself")
        if not target.parts:
            raise IsADirectory(target)
        there = await self._changing.look(target)
        self._changing.forget_folders()
        if look.is_folder:
            return await self._move_folder(source, look, there, target)
        if there.is_folder:
            raise IsADirectory(target)
        return await self._move_file(source, look, target)

    async def _move_file(self, source: Path, look: Look, target: Path) -> Node:
        facts = look.file
        assert facts is not None
        with telling(source):
            node = await self._copy(facts.key, target, facts.etag)
            present = await self._entries.facts(look.spot.key or "")
            if present is not None:
                if present.etag != facts.etag:
                    raise Conflict(source, "changed while it was copied; both are left")
                await self._changing.remove_object(look.spot.key or "")
        return node

    async def _move_folder(self, path: Path, look: Look, there: Look, target: Path) -> Node:
        """Copies all, and only then removes what was copied; what cannot be copied leaves all as it was."""
        source, aim = look.spot.prefix or "", there.spot.prefix
        if there.file is not None or aim is None:
            raise NotADirectory(target)
        with telling(target):
            if any(key != aim for key in await self._entries.some(aim)):
                raise NotEmpty(target)
            moved = await self._copy_all(source, aim)
            await self._need_unchanged(path, source, moved)
            await self._changing.keep_parent(source)
            await self._changing.delete([key for key in moved if not key.endswith("/")])
            await self._changing.delete([key for key in moved if key.endswith("/")])
        return Node(target.name, Kind.FOLDER)

    async def _need_unchanged(self, path: Path, source: str, moved: dict[str, str]) -> None:
        """Raises Conflict when an object below `source` is another one than the one that was copied."""
        async with Closing(self._entries.keys(source)) as pages:
            async for page in pages:
                if any(moved.get(facts.key, facts.etag) != facts.etag for facts in page):
                    raise Conflict(path, "changed while it was copied; both are left")

    async def _copy_all(self, source: str, aim: str) -> dict[str, str]:
        """The keys below `source`, and which version of each, once all are copied below `aim`.

        When one cannot be copied, none is left.
        """
        base = len(self._entries.whole(source))
        tried: dict[str, str] = {}
        wrong: list[VfsError] = []

        async def one(facts: Facts) -> None:
            if not wrong:
                try:
                    await self._copy_one(facts, self._entries.whole(aim) + facts.key[base:])
                except VfsError as error:
                    wrong.append(error)

        try:
            async with Closing(self._entries.keys(source)) as pages:
                async for page in pages:
                    tried.update((facts.key, facts.etag) for facts in page)
                    async with Closing(fan_out(page, one, WIDTH)) as answers:
                        async for _ in answers:
                            pass
                    if wrong:
                        raise wrong[0]
        except BaseException:
            made = [self._entries.whole(aim) + key[base:] for key in tried]
            await asyncio.shield(
                self._changing.delete([key for key in made if key != self._entries.whole(aim)])
            )
            raise
        return tried

    async def _copy_one(self, facts: Facts, key: str) -> None:
        if is_marker(facts):
            await self._entries.client.put(key, b"")
        else:
            await self._entries.client.copy(facts.key, key, etag=facts.etag)
