"""A store that counts: each statement and each transaction is a round trip or more to a distant server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from providers.store.sqlite import SqliteStore


class Tally:
    """What was asked of a store."""

    def __init__(self) -> None:
        self.reads = 0
        self.writes = 0
        self.statements: list[str] = []

    @property
    def transactions(self) -> int:
        return self.reads + self.writes


class Counted:
    """A connection whose statements are counted.

    Those of FTS5 are not: they are calls within this process, and there is no server to be far from.
    """

    def __init__(self, connection: Any, tally: Tally, local: bool) -> None:
        self._connection = connection
        self._tally = tally
        self._local = local

    @property
    def words(self) -> Any:
        return _Uncounted(self._connection) if self._local else self._connection.words

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Any:
        self._tally.statements.append(sql)
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Any:
        self._tally.statements.append(sql)
        return self._connection.executemany(sql, values)

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> Any:
        self._tally.statements.append(sql)
        return self._connection.stream(sql, values)


class _Uncounted:
    """An index that is given the connection itself."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._connection.words, name)
        return lambda first, *rest: call(self._connection if isinstance(first, Counted) else first, *rest)


class Counting:
    """A store, and what is asked of it from now on."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.tally = Tally()
        self._local = isinstance(store, SqliteStore)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def read(self, work: Any) -> Any:
        self.tally.reads += 1
        return await self.store.read(self._counted(work))

    async def snapshot(self, work: Any) -> Any:
        self.tally.reads += 1
        return await self.store.snapshot(self._counted(work))

    async def write(self, work: Any, *, clearing: bool = False) -> Any:
        self.tally.writes += 1
        return await self.store.write(self._counted(work), clearing=clearing)

    def _counted(self, work: Any) -> Any:
        return lambda connection: work(Counted(connection, self.tally, self._local))
