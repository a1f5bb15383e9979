"""Reading: one content as a stream, many contents by few queries, rendered text where there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vfs.closing import Closing
from vfs.door import Anchored, Place
from vfs.errors import IsADirectory, NotFound, TooLarge, Unsupported, VfsError
from vfs.fan import fan_out
from vfs.mount import Mount
from vfs.path import Path
from vfs.provider import (
    Blocks,
    Provider,
    Readable,
    ReadableBelow,
    ReadableMany,
    Rendered,
    RenderedByName,
)
from vfs.walk import walk

if TYPE_CHECKING:
    from vfs.tree import Tree

SMALL = 256 * 1024
"""Contents up to this size travel whole in bulk reads, larger ones as streams."""

BATCH = 1024
"""Paths that one bulk read asks for."""


@runtime_checkable
class RenderedMany(Protocol):
    """What a provider may do besides those of `vfs.provider`, for entries that may have a rendered text."""

    def texts(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        """What a person reads of many entries, as `ReadableMany.read_many` of stored bytes."""
        ...


Opened = AbstractAsyncContextManager[Blocks]


async def _flow(place: Place, blocks: Blocks) -> AsyncIterator[bytes]:
    with Anchored(place):
        async for block in blocks:
            yield block


async def _empty() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for block in nothing:
        yield block


class Reading:
    """The content at a path, open while the `async with` lasts. Errors name the caller's path."""

    __slots__ = ("_opened", "path", "start", "stop", "text", "tree")

    def __init__(
        self, tree: Tree, path: Path, *, start: int = 0, stop: int | None = None, text: bool
    ) -> None:
        self.tree = tree
        self.path = path
        self.start = start
        self.stop = stop
        self.text = text
        self._opened: Opened | None = None

    async def __aenter__(self) -> Blocks:
        place = await self.tree.to_read(self.path)
        if place is None:
            raise IsADirectory(self.path)
        try:
            with Anchored(place) as provider:
                return _flow(place, await self._enter(provider, place.inner))
        except NotFound:
            if self.path not in self.tree.pending:
                raise
            self._opened = None
            return _empty()

    async def _enter(self, provider: Provider, inner: Path) -> Blocks:
        if self.text and _may_render(provider, inner) and isinstance(provider, Rendered):
            self._opened = provider.text(inner)
            try:
                return await self._opened.__aenter__()
            except Unsupported:
                self._opened = None
        if not isinstance(provider, Readable):
            raise Unsupported(inner)
        self._opened = provider.open(inner, start=self.start, stop=self.stop)
        return await self._opened.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return None if self._opened is None else await self._opened.__aexit__(kind, error, trace)


def _may_render(provider: Provider, inner: Path) -> bool:
    if isinstance(provider, RenderedByName):
        return provider.renders(inner)
    return isinstance(provider, Rendered)


class Content:
    """One file of a bulk read: its bytes when small, a stream when not, or what went wrong."""

    __slots__ = ("_open", "data", "error", "path")

    def __init__(
        self,
        path: Path,
        data: bytes | None = None,
        error: VfsError | None = None,
        open: Callable[[], Opened] | None = None,
    ) -> None:
        self.path = path
        self.data = data
        """None when the content is large, or cannot be read."""
        self.error = error
        self._open = open

    async def blocks(self) -> AsyncIterator[bytes]:
        """The content, whatever its size. Raises `error` if there is one."""
        if self.error is not None:
            raise self.error
        if self.data is not None:
            if self.data:
                yield self.data
        elif self._open is not None:
            async with self._open() as blocks:
                async for block in blocks:
                    yield block


class _Ways:
    """How each place is read; those that are read alike, one after the other, are read together."""

    def __init__(self, text: bool) -> None:
        self.text = text
        self._known: dict[Mount, tuple[bool, Callable[[Path], bool] | None, str]] = {}

    def __call__(self, item: tuple[Path, Place | VfsError]) -> tuple[str, int]:
        place = item[1]
        if isinstance(place, VfsError):
            return "failed", 0
        mount = place.mount
        together, renders, rendered = self._known.get(mount) or self._look(mount)
        if together and (renders is None or not renders(place.inner)):
            return "together", id(mount)
        return rendered, id(mount)

    def _look(self, mount: Mount) -> tuple[bool, Callable[[Path], bool] | None, str]:
        """Whether the mount reads in bulk, what may have a rendered text, and how that is read."""
        try:
            provider = mount.provider()
        except VfsError:
            return self._known.setdefault(mount, (False, None, "alone"))
        renders = _renders(provider) if self.text else None
        rendered = "rendered" if self.text and isinstance(provider, RenderedMany) else "alone"
        return self._known.setdefault(mount, (isinstance(provider, ReadableMany), renders, rendered))


def _renders(provider: Provider | ReadableBelow) -> Callable[[Path], bool] | None:
    """Which entries may have a rendered text; None where none has."""
    if isinstance(provider, RenderedByName):
        return provider.renders
    return (lambda path: True) if isinstance(provider, Rendered) else None


