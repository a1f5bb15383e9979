"""The event log: only ever added to, and proof of itself."""

import pathlib
import random
import sqlite3

import asyncpg
import pytest

from providers.store import log, schema
from providers.store.history import StoreHistory
from providers.store.postgres.bridge import numbered
from providers.store.store import Store
from tests.engines import BOTH, Chosen
from tests.store.desk import FULL, change, make_store, notes, path, put
from vfs.drive import drive
from vfs.errors import VfsError

ENGINES = BOTH


def written(folder: pathlib.Path, count: int = 12) -> Store:
    store = make_store(folder)

    async def fill() -> None:
        for number in range(count):
            await put(notes(store), f"/note-{number % 5}.md", f"text {number}", change(f"line {number}"))
        await store.aclose()

    drive(fill())
    return store


class Other:
    """A connection that is not the program's: to the file, or as the server's administrator."""

    def __init__(self, folder: pathlib.Path) -> None:
        if Chosen.engine == "sqlite":
            connection = sqlite3.connect(folder / "spatio.db", isolation_level=None)
            self.execute = lambda sql, *values: connection.execute(sql, values).fetchall()
            self.close = connection.close
        else:
            database = Chosen.databases[str(folder)]
            database.sql(f'ALTER DATABASE "{database.name}" SET search_path = spatio; SELECT 1')
            self.execute = lambda sql, *values: database.sql(numbered(sql), *values)
            self.close = lambda: None

    @classmethod
    def unguarded(cls, folder: pathlib.Path) -> "Other":
        """One for which the triggers were taken away."""
        other = cls(folder)
        for trigger in schema.LOG_TRIGGERS:
            other.execute(f"DROP TRIGGER {trigger}" + (" ON event" if Chosen.engine == "postgres" else ""))
        return other


CHANGES = ["UPDATE event SET actor = 'nobody' WHERE seq = 3", "DELETE FROM event WHERE seq = 3"]
SQLITE = [
    *CHANGES,
    "DROP TABLE event",
    "DROP TRIGGER event_kept",
    "ALTER TABLE event RENAME TO gone",
    "PRAGMA writable_schema = ON",
    "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 3",
]
POSTGRES = [
    *CHANGES,
    "TRUNCATE event",
    "DROP TABLE event",
    "DROP TRIGGER event_kept ON event",
    "DROP POLICY own ON event",
    "ALTER TABLE event RENAME TO gone",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE event NO FORCE ROW LEVEL SECURITY",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SELECT * FROM event WHERE seq = 3 FOR UPDATE",
    "INSERT INTO event SELECT * FROM event WHERE seq = 3 ON CONFLICT (user_id, seq) DO UPDATE SET op = 'x'",
    "MERGE INTO event USING (SELECT 3 AS n) AS m ON seq = n WHEN MATCHED THEN DELETE",
    "LOCK TABLE event IN ACCESS EXCLUSIVE MODE",
]


@pytest.mark.parametrize("number", range(max(len(SQLITE), len(POSTGRES))))
def test_the_programs_connection_cannot_change_the_log(tmp_path: pathlib.Path, number: int) -> None:
    statements = SQLITE if Chosen.engine == "sqlite" else POSTGRES
    statement = statements[number % len(statements)]
    store = written(tmp_path)
    with pytest.raises(VfsError):
        drive(store.write(lambda connection: connection.execute(statement).fetchall()))
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


@pytest.mark.parametrize("statement", CHANGES)
def test_triggers_hold_other_programs_back_too(tmp_path: pathlib.Path, statement: str) -> None:
    store = written(tmp_path)
    other = Other(tmp_path)
    with pytest.raises((sqlite3.DatabaseError, asyncpg.PostgresError), match="the event log"):
        other.execute(statement)
    other.close()
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


