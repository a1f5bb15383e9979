"""Memory: the reference provider, a tree of entries in this process, gone when it ends.

It has every ability that makes sense for data at hand, each in its plainest form: read it beside
`vfs/provider.py`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from providers.spec import Opening, ProviderSpec
from vfs.action import Change
from vfs.errors import BadName, Conflict, Exists, IsADirectory, NotADirectory, NotEmpty, NotFound
from vfs.names import check
from vfs.node import Kind, Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

BLOCK = 64 * 1024
FIRST_PAGE = 64
PAGE = 1000


class _File:
    """A content with its times; the bytes are replaced, never changed in place."""

    __slots__ = ("attrs", "data", "mtime", "version")

    def __init__(self, data: bytes, mtime: datetime, version: int) -> None:
        self.data = data
        self.mtime = mtime
        self.version = version
        self.attrs: Mapping[str, Value] = {}


class _Folder:
    """Entries by name, and the names in order."""

    __slots__ = ("entries", "mtime", "names")

    def __init__(self, mtime: datetime) -> None:
        self.entries: dict[str, _File | _Folder] = {}
        self.names: list[str] = []
        self.mtime = mtime

    def put(self, name: str, entry: _File | _Folder, now: datetime) -> None:
        if name not in self.entries:
            insort(self.names, name)
        self.entries[name] = entry
        self.mtime = now

    def take(self, name: str, now: datetime) -> _File | _Folder:
        del self.names[bisect_left(self.names, name)]
        self.mtime = now
        return self.entries.pop(name)

    def backwards(self) -> list[tuple[str, _File | _Folder]]:
        return [(name, self.entries[name]) for name in reversed(self.names)]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Memory:
    """A provider that keeps everything in memory. `clock` tells the time of changes."""

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        self._clock = clock
        self._versions = 0
        self._root = _Folder(clock())

    # -- required

    async def stat(self, path: Path) -> Node:
        return self._node(path.name, self._find(path))

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        folder = self._folder(path)
        after = ""
        size = FIRST_PAGE
        while True:
            at = bisect_left(folder.names, after)
            names = folder.names[at : at + size]
            if not names:
                return
            yield [self._node(name, folder.entries[name]) for name in names]
            after, size = names[-1] + "\0", PAGE

    async def aclose(self) -> None:
        return None

    # -- reading

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        yield _blocks(self._file(path).data, start, stop)

    async def read_many(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        for at in range(0, len(paths), PAGE):
            yield [(path, self._small(path, limit)) for path in paths[at : at + PAGE]]

    def _small(self, path: Path, limit: int) -> bytes | None:
        try:
            entry = self._find(path)
        except (NotFound, NotADirectory):
            return None
        return entry.data if isinstance(entry, _File) and len(entry.data) <= limit else None

    async def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        page: list[tuple[Path, Node]] = []
        stack = [(path.child(name), entry) for name, entry in self._folder(path).backwards()]
        while stack:
            below, entry = stack.pop()
            page.append((below, self._node(below.name, entry)))
            if isinstance(entry, _Folder):
                stack += [(below.child(name), inner) for name, inner in entry.backwards()]
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

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
        self._check_write(path, mode, etag)
        content = b"".join([block async for block in data])
        there = self._check_write(path, mode, etag)
        if mode is Mode.APPEND and there is not None:
            content = there.data + content
        file = self._new_file(content)
        self._folder(path.parent).put(path.name, file, file.mtime)
        return self._node(path.name, file)

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        async for path, data in files:
            self._check_write(path, Mode.REPLACE, None)
            file = self._new_file(data)
            self._folder(path.parent).put(path.name, file, file.mtime)
            yield [self._node(path.name, file)]

    async def mkdir(self, path: Path, change: Change) -> Node:
        parent = self._parent(path)
        if path.name in parent.entries:
            raise Exists(path)
        check(path.name, path)
        folder = _Folder(self._clock())
        parent.put(path.name, folder, folder.mtime)
        return self._node(path.name, folder)

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        entry = self._find(path)
        if isinstance(entry, _Folder) and entry.entries and not recursive:
            raise NotEmpty(path)
        self._parent(path).take(path.name, self._clock())

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        entry = self._find(source)
        parent = self._parent(target)
        if source == target:
            return self._node(target.name, entry)
        if target.is_under(source):
            raise BadName(target, f"lies inside {source} itself")
        there = parent.entries.get(target.name)
        if isinstance(there, _Folder) and not isinstance(entry, _Folder):
            raise IsADirectory(target)
        if isinstance(entry, _Folder) and isinstance(there, _File):
            raise NotADirectory(target)
        if isinstance(there, _Folder) and there.entries:
            raise NotEmpty(target)
        check(target.name, target)
        now = self._clock()
        self._parent(source).take(source.name, now)
        parent.put(target.name, entry, now)
        return self._node(target.name, entry)

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        data = self._file(source).data
        self._check_write(target, Mode.REPLACE, None)
        file = self._new_file(data)
        self._folder(target.parent).put(target.name, file, file.mtime)
        return self._node(target.name, file)

    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        entry = self._find(path)
        entry.mtime = mtime
        return self._node(path.name, entry)

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        file = self._file(path)
        file.attrs = {**file.attrs, **attrs}
        return self._node(path.name, file)

    # -- entries

    def _find(self, path: Path) -> _File | _Folder:
        entry: _File | _Folder = self._root
        for name in path.parts:
            if isinstance(entry, _File):
                raise NotADirectory(path)
            try:
                entry = entry.entries[name]
            except KeyError:
                raise NotFound(path) from None
        return entry

    def _folder(self, path: Path) -> _Folder:
        entry = self._find(path)
        if isinstance(entry, _File):
            raise NotADirectory(path)
        return entry

    def _file(self, path: Path) -> _File:
        entry = self._find(path)
        if isinstance(entry, _Folder):
            raise IsADirectory(path)
        return entry

    def _parent(self, path: Path) -> _Folder:
        """The folder that holds `path`; errors are about `path`, as a caller expects."""
        if not path.parts:
            raise IsADirectory(path)
        try:
            return self._folder(path.parent)
        except (NotFound, NotADirectory) as error:
            raise error.at(path) from None

    def _check_write(self, path: Path, mode: Mode, etag: str | None) -> _File | None:
        """The file that a write would replace. Raises what `write` raises."""
        there = self._parent(path).entries.get(path.name)
        if isinstance(there, _Folder):
            raise IsADirectory(path)
        if there is None:
            check(path.name, path)
        elif mode is Mode.CREATE:
            raise Exists(path)
        if etag is not None and (there is None or str(there.version) != etag):
            raise Conflict(path)
        return there

    def _new_file(self, data: bytes) -> _File:
        self._versions += 1
        return _File(data, self._clock(), self._versions)

    @staticmethod
    def _node(name: str, entry: _File | _Folder) -> Node:
        if isinstance(entry, _Folder):
            return Node(name, Kind.FOLDER, mtime=entry.mtime)
        return Node(name, Kind.FILE, len(entry.data), entry.mtime, etag=str(entry.version), attrs=entry.attrs)


async def _blocks(data: bytes, start: int, stop: int | None) -> AsyncIterator[bytes]:
    end = len(data) if stop is None else min(stop, len(data))
    for at in range(start, end, BLOCK):
        yield data[at : min(at + BLOCK, end)]


def _open(opening: Opening) -> Memory:
    return Memory()


PROVIDER = ProviderSpec("memory", "scratch space that is gone when Spatio ends", _open)
