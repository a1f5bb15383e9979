"""S3: a bucket, or what lies below a prefix of one, as a mount.

Objects are files, `/` in a key parts folders; `naming` says how keys are spelt that no path can hold. A time
of change cannot be set, since the service sets it. Renaming is copying and then removing, on the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from providers import RENDERED
from providers.rendering.renderer import READ, Renderer, rendered
from providers.s3.address import OPTIONS, Location
from providers.s3.changing import Changing
from providers.s3.client import WIDTH
from providers.s3.credentials import Secrets, no_secrets
from providers.s3.entries import Entries, mime_in, telling
from providers.s3.moving import Moving
from providers.spec import Opening, Option, ProviderSpec
from vfs.action import Change
from vfs.closing import Closing
from vfs.drive import event_loop, hop
from vfs.errors import IsADirectory, LoginNeeded, NotFound, TimedOut, Unavailable, VfsError
from vfs.fan import fan_out
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Mode
from vfs.writing import once

BATCH = 64
"""Small contents that are handed on together."""


class S3:
    """A bucket as a provider. Each call is one or two requests; calls side by side share the connections."""

    distant = True

    def __init__(self, location: Location, secrets: Secrets = no_secrets) -> None:
        self._entries = Entries(location, secrets)
        self._changing = Changing(self._entries)
        self._moving = Moving(self._entries, self._changing)
        self._renderer = Renderer()

    # -- required

    async def stat(self, path: Path) -> Node:
        return await self._entries.stat(path)

    def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        return self._entries.list(path)

    async def aclose(self) -> None:
        await self._entries.aclose()
        await hop(self._renderer.close)

    # -- reading

    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        return self._entries.walk(path)

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        await event_loop()
        key = self._entries.spot(path).key
        if key is None:
            raise IsADirectory(path)
        if key.endswith("/") or not key or (stop is not None and stop <= start):
            await self._entries.readable(path)
        async with Closing(self._entries.client.get(self._entries.whole(key), start, stop)) as blocks:
            try:
                with telling(path):
                    first = await anext(blocks, b"")
            except NotFound:
                await self._entries.readable(path)
                raise
            yield _flow(first, blocks, path)

    async def read_many(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        await event_loop()
        batch: list[tuple[Path, bytes | None]] = []
        async with Closing(fan_out(paths, lambda path: self._small(path, limit), WIDTH)) as answers:
            async for answer in answers:
                batch.append(answer)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    async def _small(self, path: Path, limit: int) -> bytes | None:
        """A content; None where it is large, or `open` has to say what is wrong."""
        try:
            key = self._entries.spot(path).key
            if key is None or key.endswith("/") or not key:
                return None
            parts: list[bytes] = []
            size = 0
            blocks = self._entries.client.get(self._entries.whole(key), 0, limit + 1)
            async with Closing(blocks):
                async for block in blocks:
                    parts.append(block)
                    size += len(block)
        except (Unavailable, TimedOut, LoginNeeded) as error:
            raise error.at(path) from error
        except VfsError:
            return None
        return b"".join(parts) if size <= limit else None

    def renders(self, path: Path) -> bool:
        return path.name.lower().endswith(RENDERED)

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        yield once(await rendered(self._renderer, self.open(path, stop=READ), path))

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
        return await self._changing.write(path, data, mode, etag)

    def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        return self._changing.write_many(files)

    async def mkdir(self, path: Path, change: Change) -> Node:
        return await self._changing.mkdir(path)

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        await self._changing.remove(path, recursive)

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        return await self._moving.move(source, target)

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        return await self._moving.copy(source, target)

    # -- sharing

    async def share(self, path: Path, seconds: int) -> str:
        facts = await self._entries.readable(path)
        with telling(path):
            return await self._entries.client.sign(
                facts.key, seconds, filename=path.name, mime=mime_in(path.name, facts)
            )


async def _flow(first: bytes, blocks: Blocks, path: Path) -> AsyncIterator[bytes]:
    if first:
        yield first
    with telling(path):
        async for block in blocks:
            yield block


def _open(opening: Opening) -> S3:
    options = opening.options
    location = Location.parse(options["url"], **{name: options.get(name) for name in OPTIONS})
    return S3(location, opening.secret)


PROVIDER = ProviderSpec(
    "s3",
    "a bucket of S3, R2, or another service that speaks their protocol",
    _open,
    (
        Option("url", "the bucket, and what lies in it: s3://BUCKET/PREFIX", required=True),
        Option(
            "endpoint", "the service, such as https://ACCOUNT.r2.cloudflarestorage.com (default: Amazon's)"
        ),
        Option("region", "where the bucket lies, such as eu-central-1"),
        Option("profile", "whose keys are used: a profile of ~/.aws"),
        Option("style", "path or virtual: where requests name the bucket"),
    ),
)
