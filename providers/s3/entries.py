"""Entries: what lies below a prefix of a bucket, as entries of a tree. Looking and listing.

A folder is there when a key lies below it, or when its marker does: an empty object whose key ends in `/`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from providers.mime import mime_of
from providers.s3.address import Location
from providers.s3.client import Client, Facts, connect
from providers.s3.credentials import Secrets
from providers.s3.naming import Spot, spot_of
from providers.s3.order import Keyed, Ordering, Source
from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.errors import IsADirectory, NotADirectory, NotFound, VfsError
from vfs.node import Kind, Node
from vfs.path import Path

_ANY = ("application/octet-stream", "binary/octet-stream")
"""What services say of a type that nobody has told them."""


class Look(NamedTuple):
    """What is at a path: an object, a folder, both or neither."""

    spot: Spot
    facts: Facts | None
    folder: bool

    @property
    def is_folder(self) -> bool:
        return self.folder and self.spot.prefix is not None

    @property
    def file(self) -> Facts | None:
        """The object, if the path means it: one beside a folder has a name of its own, which it keeps."""
        return self.facts if self.spot.prefix is None or not self.folder else None


class Entries:
    """Keys are told without the mount's own prefix here. Raises errors about the tree's paths only."""

    def __init__(self, location: Location, secrets: Secrets) -> None:
        self.location = location
        self._secrets = secrets
        self._client: Client | None = None
        self._source = Source(self._pages, self._present)

    @property
    def client(self) -> Client:
        """Made by the first use; connects by itself. Raises LoginNeeded."""
        if self._client is None:
            self._client = connect(self.location, self._secrets)
        return self._client

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def whole(self, key: str) -> str:
        """A key as the bucket knows it."""
        return self.location.prefix + key

    # -- looking

    def spot(self, path: Path) -> Spot:
        """Raises NotFound where no key can have that path."""
        try:
            return spot_of(path.parts)
        except ValueError:
            raise NotFound(path) from None

    async def facts(self, key: str) -> Facts | None:
        """An object; None where there is none, or a folder's marker."""
        if not self.whole(key):
            return None
        try:
            found = await self.client.head(self.whole(key))
        except NotFound:
            return None
        return None if is_marker(found) else found

    async def below(self, prefix: str) -> bool:
        """Whether any key begins with `prefix`."""
        async with Closing(self._listed(prefix, limit=1)) as pages:
            async for page in pages:
                if page:
                    return True
        return False

    async def look(self, path: Path) -> Look:
        """What is at a path. Raises NotFound where no key can have it."""
        spot = self.spot(path)
        await event_loop()
        with telling(path):
            if spot.key is None:
                return Look(spot, None, not path.parts or await self.below(spot.prefix or ""))
            facts, folder = await side_by_side(self.facts(spot.key), self.below(f"{spot.key}/"))
            return Look(spot, facts, folder)

    async def readable(self, path: Path) -> Facts:
        """The object at a path. Raises NotFound, NotADirectory, IsADirectory."""
        look = await self.look(path)
        if look.is_folder:
            raise IsADirectory(path)
        if look.file is None:
            raise await self.why_missing(path)
        return look.file

    async def stat(self, path: Path) -> Node:
        if not path.parts:
            return Node("", Kind.FOLDER)
        look = await self.look(path)
        if look.is_folder:
            return Node(path.name, Kind.FOLDER)
        if look.file is not None:
            return node_of(path.name, look.file)
        raise await self.why_missing(path)

    async def why_missing(self, path: Path) -> VfsError:
        """Why there is nothing at a path: a file above it, or nothing more than that."""
        for length in range(len(path.parts) - 1, 0, -1):
            try:
                above = await self.look(Path(path.parts[:length]))
            except NotFound:
                continue
            if above.is_folder:
                break
            if above.file is not None:
                return NotADirectory(path)
        return NotFound(path)

    # -- listing

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        async with Closing(self._entries(path, deep=False)) as pages:
            async for page in pages:
                yield [_entry(names[0], facts) for names, facts in page]

    async def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        parts = path.parts
        async with Closing(self._entries(path, deep=True)) as pages:
            async for page in pages:
                yield [(Path(parts + names), _entry(names[-1], facts)) for names, facts in page]

    async def _entries(
        self, path: Path, *, deep: bool
    ) -> AsyncIterator[Sequence[tuple[tuple[str, ...], Facts | None]]]:
        await event_loop()
        prefix = self.spot(path).prefix
        if prefix is not None:
            ordering = Ordering(self._source, prefix, deep=deep)
            with telling(path):
                async with Closing(ordering.entries()) as pages:
                    async for page in pages:
                        yield page
            if ordering.found or not path.parts:
                return
        look = await self.look(path)
        raise NotADirectory(path) if look.file is not None else await self.why_missing(path)

    async def keys(self, prefix: str) -> AsyncIterator[Sequence[Facts]]:
        """Every object whose key begins with `prefix`, markers too, in the service's order."""
        with missing_bucket():
            async with Closing(self.client.list(self.whole(prefix))) as pages:
                async for page in pages:
                    yield page.objects

    async def _pages(self, prefix: str, after: str, deep: bool) -> AsyncIterator[Sequence[Keyed[Facts]]]:
        listed = self._listed(prefix, after=self.whole(after) if after else "", deep=deep)
        async with Closing(listed) as pages:
            async for page in pages:
                yield page

    async def _listed(
        self, prefix: str, *, after: str = "", deep: bool = True, limit: int = 1000
    ) -> AsyncIterator[Sequence[Keyed[Facts]]]:
        base = len(self.location.prefix)
        delimiter = "" if deep else "/"
        with missing_bucket():
            listed = self.client.list(self.whole(prefix), after=after, delimiter=delimiter, limit=limit)
            async with Closing(listed) as pages:
                async for page in pages:
                    found: list[Keyed[Facts]] = [
                        (facts.key[base:], None if is_marker(facts) else facts) for facts in page.objects
                    ]
                    if page.prefixes:
                        found += [(folder[base:], None) for folder in page.prefixes]
                        found.sort(key=_key)
                    yield found

    async def some(self, folder: str, limit: int = 3) -> Sequence[str]:
        """Up to so many of the keys of a folder's own entries, its marker among them."""
        async with Closing(self._listed(folder, deep=False, limit=limit)) as pages:
            async for page in pages:
                if page:
                    return [key for key, _ in page]
        return ()

    async def own_folders(self, folder: str, limit: int) -> frozenset[str] | None:
        """The keys of the folders in a folder; None where it has `limit` entries or more. Raises NotFound."""
        found: list[Keyed[Facts]] = []
        async with Closing(self._listed(folder, deep=False, limit=limit)) as pages:
            async for page in pages:
                found += page
                if len(found) >= limit:
                    return None
        if not found and folder:
            raise NotFound
        return frozenset(key for key, facts in found if facts is None)

    async def _present(self, prefixes: Sequence[str]) -> Sequence[bool]:
        return await side_by_side(*[self.below(prefix) for prefix in prefixes])


