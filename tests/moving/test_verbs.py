"""spatio backup, restore and migrate: what a person says, is told, and finds afterwards."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.moving.home import arguments, database, grown, left_beside, rows_of, spatio
from tests.servers import postgres
from tests.workspaces import outside_env, run_in

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return grown(tmp_path_factory.mktemp("grown") / "home")


@pytest.fixture
def home(grown_once: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(grown_once, tmp_path / "home"))


@pytest.fixture
def file(home: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    assert spatio(home, "backup", tmp_path / "backup").status == 0
    return tmp_path / "backup"


LOOKS = ("ls -l /notes /tasks", "cat /notes/b.md /files/larger | wc", "history | head -40", "find /", "trash")


def test_a_restored_workspace_shows_the_same_and_takes_back_the_same(
    home: pathlib.Path, file: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The demo's mailbox is a folder of its home, which is no part of the workspace.
    monkeypatch.setenv("SPATIO_OFFLINE", "1")
    other = tmp_path / "other"
    done = spatio(other, "restore", file)
    assert done.status == 0
    assert "restored as of" in done.err
    assert left_beside(database(other)) == ["spatio.db.head"]
    assert rows_of(database(home)) == rows_of(database(other))
    for line in (*LOOKS, "undo", "undo", "undo", "cat /notes/shopping.md", "search plan", "audit verify"):
        mine, theirs = run_in(home, line), run_in(other, line)
        assert mine == theirs, line
        assert mine.status == 0, line
    assert (other / "config.toml").read_text() == (home / "config.toml").read_text()
    for place in (other, other / "data", database(other), other / "config.toml"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0, place


def test_a_backup_says_what_it_holds_and_is_checked_without_a_workspace(
    home: pathlib.Path, file: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    done = spatio(tmp_path / "none", "backup", "--check", file)
    assert done.status == 0
    assert ": whole; " in done.err
    assert not (tmp_path / "none").exists()
    done = spatio(home, "backup", file)
    assert (done.status, done.err.count("\n")) == (1, 2)
    assert "is there already" in done.err
    assert spatio(home, "backup", file, "--force").status == 0


def test_a_backup_takes_the_place_of_files_only(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for words in ((), ("--force",)):
        done = spatio(home, "backup", pipe, *words)
        assert done.status == 1
        assert "is a device, not a file" in done.err
        assert pipe.is_fifo()
        done = spatio(home, "backup", tmp_path, *words)
        assert done.status == 1
        assert "is a directory" in done.err


def test_a_damaged_backup_is_refused_and_nothing_is_changed(
    file: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    for wrong in (data, file.read_bytes()[:-1], b"no backup"):
        file.write_bytes(wrong)
        for words in (("restore", file), ("backup", "--check", file)):
            done = spatio(tmp_path / "other", *words)
            assert done.status == 1
            assert done.err.startswith(f"spatio: {file}: ")
            assert not (tmp_path / "other").exists()
    assert spatio(tmp_path / "other", "restore", tmp_path / "none").err.endswith(
        "none: no such file or directory\n"
    )


def test_a_workspace_that_is_there_is_replaced_only_when_asked_for_and_then_kept(
    home: pathlib.Path, file: pathlib.Path
) -> None:
    run_in(home, "echo after > /notes/after.md; seq 1 70000 > /files/after; rm /files/large")
    before = rows_of(database(home))
    done = spatio(home, "restore", file)
    assert done.status == 1
    assert "there is a workspace already; nothing was changed" in done.err
    assert rows_of(database(home)) == before
    assert spatio(home, "restore", file, "--force").status == 0
    assert run_in(home, "cat /notes/after.md").status == 1
    assert run_in(home, "tail -1 /files/large").out == "60000\n"
    kept = next(database(home).parent.glob("spatio.db-before-restore-*"))
    assert run_in(home, "index check").status == 0
    assert rows_of(kept / "spatio.db") == before
    shown = subprocess.check_output(
        arguments(home, "--store", kept / "spatio.db", "tail", "-1", "/files/after"), env=outside_env(home)
    )
    assert shown == b"70000\n"


def test_a_database_that_was_lost_or_damaged_comes_back(home: pathlib.Path, file: pathlib.Path) -> None:
    rows = rows_of(database(home))
    database(home).unlink()
    assert spatio(home, "ls", "/notes").status == 2
    assert spatio(home, "restore", file).status == 0
    assert rows_of(database(home)) == rows
    database(home).write_bytes(b"\x55" * 40_960)
    assert spatio(home, "restore", file).status == 1
    assert spatio(home, "restore", file, "--force").status == 0
    assert rows_of(database(home)) == rows


def test_the_config_comes_along_without_its_store_and_replaces_none(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    assert spatio(home, "migrate", "--to", tmp_path / "else" / "spatio.db").status == 0
    assert "[store]" in (home / "config.toml").read_text()
    assert spatio(home, "backup", tmp_path / "backup").status == 0
    other, third = tmp_path / "other", tmp_path / "third"
    third.mkdir()
    (third / "config.toml").write_text("[shell]\nhost_commands = true\n")
    for place in (other, third):
        assert spatio(place, "restore", tmp_path / "backup").status == 0
        assert database(place).exists()
    came = (other / "config.toml").read_text()
    assert "[[endpoints]]" in came
    assert "[store]" not in came
    assert (third / "config.toml").read_text() == "[shell]\nhost_commands = true\n"


def test_nothing_to_back_up_is_said_and_nothing_is_made(tmp_path: pathlib.Path) -> None:
    for words in (("backup", tmp_path / "backup"), ("migrate", "--to", tmp_path / "else")):
        done = spatio(tmp_path / "none", *words)
        assert done.status == 1
        assert "there is no workspace here" in done.err
    assert list(tmp_path.iterdir()) == []


# -- migrate


def test_a_workspace_moves_elsewhere_and_back(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    target = tmp_path / "else" / "spatio.db"
    before = rows_of(database(home))
    dry = spatio(home, "migrate", "--to", target, "--dry-run")
    assert dry.status == 0
    assert "nothing was changed" in dry.err
    assert not target.parent.exists()
    done = spatio(home, "migrate", "--to", target)
    assert done.status == 0
    assert f"to go back: spatio migrate --to {database(home)}" in done.err
    assert left_beside(target) == ["spatio.db.head"]
    assert rows_of(target) == rows_of(database(home)) == before
    run_in(home, "echo there > /notes/there.md; seq 1 70000 > /files/there; undo")
    assert rows_of(database(home)) == before
    after = rows_of(target)
    assert spatio(home, "migrate", "--to", database(home)).status == 0
    assert "[store]" not in (home / "config.toml").read_text()
    assert rows_of(database(home)) == after
    kept = next(database(home).parent.glob("spatio.db-before-migrate-*"))
    assert rows_of(kept / "spatio.db") == before
    assert run_in(home, "redo").status == 0
    assert run_in(home, "audit verify").status == 0


def test_what_cannot_be_is_one_line_with_a_next_step(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    other = grown(tmp_path / "other")
    before = rows_of(database(other))
    for words, status, text in (
        (("--to", database(home)), 1, "the workspace is there already"),
        (("--to", database(other)), 1, "holds another workspace already"),
        (("--to", "mysql://host/db"), 2, "there is no kind of store"),
        (("--to", tmp_path / "x", "--objects", "ftp://x"), 2, "there is no kind of objects"),
        (("--to", "postgresql://nobody@127.0.0.1:1/x?sslmode=disable"), 75, "cannot be reached"),
        ((), 2, "Missing option"),
    ):
        done = spatio(home, "migrate", *words)
        assert (done.status, text in done.err) == (status, True), (words, done)
    assert rows_of(database(other)) == before
    assert "[store]" not in (home / "config.toml").read_text()
    done = spatio(home, "restore", "--to", "mysql://x/y", tmp_path / "x")
    assert done.status == 2


@contextmanager
def using(home: pathlib.Path, line: str, *words: str) -> Iterator[int]:
    """A program that has done something in the workspace and is still there; its process."""
    busy = subprocess.Popen(
        arguments(home, *words, "-c", f"{line}; echo ready; cat"),
        env=outside_env(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert busy.stdin is not None
    assert busy.stdout is not None
    assert busy.stdout.readline() == b"ready\n"
    try:
        yield busy.pid
    finally:
        busy.stdin.close()
        busy.stdout.close()
        assert busy.wait(20) == 0


def test_a_program_that_still_uses_the_workspace_keeps_it_from_being_switched(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """What it writes later would be left behind."""
    with using(home, "echo x > /notes/x.md") as process:
        done = spatio(home, "migrate", "--to", tmp_path / "else" / "spatio.db")
    assert done.status == 75
    assert f"process {process}" in done.err
    assert "nothing was switched" in done.err
    assert not (tmp_path / "else" / "spatio.db").exists()
    assert "[store]" not in (home / "config.toml").read_text()
    assert spatio(home, "migrate", "--to", tmp_path / "else" / "spatio.db").status == 0


def test_an_earlier_state_that_is_in_use_is_not_taken_away(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    first, second = database(home), tmp_path / "else" / "spatio.db"
    assert spatio(home, "migrate", "--to", second).status == 0
    with using(home, "cat /notes/year-plan.md > /dev/null", "--store", str(first)) as process:
        done = spatio(home, "migrate", "--to", first)
    assert done.status == 75, done.err
    assert f"is in use by process {process}" in done.err
    assert str(second) in (home / "config.toml").read_text()
    assert spatio(home, "migrate", "--to", first).status == 0


def test_the_store_that_the_environment_names_is_not_switched(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    config = (home / "config.toml").read_text()
    target = tmp_path / "else" / "spatio.db"
    done = spatio(home, "migrate", "--to", target, SPATIO_DATABASE_URL=str(database(home)))
    assert done.status == 0
    assert "SPATIO_DATABASE_URL names the store" in done.err
    assert (home / "config.toml").read_text() == config
    assert rows_of(target) == rows_of(database(home))


# -- PostgreSQL


@pytest.fixture
def address() -> str:
    return f"{postgres.shared().empty().owner}?sslmode=disable"


def test_a_workspace_moves_to_postgresql_and_back(
    home: pathlib.Path, tmp_path: pathlib.Path, address: str
) -> None:
    before = rows_of(database(home))
    dry = spatio(home, "migrate", "--to", address, "--dry-run")
    assert (dry.status, "nothing was changed" in dry.err) == (0, True), dry.err
    done = spatio(home, "migrate", "--to", address)
    assert done.status == 0, done.err
    assert postgres.PASSWORD not in done.err
    assert postgres.PASSWORD not in (home / "config.toml").read_text()
    env = {"PGPASSWORD": postgres.PASSWORD}
    taken = spatio(home, "backup", tmp_path / "backup", **env)
    assert taken.status == 0, taken.err
    other = tmp_path / "other"
    assert spatio(other, "restore", tmp_path / "backup").status == 0
    assert rows_of(database(other)) == before
    back = spatio(home, "migrate", "--to", database(home), **env)
    assert back.status == 0, back.err
    assert rows_of(database(home)) == before


def test_a_backup_is_restored_into_postgresql_and_not_twice(
    home: pathlib.Path, file: pathlib.Path, tmp_path: pathlib.Path, address: str
) -> None:
    rows = rows_of(database(home))
    other = tmp_path / "other"
    done = spatio(other, "restore", file, "--to", address)
    assert done.status == 0, done.err
    assert postgres.PASSWORD not in done.err
    shown = subprocess.run(
        arguments(other, "--store", address, "tail", "-1", "/files/large"),
        env=outside_env(other),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.stdout == "60000\n", shown.stderr
    assert spatio(other, "--store", address, "rm", "/files/large").status == 0
    again = spatio(other, "restore", file, "--to", address)
    assert (again.status, "holds another workspace" in again.err) == (1, True)
    assert spatio(other, "restore", file, "--to", address, "--force").status == 2
    assert rows_of(database(home)) == rows


# -- broken off by the person


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_cancelled_leaves_nothing(
    home: pathlib.Path, tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    run_in(home, "seq 1 3000000 > /files/huge")
    process = subprocess.Popen(
        arguments(home, "backup", tmp_path / "backup"),
        env=outside_env(home),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (left := [name for name in os.listdir(tmp_path) if name.startswith("backup.")]):
        assert process.poll() is None
    assert len(left) == 1
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number, said
    assert "Traceback" not in said
    assert [name for name in os.listdir(tmp_path) if name.startswith("backup")] == []
