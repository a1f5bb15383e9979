"""What every engine of the store offers, and what `work` is given: for types only, nothing runs here.

`Store.read` and `Store.write` take a plain function of a `Connection`, written once for all engines: SQL
with `?` for values, that SQLite and PostgreSQL understand alike. On SQLite it runs as it is; on
PostgreSQL in a greenlet whose statements wait for the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from providers.rendering.renderer import Renderer
    from providers.store.objects import ObjectStore
    from providers.store.wordindex import WordIndex

T = TypeVar("T")

Row = Sequence[Any]
Values = Sequence[Any]
Waiting = Callable[[str], None]
"""Told once, in words for a person, when something is waited for."""


class Cursor(Protocol):
    """The rows that a statement gave."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> None: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A transaction of one user, within `work`."""

    @property
    def words(self) -> WordIndex:
        """The engine's search index."""
        ...

    def execute(self, sql: str, values: Values = ..., /) -> Cursor:
        """One statement; its rows are all there."""
        ...

    def executemany(self, sql: str, values: Iterable[Values], /) -> Any:
        """A statement for each of many rows of values, in one go."""
        ...

    def stream(self, sql: str, values: Values = (), /) -> Cursor:
        """One statement whose rows come as they are asked for; close it to ask for no more."""
        ...


Work = Callable[[Connection], T]


class Store(Protocol):
    """One user's part of a workspace: rows and objects."""

    user: str
    objects: ObjectStore
    waiting: Waiting | None

    @property
    def name(self) -> str:
        """Which store it is, as a person may be told: a file, or an address without its password."""
        ...

    async def read(self, work: Work[T]) -> T:
        """What `work` makes of a connection that only reads. It may be run again after a fault.

        Raises Corrupt, Unavailable, NotPermitted.
        """
        ...

    async def snapshot(self, work: Work[T]) -> T:
        """`read` of one moment: all that `work` asks sees the same state, whatever others write meanwhile."""
        ...

    async def write(self, work: Work[T], *, clearing: bool = False) -> T:
        """What `work` returns, all that it did committed and durable; nothing of it when it raises.

        `work` may be run again when another session was faster. Work that clears something away
        (`clearing`) may use the last reserve of a full disk.
        Raises Unavailable, NoSpace, ReadOnly, Corrupt, NotPermitted, and what `work` raises.
        """
        ...

    def read_here(self, work: Work[T]) -> T:
        """`read`, in this thread; for code that holds no event loop."""
        ...

    def write_here(self, work: Work[T], *, clearing: bool = False) -> T:
        """`write`, in this thread."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Ticks once it watches, and whenever something was changed, by this program or another.

        Several changes may be one tick, and a tick may be for nothing; goes on when the store was away.
        Raises Unsupported where no notices arrive.
        """
        ...

    async def fold(self) -> bool:
        """Makes sure that what was purged lies in no journal any more; False when others were in the way."""
        ...

    def renderer(self) -> Renderer:
        """What gives documents' texts; never asked inside a transaction."""
        ...

    async def aclose(self) -> None:
        """Lets go of everything; the next call opens it again. Safe to call twice."""
        ...
