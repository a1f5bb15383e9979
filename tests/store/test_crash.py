"""Killed, failing and concurrent writers: nothing acknowledged is lost, nothing is half there."""

import collections
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest

from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from tests.store.alone import body
from tests.store.desk import FULL, files, make_store, names, notes, put, read
from vfs.drive import drive

HAS_STRACE = os.path.exists("/usr/bin/strace")

WRITER = """
import pathlib, sys
from tests.store.alone import body, files, notes, put, store_in
from vfs.drive import drive
store = store_in(pathlib.Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    provider = files(store) if number % 7 == 0 else notes(store)
    drive(put(provider, f"/{number:05}", body(number)))
    print("ACK", number, flush=True)
    number += 1
"""


def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: pathlib.Path) -> None:
    chance = random.Random(1)
    acknowledged = -1
    for _ in range(200 if FULL else 12):
        argv = [sys.executable, "-c", WRITER, str(tmp_path), str(acknowledged + 1)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        for line in lines:
            if line.startswith("ACK "):
                acknowledged = max(acknowledged, int(line.split()[1]))
        store = make_store(tmp_path)
        there = {int(name) for provider in (notes(store), files(store)) for name in drive(names(provider))}
        assert set(range(acknowledged + 1)) <= there
        assert max(there, default=-1) <= acknowledged + 1
        for number in list(there)[-5:]:
            provider = files(store) if number % 7 == 0 else notes(store)
            assert drive(read(provider, f"/{number:05}")) == body(number)
        assert drive(store.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0])) == "ok"
        drive(store.aclose())
    store = make_store(tmp_path)
    assert drive(StoreHistory(store).verify()) is None
    assert drive(StoreIndexing(store).check()) == []
    drive(store.aclose())
    assert acknowledged > 20


ONE_WRITE = """
import pathlib, sys
from tests.store.alone import files, put, store_in
from vfs.drive import drive
from vfs.errors import VfsError
store = store_in(pathlib.Path(sys.argv[1]))
try:
    drive(put(files(store), "/a", sys.argv[2].encode() * int(sys.argv[3])))
    drive(store.aclose())
except VfsError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""


FAULTS = {"error=EIO": (1,), "error=ENOSPC": (3,), "signal=KILL": (1, 3)}
"""What is done to a call of the system, and to the how many-eth, unless all are."""


@pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed")
@pytest.mark.parametrize("size", [100, 100_000])
def test_whatever_call_of_the_system_fails_there_is_the_old_or_the_new(
    tmp_path: pathlib.Path, size: int
) -> None:
    store = make_store(tmp_path)
    found: collections.Counter[str] = collections.Counter()
    for call in ("openat", "pwrite64", "write", "fsync", "fdatasync", "rename", "unlink", "ftruncate"):
        for fault, steps in FAULTS.items():
            for step in range(1, 60) if FULL else steps:
                drive(put(files(store), "/a", b"old!" * size))
                drive(store.aclose())
                argv = [
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    str(tmp_path / "trace"),
                    "-P",
                    str(tmp_path / "spatio.db"),
                ]
                argv += ["-P", str(tmp_path / "spatio.db-wal"), "-P", str(tmp_path / "objects")]
                argv += ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={step}"]
                argv += [sys.executable, "-c", ONE_WRITE, str(tmp_path), "new!", str(size)]
                done = subprocess.run(argv, capture_output=True, text=True, check=False)
                trace = (tmp_path / "trace").read_text(errors="replace")
                if "INJECTED" not in trace and done.returncode == 0:
                    break
                assert "Traceback" not in done.stderr, done.stderr
                now = drive(read(files(store), "/a"))
                assert now in (b"old!" * size, b"new!" * size)
                if done.returncode == 0:
                    assert now == b"new!" * size, (call, fault, step)
                found["done" if done.returncode == 0 else "told"] += 1
                drive(store.aclose())
    assert found["told"] > 5


APPENDER = """
import pathlib, sys
from tests.store.alone import blocks, change, notes, path, store_in
from vfs.drive import drive
from vfs.provider import Mode
store = store_in(pathlib.Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    line = f"{sys.argv[2]} {number}\\n".encode()
    drive(notes(store).write(path("/log.md"), blocks(line), change(), mode=Mode.APPEND))
drive(store.aclose())
"""


def test_two_programs_that_append_to_one_note_lose_no_line(tmp_path: pathlib.Path) -> None:
    count = 1000 if FULL else 150
    running = [
        subprocess.Popen([sys.executable, "-c", APPENDER, str(tmp_path), who, str(count)])
        for who in ("ada", "bob")
    ]
    assert [process.wait(300) for process in running] == [0, 0]
    store = make_store(tmp_path)
    lines = drive(read(notes(store), "/log.md")).decode().splitlines()
    assert sorted(lines) == sorted(f"{who} {number}" for who in ("ada", "bob") for number in range(count))
    for who in ("ada", "bob"):
        own = [line for line in lines if line.startswith(who)]
        assert own == [f"{who} {number}" for number in range(count)]
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


@pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed")
def test_a_flush_that_fails_once_is_a_write_that_failed(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, "-c", ONE_WRITE, str(tmp_path), "old!", "10"], check=True)
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync"]
    argv += ["-e", "inject=fdatasync:error=EIO:when=1"]
    argv += [sys.executable, "-c", ONE_WRITE, str(tmp_path), "new!", "10"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "disk" in done.stderr


def test_few_file_descriptors_are_one_clear_error_and_no_damage(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, "-c", ONE_WRITE, str(tmp_path), "old!", "10"], check=True)
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))\n"
    code = ONE_WRITE.replace("store = store_in", limited + "store = store_in")
    warm = "import providers.store.editing, fcntl\n" + code
    done = subprocess.run(
        [sys.executable, "-c", warm, str(tmp_path), "new!", "10"], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    store = make_store(tmp_path)
    assert drive(read(files(store), "/a")) in (b"old!" * 10, b"new!" * 10)
    drive(store.aclose())
