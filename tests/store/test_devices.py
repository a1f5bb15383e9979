"""Two devices on one workspace, each a program of its own: nothing is lost, nobody is told a lie."""

import asyncio
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from providers.store import nodes
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from tests.engines import BOTH, Chosen
from tests.store.desk import FULL, blocks, change, everything, make_store, names, notes, path, put, read
from vfs.drive import drive
from vfs.errors import Conflict, NotFound, VfsError

ENGINES = BOTH


@pytest.fixture
def device(tmp_path: pathlib.Path) -> Iterator[Callable[[], Any]]:
    stores: list[Any] = []

    def another() -> Any:
        stores.append(make_store(tmp_path))
        return stores[-1]

    yield another
    for store in stores:
        drive(store.aclose())


def sound(store: Any) -> None:
    """The chain is whole, and the index holds what the notes say."""
    assert drive(StoreHistory(store).verify()) is None
    assert drive(StoreIndexing(store).check()) == []


COUNTER = """
import pathlib, sys
from providers.store.objects import LocalObjects
from tests.store.alone import blocks, change, notes, path, read
from vfs.drive import drive
from vfs.errors import Conflict
def opened():
    if sys.argv[1].startswith("postgresql:"):
        from providers.store.postgres.store import PostgresStore
        return PostgresStore(sys.argv[1], LocalObjects(sys.argv[2]))
    from providers.store.sqlite import SqliteStore
    return SqliteStore(sys.argv[1], sys.argv[2], keep_copy=False)
store = opened()
note = notes(store)
async def increment():
    conflicts = 0
    while True:
        etag = (await note.stat(path("/counter"))).etag
        number = int(await read(note, "/counter"))
        try:
            await note.write(path("/counter"), blocks(b"%d" % (number + 1)), change(sys.argv[3]), etag=etag)
            return conflicts
        except Conflict:
            conflicts += 1
steps, conflicts, least = 0, 0, int(sys.argv[4])
drive(note.stat(path("/counter")))
print("ready", flush=True)
sys.stdin.readline()
while steps < least or (not conflicts and steps < 10 * least):
    conflicts += drive(increment())
    steps += 1
print(steps, conflicts)
drive(store.aclose())
"""


def where(folder: pathlib.Path) -> str:
    if Chosen.engine == "sqlite":
        return str(folder / "spatio.db")
    return Chosen.databases[str(folder)].program + "?sslmode=disable"


