"""Servers that cannot be used: one clear line each, soon, without a password in it."""

import asyncio
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator

import asyncpg
import pytest

from providers.store.objects import LocalObjects
from providers.store.postgres import errors
from providers.store.postgres.session import Times
from providers.store.postgres.store import PostgresStore
from providers.store.store import Connection
from tests.servers.postgres import Database, Server, alone
from tests.store.postgres.desk import QUICK, adding, names, opened
from vfs.drive import drive
from vfs.errors import Conflict, LoginNeeded, NoSpace, ReadOnly, Refused, Unavailable, VfsError


@pytest.fixture(scope="module")
def lone() -> Iterator[Server]:
    with alone(max_connections="12", superuser_reserved_connections="3") as server:
        yield server


def refusal(address: str, tmp_path: pathlib.Path, times: Times = QUICK) -> VfsError:
    """What a store at that address says to a first reading."""
    store = PostgresStore(address, LocalObjects(str(tmp_path)), times=times)
    try:
        with pytest.raises(VfsError) as caught:
            store.read_here(names)
    finally:
        drive(store.aclose())
    assert "correct-horse" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_wrong_password_or_user_is_told_at_once(database: Database, tmp_path: pathlib.Path) -> None:
    begun = time.monotonic()
    patient = QUICK._replace(patience=60)
    wrong = database.address("program", password="wrong") + "?sslmode=disable"
    assert isinstance(refusal(wrong, tmp_path, patient), LoginNeeded)
    nobody = database.address("nobody") + "?sslmode=disable"
    assert isinstance(refusal(nobody, tmp_path, patient), LoginNeeded)
    assert time.monotonic() - begun < 30


def test_a_database_that_is_missing_or_empty_is_told_with_the_next_step(
    database: Database, empty_database: Database, tmp_path: pathlib.Path
) -> None:
    missing = database.program.replace(database.name, "missing")
    assert "no such database" in str(refusal(f"{missing}?sslmode=disable", tmp_path))
    error = refusal(f"{empty_database.owner}?sslmode=disable", tmp_path)
    assert "no workspace" in str(error)
    assert error.hint is not None
    assert "init" in error.hint


def test_a_login_without_the_programs_role_is_refused(database: Database, tmp_path: pathlib.Path) -> None:
    error = refusal(database.address("stranger") + "?sslmode=disable", tmp_path)
    assert isinstance(error, Refused)
    assert error.hint is not None
    assert "spatio_app" in error.hint


def test_nobody_at_the_port_is_unavailable_after_waiting_visibly(tmp_path: pathlib.Path) -> None:
    told: list[str] = []
    store = PostgresStore(
        "postgresql://me:correct-horse@127.0.0.1:1/x",
        LocalObjects(str(tmp_path)),
        waiting=told.append,
        times=QUICK._replace(patience=0.3),
    )
    with pytest.raises(Unavailable, match="cannot be reached"):
        store.read_here(names)
    drive(store.aclose())
    assert told == ["waiting for postgresql://me@127.0.0.1:1/x, which cannot be reached"]


def test_a_host_that_no_name_server_knows_is_told_at_once(tmp_path: pathlib.Path) -> None:
    error = refusal("postgresql://me@no-such-host.invalid/x?sslmode=disable", tmp_path)
    assert isinstance(error, Unavailable)
    assert str(error).endswith(("no host has this name", "name resolution)"))


def test_a_server_without_encryption_is_told_at_once(database: Database, tmp_path: pathlib.Path) -> None:
    patient = QUICK._replace(patience=60)
    begun = time.monotonic()
    error = refusal(f"{database.program}?sslmode=require", tmp_path, patient)
    assert "does not encrypt" in str(error)
    assert error.hint is not None
    assert "sslmode=disable" in error.hint
    assert time.monotonic() - begun < 30


def test_a_way_in_that_the_server_does_not_offer_is_refused(lone: Server, tmp_path: pathlib.Path) -> None:
    database = lone.database(keep=True)
    hba = lone.data / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("host all stranger 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n")
    lone.sql("SELECT pg_reload_conf()")
    try:
        error = refusal(f"{database.program}?sslmode=disable", tmp_path)
    finally:
        hba.write_text(before)
        lone.sql("SELECT pg_reload_conf()")
    assert isinstance(error, Refused)
    assert "lets nobody in this way" in str(error)


def test_too_many_connections_are_waited_for_and_then_told(lone: Server) -> None:
    database = lone.database(keep=True)
    told: list[str] = []
    with opened(database, pool=9, times=QUICK._replace(patience=0.5)) as hog:

        async def take_all() -> list[object]:
            return [await hog.pool().acquire() for _ in range(9)]

        taken = hog._cross_here(take_all())
        with opened(database, waiting=told.append, times=QUICK._replace(patience=0.5)) as store:
            with pytest.raises(Unavailable, match="no connection left"):
                store.read_here(names)
            assert told == [f"waiting for {store.name}, which has no connection left"]
        assert len(taken) == 9


def test_a_server_that_takes_no_changes_says_so_and_can_be_read(database: Database) -> None:
    with opened(database) as store:
        store.write_here(adding("one"))
    database.sql(f'ALTER DATABASE "{database.name}" SET default_transaction_read_only = on')
    with opened(database) as store:
        assert store.read_here(names) == ["one", "one"]
        with pytest.raises(ReadOnly, match="takes no changes"):
            store.write_here(adding("two"))
        assert store.read_here(names) == ["one", "one"]


