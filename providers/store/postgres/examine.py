"""examine: what there is to know about a server and a login, for whoever checks an installation."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

from providers.store.postgres import errors
from providers.store.postgres.pool import Pool, is_proxied
from providers.store.postgres.roles import SCHEMA

if TYPE_CHECKING:
    from providers.store.postgres.address import Address
    from providers.store.postgres.store import PostgresStore

HEARING = 3.0
"""Seconds in which the server must pass a notice on."""

_SERVER = """
SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())::float8,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
    EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm'), pg_backend_pid(),
    coalesce(inet_server_addr() IS NULL, true) OR host(inet_server_addr()) IN ('127.0.0.1', '::1')
"""
_LOGIN = """
SELECT rolname, rolsuper, rolbypassrls,
    EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'
        AND c.relowner = r.oid)
FROM pg_roles r WHERE rolname = session_user
"""
_UNGUARDED = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p')
AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1
"""


class Examined(NamedTuple):
    """A server as a login sees it."""

    version: str
    away: float
    """Seconds that a question and its answer take."""
    clock: float
    """Seconds by which the server's clock is ahead of this machine's."""
    encrypted: bool
    near: bool
    """The server is this machine."""
    trigrams: bool
    login: str
    superuser: bool
    bypasses: bool
    owner: bool
    """The login owns the tables."""
    schema: int | None
    unguarded: tuple[str, ...]
    """Tables whose rows are not held to their user."""
    proxied: bool
    hears: str
    """Why notices of changes do not arrive; "" when they do."""


async def examine(store: PostgresStore) -> Examined:
    """Asks the server that `store` uses, as the login itself. Raises what opening the store raises."""
    examined: Examined = await store.cross(_examine(store, store.password))
    return examined


async def _examine(store: PostgresStore, password: str | None) -> Examined:
    try:
        connection = await Pool(store.address, password).connect()
    except Exception as error:
        raise errors.from_postgres(error, store.name) from error
    try:
        asked = await connection.prepare(_SERVER, name="")
        begun = time.time()
        row = await asked.fetchrow()
        ended = time.time()
        assert row is not None
        login = await (await connection.prepare(_LOGIN, name="")).fetchrow(SCHEMA)
        bare = await (await connection.prepare(_UNGUARDED, name="")).fetch(SCHEMA)
        assert login is not None
        return Examined(
            version=row[0],
            away=ended - begun,
            clock=row[1] - (begun + ended) / 2,
            encrypted=row[2],
            near=row[5],
            trigrams=row[3],
            login=login[0],
            superuser=login[1],
            bypasses=login[2],
            owner=login[3],
            schema=await _schema(connection),
            unguarded=tuple(name for name, *_ in bare if name != "meta"),
            proxied=row[4] != connection.get_server_pid(),
            hears=await _hears(store.direct, password),
        )
    except Exception as error:
        raise errors.from_postgres(error, store.name) from error
    finally:
        connection.terminate()


async def _schema(connection: asyncpg.Connection[Any]) -> int | None:
    try:
        found = await (await connection.prepare(f"SELECT version FROM {SCHEMA}.meta", name="")).fetchval()
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError, asyncpg.InvalidSchemaNameError):
        return None
    return int(found)


async def _hears(direct: Address, password: str | None) -> str:
    """Whether a notice that one connection gives arrives at another."""
    arrived = asyncio.Event()
    channel = "spatio_heard"
    listening = giving = None
    try:
        listening = await Pool(direct, password).connect()
        if await is_proxied(listening):
            # To listen here would leave the proxy's connection listening, for whoever is given it next.
            return "a pooling proxy stands in between"
        await listening.add_listener(channel, lambda *_: arrived.set())
        giving = await Pool(direct, password).connect()
        await giving.execute(f"NOTIFY {channel}")
        await asyncio.wait_for(arrived.wait(), HEARING)
    except TimeoutError:
        return "they do not arrive"
    except Exception as error:
        return str(errors.from_postgres(error, direct.name))
    finally:
        for connection in (listening, giving):
            if connection is not None:
                connection.terminate()
    return ""
