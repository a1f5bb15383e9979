"""PostgreSQL's tables: as the models declare them, as the revisions make them, and guarded without a gap."""

from __future__ import annotations

import re
from typing import Any

import asyncpg
import pytest
from sqlalchemy import create_mock_engine

from providers.store import models, upgrade
from providers.store import schema as shared
from providers.store.postgres import migrate
from providers.store.postgres import models as on_postgres
from providers.store.postgres.roles import APP, PERSON
from tests.servers.postgres import Database

NOT_AN_EXTENSION = (
    "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{0}'::regclass AND d.objid = {1}.oid"
    " AND d.deptype = 'e')"
)

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname,
    a.attidentity::text, a.attgenerated::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relnamespace = 'spatio'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'spatio'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'spatio'::regnamespace AND contype <> 'n'
"""
POLICIES = """
SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
FROM pg_policies WHERE schemaname = 'spatio'
"""
RIGHTS = """
SELECT c.relname, c.relkind::text, relrowsecurity, relforcerowsecurity, relacl::text
FROM pg_class c WHERE c.relnamespace = 'spatio'::regnamespace
"""
TRIGGERS = """
SELECT c.relname, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'spatio'::regnamespace AND NOT tgisinternal
"""
FUNCTIONS = """
SELECT proname, pg_get_functiondef(p.oid), proacl::text FROM pg_proc p
WHERE pronamespace = 'spatio'::regnamespace AND
""" + NOT_AN_EXTENSION.format("pg_proc", "p")

SHAPE = (COLUMNS, INDEXES, CONSTRAINTS)
WHOLE = (*SHAPE, POLICIES, RIGHTS, TRIGGERS, FUNCTIONS)


def shape(
    database: Database, queries: tuple[str, ...], tables: set[str] | None = None
) -> set[tuple[Any, ...]]:
    """What the catalogue says, of some tables or of all."""
    rows = {row for query in queries for row in database.sql(query)}
    return rows if tables is None else {row for row in rows if row[0].removeprefix("spatio.") in tables}


def declared() -> list[str]:
    statements: list[str] = []

    def note(statement: Any, *values: Any, **options: Any) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql://", note)
    on_postgres.declared().create_all(engine, checkfirst=False)
    return statements


def test_the_models_declare_what_is_created(database: Database, empty_database: Database) -> None:
    empty_database.sql(
        ";".join(["CREATE SCHEMA spatio", "SET search_path = spatio", *declared()]), login="owner"
    )
    tables = set(models.METADATA.tables)
    assert shape(empty_database, SHAPE) == shape(database, SHAPE, tables)


def test_the_revisions_arrive_at_what_is_created(database: Database, empty_database: Database) -> None:
    steps = [
        "CREATE SCHEMA spatio",
        "CREATE EXTENSION pg_trgm WITH SCHEMA spatio",
        "SET search_path = spatio",
    ]
    for version in range(1, shared.VERSION + 1):
        script = upgrade.revisions().get_revision(f"{version:04d}")
        assert script is not None
        steps += [statement for part in migrate.parts_of(script) for statement in part.statements]
    # All is one transaction here, in a database that nobody else uses.
    steps = [statement.replace(" CONCURRENTLY", "") for statement in steps]
    empty_database.sql(";".join(steps), login="owner")
    assert shape(empty_database, WHOLE) == shape(database, WHOLE)


def test_both_engines_have_the_same_columns() -> None:
    there = on_postgres.declared().tables
    for table in models.METADATA.tables.values():
        dropped = {on_postgres.ALONE[table.name]} if table.name in on_postgres.ALONE else set()
        assert set(table.columns.keys()) - dropped == set(there[table.name].columns.keys())


def test_every_key_begins_with_the_user_so_that_it_tells_of_nobody_elses_row(database: Database) -> None:
    keys = database.sql(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = 'spatio'::regnamespace AND i.indisunique"
    )
    assert len(keys) >= 10
    assert {column for _, column in keys} == {"user_id"}


# -- the catalogue, walked


def test_every_table_is_under_row_security_that_is_forced(database: Database) -> None:
    tables = database.sql(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class c"
        " WHERE relnamespace = 'spatio'::regnamespace AND relkind IN ('r', 'p', 'f', 'm')"
    )
    assert {name for name, *_ in tables} >= {*models.METADATA.tables, "meta"}
    assert [name for name, enabled, forced in tables if not (enabled and forced)] == []


def test_every_policy_is_the_one_on_the_user(database: Database) -> None:
    policies = database.sql(
        "SELECT tablename, roles::text[], cmd, qual, with_check FROM pg_policies WHERE schemaname = 'spatio'"
    )
    own = "(user_id = ( SELECT spatio.reader() AS reader))"
    other = {
        (table, *roles, command, qual)
        for table, roles, command, qual, check in policies
        if (command, qual, check) != ("ALL", own, None) or set(roles) != {APP, PERSON}
    }
    # The functions that ask the word index run as the owner, who reads it for them.
    searching = {("words", "owner", "SELECT", "true")}
    searching |= {(table, "owner", "SELECT", own) for table in ("words_total", "node")}
    assert other == {("meta", "public", "ALL", "true"), *searching}
    assert {table for table, *_ in policies} == {
        name for name, *_ in database.sql("SELECT relname FROM pg_class WHERE relnamespace ="
                                          " 'spatio'::regnamespace AND relkind = 'r'")
    }  # fmt: skip


def test_views_have_their_readers_rights(database: Database) -> None:
    views = database.sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'spatio'::regnamespace AND relkind = 'v'"
        " AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    )
    assert views == []


DEFINERS = {"words_found", "words_named", "words_spelt"}
"""Functions that may read more than who calls them; each answers for `spatio.reader()` alone."""


def test_no_function_may_be_called_by_others_or_led_astray(database: Database) -> None:
    functions = database.sql(
        "SELECT proname, prosecdef, coalesce(proconfig::text, ''), proacl::text, pg_get_functiondef(p.oid)"
        " FROM pg_proc p WHERE pronamespace = 'spatio'::regnamespace AND "
        + NOT_AN_EXTENSION.format("pg_proc", "p")
    )
    assert {name for name, *_ in functions} >= {"reader", "event_next", "event_kept"}
    assert {name for name, definer, *_ in functions if definer} == DEFINERS
    for name, definer, config, rights, text in functions:
        assert not definer or "search_path=pg_catalog, pg_temp" in config.replace('"', ""), name
        assert not definer or "me text := spatio.reader()" in text, name
        assert rights is not None, f"everybody may call {name}"
        assert not re.search("[{,]=", rights), f"everybody may call {name}"


def test_the_program_may_add_to_the_log_and_nothing_else(database: Database) -> None:
    for role in (APP, PERSON):
        rights = database.sql(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'spatio' AND table_name = 'event' AND grantee = $1", role
        )  # fmt: skip
        assert {right for (right,) in rights} == {"SELECT", "INSERT"}


def test_the_program_may_neither_make_nor_change_tables(database: Database) -> None:
    for role in (APP, PERSON):
        assert database.sql("SELECT has_schema_privilege($1, 'spatio', 'CREATE')", role) == [(False,)]
        owned = database.sql("SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", role)
        assert owned == [(0,)]
        state = "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = $1"
        assert database.sql(state, role) == [(False, False, False, False)]


def test_others_may_do_nothing_at_all(database: Database) -> None:
    assert database.sql("SELECT has_schema_privilege('stranger', 'spatio', 'USAGE')") == [(False,)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        database.sql("SELECT * FROM spatio.node", login="stranger")


# -- the log


LOGGED = (
    "INSERT INTO spatio.event (user_id, seq, at, command_id, actor, op, names, chain)"
    " VALUES ('{0}', {1}, 1, 'c', 'user', 'write', '', '')"
)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE spatio.event SET actor = 'other'", "DELETE FROM spatio.event", "TRUNCATE spatio.event"],
)
def test_even_the_owner_and_the_administrator_are_stopped_by_the_triggers(
    database: Database, statement: str
) -> None:
    database.sql(LOGGED.format("me", 1))
    for login in ("owner", "postgres"):
        with pytest.raises(asyncpg.PostgresError, match="the event log cannot be changed"):
            database.sql(statement, login=login)
    assert database.sql("SELECT actor FROM spatio.event") == [("user",)]


@pytest.mark.parametrize("number", [-1, 0, 3, 1 << 40])
def test_the_log_takes_only_the_next_number(database: Database, number: int) -> None:
    database.sql(LOGGED.format("me", 1))
    with pytest.raises(asyncpg.PostgresError, match="only grows at its end"):
        database.sql(LOGGED.format("me", number))
    database.sql(LOGGED.format("me", 2))
    assert database.sql("SELECT seq FROM spatio.event ORDER BY seq") == [(1,), (2,)]


def test_a_number_of_the_log_is_taken_once(database: Database) -> None:
    database.sql(LOGGED.format("me", 1))
    with pytest.raises(asyncpg.UniqueViolationError):
        database.sql(LOGGED.format("me", 1))
    with pytest.raises(asyncpg.PostgresError):
        database.sql(LOGGED.format("me", 1) + " ON CONFLICT (user_id, seq) DO UPDATE SET actor = 'other'")
    assert database.sql("SELECT actor FROM spatio.event") == [("user",)]


def test_each_users_log_has_numbers_of_its_own(database: Database) -> None:
    for user in ("me", "ada"):
        database.sql(LOGGED.format(user, 1))
        database.sql(LOGGED.format(user, 2))
    with pytest.raises(asyncpg.PostgresError, match="only grows at its end"):
        database.sql(LOGGED.format("bob", 2))


# -- names in the order of their bytes


def test_all_text_is_ordered_by_its_bytes_whatever_the_databases_locale(database: Database) -> None:
    texts = database.sql(
        "SELECT c.relname || '.' || a.attname, l.collname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE c.relnamespace = 'spatio'::regnamespace AND c.relkind IN ('r', 'i') AND a.attnum > 0"
    )
    assert len(texts) > 50
    assert [column for column, collation in texts if collation != "C"] == []
    names = ["Z", "a", "b", "é", "~", "_", "0", "A-b", "Ab", "z"]
    rows = ", ".join(f"('me', '{name}', {number})" for number, name in enumerate(names))
    database.sql(f"INSERT INTO spatio.collection (user_id, name, number) VALUES {rows}")
    ordered = [name for (name,) in database.sql("SELECT name FROM spatio.collection ORDER BY name")]
    assert ordered == sorted(names, key=str.encode)
