"""Opening the database: made, locked, read-only, full, damaged; what is said, and what is kept."""

import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from providers.store import database, errors
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.store import Store
from tests.store.desk import FULL, blocks, change, files, make_store, names, notes, path, put, read
from vfs.drive import drive
from vfs.errors import Corrupt, NoSpace, ReadOnly, TooLarge, Unavailable, VfsError
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Mode

BODY = "a line of a note that is long enough to fill some pages of the file\n" * 40


def filled(folder: pathlib.Path, count: int = 60) -> Store:
    store = make_store(folder)

    async def fill() -> None:
        for number in range(count):
            await put(notes(store), f"/note-{number:03}.md", f"note {number}\n{BODY}")
        await store.aclose()

    drive(fill())
    return store


def killed_writer(folder: pathlib.Path) -> None:
    """A process that has written twenty notes and is killed: what it wrote waits in `-wal`."""
    code = (
        "import sys, os, signal, pathlib\n"
        "from tests.store.desk import make_store, notes, put\n"
        "from vfs.drive import drive\n"
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "for n in range(20): drive(put(notes(store), f'/killed-{n:02}.md', f'number {n}'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=os.getcwd(), check=False)
    assert done.returncode == -signal.SIGKILL
    assert (folder / "spatio.db-wal").stat().st_size > 0


# -- made


def test_nothing_is_made_before_the_first_use(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path / "data")
    notes(store)
    drive(store.aclose())
    assert not (tmp_path / "data").exists()


def test_files_are_private_whatever_the_umask(tmp_path: pathlib.Path) -> None:
    before = os.umask(0)
    try:
        store = make_store(tmp_path / "data")
        drive(put(notes(store), "/a.md", "x"))
        drive(put(files(store), "/big", b"y" * 200_000))
        for found in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
            mode = stat.S_IMODE(found.stat().st_mode)
            assert mode == (0o700 if found.is_dir() else 0o600), found
        drive(store.aclose())
    finally:
        os.umask(before)


def test_two_processes_that_make_the_same_database_make_one(tmp_path: pathlib.Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from tests.store.desk import make_store, notes, put\n"
        "from vfs.drive import drive\n"
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "drive(put(notes(store), f'/{sys.argv[2]}.md', 'x'))\n"
        "drive(store.aclose())\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    store = make_store(tmp_path)
    assert drive(names(notes(store))) == ["0.md", "1.md", "2.md", "3.md"]
    drive(store.aclose())


# -- locked


def test_a_locked_database_is_waited_for_and_then_the_holder_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path, 1)
    monkeypatch.setattr(database, "PATIENCE", 0.5)
    code = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "spatio.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdout.readline()
    told: list[str] = []
    store.waiting = told.append
    with pytest.raises(Unavailable, match=f"in use by process {holder.pid}"):
        drive(put(notes(store), "/b.md", "x"))
    assert len(told) == 1
    assert str(holder.pid) in told[0]
    assert drive(names(notes(store))) == ["note-000.md"]
    holder.stdin.close()
    holder.stdout.close()
    holder.wait(10)
    drive(put(notes(store), "/b.md", "x"))
    drive(store.aclose())


def test_a_lock_that_is_let_go_in_time_is_only_a_wait(tmp_path: pathlib.Path) -> None:
    store = filled(tmp_path, 1)
    other = sqlite3.connect(tmp_path / "spatio.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def let_go(text: str) -> None:
        other.execute("ROLLBACK")

    store.waiting = let_go
    drive(put(notes(store), "/b.md", "x"))
    assert drive(names(notes(store))) == ["b.md", "note-000.md"]
    other.close()
    drive(store.aclose())


def test_the_lock_of_a_killed_process_is_none(tmp_path: pathlib.Path) -> None:
    killed_writer(tmp_path)
    store = make_store(tmp_path)
    drive(put(notes(store), "/after.md", "x"))
    assert len(drive(names(notes(store)))) == 21
    drive(store.aclose())


# -- read-only, full


def as_nobody(code: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Runs code as a user who owns nothing here; root would be stopped by no permission."""
    before = (
        "import os, sys, pathlib, tempfile\n"
        "from tests.store.desk import make_store, notes, put, read, names\n"
        "from vfs.drive import drive\n"
        # What is loaded lazily is loaded before the interpreter's own folder is out of reach.
        "warm = make_store(pathlib.Path(tempfile.mkdtemp()))\n"
        "drive(put(notes(warm), '/w', '')); drive(read(notes(warm), '/w')); drive(warm.aclose())\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
    )
    return subprocess.run(
        [sys.executable, "-B", "-c", before + code, *argv], capture_output=True, text=True, check=False
    )


@pytest.fixture
def reachable(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder that another user may enter and read, and not change."""
    for folder in [tmp_path, *tmp_path.parents]:
        if any(part.startswith("pytest-of-") for part in folder.parts):
            folder.chmod(0o755)
    return tmp_path


def test_a_read_only_home_is_read_and_not_written(reachable: pathlib.Path) -> None:
    filled(reachable, 3)
    for found in reachable.iterdir():
        found.chmod(0o444)
    reachable.chmod(0o555)
    done = as_nobody(
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "print(drive(names(notes(store))), drive(read(notes(store), '/note-001.md'))[:6])\n"
        "try: drive(put(notes(store), '/x.md', 'x'))\n"
        "except Exception as error: print(type(error).__name__, error.reason)\n",
        str(reachable),
    )
    reachable.chmod(0o755)
    assert done.stdout.splitlines() == [
        "['note-000.md', 'note-001.md', 'note-002.md'] b'note 1'",
        "ReadOnly the database cannot be written",
    ], done.stderr


def test_a_home_that_cannot_be_made_is_said_so(reachable: pathlib.Path) -> None:
    reachable.chmod(0o555)
    done = as_nobody(
        "store = make_store(pathlib.Path(sys.argv[1]) / 'data')\n"
        "try: drive(put(notes(store), '/x.md', 'x'))\n"
        "except Exception as error: print(type(error).__name__)\n",
        str(reachable),
    )
    reachable.chmod(0o755)
    assert done.stdout == "ReadOnly\n"


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> pathlib.Path:
    """A file system of 2 MiB, where this may be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    yield folder  # type: ignore[misc]
    subprocess.run(["umount", "-l", folder], check=False)


def test_a_full_disk_loses_nothing_acknowledged_and_recovers(small_disk: pathlib.Path) -> None:
    store = make_store(small_disk)
    kept = 0

    async def fill() -> None:
        nonlocal kept
        while True:
            text = "".join(random.Random(kept).choices("abcdefghijklmnopqrstuvwxyz", k=4000))
            await put(notes(store), f"/note-{kept:04}.md", f"{kept} {text}")
            kept += 1

    with pytest.raises(NoSpace, match="disk full"):
        drive(fill())
    assert kept > 20
    assert len(drive(names(notes(store)))) == kept
    assert drive(read(notes(store), "/note-0003.md"))[:2] == b"3 "
    assert len(drive(names(notes(store)))) == kept
    drive(notes(store).remove(path("/note-0000.md"), change("rm")))
    assert len(drive(names(notes(store)))) == kept - 1
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    drive(put(notes(store), "/after.md", "there is room again"))
    drive(store.aclose())


def test_everything_can_be_removed_on_a_full_disk(small_disk: pathlib.Path) -> None:
    def text(number: int) -> str:
        return " ".join(f"{number}{word}" for word in range(1500))

    def fill() -> None:
        nonlocal kept
        while True:
            store = make_store(small_disk)
            try:
                drive(put(notes(store), f"/note-{kept:04}.md", text(kept)))
            finally:
                drive(store.aclose())
            kept += 1

    kept = 0
    with pytest.raises(NoSpace, match="disk full"):
        fill()
    assert kept > 6
    for number in range(kept):
        store = make_store(small_disk)
        drive(notes(store).remove(path(f"/note-{number:04}.md"), change("rm")))
        drive(store.aclose())
    store = make_store(small_disk)
    assert drive(names(notes(store))) == []
    assert drive(StoreHistory(store).verify()) is None
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    assert drive(StoreIndexing(store).check()) == []
    drive(store.aclose())


def test_an_object_that_does_not_fit_leaves_nothing_behind(small_disk: pathlib.Path) -> None:
    store = make_store(small_disk)
    drive(put(files(store), "/small", b"kept"))
    with pytest.raises(NoSpace):
        drive(put(files(store), "/large", b"x" * 3_000_000))
    assert drive(names(files(store))) == ["small"]
    assert [found for found in (small_disk / "objects").rglob("*") if found.is_file()] == []
    drive(store.aclose())


def test_a_limit_on_file_sizes_is_an_error_and_nothing_more(tmp_path: pathlib.Path) -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from tests.store.desk import make_store, files, put, read\n"
        "from vfs.drive import drive\n"
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "drive(put(files(store), '/a', b'kept'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "try: drive(put(files(store), '/b', b'x' * 3_000_000))\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print(drive(read(files(store), '/a')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["TooLarge", "b'kept'"], done.stderr
    assert issubclass(TooLarge, VfsError)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


# -- damaged


def said(folder: pathlib.Path) -> Corrupt:
    store = make_store(folder)

    async def read_all() -> None:
        for name in await names(notes(store)):
            await read(notes(store), f"/{name}")

    with pytest.raises(Corrupt) as failed:
        drive(read_all())
    drive(store.aclose())
    return failed.value


def test_a_file_that_is_no_database_is_said_so_with_what_to_do(tmp_path: pathlib.Path) -> None:
    (tmp_path / "spatio.db").write_bytes(
        b"this is not a database, but long enough to be one" * 100 + b"x" * 3292
    )
    error = said(tmp_path)
    assert "damaged" in error.reason
    assert error.hint is not None
    assert "your own backup" in error.hint


def test_a_database_cut_by_one_byte_is_refused_and_the_copy_named(tmp_path: pathlib.Path) -> None:
    filled(tmp_path)
    shutil.copy(tmp_path / "spatio.db", tmp_path / "spatio.db.backup")
    with (tmp_path / "spatio.db").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 1)
    error = said(tmp_path)
    assert error.hint is not None
    assert str(tmp_path / "spatio.db.backup") in error.hint


def test_a_database_without_the_wal_of_a_killed_writer_is_refused(tmp_path: pathlib.Path) -> None:
    killed_writer(tmp_path)
    (tmp_path / "spatio.db-wal").unlink()
    error = said(tmp_path)
    assert "change 20" in error.reason
    assert error.hint is not None
    assert "`-wal` file is missing" in error.hint
    (tmp_path / "spatio.db.head").unlink()
    store = make_store(tmp_path)
    drive(store.read(lambda connection: connection.execute("SELECT 1")))
    drive(store.aclose())


def test_the_wal_of_another_database_is_refused_and_not_folded_in(tmp_path: pathlib.Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    filled(mine, 5)
    killed_writer(other)
    shutil.copy(other / "spatio.db-wal", mine / "spatio.db-wal")
    before = (mine / "spatio.db").read_bytes()
    said(mine)
    assert (mine / "spatio.db").read_bytes() == before
    (mine / "spatio.db-wal").unlink()
    store = make_store(mine)
    assert len(drive(names(notes(store)))) == 5
    drive(store.aclose())


async def listed(store: Store) -> dict[str, Mapping[str, Value]]:
    return {node.name: dict(node.attrs) async for page in notes(store).list(Path()) for node in page}


def test_no_flipped_bit_makes_a_note_say_something_else(tmp_path: pathlib.Path) -> None:
    store = filled(tmp_path, 30)
    good = (tmp_path / "spatio.db").read_bytes()
    wanted = {f"note-{n:03}.md": f"note {n}\n{BODY}".encode() for n in range(30)}
    chance = random.Random(7)
    refused = 0
    for _ in range(1000 if FULL else 60):
        at = chance.randrange(len(good))
        (tmp_path / "spatio.db").write_bytes(
            good[:at] + bytes([good[at] ^ 1 << chance.randrange(8)]) + good[at + 1 :]
        )
        store = make_store(tmp_path)
        for name in wanted:
            try:
                assert drive(read(notes(store), f"/{name}")) == wanted[name]
            except VfsError:
                refused += 1
        try:
            dict(drive(listed(store)))
        except VfsError:
            refused += 1
        try:
            drive(store.aclose())
        except VfsError:
            refused += 1
    assert refused


def test_after_an_unclean_stop_the_file_is_checked_and_used(tmp_path: pathlib.Path) -> None:
    killed_writer(tmp_path)
    store = make_store(tmp_path)
    assert drive(read(notes(store), "/killed-19.md")) == b"number 19"
    drive(store.aclose())


# -- copies


def test_one_copy_a_day_is_kept_of_a_database_in_use(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path, keep_copy=True)
    drive(put(notes(store), "/a.md", "first"))
    drive(store.aclose())
    copy = tmp_path / "spatio.db.backup"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    first = copy.read_bytes()
    drive(put(notes(store), "/a.md", "second"))
    drive(store.aclose())
    assert copy.read_bytes() == first
    os.utime(copy, (time.time() - 90_000,) * 2)
    drive(put(notes(store), "/a.md", "third"))
    drive(store.aclose())
    assert copy.read_bytes() != first
    copy.rename(tmp_path / "spatio.db")
    assert drive(read(notes(store), "/a.md")) == b"third"
    drive(store.aclose())


def test_a_store_that_was_only_read_leaves_no_copy(tmp_path: pathlib.Path) -> None:
    filled(tmp_path, 1)
    store = make_store(tmp_path, keep_copy=True)
    drive(names(notes(store)))
    drive(store.aclose())
    assert not (tmp_path / "spatio.db.backup").exists()


# -- the mapping of errors


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("SQLITE_BUSY", Unavailable),
        ("SQLITE_FULL", NoSpace),
        ("SQLITE_READONLY", ReadOnly),
        ("SQLITE_CORRUPT", Corrupt),
        ("SQLITE_NOTADB", Corrupt),
        ("SQLITE_IOERR", VfsError),
        ("SQLITE_CANTOPEN", VfsError),
        ("SQLITE_NOMEM", VfsError),
    ],
)
def test_what_sqlite_says_becomes_the_trees_own_error(
    tmp_path: pathlib.Path, code: str, expected: type[VfsError]
) -> None:
    error = sqlite3.OperationalError("said")
    error.sqlite_errorcode = getattr(sqlite3, code)
    assert isinstance(errors.from_sqlite(error, str(tmp_path / "spatio.db")), expected)


def test_a_lost_update_is_told(tmp_path: pathlib.Path) -> None:
    first, second = make_store(tmp_path), make_store(tmp_path)
    drive(put(notes(first), "/a.md", "one"))

    async def edit() -> None:
        etag = (await notes(first).stat(path("/a.md"))).etag
        await put(notes(second), "/a.md", "two")
        with pytest.raises(VfsError, match="changed by somebody else"):
            await notes(first).write(path("/a.md"), blocks(b"three"), change(), mode=Mode.REPLACE, etag=etag)

    drive(edit())
    assert drive(read(notes(first), "/a.md")) == b"two"
    drive(first.aclose())
    drive(second.aclose())


def test_a_log_cut_short_at_its_end_is_noticed_on_opening(tmp_path: pathlib.Path) -> None:
    store = filled(tmp_path, 12)
    connection = sqlite3.connect(tmp_path / "spatio.db", isolation_level=None)
    connection.execute("DROP TRIGGER event_stays")
    connection.execute("DELETE FROM event WHERE seq = 12")
    connection.close()
    with pytest.raises(Corrupt, match="change 12"):
        drive(names(notes(store)))
    drive(store.aclose())
