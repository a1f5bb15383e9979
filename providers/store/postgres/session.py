"""One connection of the pool: the frame of a transaction, its statements, and what a proxy allows.

Everything that a transaction needs is set inside of it (role, search path, whose rows), so that a
proxy that hands each transaction another server connection cannot mix them up. Behind one, prepared
statements have no names, since names live on the server connection.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg

from providers.store import schema
from providers.store.postgres import errors
from vfs.errors import Unsupported, VfsError

ROLE = "spatio_app"
SCHEMA = "spatio"
OLDEST = 150000
"""The oldest server that is known to do: 15.0, as `server_version_num` counts."""

PATIENCE = 8
"""Seconds that another session's change is waited for."""
STATEMENT = 120
"""Seconds that one statement may take."""
IDLE = 120
"""Seconds that the server waits for this program within a transaction, before it undoes it."""

KEPT = 200
"""Statements that stay prepared on a connection."""

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_CHECK = (
    "SELECT pg_backend_pid(), current_setting('server_version_num')::int,"
    f" (SELECT max(version) FROM {SCHEMA}.meta)"
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('spatio:' || $1, 0)), pg_current_xact_id()::text"


def quoted(text: str) -> str:
    """A value as SQL spells it."""
    return (
        "'" + text.replace("'", "''") + "'"
        if "\\" not in text
        else " E'" + (text.replace("\\", "\\\\").replace("'", "''") + "'")
    )


def frame(user: str, writing: bool) -> str:
    """What begins a transaction: one message, whatever it sets."""
    settings = {
        "role": ROLE,
        "search_path": f"{SCHEMA}, public",
        "spatio.user_id": user,
        "statement_timeout": f"{STATEMENT}s",
        "idle_in_transaction_session_timeout": f"{IDLE}s",
    }
    if writing:
        settings["lock_timeout"] = f"{PATIENCE}s"
    parts = [f"set_config('{name}', {quoted(value)}, true)" for name, value in settings.items()]
    if writing:
        # What is acknowledged must be on the server's disk, whatever the database's own setting is.
        parts.append(
            "set_config('synchronous_commit',"
            " coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)"
        )
    return f"{_WRITE if writing else _READ}; SELECT {', '.join(parts)}"


class Session:
    """A connection to the server, used by one transaction at a time."""

    def __init__(self, raw: asyncpg.Connection[Any], name: str) -> None:
        self.raw = raw
        self.name = name
        self.proxied = False
        self._checked = False
        self._statements: OrderedDict[str, Any] = OrderedDict()

    async def begin(self, user: str, *, writing: bool) -> None:
        """Begins a transaction. Raises what asyncpg raises, and VfsError for a server that will not do."""
        await self.raw.execute(frame(user, writing))
        if not self._checked:
            await self._check()

    async def _check(self) -> None:
        """Once a connection: is it the server itself, and does it hold what this program knows?"""
        statement = await self.raw.prepare(_CHECK, name="")
        process, server, version = (await statement.fetch())[0]
        if server < OLDEST:
            raise Unsupported(
                self.name, f"PostgreSQL {server // 10000} is too old", hint="PostgreSQL 15 or newer is needed"
            )
        if version is None:
            raise errors.no_workspace(self.name)
        if version > schema.VERSION:
            raise VfsError(
                self.name,
                f"written by a newer Spatio (its schema is {version}, this one knows {schema.VERSION})",
                hint="update Spatio, then run it again; nothing was changed",
            )
        if version < schema.VERSION:
            raise VfsError(
                self.name,
                f"its schema is older ({version}, this Spatio needs {schema.VERSION})",
                hint="run: spatio migrate --schema (with the database's owner as user)",
            )
        self.proxied = process != self.raw.get_server_pid()
        self._checked = True

    async def lock(self, user: str) -> str:
        """Waits until no other session changes this user's rows; the transaction's own number."""
        return str((await self.fetch(_LOCK, (user,)))[0][1])

    async def commit(self, notice: str = "") -> None:
        """Ends the transaction; what it did is durable. Raises what asyncpg raises."""
        tell = f"SELECT pg_notify('spatio', {quoted(notice)}); " if notice else ""
        if await self.raw.execute(f"{tell}COMMIT") != "COMMIT":
            raise VfsError(self.name, "the server undid the change")

    async def rollback(self) -> None:
        """Ends the transaction; nothing of it is left."""
        await self.raw.execute("ROLLBACK")

    # -- statements

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """All rows of one statement."""
        rows: list[Any] = await (await self._prepared(sql)).fetch(*values)
        return rows

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for each of many rows of values, sent without waiting in between."""
        await (await self._prepared(sql)).executemany(rows)

    async def cursor(self, sql: str, values: Sequence[Any]) -> Any:
        """A cursor within the transaction, over the rows of one statement."""
        return await (await self._prepared(sql)).cursor(*values)

    async def _prepared(self, sql: str) -> Any:
        if self.proxied or not self._checked:
            return await self.raw.prepare(sql, name="")
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._statements[sql] = await self.raw.prepare(sql)
            if len(self._statements) > KEPT:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(sql)
        return statement
