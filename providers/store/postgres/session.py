"""One connection of the pool: the frame of a transaction, its statements, and what a proxy allows.

Everything that a transaction needs is set inside of it (role, search path, whose rows), so that a
proxy that hands each transaction another server connection cannot mix them up. Behind one, prepared
statements have no names, since names live on the server connection.

Whatever is asked has to be answered in time: a connection that stays silent is cut, and counts as lost.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg

from providers.store.postgres import errors, fitting
from providers.store.postgres.roles import APP, PERSON, SCHEMA
from vfs.errors import Refused, VfsError

KEPT = 200
"""Statements that stay prepared on a connection."""


class Times(NamedTuple):
    """How long what is waited for, in seconds."""

    patience: float = 8
    """Another session's change, and a server that is away."""
    connecting: float = 10
    """A server that was called, until it has answered."""
    answering: float = 15
    """The server's answer to what takes no time, the end of a transaction among it."""
    statement: float = 120
    """What one statement may take."""
    idle: float = 120
    """How long the server waits for this program within a transaction, before it undoes it."""


class Transaction(NamedTuple):
    """What tells a transaction that changes something from all others, even after it was cut off."""

    number: str
    """Its own; a server that crashed may give the number again when nothing of it had reached the disk."""
    life: str
    """The server's, from one crash to the next."""
    process: int
    """The server's process that runs it."""


_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_CHECK = (
    "SELECT pg_backend_pid(), current_setting('server_version_num')::int,"
    f" (SELECT max(version) FROM {SCHEMA}.meta), {SCHEMA}.reader()"
)
# The role that the login has; `postgres.schema` says what each may.
_ROLE = (
    f"set_config('role', CASE WHEN pg_has_role(session_user, '{APP}', 'MEMBER') THEN '{APP}'"
    f" ELSE '{PERSON}' END, true)"
)
_KEY = "hashtextextended('spatio:' || $1, 0)"
LIFE = "coalesce(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()), 0)::text"
"""When the server's statistics began: they are lost in a crash, and kept otherwise."""
_LOCK = f"SELECT pg_advisory_xact_lock({_KEY}), pg_current_xact_id()::text, {LIFE}, pg_backend_pid()"
_HOLDER = f"""
SELECT l.pid, a.application_name FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND l.classid::bigint << 32 | l.objid::bigint = {_KEY}
"""


def quoted(text: str) -> str:
    """A value as SQL spells it."""
    return (
        "'" + text.replace("'", "''") + "'"
        if "\\" not in text
        else " E'" + (text.replace("\\", "\\\\").replace("'", "''") + "'")
    )


@lru_cache(maxsize=16)
def frame(user: str, writing: bool, times: Times) -> str:
    """What begins a transaction: one message, whatever it sets."""
    settings = {
        "search_path": f"{SCHEMA}, pg_temp",
        "spatio.user_id": user,
        "statement_timeout": f"{times.statement * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{times.idle * 1000:.0f}",
    }
    if writing:
        settings["lock_timeout"] = f"{times.patience * 1000:.0f}"
    parts = [_ROLE, *(f"set_config('{name}', {quoted(value)}, true)" for name, value in settings.items())]
    if writing:
        # What is acknowledged must be on the server's disk, whatever the database's own setting is.
        parts.append(
            "set_config('synchronous_commit',"
            " coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)"
        )
    return f"{_WRITE if writing else _READ}; SELECT {', '.join(parts)}"