def test_two_devices_that_count_up_one_note_lose_no_step(
    tmp_path: pathlib.Path, device: Callable[[], Any]
) -> None:
    count = 1000 if FULL else 60
    store = device()
    drive(put(notes(store), "/counter", "0"))
    argv = [sys.executable, "-c", COUNTER, where(tmp_path), str(tmp_path / "objects")]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen([*argv, who, str(count)], stdin=pipe, stdout=pipe, text=True, cwd=os.getcwd())
        for who in ("laptop", "phone")
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    # Each goes on until the other was in its way.
    said = [process.communicate(timeout=110)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    steps, conflicts = (sum(map(int, numbers)) for numbers in zip(*said, strict=True))
    assert int(drive(read(notes(store), "/counter"))) == steps >= 2 * count
    events = drive(store.read(lambda c: c.execute("SELECT count(*) FROM event").fetchone()[0]))
    assert events == steps + 1
    assert conflicts > 0
    sound(store)


def test_who_read_an_older_version_is_told_and_nothing_is_overwritten(device: Callable[[], Any]) -> None:
    laptop, phone = device(), device()
    drive(put(notes(laptop), "/plan", "first"))
    etag = drive(notes(phone).stat(path("/plan"))).etag
    drive(put(notes(laptop), "/plan", "second"))
    with pytest.raises(Conflict):
        drive(notes(phone).write(path("/plan"), blocks(b"third"), change(), etag=etag))
    assert drive(read(notes(phone), "/plan")) == b"second"
    sound(phone)


def at_once(first: Any, second: Any) -> list[BaseException | None]:
    """Two calls that run at the same moment; what each raised."""

    async def run() -> list[BaseException | None]:
        done = await asyncio.gather(first, second, return_exceptions=True)
        return [error if isinstance(error, BaseException) else None for error in done]

    return asyncio.run(run())


@pytest.mark.parametrize("number", range(6))
def test_a_folder_that_one_moves_while_another_writes_into_it(device: Callable[[], Any], number: int) -> None:
    laptop, phone = device(), device()
    drive(notes(laptop).mkdir(path("/a"), change()))
    drive(put(notes(laptop), "/a/one", "1"))
    moving = notes(laptop).move(path("/a"), path("/b"), change())
    writing = put(notes(phone), "/a/two", "2")
    moved, written = at_once(moving, writing) if number % 2 else at_once(writing, moving)[::-1]
    assert moved is None
    assert written is None or isinstance(written, NotFound)
    found = drive(everything(notes(phone)))
    assert found == ["/b", "/b/one"] + (["/b/two"] if written is None else [])
    sound(phone)


@pytest.mark.parametrize("number", range(6))
def test_a_folder_that_one_removes_while_another_writes_into_it(
    device: Callable[[], Any], number: int
) -> None:
    laptop, phone = device(), device()
    drive(notes(laptop).mkdir(path("/a"), change()))
    for name in range(20):
        drive(put(notes(laptop), f"/a/{name}", "x"))
    removing = notes(laptop).remove(path("/a"), change(), recursive=True)
    writing = put(notes(phone), "/a/late", "late")
    removed, written = at_once(removing, writing) if number % 2 else at_once(writing, removing)[::-1]
    assert removed is None
    assert written is None or isinstance(written, NotFound)
    assert drive(names(notes(phone))) == []
    # Nothing hangs in the air below a folder that is gone.
    orphans = "SELECT count(*) FROM node WHERE deleted_at IS NULL"
    assert drive(phone.read(lambda c: c.execute(orphans).fetchone()[0])) == 0
    sound(phone)


def test_both_make_the_same_folder_and_one_is_told(device: Callable[[], Any]) -> None:
    laptop, phone = device(), device()
    errors = at_once(notes(laptop).mkdir(path("/x"), change()), notes(phone).mkdir(path("/x"), change()))
    assert sorted(type(error).__name__ for error in errors) == ["Exists", "NoneType"]
    assert drive(names(notes(phone))) == ["x"]
    sound(phone)


def test_both_undo_the_same_change_and_it_is_taken_back_once(device: Callable[[], Any]) -> None:
    laptop, phone = device(), device()
    drive(put(notes(laptop), "/plan", "first"))
    drive(put(notes(laptop), "/plan", "second"))
    at_once(StoreHistory(laptop).undo(), StoreHistory(phone).undo())
    if drive(notes(phone).stat(path("/"))).is_folder and "plan" in drive(names(notes(phone))):
        assert drive(read(notes(phone), "/plan")) in (b"first", b"second")
    sound(phone)


def test_each_sees_what_the_other_has_done_at_once(device: Callable[[], Any]) -> None:
    laptop, phone = device(), device()
    for number in range(10):
        writer, reader = (laptop, phone) if number % 2 else (phone, laptop)
        drive(put(notes(writer), "/note", str(number)))
        assert drive(read(notes(reader), "/note")) == str(number).encode()
        found = drive(reader.read(lambda c: nodes.find(c, "me", "notes", path("/note"))))
        assert found.size == 1


def test_a_device_with_an_older_spatio_is_refused_politely(
    tmp_path: pathlib.Path, device: Callable[[], Any]
) -> None:
    new = device()
    drive(put(notes(new), "/plan", "kept"))
    drive(new.aclose())
    if Chosen.engine == "sqlite":
        import sqlite3

        raw = sqlite3.connect(tmp_path / "spatio.db")
        raw.execute("PRAGMA user_version=999")
        raw.close()
    else:
        Chosen.databases[str(tmp_path)].sql("UPDATE spatio.meta SET version = 999")
    old = device()
    for call in (read(notes(old), "/plan"), put(notes(old), "/plan", "overwritten")):
        with pytest.raises(VfsError, match="written by a newer Spatio") as caught:
            drive(call)
        assert caught.value.hint is not None
        assert "update Spatio" in caught.value.hint
