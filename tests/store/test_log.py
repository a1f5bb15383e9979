"""The event log: only ever added to, and proof of itself."""

import pathlib
import random
import sqlite3

import pytest

from providers.store import log, schema
from providers.store.history import StoreHistory
from providers.store.store import Store
from tests.store.desk import FULL, change, make_store, names, notes, path, put
from vfs.drive import drive
from vfs.errors import Corrupt, VfsError


def written(folder: pathlib.Path, count: int = 12) -> Store:
    store = make_store(folder)

    async def fill() -> None:
        for number in range(count):
            await put(notes(store), f"/note-{number % 5}.md", f"text {number}", change(f"line {number}"))
        await store.aclose()

    drive(fill())
    return store


def unguarded(folder: pathlib.Path) -> sqlite3.Connection:
    """A connection that is not the program's, with the triggers taken away."""
    connection = sqlite3.connect(folder / "spatio.db", isolation_level=None)
    for trigger in schema.LOG_TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    return connection


FORBIDDEN = [
    "UPDATE event SET actor = 'nobody' WHERE seq = 3",
    "DELETE FROM event WHERE seq = 3",
    "DROP TABLE event",
    "DROP TRIGGER event_kept",
    "ALTER TABLE event RENAME TO gone",
    "PRAGMA writable_schema = ON",
    "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 3",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_programs_connection_cannot_change_the_log(tmp_path: pathlib.Path, statement: str) -> None:
    store = written(tmp_path)
    with pytest.raises(VfsError):
        drive(store.write(lambda connection: connection.execute(statement).fetchall()))
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


@pytest.mark.parametrize("statement", [FORBIDDEN[0], FORBIDDEN[1], FORBIDDEN[-1]])
def test_triggers_hold_other_programs_back_too(tmp_path: pathlib.Path, statement: str) -> None:
    written(tmp_path)
    connection = sqlite3.connect(tmp_path / "spatio.db")
    with pytest.raises(sqlite3.DatabaseError, match="the event log"):
        connection.execute(statement)
    connection.close()


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
    connection = unguarded(tmp_path)
    chance = random.Random(3)
    columns = ["at", "command_id", "actor", "op", "node", "before", "after", "names", "chain"]
    for _ in range(1000 if FULL else 150):
        seq, column = chance.randrange(1, 41), chance.choice(columns)
        old = connection.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,)).fetchone()[0]
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
        connection.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (new, seq))
        found = next(log.breaks(connection, "me"), None)
        assert found is not None, (seq, column)
        assert found[0] == seq
        connection.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (old, seq))
    assert drive(StoreHistory(store).verify()) is None
    connection.close()
    drive(store.aclose())


def test_a_removed_row_is_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = unguarded(tmp_path)
    connection.execute("DELETE FROM event WHERE seq = 4")
    assert drive(StoreHistory(store).verify()) == 4
    connection.close()
    drive(store.aclose())


def test_rows_that_changed_places_are_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = unguarded(tmp_path)
    connection.execute("UPDATE event SET seq = -1 WHERE seq = 4")
    connection.execute("UPDATE event SET seq = 4 WHERE seq = 5")
    connection.execute("UPDATE event SET seq = 5 WHERE seq = -1")
    assert drive(StoreHistory(store).verify()) == 4
    connection.close()
    drive(store.aclose())


def test_changed_names_beside_the_log_are_found(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = unguarded(tmp_path)
    connection.execute("UPDATE event_name SET path = '/other.md' WHERE seq = 6")
    assert drive(StoreHistory(store).verify()) == 6
    connection.close()
    drive(store.aclose())


def test_a_log_cut_short_at_its_end_is_noticed_on_opening(tmp_path: pathlib.Path) -> None:
    store = written(tmp_path)
    connection = unguarded(tmp_path)
    connection.execute("DELETE FROM event WHERE seq = 12")
    connection.close()
    with pytest.raises(Corrupt, match="change 12"):
        drive(names(notes(store)))
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
