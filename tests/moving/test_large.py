"""A very large content: memory stays the same, whatever carries it."""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from tests.moving.home import arguments, database
from tests.store.desk import FULL, change, files, make_store, path
from tests.workspaces import outside_env
from vfs.drive import drive

SIZE = 1024 if FULL else 128
"""Megabytes."""
MOST = 120
"""Megabytes of memory that a verb may take."""

pytestmark = pytest.mark.timeout(900)


async def noise() -> AsyncIterator[bytes]:
    """Half of it can be packed."""
    chance = random.Random(1)
    for number in range(SIZE):
        yield chance.randbytes(1 << 20) if number % 2 else bytes([number % 256]) * (1 << 20)


PROBE = """
import os, re, sys
leave = os._exit
def tell(status):
    text = open("/proc/self/status").read()
    os.write(1, re.search(r"VmHWM:\\s+(\\d+)", text)[1].encode())
    leave(status)
os._exit = tell
from spatio.entry import main
main()
"""


def memory_of(home: pathlib.Path, *words: str | pathlib.Path) -> int:
    """The most memory, in megabytes, that a verb took."""
    argv = [sys.executable, "-c", PROBE, *arguments(home, *words)[3:]]
    done = subprocess.run(argv, env=outside_env(home), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) // 1024


def test_memory_stays_the_same_however_large_a_content_is(tmp_path: pathlib.Path) -> None:
    home = tmp_path / "home"
    store = make_store(home / "data")
    drive(files(store).write(path("/huge"), noise(), change()))
    drive(store.aclose())
    file, target = tmp_path / "backup", tmp_path / "else" / "spatio.db"
    for words in (
        (home, "backup", file),
        (home, "backup", "--check", file),
        (tmp_path / "other", "restore", file),
        (home, "migrate", "--to", target),
    ):
        assert memory_of(*words) < MOST, words
    objects = [next(place.glob("objects/*/*")) for place in (database(home).parent, target.parent)]
    assert len({subprocess.check_output(["sha256sum", place])[:64] for place in objects}) == 1
    assert file.stat().st_size < 0.6 * (SIZE << 20)
