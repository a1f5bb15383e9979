"""A program or a server killed in the middle of changes: nothing acknowledged is lost, nothing is torn."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
from tests.servers.postgres import Database, Server, alone
from tests.store.alone import body
from tests.store.desk import FULL, files, names, notes, read
from vfs.drive import drive

WRITER = """
import sys
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
from tests.store.alone import body, files, notes, put
from vfs.drive import drive
store = PostgresStore(sys.argv[1], LocalObjects(sys.argv[2]))
number = int(sys.argv[3])
while True:
    drive(put(files(store) if number % 7 == 0 else notes(store), f"/{number:05}", body(number)))
    print("ACK", number, flush=True)
    number += 1
"""


@pytest.fixture(scope="module")
def lone() -> Iterator[Server]:
    # What the database itself would lose in a crash, Spatio does not.
    with alone(synchronous_commit="off", wal_writer_delay="10s") as server:
        yield server


def check(store: PostgresStore, acknowledged: int) -> int:
    """All that was acknowledged is there, at most one more, and the newest are whole; returns the last."""
    there = {int(name) for provider in (notes(store), files(store)) for name in drive(names(provider))}
    assert set(range(acknowledged + 1)) <= there
    assert max(there, default=-1) <= acknowledged + 1
    for number in sorted(there)[-5:]:
        provider = files(store) if number % 7 == 0 else notes(store)
        assert drive(read(provider, f"/{number:05}")) == body(number)
    return max(there, default=-1)


def finish(store: PostgresStore, acknowledged: int) -> None:
    assert drive(StoreHistory(store).verify()) is None
    assert drive(StoreIndexing(store).check()) == []
    count = "SELECT count(*), count(DISTINCT n.path) FROM event_name n WHERE n.path <> ''"
    events, paths = store.read_here(lambda c: c.execute(count).fetchone())
    assert events == paths
    assert events - acknowledged in (1, 2)


def test_kill_9_of_the_program_loses_nothing_that_was_acknowledged(
    database: Database, tmp_path: pathlib.Path
) -> None:
    chance = random.Random(2)
    acknowledged = last = -1
    address = database.program + "?sslmode=disable"
    store = PostgresStore(address, LocalObjects(str(tmp_path)))
    for _ in range(200 if FULL else 5):
        argv = [sys.executable, "-c", WRITER, address, str(tmp_path), str(last + 1)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=os.getcwd())
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        acknowledged = max(
            [acknowledged, *(int(line.split()[1]) for line in lines if line.startswith("ACK "))]
        )
        last = check(store, acknowledged)
        acknowledged = max(acknowledged, last)
    finish(store, acknowledged)
    drive(store.aclose())
    assert acknowledged > 5


def test_kill_9_of_the_server_loses_nothing_that_was_acknowledged(
    lone: Server, tmp_path: pathlib.Path
) -> None:
    database = lone.database(keep=True)
    chance = random.Random(3)
    address = database.program + "?sslmode=disable"
    argv = [sys.executable, "-c", WRITER, address, str(tmp_path), "0"]
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.extend(process.stdout))  # type: ignore[arg-type]
    reading.start()
    for _ in range(100 if FULL else 4):
        some = len(lines) + 5
        while len(lines) < some and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        lone.kill()
        lone.start()
    some = len(lines) + 5
    while len(lines) < some and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reading.join()
    assert process.stderr.read() == ""
    process.stdout.close()
    process.stderr.close()
    acknowledged = max(int(line.split()[1]) for line in lines if line.startswith("ACK "))
    store = PostgresStore(address, LocalObjects(str(tmp_path)))
    check(store, acknowledged)
    finish(store, acknowledged)
    drive(store.aclose())
    assert acknowledged > 20
