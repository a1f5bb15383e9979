"""Making Spatio's tables in a PostgreSQL database, or finding out what is there.

`prepare` needs a login that may create things in the database; a database that is already prepared is
left as it is, and an older one brought to the present. What a login may not do is refused with the
statements that an administrator has to run once.
"""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import Any, NamedTuple

import asyncpg

from providers.store import schema as shared
from providers.store.postgres import fitting, schema
from providers.store.postgres.roles import APP, PERSON, SCHEMA
from vfs.errors import Refused, Unavailable, VfsError

LOCK = 0x5350415449
"""The advisory lock of whoever makes or changes the tables: "SPATI"."""

PATIENCE = 20
"""Seconds that another session's preparation is waited for."""

_VERSION = f"SELECT version, part FROM {SCHEMA}.meta"

_ROLES = """
SELECT rolname, rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = ANY ($1::text[])
"""
_FOREIGN = """
SELECT count(*) FROM pg_class c WHERE c.relnamespace = to_regnamespace($1)
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
 AND d.deptype = 'e')
"""


class Standing(NamedTuple):
    """How far a database's tables are: the version, and how many parts of the way to the next."""

    version: int
    part: int


async def standing_of(connection: asyncpg.Connection[Any]) -> Standing | None:
    """What the database holds; None when it holds no workspace, or none that this login may see."""
    try:
        row = await connection.fetchrow(_VERSION)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    return None if row is None else Standing(*row)


async def version_of(connection: asyncpg.Connection[Any]) -> int | None:
    """The version of the database's tables; None when it holds no workspace. One query."""
    found = await standing_of(connection)
    return None if found is None else found.version


async def prepare(connection: asyncpg.Connection[Any], *, name: str | None = None) -> None:
    """Makes the tables, or brings older ones to the present; `name` is how the database is told.

    Safe to call twice, and by several at once: making them is one transaction, and they wait for each other.
    Raises Refused with the next step where the login may not, Unavailable, Unsupported, VfsError for
    tables of a newer Spatio.
    """
    try:
        await _prepare(connection, name)
    except asyncpg.InsufficientPrivilegeError as error:
        hint = await _ask_for(connection)
        raise Refused(name, f"this login may not do that ({error})", hint=hint) from error
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise Unavailable(name, "in use by another session", hint="try again when it is done") from error


async def _prepare(connection: asyncpg.Connection[Any], name: str | None) -> None:
    give_up = time.monotonic() + PATIENCE
    while not await _prepared(connection, name):
        if time.monotonic() > give_up:
            raise Unavailable(name, "in use by another session", hint="try again when it is done")
        await asyncio.sleep(0.05)
    version = await version_of(connection)
    if version is not None and version < shared.VERSION:
        await import_module("providers.store.postgres.migrate").migrate(connection, name=name)


async def _prepared(connection: asyncpg.Connection[Any], name: str | None) -> bool:
    """Makes the tables where there are none; False when another session is at it."""
    async with connection.transaction():
        # Asked for, not waited for: whoever waits in a transaction holds up who makes an index meanwhile.
        if not await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({LOCK})"):
            return False
        await connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        if await _seen(connection, name) is None:
            await _make(connection, name)
    return True


async def _seen(connection: asyncpg.Connection[Any], name: str | None) -> int | None:
    """The version that is there; None for none. Raises for what cannot be used."""
    server = int(await connection.fetchval("SELECT current_setting('server_version_num')"))
    fitting.need_server(server, name)
    there = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{SCHEMA}.meta")
    version = await version_of(connection) if there else None
    if version is not None:
        fitting.need_no_newer(version, name)
    return version


async def _make(connection: asyncpg.Connection[Any], name: str | None) -> None:
    if await connection.fetchval(_FOREIGN, SCHEMA):
        raise VfsError(
            name,
            f"its schema {SCHEMA} holds tables that are not Spatio's",
            hint="use a database of its own for Spatio",
        )
    await _make_roles(connection, name)
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    await _make_extension(connection)
    await connection.execute(f"SET LOCAL search_path = {SCHEMA}, pg_temp")
    await connection.execute(";\n".join(schema.CREATE))
    await connection.execute("INSERT INTO meta (version, part) VALUES ($1, 0)", shared.VERSION)


async def _make_roles(connection: asyncpg.Connection[Any], name: str | None) -> None:
    """The roles of the program. They are the whole server's: another database may have made them."""
    there = dict(await connection.fetch(_ROLES, [APP, PERSON]))
    for role in (APP, PERSON):
        if there.get(role):
            raise Refused(
                name,
                f"the server's role {role} may log in, or is above row security",
                hint=f"run as an administrator: ALTER ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS",
            )
        if role not in there:
            try:
                async with connection.transaction():
                    await connection.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS")
            except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                continue  # made at this moment by someone who prepares another database
    if not await _may_become(connection, APP):
        await connection.execute(f"GRANT {APP} TO CURRENT_USER{_with_set(connection)}")


async def _may_become(connection: asyncpg.Connection[Any], role: str) -> bool:
    right = "SET" if _major(connection) >= 16 else "MEMBER"
    return bool(await connection.fetchval("SELECT pg_has_role(current_user, $1, $2)", role, right))


def _with_set(connection: asyncpg.Connection[Any]) -> str:
    return " WITH INHERIT FALSE, SET TRUE" if _major(connection) >= 16 else ""


def _major(connection: asyncpg.Connection[Any]) -> int:
    return connection.get_server_version().major


async def _make_extension(connection: asyncpg.Connection[Any]) -> None:
    """pg_trgm, where the server has it and the login may: without it substrings are found more slowly."""
    try:
        async with connection.transaction():
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA {SCHEMA}")
    except asyncpg.PostgresError as error:
        # 42501 not allowed, 58P01 and 0A000 not installed.
        if error.sqlstate not in ("42501", "58P01", "0A000"):
            raise


async def _ask_for(connection: asyncpg.Connection[Any]) -> str:
    """What an administrator has to run, once, for a login that may not create roles or schemas."""
    ((login, database),) = await connection.fetch("SELECT session_user, current_database()")
    there = dict(await connection.fetch(_ROLES, [APP, PERSON]))
    statements = [f"CREATE ROLE {role} NOLOGIN" for role in (APP, PERSON) if role not in there]
    if APP not in there or not await _may_become(connection, APP):
        statements.append(f"GRANT {APP} TO {quoted(login)}{_with_set(connection)}")
    statements.append(f"GRANT CREATE ON DATABASE {quoted(database)} TO {quoted(login)}")
    return f"run as an administrator, once: {'; '.join(statements)}"


def quoted(name: str) -> str:
    """A name of the database's, as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'
