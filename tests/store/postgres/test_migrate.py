"""A revision of tomorrow, run on both engines: in use, interrupted anywhere, and taken up again."""

from __future__ import annotations

import asyncio
import pathlib
import shutil
import sqlite3
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from providers.store import schema, upgrade
from providers.store.postgres import migrate
from providers.store.postgres.prepare import Standing, standing_of
from tests.servers.postgres import Database, Server
from tests.store.desk import FULL
from tests.store.postgres.cut import Watched, end
from tests.store.postgres.test_schema import WHOLE, shape
from vfs.errors import Refused, Unavailable, VfsError

NEXT = schema.VERSION + 1

REVISION = f'''
"""Colours: a column with an index, filled for all; a table of its own."""

import sqlalchemy as sa
from alembic import op

from providers.store.migrations import online

revision = "{NEXT:04d}"
down_revision = "{schema.VERSION:04d}"


def upgrade():
    op.add_column("node", sa.Column("colour", sa.Text, nullable=True))
    online.create_index("node_colour", "node", ["user_id", "colour"], where="colour IS NOT NULL")
    with online.all_rows("node"):
        online.run(["UPDATE node SET colour = '100% of:' || user_id"])
    op.create_table(
        "shade", sa.Column("user_id", sa.Text), sa.Column("colour", sa.Text),
        sa.PrimaryKeyConstraint("user_id", "colour"),
    )
'''

NODES = (
    "INSERT INTO spatio.node"
    " SELECT g, u || g, u, 'notes', '', 'n' || g, 'file', 1, 1, null, null, '', false, 1, null"
    " FROM generate_series(1, 50) g, unnest(ARRAY['me', 'ada']) u"
)
NODE = (
    "INSERT INTO spatio.node"
    " (seq, id, user_id, mount, parent, name, kind, size, mtime, attrs, indexed, created_at) VALUES"
    " (NUMBER, 'wNUMBER', 'me', 'notes', '', 'wNUMBER', 'file', 1, 1, '', false, 1)"
)
AS_ME = "SELECT set_config('role', 'spatio_app', true), set_config('spatio.user_id', 'me', true)"
COLOURS = "SELECT count(*), min(colour), max(colour) FROM spatio.node"
INDEX = (
    "SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
    " WHERE indexrelid = to_regclass('spatio.node_colour')"
)
LOOK = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'spatio.node'::regclass AND attname = 'colour'",
    INDEX,
    "SELECT to_regclass('spatio.shade') IS NOT NULL",
    "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'spatio.node'::regclass",
    COLOURS,
)
DONE = [
    [("colour",)],
    [("spatio.node_colour", True)],
    [(True,)],
    [(True,)],
    [(100, "100% of:ada", "100% of:me")],
]