def test_a_log_that_is_not_to_be_changed_is_not_taken_for_a_server_that_takes_no_changes() -> None:
    error = asyncpg.ObjectNotInPrerequisiteStateError("the event log only grows at its end")
    told = errors.from_postgres(error, "a database")
    assert type(told) is VfsError
    assert "the event log only grows at its end" in str(told)


def test_a_hot_standby_says_so_and_can_be_read() -> None:
    with alone(wal_level="replica", max_wal_senders="4") as primary:
        database = primary.database(keep=True)
        with opened(database) as store:
            store.write_here(adding("one"))
        primary.stop()
        # A copy of the stopped server that follows nobody is a standby for good.
        (primary.data / "standby.signal").touch()
        if os.geteuid() == 0:
            shutil.chown(primary.data / "standby.signal", "nobody")
        primary.settings["hot_standby"] = "on"
        primary.start()
        with opened(database) as store:
            assert store.read_here(names) == ["one", "one"]
            with pytest.raises(ReadOnly, match="takes no changes"):
                store.write_here(adding("two"))
            assert store.read_here(names) == ["one", "one"]


def test_what_two_sessions_make_at_once_is_a_conflict_not_a_bug(database: Database) -> None:
    row = "INSERT INTO collection (user_id, name, number) VALUES ('me', 'notes', 1)"
    with opened(database) as store:
        store.write_here(lambda c: c.execute(row))
        with pytest.raises(Conflict, match="same moment"):
            store.write_here(lambda c: c.execute(row))
        assert store.read_here(lambda c: c.execute("SELECT count(*) FROM collection").fetchone()[0]) == 1


def test_no_file_left_for_a_connection_is_one_clear_error(database: Database) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with opened(database) as store:
        store._cross_here(asyncio.sleep(0))
        held = [os.open("/dev/null", os.O_RDONLY)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 1, limits[1]))
        try:
            with pytest.raises(Unavailable, match="cannot be reached"):
                store.read_here(names)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            os.close(held[0])
        assert store.read_here(names) == []


def test_an_error_of_the_work_itself_comes_as_it_is_and_undoes_all(database: Database) -> None:
    def work(connection: Connection) -> None:
        adding("one")(connection)
        raise FileNotFoundError(2, "somewhere else")

    with opened(database) as store:
        with pytest.raises(FileNotFoundError, match="somewhere else"):
            store.write_here(work)
        assert store.read_here(names) == []


@pytest.fixture
def small_disk() -> Iterator[pathlib.Path]:
    """A disk of a few megabytes that anybody may write to."""
    if os.geteuid():
        pytest.skip("only root may make a small disk")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spatio-small-disk-"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode:
        folder.rmdir()
        pytest.skip("no small disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def enlarge(disk: pathlib.Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def test_a_full_disk_of_the_server_is_told_and_what_was_acknowledged_stays(small_disk: pathlib.Path) -> None:
    with alone() as server:
        place = small_disk / "space"
        place.mkdir()
        shutil.chown(place, "nobody")
        server.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        database = server.database(keep=True)
        database.sql("ALTER TABLE spatio.content SET TABLESPACE small")
        with opened(database, times=Times()) as store:
            acknowledged: list[int] = []
            with pytest.raises(NoSpace) as caught:
                _fill(store, acknowledged)
            assert caught.value.hint is not None
            assert "nothing was changed" in caught.value.hint
            assert 5 < len(acknowledged) < 100
            assert store.read_here(_sizes) == [1 << 20] * len(acknowledged)
            enlarge(small_disk, "64m")
            _fill(store, acknowledged, len(acknowledged) + 1)
            assert store.read_here(_sizes) == [1 << 20] * len(acknowledged)


def test_a_server_whose_own_log_has_no_room_dies_and_loses_nothing(small_disk: pathlib.Path) -> None:
    with alone(min_wal_size="32MB", restart_after_crash="off") as server:
        database = server.database(keep=True)
        server.stop()
        enlarge(small_disk, "56m")
        log = small_disk / "pg_wal"
        shutil.move(server.data / "pg_wal", log)
        for path in (log, *log.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
        (server.data / "pg_wal").symlink_to(log)
        server.start()
        acknowledged: list[int] = []
        with opened(database, times=QUICK._replace(patience=1)) as store:
            # Whether the change that found no room was made is not always to be told without the server.
            with pytest.raises(VfsError, match=r"cannot be reached|is not known|No space"):
                _fill(store, acknowledged)
            enlarge(small_disk, "128m")
            assert server.process is not None
            server.process.wait(30)
            server.start()
            assert len(acknowledged) > 5
            assert len(store.read_here(_sizes)) in (len(acknowledged), len(acknowledged) + 1)


def _fill(store: PostgresStore, acknowledged: list[int], until: int = 100) -> None:
    insert = (
        "INSERT INTO content (user_id, digest, size, crc, place, data, created_at)"
        " VALUES ('me', ?, 1, 1, 'row', ?, 1)"
    )
    for number in range(len(acknowledged), until):
        store.write_here(lambda c, n=number: c.execute(insert, (b"%d" % n, os.urandom(1 << 20))))
        acknowledged.append(number)


def _sizes(connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT length(data) FROM content")]
