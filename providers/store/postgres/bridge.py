"""Plain functions of a connection, run over statements that wait for a server.

`run` calls a function in a greenlet; whenever the function executes a statement, `wait` switches back to
the coroutine that awaits the server, and into the function again with the answer. So one `work`, written
for SQLite's connection, serves here too, and other transactions go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from providers.store.postgres.session import Session
    from providers.store.wordindex import WordIndex

T = TypeVar("T")

AHEAD = 64
"""Rows that `stream` asks for at once, at first; each further batch is larger."""
MOST_AHEAD = 1024


async def run(call: Callable[[], T]) -> T:
    """The result of `call()`, whose calls of `wait` are awaited here. Raises what it raises."""
    here = getcurrent()
    function = greenlet(call, here)
    function.gr_context = here.gr_context
    asked = function.switch()
    while not function.dead:
        try:
            answer = await asked
        except BaseException as error:  # goes on into the function, which may have something to undo
            asked = function.throw(error)
        else:
            asked = function.switch(answer)
    result: T = asked
    return result


def wait(awaitable: Awaitable[T]) -> T:
    """What `awaitable` gives; only within `run`."""
    parent = getcurrent().parent
    assert parent is not None
    answer: T = parent.switch(awaitable)
    return answer


@lru_cache(maxsize=500)
def numbered(sql: str) -> str:
    """The statement with `$1`, `$2` … in place of each `?` that stands outside of quotes."""
    parts, count = [], 0
    for at, text in enumerate(sql.split("'")):
        if at % 2 == 0:
            pieces = text.split("?")
            text = pieces[0]
            for piece in pieces[1:]:
                count += 1
                text = f"{text}${count}{piece}"
        parts.append(text)
    return "'".join(parts)


class Bridged:
    """The connection that `work` is given: a transaction that is under way."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def words(self) -> WordIndex:
        """The search index of this engine."""
        index: WordIndex = import_module("providers.store.postgres.words").INDEX
        return index

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """See Connection.execute."""
        return Rows(wait(self._session.fetch(numbered(sql), values)))

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> None:
        """See Connection.executemany: sent together, answered together."""
        rows = values if isinstance(values, list) else list(values)
        if rows:
            wait(self._session.execute_many(numbered(sql), rows))

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> Streamed:
        """See Connection.stream."""
        return Streamed(self._session, wait(self._session.cursor(numbered(sql), values)))


class Rows:
    """What a statement gave, all of it."""

    __slots__ = ("_at", "_rows")

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows
        self._at = 0

    @property
    def rowcount(self) -> int:
        return len(self._rows)

    def fetchone(self) -> Any:
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchall(self) -> list[Any]:
        rows, self._at = self._rows[self._at :], len(self._rows)
        return rows

    def close(self) -> None:
        self._rows = []

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row


class Streamed:
    """What a statement gives, fetched as it is read."""

    rowcount = -1

    def __init__(self, session: Session, cursor: Any) -> None:
        self._session = session
        self._cursor = cursor
        self._batch: list[Any] = []
        self._at = 0
        self._size = AHEAD

    def fetchone(self) -> Any:
        if self._at >= len(self._batch):
            if self._cursor is None:
                return None
            self._batch, self._at = wait(self._session.more(self._cursor, self._size)), 0
            if len(self._batch) < self._size:
                self._cursor = None
            self._size = min(2 * self._size, MOST_AHEAD)
            if not self._batch:
                return None
        self._at += 1
        return self._batch[self._at - 1]

    def fetchall(self) -> list[Any]:
        return list(self)

    def close(self) -> None:
        # The transaction's end closes the server's side.
        self._cursor, self._batch = None, []

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row
