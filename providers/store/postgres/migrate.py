"""Bringing an older database on PostgreSQL to the present schema, while others use it.

Each revision is written out as SQL by Alembic and run through the connection at hand. What it does in
one transaction is one part, and what must stand outside of one (CREATE INDEX CONCURRENTLY) is another;
after each the database notes how far it has come. Killed at any moment it has all of a part or nothing
of it, and the next attempt goes on from there. No statement waits long for a lock, since whoever comes
after it would wait, too: it is given up and tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import asyncpg
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy.dialects import postgresql

from providers.store import schema as shared
from providers.store import upgrade
from providers.store.postgres import fitting
from providers.store.postgres.prepare import LOCK, standing_of
from providers.store.postgres.roles import SCHEMA
from vfs.errors import Refused, Unavailable, VfsError

PATIENCE = 60.0
"""Seconds that locks of other sessions are waited for, all attempts of one part together."""
LOCK_TIMEOUT = 2000
"""Milliseconds that one attempt waits for a lock, and whoever comes after it."""

_PATH = f"{SCHEMA}, pg_temp"
_UNFINISHED = f"""
SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT indisvalid AND c.relnamespace = '{SCHEMA}'::regnamespace
"""
_OWNER = f"""
SELECT relowner::regrole::text, pg_has_role(current_user, relowner, 'USAGE') FROM pg_class
WHERE oid = '{SCHEMA}.node'::regclass
"""
_PASSING = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class Part(NamedTuple):
    """Statements that are done together, or, outside of a transaction, one after the other."""

    statements: Sequence[str]
    together: bool


async def migrate(
    connection: asyncpg.Connection[Any],
    target: int = shared.VERSION,
    *,
    scripts: ScriptDirectory | None = None,
    name: str | None = None,
) -> None:
    """Runs the revisions that lead to version `target`; `name` is how the database is told.

    The connection is one to the server itself, not to a proxy, as the tables' owner. Safe to call
    twice, and by several at once. Raises Unavailable when others hold a lock for too long, Refused for
    another login.
    """
    scripts = scripts or upgrade.revisions()
    await _patiently(lambda: _take_turn(connection), name)
    try:
        while True:
            standing = await standing_of(connection)
            if standing is None:
                raise VfsError(name, "no workspace of Spatio is in this database")
            fitting.need_no_newer(standing.version, name, target)
            if standing.version == target:
                return
            await _need_owner(connection, name)
            script = scripts.get_revision(f"{standing.version + 1:04d}")
            assert script is not None
            parts = parts_of(script)
            part = parts[standing.part]
            last = standing.part + 1 == len(parts)
            after = (standing.version + 1, 0) if last else (standing.version, standing.part + 1)
            await _patiently(lambda part=part, after=after: _run(connection, part, after), name)  # type: ignore[misc]
    finally:
        if not connection.is_closed():
            await connection.execute(f"SELECT pg_advisory_unlock({LOCK})")


async def _need_owner(connection: asyncpg.Connection[Any], name: str | None) -> None:
    ((owner, is_owner),) = await connection.fetch(_OWNER)
    if not is_owner:
        raise Refused(
            name, "its tables are older, and only their owner may change them", hint=f"run it as {owner}"
        )


async def _take_turn(connection: asyncpg.Connection[Any]) -> None:
    # Waiting in the statement itself would hold up a CREATE INDEX CONCURRENTLY of whoever has the lock.
    if not await connection.fetchval(f"SELECT pg_try_advisory_lock({LOCK})"):
        raise asyncpg.LockNotAvailableError("another session changes the tables")


async def _patiently(call: Callable[[], Awaitable[None]], name: str | None) -> None:
    give_up = time.monotonic() + PATIENCE
    wait = 0.05
    while True:
        try:
            return await call()
        except _PASSING as error:
            if time.monotonic() > give_up:
                hint = "try again when it is done; what was done stays done"
                raise Unavailable(name, "in use by another session", hint=hint) from error
        await asyncio.sleep(wait)
        wait = min(2 * wait, 2.0)


async def _run(connection: asyncpg.Connection[Any], part: Part, after: tuple[int, int]) -> None:
    """One part, and the note that it is done."""
    if not part.together:
        await _run_apart(connection, part.statements)
    async with connection.transaction():
        await connection.execute(
            f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}ms'; SET LOCAL search_path = {_PATH}"
        )
        for statement in part.statements if part.together else ():
            await connection.execute(statement)
        await connection.execute("UPDATE meta SET version = $1, part = $2", *after)


async def _run_apart(connection: asyncpg.Connection[Any], statements: Sequence[str]) -> None:
    # An index that is being made concurrently waits for every older transaction, and blocks nobody.
    await connection.execute(f"SET lock_timeout = 0; SET search_path = {_PATH}")
    try:
        for (index,) in await connection.fetch(_UNFINISHED):
            await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
        for statement in statements:
            await connection.execute(statement)
    finally:
        if not connection.is_closed():
            await connection.execute("RESET lock_timeout; RESET search_path")


# -- a revision as SQL


class _Written:
    """Where Alembic writes statements to, one at a time."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def write(self, text: str) -> None:
        self.statements.append(text.strip().removesuffix(";"))

    def flush(self) -> None:
        return None


def parts_of(script: Script) -> list[Part]:
    """What a revision does on PostgreSQL, in order; never empty."""
    written = _Written()
    context = MigrationContext.configure(
        # With this style of parameters a `%` stays what it is.
        dialect=postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
        opts={"as_sql": True, "output_buffer": written, "transactional_ddl": True},
    )
    with Operations.context(context):
        script.module.upgrade()
    parts: list[Part] = []
    some: list[str] = []
    together = True
    for statement in [*written.statements, "COMMIT"]:
        if statement not in ("BEGIN", "COMMIT"):
            some.append(statement)
            continue
        if some:
            parts.append(Part(some, together))
        some, together = [], statement == "BEGIN"
    return parts or [Part([], True)]