class Session:
    """A connection to the server, used by one transaction at a time."""

    def __init__(self, raw: asyncpg.Connection[Any], name: str, times: Times) -> None:
        self.raw = raw
        self.name = name
        self.times = times
        self.proxied = False
        self.has_read = False
        """A transaction that only read is over, and the server was not told: the next one says so."""
        self._checked = False
        self._statements: OrderedDict[str, Any] = OrderedDict()
        self._named = 0

    @contextmanager
    def _answered_in(self, seconds: float) -> Iterator[None]:
        """Cuts the connection when the server says nothing for so long; what waits for it then fails."""
        watchdog = asyncio.get_running_loop().call_later(seconds, self.raw.terminate)
        try:
            yield
        finally:
            watchdog.cancel()

    async def begin(self, user: str, *, writing: bool) -> None:
        """Begins a transaction. Raises what asyncpg raises, and VfsError for a server that will not do."""
        with self._answered_in(self.times.answering):
            before, self.has_read = ("ROLLBACK; " if self.has_read else ""), False
            await self.raw.execute(before + frame(user, writing, self.times))
            if not self._checked:
                await self._check(user)

    async def _check(self, user: str) -> None:
        """Once a connection: is it the server itself, and does it hold what this program knows?"""
        statement = await self.raw.prepare(_CHECK, name="")
        process, server, version, reader = (await statement.fetch())[0]
        fitting.need_server(server, self.name)
        if version is None:
            raise errors.no_workspace(self.name)
        fitting.need_version(version, self.name)
        if reader != user:
            hint = f'say so: --user {reader} with init and migrate; user = "{reader}" in [store]'
            raise Refused(self.name, f"this login is that of the user {reader} alone", hint=hint)
        self.proxied = process != self.raw.get_server_pid()
        self._checked = True

    async def lock(self, user: str) -> Transaction:
        """Waits until no other session changes this user's rows; which transaction this is."""
        with self._answered_in(self.times.patience + self.times.answering):
            found = await (await self._prepared(_LOCK)).fetch(user)
        return Transaction(*found[0][1:])

    async def holder(self, user: str) -> str:
        """Who changes this user's rows at this moment, in words; on a session that waits for nothing."""
        found = await self.fetch(_HOLDER, (user,))
        if not found:
            return "another session"
        process, program = found[0]
        return f"{program or 'another program'} (the server's process {process})"

    async def commit(self, notice: str = "") -> None:
        """Ends the transaction; what it did is durable. Raises what asyncpg raises."""
        tell = f"SELECT pg_notify('spatio', {quoted(notice)}); " if notice else ""
        with self._answered_in(self.times.answering):
            if await self.raw.execute(f"{tell}COMMIT") != "COMMIT":
                raise VfsError(self.name, "the server undid the change")

    async def rollback(self) -> None:
        """Ends the transaction; nothing of it is left."""
        self.has_read = False
        with self._answered_in(self.times.answering):
            await self.raw.execute("ROLLBACK")

    # -- statements

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """All rows of one statement."""
        with self._answered_in(self.times.statement + self.times.answering):
            rows: list[Any] = await (await self._prepared(sql)).fetch(*values)
        return rows

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for each of many rows of values, sent without waiting in between."""
        with self._answered_in(self.times.statement + self.times.answering):
            await (await self._prepared(sql)).executemany(rows)

    async def cursor(self, sql: str, values: Sequence[Any]) -> Any:
        """A cursor within the transaction, over the rows of one statement."""
        with self._answered_in(self.times.answering):
            return await (await self._prepared(sql)).cursor(*values)

    async def more(self, cursor: Any, count: int) -> list[Any]:
        """The next rows of a cursor."""
        with self._answered_in(self.times.statement + self.times.answering):
            rows: list[Any] = await cursor.fetch(count)
        return rows

    def forget(self) -> None:
        """Prepares every statement anew: another session has changed what they stand on."""
        self._statements.clear()

    async def _prepared(self, sql: str) -> Any:
        if self.proxied or not self._checked:
            return await self.raw.prepare(sql, name="")
        statement = self._statements.get(sql)
        if statement is None:
            # Without a name of its own it would be parsed and planned again each time.
            self._named += 1
            statement = await self.raw.prepare(sql, name=f"spatio_{self._named}")
            self._statements[sql] = statement
            if len(self._statements) > KEPT:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(sql)
        return statement
