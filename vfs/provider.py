"""Provider and the optional protocols: what a mount must do, and what it may do besides.

Paths are the provider's own, rooted at `/`: it never learns where it is mounted. Required are
`stat`, `list` and `aclose`. Every further ability is one small protocol, found with `isinstance`
(`caps_of`); there is no flag beside it that could disagree. `vfs.testing.ProviderSuite` decides
whether a provider is done.

A provider translates its library's errors to `vfs.errors` in one place, and raises those only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import Enum, Flag, auto
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from vfs.action import Arguments, Change, Verb
from vfs.errors import VfsError
from vfs.node import Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from vfs.query import Query

Blocks = AsyncIterator[bytes]
"""A content in pieces of any size, about 64 KiB where the provider can choose."""


class Mode(Enum):
    """What a write does with what is there."""

    REPLACE = "replace"
    """Creates the file, or replaces its content whole."""
    CREATE = "create"
    """Raises Exists when there is a file."""
    APPEND = "append"
    """Adds to the end, atomically: two appenders never mix inside one call's data."""


class Provider(Protocol):
    """What is mounted. Opened by the first call that needs it, closed once."""

    async def stat(self, path: Path) -> Node:
        """The entry at `path`; the root is a folder named `""`. Raises NotFound, NotADirectory."""
        ...

    def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        """The entries of a folder in pages of any size, in code-point order of their names, each once.

        The first page comes soon and is small; memory does not grow with the folder.
        Raises NotFound, NotADirectory (on the first page).
        """
        ...

    async def aclose(self) -> None:
        """Lets go of everything. Safe to call twice."""
        ...


@runtime_checkable
class Readable(Protocol):
    def open(
        self, path: Path, *, start: int = 0, stop: int | None = None
    ) -> AbstractAsyncContextManager[Blocks]:
        """The stored bytes `start` to `stop`. Raises NotFound, IsADirectory on entering."""
        ...


@runtime_checkable
class ReadableMany(Protocol):
    def read_many(
        self, paths: Sequence[Path], *, limit: int
    ) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        """The whole stored bytes of many files, in the order asked, in batches, by few queries.

        None stands for what is missing, a folder, or larger than `limit` bytes: the tree then
        opens that path alone, which says what is wrong with it.
        """
        ...


@runtime_checkable
class ReadableBelow(Protocol):
    def read_below(self, path: Path, *, limit: int) -> AsyncIterator[Sequence[tuple[Path, bytes | None]]]:
        """The whole stored bytes of every file below a folder, in the order of a walk, in batches.

        None as in `read_many`. Raises NotFound, NotADirectory.
        """
        ...


@runtime_checkable
class Walkable(Protocol):
    def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """Every entry below a folder (not itself), depth first, each folder before its entries,
        siblings in name order, in pages, by few queries. Raises NotFound, NotADirectory."""
        ...


@runtime_checkable
class Rendered(Protocol):
    def text(self, path: Path) -> AbstractAsyncContextManager[Blocks]:
        """What a person reads of the entry, as UTF-8: a mail's headers and text, a PDF's words.

        Raises Unsupported when this entry has no rendered text (its stored bytes stand for it).
        """
        ...


@runtime_checkable
class RenderedByName(Protocol):
    def renders(self, path: Path) -> bool:
        """False: by its name, this entry certainly has no rendered text. Answers without I/O.

        Beside `Rendered`: bulk reads then fetch the other entries' stored bytes by few queries.
        """
        ...


@runtime_checkable
class Writable(Protocol):
    async def write(
        self,
        path: Path,
        data: Blocks,
        change: Change,
        *,
        mode: Mode = Mode.REPLACE,
        etag: str | None = None,
    ) -> Node:
        """Writes a whole file; when `data` raises, or is cancelled, nothing has changed.

        With `etag`, Raises Conflict unless the present entry carries it. Raises NotFound when the
        folder is missing, NotADirectory, IsADirectory, Exists (CREATE), ReadOnly, BadName, NoSpace.
        """
        ...


@runtime_checkable
class WritableMany(Protocol):
    def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        """Writes many small files (REPLACE) in batches: a yielded batch is durable, in order."""
        ...


@runtime_checkable
class Editable(Protocol):
    async def mkdir(self, path: Path, change: Change) -> Node:
        """Makes one folder. Raises Exists, NotFound (no parent), NotADirectory, BadName."""
        ...

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        """Removes a file, or a folder when empty or `recursive`. Raises NotFound, NotEmpty."""
        ...


@runtime_checkable
class Movable(Protocol):
    async def move(self, source: Path, target: Path, change: Change) -> Node:
        """Renames within the mount, replacing a file at `target`, in one step.

        Raises NotFound, IsADirectory, NotADirectory, NotEmpty, and BadName when `target` lies
        below `source`.
        """
        ...


@runtime_checkable
class Copyable(Protocol):
    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        """Copies one file within the mount without moving its bytes. Raises as `write` does."""
        ...


