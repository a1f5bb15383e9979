"""Making the tables: once, by whoever may; all others get the next step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
import pytest

from providers.store import schema as shared
from providers.store.postgres.prepare import prepare, version_of
from tests.servers.postgres import PASSWORD, Database, Server
from tests.store.postgres.cut import Watched, end
from vfs.errors import Refused, VfsError

T = TypeVar("T")


def on(
    database: Database, work: Callable[[asyncpg.Connection[Any]], Awaitable[T]], login: str = "owner"
) -> T:
    """What `work` makes of a connection."""

    async def whole() -> T:
        connection = await asyncpg.connect(database.address(login), ssl=False)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(whole())


def plain_login(server: Server, name: str = "plain") -> str:
    """A login that may do nothing in particular."""
    server.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'; SELECT 1")
    return name


def test_an_empty_database_has_no_version_and_a_prepared_one_has(
    database: Database, empty_database: Database
) -> None:
    assert on(empty_database, version_of) is None
    assert on(database, version_of) == shared.VERSION


def test_preparing_again_changes_nothing(database: Database) -> None:
    database.sql("INSERT INTO spatio.collection VALUES ('me', 'notes', 1)")
    on(database, prepare)
    assert database.sql("SELECT name FROM spatio.collection") == [("notes",)]
    assert database.sql("SELECT version, part FROM spatio.meta") == [(shared.VERSION, 0)]


def test_several_may_prepare_at_once(empty_database: Database) -> None:
    async def all_at_once() -> None:
        connections = [await asyncpg.connect(empty_database.owner, ssl=False) for _ in range(5)]
        try:
            await asyncio.gather(*(prepare(connection) for connection in connections))
        finally:
            for connection in connections:
                await connection.close()

    asyncio.run(all_at_once())
    assert on(empty_database, version_of) == shared.VERSION


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_at_any_statement_there_are_all_tables_or_none(empty_database: Database, after: bool) -> None:
    async def attempt() -> bool:
        connection = await asyncpg.connect(empty_database.owner, ssl=False, connection_class=Watched)
        try:
            await prepare(connection)
        except (OSError, asyncpg.InterfaceError):
            return False
        finally:
            await end(connection)
        return True

    tables = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('spatio') AND relkind = 'r'"
    for step in range(1, 40):
        empty_database.sql("DROP SCHEMA IF EXISTS spatio CASCADE; SELECT 1")
        Watched.left, Watched.after = step, after
        try:
            done = asyncio.run(attempt())
        finally:
            Watched.left = 1 << 30
        made = on(empty_database, version_of)
        assert made in (None, shared.VERSION)
        assert (made is not None) is (empty_database.sql(tables)[0][0] > 0)
        on(empty_database, prepare)
        assert on(empty_database, version_of) == shared.VERSION
        if done:
            break
    assert 5 < step < 39


def test_two_databases_of_a_server_may_be_prepared_at_once(lone_server: Server) -> None:
    first, second = lone_server.empty(), lone_server.empty()

    async def both() -> None:
        connections = [await asyncpg.connect(one.owner, ssl=False) for one in (first, second)]
        try:
            await asyncio.gather(*(prepare(connection) for connection in connections))
        finally:
            for connection in connections:
                await connection.close()

    asyncio.run(both())
    assert on(first, version_of) == on(second, version_of) == shared.VERSION


def test_a_login_that_may_create_no_roles_is_told_what_an_administrator_has_to_run(
    lone_server: Server,
) -> None:
    database, login = lone_server.empty(), plain_login(lone_server)
    with pytest.raises(Refused) as failed:
        on(database, prepare, login)
    assert database.sql("SELECT to_regnamespace('spatio') IS NULL") == [(True,)]
    hint = failed.value.hint
    assert hint is not None
    assert hint.startswith("run as an administrator, once: CREATE ROLE spatio_app NOLOGIN; ")
    database.sql(hint.partition(": ")[2] + "; SELECT 1")
    on(database, prepare, login)
    assert on(database, version_of, login) == shared.VERSION


def test_an_owner_who_has_no_part_in_the_roles_of_another_database_is_told_so(database: Database) -> None:
    server = database.server
    server.sql(f"CREATE ROLE second LOGIN CREATEROLE PASSWORD '{PASSWORD}'; SELECT 1")
    try:
        other = server.empty()
        server.sql(f'ALTER DATABASE "{other.name}" OWNER TO second; SELECT 1')
        if server.version >= 16:
            with pytest.raises(Refused) as failed:
                on(other, prepare, "second")
            assert 'GRANT spatio_app TO "second" WITH INHERIT FALSE, SET TRUE' in str(failed.value.hint)
            server.sql('GRANT spatio_app TO "second" WITH INHERIT FALSE, SET TRUE; SELECT 1')
        on(other, prepare, "second")
        assert on(other, version_of, "second") == shared.VERSION
    finally:
        server.clear()
        server.sql("DROP ROLE second; SELECT 1")


@pytest.mark.parametrize("power", ["BYPASSRLS", "LOGIN", "SUPERUSER"])
def test_a_role_of_the_program_that_is_above_row_security_is_refused(lone_server: Server, power: str) -> None:
    lone_server.sql(f"CREATE ROLE spatio_app {power}; SELECT 1")
    database = lone_server.empty()
    with pytest.raises(Refused, match="may log in, or is above row security") as failed:
        on(database, prepare, "postgres")
    assert failed.value.hint is not None
    database.sql(failed.value.hint.partition(": ")[2] + "; SELECT 1")
    on(database, prepare, "postgres")


def test_a_schema_of_somebody_else_is_left_alone(empty_database: Database) -> None:
    empty_database.sql("CREATE SCHEMA spatio; CREATE TABLE spatio.ships (x int)", login="owner")
    with pytest.raises(VfsError, match="holds tables that are not Spatio's") as failed:
        on(empty_database, prepare)
    assert failed.value.hint is not None
    assert empty_database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'spatio'") == [(1,)]


def test_a_schema_that_is_there_and_empty_is_used(empty_database: Database) -> None:
    empty_database.sql("CREATE SCHEMA spatio; SELECT 1", login="owner")
    on(empty_database, prepare)
    assert on(empty_database, version_of) == shared.VERSION


def test_tables_of_a_newer_version_are_refused_politely_and_left_alone(database: Database) -> None:
    database.sql(f"UPDATE spatio.meta SET version = {shared.VERSION + 1}; SELECT 1")
    with pytest.raises(VfsError, match="written by a newer Spatio") as failed:
        on(database, prepare)
    assert "update Spatio" in str(failed.value.hint)
    assert database.sql("SELECT version FROM spatio.meta") == [(shared.VERSION + 1,)]


def test_a_login_of_the_program_alone_finds_the_tables_there(database: Database) -> None:
    on(database, prepare, "program")
    assert on(database, version_of, "program") == shared.VERSION


def test_an_error_names_the_database_as_it_is_told_and_no_password(lone_server: Server) -> None:
    database, login = lone_server.empty(), plain_login(lone_server)
    with pytest.raises(Refused) as failed:
        on(database, lambda connection: prepare(connection, name="postgresql://host/base"), login)
    assert str(failed.value).startswith("postgresql://host/base: this login may not do that")
    assert PASSWORD not in f"{failed.value} {failed.value.hint}"


def test_the_extension_for_substrings_is_made_where_it_can_be(database: Database) -> None:
    there = database.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
    made = database.sql("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'")
    assert len(made) == there[0][0]
    assert made in ([], [("spatio",)])