async def contents(tree: Tree, paths: Sequence[Path], text: bool) -> AsyncIterator[Content]:
    """See Tree.contents."""
    async with Closing(content_batches(tree, paths, text)) as batches:
        async for batch in batches:
            for content in batch:
                yield content


async def content_batches(tree: Tree, paths: Sequence[Path], text: bool) -> AsyncIterator[Sequence[Content]]:
    """See Tree.content_batches."""
    ways = _Ways(text)
    for at in range(0, len(paths), BATCH):
        places = await tree.to_read_all(paths[at : at + BATCH])
        for way, group in groupby(places, ways):
            async with Closing(_by(tree, way[0], list(group), text)) as batches:
                async for batch in batches:
                    yield batch


async def _by(
    tree: Tree, way: str, group: Sequence[tuple[Path, Place | VfsError]], text: bool
) -> AsyncIterator[Sequence[Content]]:
    places = [place for _, place in group if isinstance(place, Place)]
    if way == "failed":
        yield [Content(path, error=error) for path, error in group if isinstance(error, VfsError)]
    elif way in ("together", "rendered"):
        async with Closing(_together(tree, places, text, rendered=way == "rendered")) as batches:
            async for batch in batches:
                yield batch
    elif len(places) == 1:
        yield [await _alone(tree, places[0].path, text)]
    else:
        calls = fan_out([place.path for place in places], lambda path: _alone(tree, path, text))
        async with Closing(calls) as answers:
            async for _, content in answers:
                yield [content]


async def _together(
    tree: Tree, places: Sequence[Place], text: bool, *, rendered: bool
) -> AsyncIterator[Sequence[Content]]:
    answered = 0
    failed: VfsError | None = None
    try:
        with Anchored(places[0]) as provider:
            inner = [place.inner for place in places]
            if rendered:
                assert isinstance(provider, RenderedMany)
                found = provider.texts(inner, limit=SMALL)
            else:
                assert isinstance(provider, ReadableMany)
                found = provider.read_many(inner, limit=SMALL)
            async with Closing(found) as batches:
                async for batch in batches:
                    asked = places[answered : answered + len(batch)]
                    answered += len(asked)
                    yield [
                        Content(place.path, data)
                        if data is not None
                        else await _large(tree, place.path, text)
                        for place, (_, data) in zip(asked, batch, strict=True)
                    ]
    except VfsError as error:
        failed = error
    if places[answered:]:
        yield [
            Content(place.path, error=(failed or NotFound(place.path)).at(place.path))
            for place in places[answered:]
        ]


async def contents_below(tree: Tree, folder: Path) -> AsyncIterator[Sequence[Content]]:
    """See Tree.contents_below."""
    place = tree.place(folder)
    if place is not None and tree.guard is None and not tree.mounts.below(folder):
        with Anchored(place) as provider:
            if isinstance(provider, ReadableBelow) and not isinstance(provider, RenderedMany):
                async with Closing(_below(tree, place, provider)) as batches:
                    async for batch in batches:
                        yield batch
                return
    async with Closing(walk(tree, folder)) as pages:
        async for page in pages:
            paths = [path for path, node in page if not node.is_folder]
            async with Closing(content_batches(tree, paths, True)) as batches:
                async for batch in batches:
                    yield batch


async def _below(tree: Tree, place: Place, provider: ReadableBelow) -> AsyncIterator[Sequence[Content]]:
    above = place.mount.path.parts
    renders = _renders(provider)
    async with Closing(provider.read_below(place.inner, limit=SMALL)) as batches:
        async for batch in batches:
            contents = []
            for inner, data in batch:
                path = Path(above + inner.parts)
                if renders is not None and renders(inner):
                    contents.append(await _alone(tree, path, True))
                else:
                    contents.append(
                        Content(path, data) if data is not None else await _large(tree, path, True)
                    )
            yield contents


async def _large(tree: Tree, path: Path, text: bool) -> Content:
    """What a bulk read left out: a stream, or the reason why there is none."""
    try:
        if (await tree.stat(path)).is_folder:
            return Content(path, error=IsADirectory(path))
    except VfsError as error:
        return Content(path, error=error)
    return Content(path, open=lambda: Reading(tree, path, text=text))


async def _alone(tree: Tree, path: Path, text: bool) -> Content:
    try:
        async with Reading(tree, path, text=text) as blocks:
            return Content(path, await gather(blocks, path, SMALL))
    except TooLarge:
        return Content(path, open=lambda: Reading(tree, path, text=text))
    except VfsError as error:
        return Content(path, error=error)


async def gather(blocks: Blocks, path: Path, limit: int | None) -> bytes:
    """All of `blocks`. Raises TooLarge beyond `limit`."""
    parts: list[bytes] = []
    size = 0
    async for block in blocks:
        size += len(block)
        if limit is not None and size > limit:
            raise TooLarge(path, f"larger than {limit:,} bytes")
        parts.append(block)
    return parts[0] if len(parts) == 1 else b"".join(parts)
