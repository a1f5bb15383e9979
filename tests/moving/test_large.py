"""A very large content: memory stays the same, whatever carries it."""

from __future__ import annotations

import os
import pathlib
import random
import subprocess
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


def memory_of(*words: str | pathlib.Path) -> int:
    """The most memory, in bytes, that a verb took."""
    process = subprocess.Popen(
        arguments(*words),  # type: ignore[arg-type]
        env=outside_env(pathlib.Path(words[0])),
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


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
        assert memory_of(*words) < MOST << 20, words
    objects = [next(place.glob("objects/*/*")) for place in (database(home).parent, target.parent)]
    assert len({subprocess.check_output(["sha256sum", place])[:64] for place in objects}) == 1
    assert file.stat().st_size < 0.6 * (SIZE << 20)
