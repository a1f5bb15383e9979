"""Workspaces in homes, and the verbs run on them as a person runs them."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import NamedTuple

from providers.store.history import StoreHistory
from providers.store.sqlite import SqliteStore
from tests.moving.desk import said, sound
from tests.workspaces import copy_of_demo, outside_env, run_in
from vfs.drive import drive

LINES = (
    "seq 1 60000 > /files/large; seq 1 50000 | tac > /files/larger",
    "echo a > /notes/a.md; mv /notes/a.md /notes/b.md; rm /notes/shopping.md",
    "agent run summarizer /notes/year-plan.md > /notes/summary.md",
    "echo last > /notes/last.md",
)


class Ended(NamedTuple):
    """How a program ended."""

    status: int
    err: str


def grown(home: pathlib.Path) -> pathlib.Path:
    """The demo's workspace, with large contents, a run, and changes to take back."""
    copy_of_demo(home)
    for line in LINES:
        assert run_in(home, line).status == 0, line
    return home


def arguments(home: pathlib.Path, *words: str | pathlib.Path) -> list[str]:
    return [sys.executable, "-m", "spatio", "--home", str(home), *map(str, words)]


def spatio(home: pathlib.Path, *words: str | pathlib.Path, **env: str) -> Ended:
    """A verb, as a program of its own. It never ends with a traceback."""
    done = subprocess.run(
        arguments(home, *words), env=outside_env(home) | env, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout == ""
    return Ended(done.returncode, done.stderr)


def store_of(database: pathlib.Path) -> SqliteStore:
    """The store of a database that must be there."""
    assert database.exists()
    return SqliteStore(database, database.parent / "objects", keep_copy=False)


def rows_of(database: pathlib.Path) -> object:
    """Every row, of a database that is sound."""
    store = store_of(database)
    try:
        assert drive(sound(store)) == []
        assert drive(StoreHistory(store).verify()) is None
        return said(store)
    finally:
        drive(store.aclose())


def database(home: pathlib.Path) -> pathlib.Path:
    return home / "data" / "spatio.db"


def left_beside(place: pathlib.Path) -> list[str]:
    """What lies beside a file that was to be made."""
    return sorted(
        name for name in os.listdir(place.parent) if name.startswith(place.name) and name != place.name
    )