async def side_by_side(*calls: Coroutine[Any, Any, Any]) -> Sequence[Any]:
    """The results of calls made at once. When one fails, none is left under way."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turns errors about a key into errors about `path`."""
    try:
        yield
    except VfsError as error:
        if isinstance(error.path, Path):
            raise
        raise error.at(path) from error


@contextmanager
def missing_bucket() -> Iterator[None]:
    """A bucket that is not there is more than an absent entry: nothing in it can be told."""
    try:
        yield
    except NotFound as error:
        raise VfsError(None, "no such bucket", hint=error.hint or "run: mounts") from error


def is_marker(facts: Facts) -> bool:
    """Whether the object only says that there is a folder."""
    return facts.size == 0 and facts.key.endswith("/")


def node_of(name: str, facts: Facts) -> Node:
    """The entry of an object."""
    return Node(name, Kind.FILE, facts.size, facts.mtime, facts.etag, mime_in(name, facts), facts.key)


def mime_in(name: str, facts: Facts) -> str | None:
    """The type that the service was told, else what the name says."""
    return (facts.mime if facts.mime not in _ANY else None) or mime_of(name)


def _entry(name: str, facts: Facts | None) -> Node:
    return Node(name, Kind.FOLDER) if facts is None else node_of(name, facts)


def _key(item: Keyed[Facts]) -> str:
    return item[0]