@pytest.fixture
def scripts(tmp_path: pathlib.Path) -> ScriptDirectory:
    """The shipped revisions, and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.revisions().dir, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{NEXT:04d}_colours.py").write_text(REVISION)
    return ScriptDirectory(str(folder))


@pytest.fixture
def filled(database: Database) -> Database:
    database.sql(NODES + "; SELECT 1")
    return database


async def connect(database: Database, **options: Any) -> asyncpg.Connection[Any]:
    return await asyncpg.connect(database.owner, ssl=False, **options)


def run(database: Database, scripts: ScriptDirectory, login: str = "owner", **options: Any) -> None:
    async def whole() -> None:
        connection = await asyncpg.connect(database.address(login), ssl=False, **options)
        try:
            await migrate.migrate(connection, NEXT, scripts=scripts, name="the database")
        finally:
            await end(connection)

    asyncio.run(whole())


def standing(database: Database) -> Standing | None:
    async def whole() -> Standing | None:
        connection = await connect(database)
        try:
            return await standing_of(connection)
        finally:
            await connection.close()

    return asyncio.run(whole())


def looks(database: Database) -> list[Any]:
    return [database.sql(query) for query in LOOK]


def test_a_revision_is_run_on_postgres(filled: Database, scripts: ScriptDirectory) -> None:
    run(filled, scripts)
    assert standing(filled) == (NEXT, 0)
    assert looks(filled) == DONE
    run(filled, scripts)
    assert looks(filled) == DONE


def test_the_same_revision_is_run_on_sqlite(tmp_path: pathlib.Path, scripts: ScriptDirectory) -> None:
    path = tmp_path / "spatio.db"
    sqlite3.connect(path).close()
    upgrade.migrate(str(path))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO node VALUES (1, 'a', 'me', 'notes', '', 'n', 'file', 1, 1, null, null, '', 0, 1, null)"
    )
    upgrade.migrate(str(path), NEXT, scripts)
    assert connection.execute("SELECT colour FROM node").fetchall() == [("100% of:me",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (NEXT,)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'node_colour'").fetchall()
    connection.close()


def test_what_stands_outside_of_a_transaction_is_a_part_of_its_own(scripts: ScriptDirectory) -> None:
    script = scripts.get_revision(f"{NEXT:04d}")
    assert script is not None
    parts = migrate.parts_of(script)
    assert [part.together for part in parts] == [True, False, False, True, False, True]
    assert parts[1].statements[0].startswith("CREATE INDEX CONCURRENTLY IF NOT EXISTS node_colour")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_at_any_statement_it_is_taken_up_again_where_it_was(
    database: Database, scripts: ScriptDirectory, after: bool
) -> None:
    seen: set[Any] = set()
    for step in range(1, 100) if FULL else (1, 6, 11, 17, 23):
        here = database.server.database()
        here.sql(NODES + "; SELECT 1")
        Watched.left, Watched.after = step, after
        try:
            run(here, scripts, connection_class=Watched)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            found = standing(here)
            assert found is not None
            assert found.version == schema.VERSION or (found == (NEXT, 0) and looks(here) == DONE)
            seen.add(found)
            run(here, scripts)
        else:
            break
        finally:
            Watched.left = 1 << 30
        assert standing(here) == (NEXT, 0)
        assert looks(here) == DONE, step
        here.drop()
    assert len(seen) >= (6 if FULL else 3)


def test_a_server_killed_in_the_middle_has_the_old_part_or_the_new(
    lone_server: Server, scripts: ScriptDirectory
) -> None:
    for step in (2, 5, 9, 14):
        database = lone_server.database()
        database.sql(NODES + "; SELECT 1")
        Watched.left, Watched.after = step, True
        Watched.cut = lone_server.kill
        try:
            with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
                run(database, scripts, connection_class=Watched)
        finally:
            Watched.left, Watched.cut = 1 << 30, None
        lone_server.start()
        run(database, scripts)
        assert looks(database) == DONE


def test_an_index_that_was_left_half_made_is_made_anew(filled: Database, scripts: ScriptDirectory) -> None:
    # The column is there, so that only the index waits for the other session.
    filled.sql("ALTER TABLE spatio.node ADD colour TEXT; UPDATE spatio.meta SET part = 1")

    async def interrupt() -> None:
        other, migrating = await connect(filled), await connect(filled)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("LOCK TABLE spatio.node IN ROW EXCLUSIVE MODE")
        try:
            task = asyncio.ensure_future(migrate.migrate(migrating, NEXT, scripts=scripts))
            while not filled.sql("SELECT FROM pg_index WHERE indexrelid = to_regclass('spatio.node_colour')"):
                await asyncio.sleep(0.01)
            filled.sql("SELECT pg_terminate_backend($1)", migrating.get_server_pid())
            await asyncio.gather(task, return_exceptions=True)
        finally:
            await transaction.rollback()
            await other.close()

    asyncio.run(interrupt())
    assert filled.sql(INDEX) == [("spatio.node_colour", False)]
    run(filled, scripts)
    assert looks(filled) == DONE


def test_a_lock_of_another_session_is_not_waited_for_for_ever(
    filled: Database, scripts: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE", 0.3)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", 50)

    async def held() -> None:
        other, migrating = await connect(filled), await connect(filled)
        try:
            async with other.transaction():
                await other.execute("SELECT count(*) FROM spatio.node")
                with pytest.raises(Unavailable, match="in use by another session"):
                    await migrate.migrate(migrating, NEXT, scripts=scripts, name="the database")
            await migrate.migrate(migrating, NEXT, scripts=scripts)
        finally:
            await other.close()
            await migrating.close()

    asyncio.run(held())
    assert looks(filled) == DONE


def test_others_write_on_while_it_runs(filled: Database, scripts: ScriptDirectory) -> None:
    async def both() -> list[int]:
        writing, migrating = await asyncpg.connect(filled.program, ssl=False), await connect(filled)
        written = []
        try:
            task = asyncio.ensure_future(migrate.migrate(migrating, NEXT, scripts=scripts))
            for number in range(1000, 3000):
                async with writing.transaction():
                    await writing.execute(AS_ME)
                    await writing.execute(NODE.replace("NUMBER", str(number)))
                written.append(number)
                if task.done():
                    break
            await task
        finally:
            await writing.close()
            await migrating.close()
        return written

    written = asyncio.run(both())
    assert written
    found = filled.sql("SELECT seq FROM spatio.node WHERE id LIKE 'w%' ORDER BY seq")
    assert [seq for (seq,) in found] == written
    assert looks(filled)[:4] == DONE[:4]


def test_several_sessions_may_bring_it_up_at_once(filled: Database, scripts: ScriptDirectory) -> None:
    async def all_at_once() -> None:
        connections = [await connect(filled) for _ in range(4)]
        try:
            await asyncio.gather(
                *(migrate.migrate(connection, NEXT, scripts=scripts) for connection in connections)
            )
        finally:
            for connection in connections:
                await connection.close()

    asyncio.run(all_at_once())
    assert looks(filled) == DONE


def test_a_database_without_tables_or_with_newer_ones_is_refused(
    filled: Database, empty_database: Database, scripts: ScriptDirectory
) -> None:
    with pytest.raises(VfsError, match="no workspace of Spatio"):
        run(empty_database, scripts)
    filled.sql(f"UPDATE spatio.meta SET version = {NEXT + 1}; SELECT 1")
    with pytest.raises(VfsError, match="written by a newer Spatio"):
        run(filled, scripts)


def test_only_the_owner_may_bring_it_up_and_others_are_told_so(
    filled: Database, scripts: ScriptDirectory
) -> None:
    with pytest.raises(Refused, match="only their owner may change them") as failed:
        run(filled, scripts, login="program")
    assert failed.value.hint == "run it as owner"
    assert standing(filled) == (schema.VERSION, 0)
    run(filled, scripts)
    run(filled, scripts, login="program")


def shipped(database: Database, **options: Any) -> None:
    """The shipped revisions, as the owner."""

    async def whole() -> None:
        connection = await connect(database, **options)
        try:
            await migrate.migrate(connection)
        finally:
            await end(connection)

    asyncio.run(whole())


def of_version_2(database: Database) -> None:
    """Takes away what came later."""
    database.sql("DROP TABLE spatio.replica, spatio.item, spatio.push, spatio.deed", login="owner")
    database.sql("DROP TABLE spatio.span; DROP INDEX spatio.node_calendar", login="owner")
    database.sql("UPDATE spatio.meta SET version = 2 WHERE version = $1", schema.VERSION)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_database_of_version_2_is_that_or_the_present_one_wherever_it_is_cut(
    database: Database, after: bool
) -> None:
    database.sql(NODES + "; SELECT 1")
    whole = shape(database, WHOLE)
    of_version_2(database)
    old = shape(database, WHOLE)
    assert old < whole
    cuts = 0
    for step in range(1, 100) if FULL else (1, 3, 7, 15, 31, 99):
        Watched.left, Watched.after = step, after
        try:
            shipped(database, connection_class=Watched)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            cuts += 1
        finally:
            Watched.left = 1 << 30
        found = standing(database)
        assert found in ((2, 0), (schema.VERSION, 0))
        assert shape(database, WHOLE) == (old if found == (2, 0) else whole), step
        if found == (schema.VERSION, 0):
            of_version_2(database)
    shipped(database)
    assert shape(database, WHOLE) == whole
    assert database.sql("SELECT count(*) FROM spatio.node") == [(100,)]
    assert cuts >= 4
