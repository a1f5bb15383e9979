"""Calendars as a mount: what is stored in `/calendars`, and the days on which it happens.

`Days` is what all calendars share, over a collection of the store (`StoreProvider`) or over the replica of
an account (`Mirror`, in `mirrored`). Looking and reading are in `looking`, many at once in `together`, what
changes an instance in `changing`, deeds in `verbs`; the latter are loaded by their first use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from providers.calendar import naming
from providers.calendar.looking import FOLDER, Looking
from vfs.action import Arguments, Change, Verb
from vfs.closing import Closing
from vfs.errors import Unsupported, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

if TYPE_CHECKING:
    from types import ModuleType

    from providers.calendar.changing import Changing
    from providers.calendar.placing import Placing
    from providers.store.editing import Editing

__all__ = ["FOLDER", "Days"]

T = TypeVar("T")


class Days(Looking):
    """Calendars in the store, and their days."""

    # -- changing

    def _changing(self) -> Changing:
        changing: Changing = import_module("providers.calendar.changing").Changing(self)
        return changing

    def _placing(self) -> Placing:
        placing: Placing = import_module("providers.calendar.placing").Placing(self._changing())
        return placing

    def editing(self) -> Editing:
        """What changes the collection itself."""
        return self._editing()

    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        """Writes an event: a file of `/calendars/NAME`, an instance, or a new one into a day's folder."""
        return await self._changing().write(self.plain(path), data, change, mode, etag)

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        async with Closing(self._changing().write_many(self.plain, files, change)) as batches:
            async for batch in batches:
                yield batch

    async def mkdir(self, path: Path, change: Change) -> Node:
        return await self._changing().mkdir(self.plain(path), change)

    async def mkdir_many(self, paths: Sequence[Path], change: Change) -> Sequence[Node | VfsError]:
        return [await settled(self.mkdir(path, change)) for path in paths]

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        (error,) = await self.remove_many([path], change, recursive=recursive)
        if error is not None:
            raise error

    async def remove_many(
        self, paths: Sequence[Path], change: Change, *, recursive: bool = False
    ) -> Sequence[VfsError | None]:
        plain = [self.plain(path) for path in paths]
        answers = await self._changing().remove(plain, change, recursive)
        return [error and error.at(path) for path, error in zip(paths, answers, strict=True)]

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        return await self._placing().move(self.plain(source), self.plain(target), change)

    async def move_many(
        self, moves: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return [await settled(self.move(*move, change)) for move in moves]

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        return await self._placing().copy(self.plain(source), self.plain(target), change)

    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        return [await settled(self.copy(*copy, change)) for copy in copies]

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        plain = self.plain(path)
        if naming.is_stored(plain):
            return await super().set_mtime(plain, mtime, change)
        one = await self.happening(plain)
        await super().set_mtime(one.file, mtime, change)
        return await self.stat(path)

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        return await self._changing().set_attrs(self.plain(path), attrs, change)

    async def set_attrs_many(
        self, changes: Mapping[Path, Mapping[str, Value]], change: Change
    ) -> Sequence[Node | VfsError]:
        return [await settled(self.set_attrs(path, attrs, change)) for path, attrs in changes.items()]

    # -- deeds

    async def deeds(self) -> Mapping[str, Verb]:
        """What leaves the workspace, where a service does it."""
        return {}

    async def perform(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        """One of `deeds`, by way of the outbox."""
        raise Unsupported(path, f"has no verb `{verb}`")

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        plain = self.plain(path)
        offered = _verbs().offered(plain, await self.stat(path))
        deeds = await self.deeds() if offered and plain.parts else {}
        return {**offered, **deeds}

    async def told(self, path: Path, verb: str, arguments: Arguments) -> Arguments:
        """See vfs.door.Telling."""
        said: Arguments = await _verbs().told(self, self.plain(path), verb, arguments)
        return said

    async def reached(self, path: Path, verb: str, arguments: Arguments) -> Sequence[Path]:
        """See vfs.door.Reaching."""
        found: Sequence[Path] = await _verbs().reached(self, verb, arguments)
        return found

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        done: Node = await _verbs().act(self, self.plain(path), verb, arguments, change)
        return done


async def settled(call: Awaitable[T]) -> T | VfsError:
    """What a call answers, or how it fails."""
    try:
        return await call
    except VfsError as error:
        return error


def _verbs() -> ModuleType:
    return import_module("providers.calendar.verbs")
