"""Tree: the one door to every entry.

Everything that reads, writes, searches or acts passes here: the guard is asked, the deepest mount
is found, missing abilities fall back to slower ones, mounts inside mounts show in their parent's
listing, and errors come back in the caller's paths.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from vfs.action import Arguments, Change, Effect, Verb
from vfs.errors import VfsError
from vfs.mount import Mount, MountTable
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Cap, Found, Mode
from vfs.query import Query


class Guard(Protocol):
    """Policy, asked on every access with the real path. The tree of a person allows everything."""

    def sees(self, path: Path) -> bool:
        """False makes the path look absent everywhere: stat, listing, glob, search, errors."""
        ...

    async def check(self, effect: Effect, path: Path) -> None:
        """Returns when allowed (perhaps after asking). Raises Refused, or NotFound when unseen."""
        ...


class Journal(Protocol):
    """Keeps what is needed to undo changes of mounts that keep no journal themselves."""

    async def intend(
        self, change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        """Records that `op` (write, mkdir, remove, move) is about to happen; returns its key."""
        ...

    async def settle(self, key: str, *, done: bool, after: Node | None = None) -> None:
        """Records the outcome."""
        ...


class Content:
    """One file of a bulk read: its bytes when small, a stream when not, or what went wrong."""

    __slots__ = ("data", "error", "path", "_tree", "_text")

    path: Path
    data: bytes | None
    error: VfsError | None

    def blocks(self) -> AsyncIterator[bytes]:
        """The content, whatever its size. Raises `error` if there is one."""
        raise NotImplementedError


class Tree:
    """The mounts as one tree, as one session may see it.

    Sessions share the MountTable; each has its own Tree, with its own guard and current `change`.
    """

    def __init__(
        self,
        mounts: MountTable,
        *,
        guard: Guard | None = None,
        change: Change | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.mounts = mounts
        self.guard = guard
        self.change = change
        self.journal = journal

    # -- looking

    async def stat(self, path: Path) -> Node:
        """Raises NotFound, NotADirectory (a path through a file)."""
        raise NotImplementedError

    async def exists(self, path: Path) -> bool:
        raise NotImplementedError

    async def is_folder(self, path: Path) -> bool:
        """False for what is missing, too."""
        raise NotImplementedError

    def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        """Pages of a folder in name order, nested mounts included, what the guard hides left out.

        Raises NotFound, NotADirectory on the first page.
        """
        raise NotImplementedError

    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """Everything below a folder, depth first, folders before their entries, in name order."""
        raise NotImplementedError

    def glob(self, pattern: Sequence[str | Pattern], base: Path) -> AsyncIterator[Path]:
        """See `vfs.walk`; paths in order, hidden names only where the pattern says so."""
        raise NotImplementedError

    def caps(self, path: Path) -> Cap:
        """What the mount at `path` can do; Cap(0) where there is none."""
        raise NotImplementedError

    def mount_of(self, path: Path) -> Mount | None:
        raise NotImplementedError

    # -- reading

    def open(
        self, path: Path, *, start: int = 0, stop: int | None = None
    ) -> AbstractAsyncContextManager[Blocks]:
        """The stored bytes. Raises NotFound, IsADirectory."""
        raise NotImplementedError

    def text(self, path: Path) -> AbstractAsyncContextManager[Blocks]:
        """The rendered text where the entry has one, else the stored bytes."""
        raise NotImplementedError

    def contents(self, paths: Sequence[Path], *, text: bool = True) -> AsyncIterator[Content]:
        """Many files in the order asked, by few queries; a failure is an item, not an exception."""
        raise NotImplementedError

    async def read(self, path: Path, *, limit: int | None = None) -> bytes:
        """The stored bytes, whole. Raises TooLarge beyond `limit`."""
        raise NotImplementedError

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
        raise NotImplementedError

    def write_many(self, files: AsyncIterator[tuple[Path, bytes]]) -> AsyncIterator[Sequence[Node]]:
        """Writes many small files in batches; a yielded batch is durable."""
        raise NotImplementedError

    async def mkdir(self, path: Path, *, parents: bool = False) -> Node:
        """With `parents`, makes what is missing above and accepts an existing folder."""
        raise NotImplementedError

    async def remove(self, path: Path, *, recursive: bool = False) -> None:
        """Raises Refused for a mount point and for the root."""
        raise NotImplementedError

    async def move(self, source: Path, target: Path) -> Node:
        """Renames to exactly `target`; across mounts: copies, then removes."""
        raise NotImplementedError

    async def copy(self, source: Path, target: Path) -> Node:
        """Copies one file to exactly `target`."""
        raise NotImplementedError

    async def copy_folder(self, source: Path, target: Path) -> AsyncIterator[Sequence[Node]]:
        """Copies a folder's entries below `target`, small files in batches."""
        raise NotImplementedError

    async def set_mtime(self, path: Path, mtime: datetime) -> Node:
        raise NotImplementedError

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value]) -> Node:
        raise NotImplementedError

    # -- more

    async def search(self, query: Query, under: Path, limit: int) -> Found:
        """Best first, over every mount below `under`: by index where there is one, else by scan."""
        raise NotImplementedError

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        raise NotImplementedError

    async def act(self, path: Path, verb: str, arguments: Arguments) -> Node:
        raise NotImplementedError


class Pattern(NamedTuple):
    """A component with wildcards; `deep` is `**`."""

    text: str
    deep: bool = False