def test_each_row_tells_who_did_what_to_which_content(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    by = change("echo one > /notes/a.md", "agent:writer/7")
    drive(put(notes(store), "/a.md", "one", by))
    drive(put(notes(store), "/a.md", "two", by))

    async def events() -> list[tuple[str, str, str, str | None, str | None]]:
        pages = StoreHistory(store).events(newest_first=False)
        return [(e.actor, e.command, str(e.path), e.before, e.after) async for page in pages for e in page]

    first, second = drive(events())
    assert first[:4] == ("agent:writer/7", "echo one > /notes/a.md", "/notes/a.md", None)
    assert second[3] == first[4]
    assert second[4] != first[4]
    drive(store.aclose())


def test_an_untouched_log_proves_itself(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


def test_any_changed_byte_of_the_log_is_found_and_named(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path, 40)
    connection = Other.unguarded(tmp_path)
    chance = random.Random(3)
    columns = ["at", "command_id", "actor", "op", "node", "before", "after", "names", "chain"]
    for _ in range(1000 if FULL else 60):
        seq, column = chance.randrange(1, 41), chance.choice(columns)
        old = connection.execute(f"SELECT {column} FROM event WHERE seq = ?", seq)[0][0]
        if old is None:
            continue
        if isinstance(old, int):
            new: object = old ^ 1 << chance.randrange(40)
        elif isinstance(old, str):
            at = chance.randrange(len(old))
            new = old[:at] + chr(ord(old[at]) ^ 1) + old[at + 1 :]
        else:
            at = chance.randrange(len(old))
            new = old[:at] + bytes([old[at] ^ 1 << chance.randrange(8)]) + old[at + 1 :]
        connection.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", new, seq)
        found = drive(store.read(lambda reading: next(log.breaks(reading, "me"), None)))
        assert found is not None, (seq, column)
        assert found[0] == seq
        connection.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", old, seq)
    assert drive(StoreHistory(store).verify()) is None
    connection.close()
    drive(store.aclose())


def test_a_removed_row_is_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = Other.unguarded(tmp_path)
    connection.execute("DELETE FROM event WHERE seq = 4")
    assert drive(StoreHistory(store).verify()) == 4
    connection.close()
    drive(store.aclose())


def test_rows_that_changed_places_are_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = Other.unguarded(tmp_path)
    connection.execute("UPDATE event SET seq = -1 WHERE seq = 4")
    connection.execute("UPDATE event SET seq = 4 WHERE seq = 5")
    connection.execute("UPDATE event SET seq = 5 WHERE seq = -1")
    assert drive(StoreHistory(store).verify()) == 4
    connection.close()
    drive(store.aclose())


def test_changed_names_beside_the_log_are_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = Other.unguarded(tmp_path)
    connection.execute("UPDATE event_name SET path = '/other.md' WHERE seq = 6")
    assert drive(StoreHistory(store).verify()) == 6
    connection.close()
    drive(store.aclose())


def test_a_clock_that_jumps_back_leaves_the_order_as_it_was(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = written(tmp_path, 3)
    now = __import__("time").time_ns()
    monkeypatch.setattr("time.time_ns", lambda: now - 3600 * 10**9)
    drive(put(notes(store), "/later.md", "written an hour before itself"))

    async def events() -> list[tuple[int, str]]:
        pages = StoreHistory(store).events(newest_first=False)
        return [(event.seq, str(event.path)) async for page in pages for event in page]

    assert drive(events())[-1] == (4, "/notes/later.md")
    ids = drive(store.read(lambda c: [id for (id,) in c.execute("SELECT id FROM node ORDER BY seq")]))
    assert ids == sorted(ids)
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


def test_a_hostile_name_cannot_forge_a_line_of_the_log(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    by = change('echo "x\n{\\"seq\\": 99}" \x1b[2J', "user")
    drive(put(notes(store), "/a ‮ b.md", "x", by))
    from providers.sys import SystemFiles
    from providers.view import View

    async def lines() -> list[bytes]:
        async with View(SystemFiles(lambda: store, None)).open(path("/events")) as content:
            return b"".join([block async for block in content]).splitlines()

    (line,) = drive(lines())
    assert b"\x1b" not in line
    assert line.isascii()
    drive(store.aclose())
