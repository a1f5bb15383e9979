"""Tree: the one door to every entry.

Everything that reads, writes, searches or acts passes here: the guard is asked, the deepest mount
is found, missing abilities fall back to slower ones, mounts inside mounts show in their parent's
listing, and errors come back in the caller's paths. Its parts: `door` (the checks), `walk`, `glob`,
`reading`, `writing`, `copy`, `searching`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from vfs import copy as copying
from vfs import glob as globbing
from vfs import reading, walk, writing
from vfs.action import Arguments, Effect, Verb
from vfs.door import Anchored, Door, Guard, Journal
from vfs.errors import IsADirectory, NotADirectory, NotFound, Unsupported, VfsError
from vfs.glob import Pattern
from vfs.mount import Mount
from vfs.node import Kind, Node, Value
from vfs.path import Path
from vfs.provider import Acting, Attributed, Blocks, Cap, Changed, Found, Mode, Sharing, Touchable, caps_of
from vfs.reading import Content

if TYPE_CHECKING:
    from vfs.query import Query

__all__ = ["Content", "Guard", "Journal", "Pattern", "Tree"]

_SHARED = "copy it to a bucket: mount /b s3://BUCKET; cp FILE /b"

_CHANGING = Cap.WRITE | Cap.WRITE_MANY | Cap.EDIT | Cap.MOVE | Cap.COPY | Cap.TOUCH | Cap.ATTRS


class Tree(Door):
    """The mounts as one tree, as one session may see it.

    Sessions share the MountTable; each has its own Tree, with its own guard and current `change`.
    """

    # -- looking

    async def stat(self, path: Path) -> Node:
        """Raises NotFound, NotADirectory (a path through a file). Opens no mount for its mount point."""
        if not self.sees(path):
            raise NotFound(path)
        place = self.place(path)
        if not path.parts or (place is not None and place.mount.path == path):
            return Node(path.name, Kind.FOLDER)
        nested = self.mounts.holds(path)
        if place is not None:
            try:
                with Anchored(place) as provider:
                    node = await provider.stat(place.inner)
                if node.is_folder or not nested:
                    return node
            except (NotFound, NotADirectory):
                if path in self.pending:
                    return Node(path.name, Kind.FILE, 0)
                if not nested:
                    raise
        elif not nested:
            raise self.mounts.nothing(path)
        return Node(path.name, Kind.FOLDER)

    async def exists(self, path: Path) -> bool:
        try:
            await self.stat(path)
        except (NotFound, NotADirectory):
            return False
        return True

    async def is_folder(self, path: Path) -> bool:
        """False for what is missing, too."""
        try:
            return (await self.stat(path)).is_folder
        except (NotFound, NotADirectory):
            return False

    def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        """Pages of a folder in name order, nested mounts included, what the guard hides left out.

        Raises NotFound, NotADirectory on the first page.
        """
        return walk.list_folder(self, path)

    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """Everything below a folder, depth first, folders before their entries, in name order.

        When a mount inside cannot be read, the rest comes all the same, and then Incomplete is raised.
        """
        return walk.walk(self, path)

    def glob(
        self, pattern: Sequence[str | Pattern], base: Path, *, folders: bool = False
    ) -> AsyncIterator[Path]:
        """The paths below `base` that fit, one component a part: a `str` is literal (`..` goes up).

        In the order of the paths as text; hidden names only where the component starts with a dot. With
        `folders` (a pattern that ends in a slash) folders only. What does not exist gives nothing.
        Raises Incomplete, after all else, when a mount could not be read.
        """
        return globbing.glob(self, pattern, base, folders)

    def caps(self, path: Path) -> Cap:
        """What the mount at `path` can do; Cap(0) where there is none."""
        place = self.place(path) if self.sees(path) else None
        if place is None:
            return Cap(0)
        with Anchored(place) as provider:
            caps = caps_of(provider)
        return caps & ~_CHANGING if place.mount.read_only else caps

    def mount_of(self, path: Path) -> Mount | None:
        return self.mounts.find(path) if self.sees(path) else None

    # -- reading

    def open(
        self, path: Path, *, start: int = 0, stop: int | None = None
    ) -> AbstractAsyncContextManager[Blocks]:
        """The stored bytes. Raises NotFound, IsADirectory."""
        return reading.Reading(self, path, start=start, stop=stop, text=False)

    def text(self, path: Path) -> AbstractAsyncContextManager[Blocks]:
        """The rendered text where the entry has one, else the stored bytes."""
        return reading.Reading(self, path, text=True)

    def contents(self, paths: Sequence[Path], *, text: bool = True) -> AsyncIterator[Content]:
        """Many files in the order asked, by few queries; a failure is an item, not an exception."""
        return reading.contents(self, paths, text)

    def content_batches(
        self, paths: Sequence[Path], *, text: bool = True
    ) -> AsyncIterator[Sequence[Content]]:
        """`contents`, as many at once as come together."""
        return reading.content_batches(self, paths, text)

    def contents_below(self, folder: Path) -> AsyncIterator[Sequence[Content]]:
        """The text of every file below a folder, in the order of a walk, as many at once as come together.

        Raises what `walk` raises.
        """
        return reading.contents_below(self, folder)

    async def read(self, path: Path, *, limit: int | None = None) -> bytes:
        """The stored bytes, whole. Raises TooLarge beyond `limit`."""
        async with self.open(path) as blocks:
            return await reading.gather(blocks, path, limit)

    # -- changing

    async def write(
        self,
        path: Path,
        data: bytes | Blocks,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        """Writes a whole file; what was there stays until all of `data` has come."""
        return await writing.write(self, path, data, mode, etag)

    def write_many(self, files: AsyncIterator[tuple[Path, bytes]]) -> AsyncIterator[Sequence[Node]]:
        """Writes many small files in batches; a yielded batch is durable."""
        return writing.write_many(self, files)

    async def mkdir(self, path: Path, *, parents: bool = False) -> Node:
        """With `parents`, makes what is missing above and accepts an existing folder."""
        return await writing.mkdir(self, path, parents)

    async def remove(self, path: Path, *, recursive: bool = False) -> None:
        """Raises Refused for a mount point and for the root."""
        await writing.remove(self, path, recursive)

    async def move(self, source: Path, target: Path) -> Node:
        """Renames to exactly `target`; across mounts: copies, then removes."""
        return await copying.move(self, source, target)

    async def copy(self, source: Path, target: Path) -> Node:
        """Copies one file to exactly `target`."""
        return await copying.copy(self, source, target)

    def copy_folder(
        self, source: Path, target: Path, *, failed: copying.Failed | None = None
    ) -> AsyncIterator[Sequence[Node]]:
        """Copies a folder to exactly `target`, merging where it exists; small files in batches.

        An entry that cannot be copied is added to `failed`, and the rest goes on; without `failed` it
        is raised.
        """
        return copying.copy_folder(self, source, target, failed)

    async def stat_many(self, paths: Iterable[Path]) -> Mapping[Path, Node | VfsError]:
        """The entries at those of many paths that can be asked for by few queries, or what `stat` raises.

        The others are left out: the caller asks for each.
        """
        found: Mapping[Path, Node | VfsError] = await import_module("vfs.together").stat_many(self, paths)
        return found

    async def mkdir_many(self, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
        """`mkdir` of each, in few transactions where the provider can; an error stands for its path alone."""
        made: Sequence[Node | VfsError] = await import_module("vfs.together").mkdir_many(self, paths)
        return made

    async def remove_many(
        self, paths: Sequence[Path], *, recursive: bool = False
    ) -> Sequence[VfsError | None]:
        """`remove` of each, likewise."""
        gone: Sequence[VfsError | None] = await import_module("vfs.together").remove_many(
            self, paths, recursive
        )
        return gone

    async def move_many(self, moves: Sequence[tuple[Path, Path]]) -> Sequence[Node | VfsError]:
        """`move` of each source to its target, likewise."""
        moved: Sequence[Node | VfsError] = await import_module("vfs.together").move_many(self, moves)
        return moved

    async def copy_many(self, copies: Sequence[tuple[Path, Path]]) -> Sequence[Node | VfsError]:
        """`copy` of each source to its target, likewise."""
        copied: Sequence[Node | VfsError] = await import_module("vfs.together").copy_many(self, copies)
        return copied

    async def set_mtime(self, path: Path, mtime: datetime) -> Node:
        """Raises NotFound, ReadOnly, Unsupported."""
        place = await self.to_change(Effect.WRITE, path)
        with Anchored(place) as provider:
            if not isinstance(provider, Touchable):
                raise Unsupported(place.inner, "the time of the last change cannot be set here")
            return await provider.set_mtime(place.inner, mtime, self.the_change())

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value]) -> Node:
        """Raises NotFound, ReadOnly, Unsupported."""
        place = await self.to_change(Effect.WRITE, path)

        async def work() -> Node:
            with Anchored(place) as provider:
                if not isinstance(provider, Attributed):
                    raise Unsupported(place.inner)
                return await provider.set_attrs(place.inner, attrs, self.the_change())

        node = await writing.journalled(self, place, "write", work)
        assert node is not None
        return node

    async def set_attrs_many(self, changes: Mapping[Path, Mapping[str, Value]]) -> Sequence[Node | VfsError]:
        """`set_attrs` of each, likewise."""
        changed: Sequence[Node | VfsError] = await import_module("vfs.together").set_attrs_many(self, changes)
        return changed

    # -- more

    async def share(self, path: Path, seconds: int) -> str:
        """A link that reads the file for so long, for anybody who has it. Raises Unsupported."""
        place = await self.to_read(path)
        if place is None:
            raise IsADirectory(path)
        await self.allow(Effect.SEND, path)
        with Anchored(place) as provider:
            if not isinstance(provider, Sharing):
                if (await provider.stat(place.inner)).is_folder:
                    raise IsADirectory(place.inner)
                raise Unsupported(place.inner, "what lies here cannot be shared by a link", hint=_SHARED)
            return await provider.share(place.inner, seconds)

    async def search(self, query: Query, under: Path, limit: int) -> Found:
        """Best first, over every mount below `under`: by index where there is one, else by scan."""
        found: Found = await import_module("vfs.searching").search(self, query, under, limit)
        return found

    def between(
        self, path: Path, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """What happens in [start, end), in order of start, over every mount at or below `path` that has days.

        Both are aware. When a mount inside cannot be read, the rest comes all the same, and then Incomplete
        is raised. Raises NotFound, Unsupported where no mount has days.
        """
        entries: AsyncIterator[Sequence[tuple[Path, Node]]] = import_module("vfs.occurring").between(
            self, path, start, end
        )
        return entries

    def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        """What changes at or below `path`, until the caller stops; the first batch is empty.

        What the guard hides does not appear; of a move it half hides, the half that is seen. Mounts inside
        that cannot be watched are passed over. Raises NotFound, Unsupported.
        """
        changes: AsyncIterator[Sequence[Changed]] = import_module("vfs.watching").watch_all(self, [path])
        return changes

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        """The deeds that the entry offers, by name; none where the mount has no deeds."""
        node_place = self.place(path)
        await self.stat(path)
        if node_place is None:
            return {}
        with Anchored(node_place) as provider:
            return await provider.verbs(node_place.inner) if isinstance(provider, Acting) else {}

    async def act(self, path: Path, verb: str, arguments: Arguments) -> Node:
        """Does a deed, once its own effect is allowed. Raises Unsupported when there is no such verb."""
        offered = (await self.verbs(path)).get(verb)
        place = self.place(path)
        if offered is None or place is None:
            raise Unsupported(path, f"has no verb `{verb}`")
        allowed = await self.allow_deed(offered, place, arguments)
        with Anchored(place) as provider:
            assert isinstance(provider, Acting)
            return await provider.act(place.inner, verb, allowed, self.the_change())