@runtime_checkable
class StattableMany(Protocol):
    async def stat_many(self, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
        """The entry at each path, or what `stat` would raise, in the order asked, by few queries."""
        ...


@runtime_checkable
class EditableMany(Protocol):
    """Many as one after the other by `Editable`, in few transactions; an error stands for its path alone."""

    async def mkdir_many(self, paths: Sequence[Path], change: Change) -> Sequence[Node | VfsError]:
        """Makes folders; those above others come first."""
        ...

    async def remove_many(
        self, paths: Sequence[Path], change: Change, *, recursive: bool = False
    ) -> Sequence[VfsError | None]:
        """Removes entries; None for each that is gone."""
        ...


@runtime_checkable
class MovableMany(Protocol):
    async def move_many(
        self, moves: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        """Many as one after the other by `Movable.move`; an error stands for its move alone."""
        ...


@runtime_checkable
class CopyableMany(Protocol):
    async def copy_many(
        self, copies: Sequence[tuple[Path, Path]], change: Change
    ) -> Sequence[Node | VfsError]:
        """Many as one after the other by `Copyable.copy`; an error stands for its copy alone."""
        ...


@runtime_checkable
class Touchable(Protocol):
    async def set_mtime(self, path: Path, mtime: datetime, change: Change) -> Node:
        """Sets the time of the last change. Raises NotFound, ReadOnly."""
        ...


class Hit(NamedTuple):
    """One search result."""

    path: Path
    node: Node
    score: float
    """Higher is better; comparable within one answer."""
    snippet: str
    """Text around the match, one line, no markup; "" when there is none."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where in `snippet` the matches stand, as (start, stop) in characters."""


class Found(NamedTuple):
    """The answer of a search push-down."""

    hits: Sequence[Hit]
    total: int | None
    """How many there are in all, when that is known."""
    remark: str = ""
    """What the caller must be told, such as: ranked among the newest 2,000 of 41,233."""
    failed: tuple[str, ...] = ()
    """What could not be searched, as `path: reason`: the answer is known to lack entries."""


@runtime_checkable
class Searchable(Protocol):
    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        """The best `limit` matches below `path`, best first; None declines, and the tree scans.

        An extra hit costs a read; a missing one is a wrong answer.
        """
        ...


@runtime_checkable
class Occurring(Protocol):
    def between(
        self, path: Path, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """What happens below a folder wholly or partly in [start, end), in order of start, by few queries.

        Each entry once, by the path of the day on which it begins, or of the first day that is asked for.
        `attrs` have `start` and `end`: aware, or dates, `end` exclusive; and `series`, the path of its file,
        which the guard is asked about, too. Without mounts below. Raises NotFound, NotADirectory.
        """
        ...


@runtime_checkable
class Acting(Protocol):
    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        """The deeds that the entry offers, by name."""
        ...

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        """Does one. Raises Unsupported when the entry has no such verb."""
        ...


class Changed(NamedTuple):
    """One change, to whoever watches."""

    path: Path
    op: str
    """write, mkdir, remove, move, touch, attrs."""
    at: datetime
    target: Path | None = None
    """Where `path` was moved to."""


@runtime_checkable
class Watchable(Protocol):
    def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        """What changes at or below `path`, whoever changes it, in order, until the caller stops.

        The first batch is empty, and says that nothing that happens from then on is missed.
        Raises NotFound, NotADirectory before it, Unsupported.
        """
        ...


@runtime_checkable
class Attributed(Protocol):
    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        """Changes attributes of an entry (a task's status or due date), the content following."""
        ...


@runtime_checkable
class AttributedMany(Protocol):
    async def set_attrs_many(
        self, changes: Mapping[Path, Mapping[str, Value]], change: Change
    ) -> Sequence[Node | VfsError]:
        """Many as one after the other by `Attributed.set_attrs`; an error stands for its path alone."""
        ...


@runtime_checkable
class Linked(Protocol):
    def real(self, path: Path) -> Path:
        """Where `path` lies once the links on its way are followed, its last name included.

        What guards judge beside the path itself. `path` where a link leads nowhere, or out of the mount.
        """
        ...


@runtime_checkable
class Sharing(Protocol):
    async def share(self, path: Path, seconds: int) -> str:
        """A link that reads the file for so long, for anybody who has it: a secret. At most seven days.

        Raises NotFound, IsADirectory, and Unsupported for a file that cannot be reached from outside.
        """
        ...


@runtime_checkable
class Distant(Protocol):
    """Marker: calls wait for a network, so that many at once are worth an event loop."""

    distant: bool


@runtime_checkable
class Journalling(Protocol):
    """Marker: mutating calls commit their own event with the change, so the tree need not journal."""

    journals: bool


class Cap(Flag):
    """What a provider can do; `caps_of` derives it from the protocols."""

    READ = auto()
    READ_MANY = auto()
    READ_BELOW = auto()
    WALK = auto()
    TEXT = auto()
    WRITE = auto()
    WRITE_MANY = auto()
    EDIT = auto()
    MOVE = auto()
    COPY = auto()
    TOUCH = auto()
    SEARCH = auto()
    OCCUR = auto()
    ACT = auto()
    WATCH = auto()
    ATTRS = auto()
    SHARE = auto()


_READING = (Readable, ReadableMany, ReadableBelow, Walkable, Rendered)
_CHANGING = (Writable, WritableMany, Editable, Movable, Copyable, Touchable)
_MORE = (Searchable, Occurring, Acting, Watchable, Attributed, Sharing)
_PROTOCOLS: tuple[tuple[Cap, type], ...] = tuple(zip(Cap, _READING + _CHANGING + _MORE, strict=True))


@cache
def _caps_of_type(kind: type) -> Cap:
    caps = Cap(0)
    for cap, protocol in _PROTOCOLS:
        members = [name for name in vars(protocol) if not name.startswith("_")]
        if all(callable(getattr(kind, name, None)) for name in members):
            caps |= cap
    return caps


def caps_of(provider: Provider) -> Cap:
    """What `provider` can do, by its type."""
    return _caps_of_type(type(provider))
