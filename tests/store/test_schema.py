"""The schema: declared by the models, reached by the migrations, created as SQL: three times the same."""

import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy

from providers.store import models, schema, upgrade
from providers.store.store import Store
from tests.store.desk import FULL, change, make_store, names, notes, put, read
from vfs.drive import drive
from vfs.errors import VfsError

Shape = dict[str, object]


def shape(connection: sqlite3.Connection, *, engine: bool) -> Shape:
    found: Shape = {}
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    for kind, name, sql in rows.fetchall():
        if name.startswith("words"):
            if engine and name == "words":
                found[name] = sql
        elif kind == "table":
            columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            found[name] = (sorted(tuple(column) for column in columns), "WITHOUT ROWID" in sql)
        elif kind == "index" or engine:
            found[name] = " ".join(sql.replace('"', "").split()).lower()
    return found


def created() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for statement in schema.CREATE:
        connection.execute(statement)
    return connection


LATER = {1: ("step", "run"), 2: ("replica", "item", "push", "deed"), 3: ("span",)}
"""The tables that came after each version."""


def old_store(folder: pathlib.Path, number: int) -> Store:
    """A store of an earlier version with a note in it."""
    database = folder / "spatio.db"
    store = make_store(folder)
    drive(put(notes(store), "/old.md", "kept through the upgrade"))
    drive(store.aclose())
    connection = sqlite3.connect(database)
    for table in [name for later, tables in LATER.items() if later >= number for name in tables]:
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DROP INDEX node_calendar")
    connection.execute(f"PRAGMA user_version={number}")
    connection.commit()
    made = folder / "made.db"
    sqlite3.connect(made).close()
    upgrade.migrate(str(made), number)
    empty = sqlite3.connect(made)
    assert shape(connection, engine=True) == shape(empty, engine=True)
    empty.close()
    connection.close()
    made.unlink()
    return store


def version(database: pathlib.Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def test_the_models_declare_what_is_created() -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    models.METADATA.create_all(engine)
    with engine.connect() as connection:
        declared = shape(connection.connection.dbapi_connection, engine=False)  # type: ignore[arg-type]
    engine.dispose()
    fresh = created()
    assert declared == shape(fresh, engine=False)
    fresh.close()


def test_the_migrations_arrive_at_what_is_created(tmp_path: pathlib.Path) -> None:
    database = tmp_path / "spatio.db"
    sqlite3.connect(database).close()
    upgrade.migrate(str(database))
    migrated, fresh = sqlite3.connect(database), created()
    assert shape(migrated, engine=True) == shape(fresh, engine=True)
    migrated.close()
    fresh.close()
    assert version(database) == schema.VERSION


def test_the_newest_revision_is_the_version_that_the_code_knows() -> None:
    assert upgrade.revisions().get_current_head() == f"{schema.VERSION:04d}"


@pytest.mark.parametrize("number", sorted(LATER))
def test_an_older_database_is_upgraded_on_first_use_and_a_copy_put_aside(
    tmp_path: pathlib.Path, number: int
) -> None:
    store = old_store(tmp_path, number)
    told: list[str] = []
    store.waiting = told.append
    assert drive(read(notes(store), "/old.md")) == b"kept through the upgrade"
    drive(store.aclose())
    assert version(tmp_path / "spatio.db") == schema.VERSION
    copy = tmp_path / f"spatio.db.before-{schema.VERSION}"
    assert version(copy) == number
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "a copy is put aside first" in told[0]


def test_the_copy_put_aside_can_be_put_back(tmp_path: pathlib.Path) -> None:
    store = old_store(tmp_path, 2)
    drive(read(notes(store), "/old.md"))
    drive(store.aclose())
    (tmp_path / f"spatio.db.before-{schema.VERSION}").rename(tmp_path / "spatio.db")
    assert drive(read(notes(store), "/old.md")) == b"kept through the upgrade"
    drive(put(notes(store), "/new.md", "written after"))
    drive(store.aclose())


def test_a_database_of_a_newer_version_is_refused_politely_and_left_alone(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(notes(store), "/a.md", "x"))
    drive(store.aclose())
    connection = sqlite3.connect(tmp_path / "spatio.db")
    connection.execute(f"PRAGMA user_version={schema.VERSION + 1}")
    connection.close()
    before = (tmp_path / "spatio.db").read_bytes()
    with pytest.raises(VfsError, match="written by a newer Spatio") as failed:
        drive(read(notes(store), "/a.md"))
    assert failed.value.hint is not None
    assert "update Spatio" in failed.value.hint
    assert (tmp_path / "spatio.db").read_bytes() == before


def test_a_foreign_database_is_refused(tmp_path: pathlib.Path) -> None:
    connection = sqlite3.connect(tmp_path / "spatio.db")
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    with pytest.raises(VfsError, match="not a database of Spatio"):
        drive(put(notes(make_store(tmp_path)), "/a.md", "x"))


UPGRADE = """
import sys
from providers.store.store import Store
from providers.store import database
connection = database.open_database(sys.argv[1])
connection.close()
"""


@pytest.mark.skipif(not os.path.exists("/usr/bin/strace"), reason="strace is not installed")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "rename"])
def test_an_upgrade_killed_at_any_step_leaves_the_old_schema_or_the_new(
    tmp_path: pathlib.Path, call: str
) -> None:
    old_store(tmp_path, 2)
    database = tmp_path / "spatio.db"
    saved = database.read_bytes()
    killed = 0
    for step in [*range(1, 200)] if FULL else [1, 3, 8, 21, 55]:
        for left in tmp_path.glob("spatio.db*"):
            if not left.name.endswith(".head"):
                left.unlink()
        database.write_bytes(saved)
        argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        argv += ["-e", f"inject={call}:signal=KILL:when={step}", sys.executable, "-c", UPGRADE, str(database)]
        done = subprocess.run(argv, capture_output=True, cwd=pathlib.Path.cwd(), check=False)
        if done.returncode == 0:
            break
        killed += 1
        store = make_store(tmp_path)
        assert drive(read(notes(store), "/old.md")) == b"kept through the upgrade"
        assert drive(store.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0])) == "ok"
        drive(store.aclose())
        assert version(database) == schema.VERSION
    assert killed


def test_every_row_says_whose_it_is() -> None:
    for table in models.METADATA.tables.values():
        assert "user_id" in table.columns, table.name


def test_a_second_user_of_the_same_file_sees_nothing_of_the_first(tmp_path: pathlib.Path) -> None:
    mine, theirs = make_store(tmp_path), make_store(tmp_path, user="ada")
    drive(put(notes(mine), "/a.md", "mine alone", change()))
    drive(put(notes(theirs), "/b.md", "hers", change()))

    assert drive(names(notes(mine))) == ["a.md"]
    assert drive(names(notes(theirs))) == ["b.md"]
    drive(mine.aclose())
    drive(theirs.aclose())
