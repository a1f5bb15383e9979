"""A workspace: lazy, found in one step, its mounts kept in the config."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from spatio import plugins
from spatio.config import ConfigError
from spatio.scratch import open_scratch
from spatio.workspace import open_workspace
from tests.workspaces import outside_env, run_in
from vfs.drive import drive
from vfs.errors import BadName, Exists, NotFound, Unavailable
from vfs.path import Path
from vfs.provider import Provider

ROOT = pathlib.Path(__file__).parents[2]
ROUNDS = 200 if os.environ.get("SPATIO_FULL") else 12


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


def test_opening_a_workspace_makes_and_opens_nothing(home: pathlib.Path) -> None:
    workspace = open_workspace(home)
    assert [str(mount.path) for mount in workspace.mounts if mount.opened is not None] == []
    drive(workspace.aclose())
    assert not home.exists()


def test_looking_at_the_root_opens_no_mount(home: pathlib.Path) -> None:
    answer = run_in(home, "ls /")
    expected = "agents banking calendar dev files notes outbox sys tasks tmp"
    assert answer.out.split() == expected.split()
    assert not home.exists()


def test_the_first_use_brings_the_agents(home: pathlib.Path) -> None:
    assert "summarizer.md" in run_in(home, "ls /agents").out
    assert run_in(home, "ls /notes /tasks /files").status == 0


def test_a_workspace_can_be_closed_twice_and_used_again(home: pathlib.Path) -> None:
    workspace = open_workspace(home)
    drive(workspace.store().read(lambda connection: None))
    drive(workspace.aclose())
    drive(workspace.aclose())
    assert run_in(home, "ls /agents").status == 0


def test_a_mount_lasts_and_a_umount_too(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.txt").write_text("seen\n")
    assert run_in(home, f"mount /pictures local path={folder}").status == 0
    assert run_in(home, "cat /pictures/a.txt").out == "seen\n"
    assert run_in(home, "umount /pictures").status == 0
    assert run_in(home, "cat /pictures/a.txt").status == 1
    assert (folder / "a.txt").exists()
    assert run_in(home, "umount /tasks").status == 0
    assert "tasks" not in run_in(home, "ls /").out.split()


def test_what_cannot_be_mounted_is_not_kept(home: pathlib.Path) -> None:
    workspace = open_workspace(home)
    mounting = workspace.services.mounting
    for path, provider, options, kind in (
        (Path(("notes",)), "memory", {}, Exists),
        (Path(("x",)), "memroy", {}, NotFound),
        (Path(("x",)), "local", {"pth": "/"}, BadName),
        (Path(("x",)), "local", {}, BadName),
    ):
        with pytest.raises(kind):
            drive(mounting.mount(path, provider, options, read_only=False))
    assert workspace.mounts.at(Path(("x",))) is None
    assert not os.path.exists(workspace.where.config_file)


def test_an_unknown_provider_and_option_name_the_nearest(home: pathlib.Path) -> None:
    assert "did you mean memory?" in run_in(home, "mount /x memroy").err
    assert "did you mean path?" in run_in(home, "mount /x local pth=/tmp").err


def test_a_config_that_cannot_be_written_leaves_the_mounts_as_they_were(home: pathlib.Path) -> None:
    home.mkdir()
    (home / "config.toml").mkdir()
    with pytest.raises(ConfigError):
        open_workspace(home)
    (home / "config.toml").rmdir()
    workspace = open_workspace(home)
    (home / "config.toml").mkdir()
    with pytest.raises(ConfigError):
        drive(workspace.services.mounting.umount(Path(("notes",))))
    assert workspace.mounts.at(Path(("notes",))) is not None


def test_a_provider_that_needs_an_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plugins.TABLE, "far", ("providers.not_installed:PROVIDER", "far"))
    with pytest.raises(Unavailable) as caught:
        plugins.provider_spec("far")
    assert caught.value.hint == "pip install 'spatio-shell[far]'"


def test_scratch_space_is_not_journalled(home: pathlib.Path) -> None:
    assert run_in(home, "echo x > /tmp/x", "cat /tmp/x").out == "x\n"
    assert run_in(home, "cat /tmp/x").out == "x\n"
    assert "nothing to undo" in run_in(home, "undo").err


def test_scratch_space_without_a_folder_is_in_memory() -> None:
    opened: Provider = open_scratch("/proc/nowhere/tmp")
    assert drive(opened.stat(Path())).is_folder


def test_a_kill_while_founding_leaves_a_whole_workspace_or_none(tmp_path: pathlib.Path) -> None:
    chance = random.Random(1)
    for at in range(ROUNDS):
        home = tmp_path / str(at)
        process = subprocess.Popen(
            [sys.executable, "-m", "spatio", "ls", "/agents"],
            env=outside_env(home), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.03, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        answer = run_in(home, "ls /agents")
        assert (answer.status, answer.err) == (0, "")
        assert "summarizer.md" in answer.out


def test_a_database_that_is_gone_is_told_and_not_made_anew(home: pathlib.Path) -> None:
    assert run_in(home, "echo kept > /notes/a").status == 0
    database = next(home.rglob("spatio.db"))
    kept = database.rename(home / "elsewhere")
    for line in ("cat /notes/a", "echo x > /notes/b", "ls /notes"):
        ran = run_in(home, line)
        assert ran.status != 0
        assert "the database is damaged: it is missing, though it was here" in ran.err
        assert "to begin anew, remove" in ran.err
    assert not database.exists()
    kept.rename(database)
    assert run_in(home, "cat /notes/a").out == "kept\n"


def test_a_lock_of_another_program_is_waited_for_visibly(home: pathlib.Path) -> None:
    assert run_in(home, "echo kept > /notes/a").status == 0
    other = sqlite3.connect(next(home.rglob("spatio.db")), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    ending = threading.Timer(1.0, other.execute, ("COMMIT",))
    ending.start()
    main = "import sys; sys.path.insert(0, sys.argv.pop(1)); from spatio.entry import main; main()"
    words = [sys.executable, "-c", main, str(ROOT), "-c", "echo new > /notes/a; cat /notes/a"]
    env = outside_env(home)
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    ending.join()
    other.close()
    assert (done.returncode, done.stdout) == (0, "new\n")
    assert done.stderr.startswith("spatio: waiting for ")


def test_sys_shows_mounts_and_commands(home: pathlib.Path) -> None:
    assert '"/notes"' in run_in(home, "cat /sys/mounts").out.replace(" ", "")
    assert '"ls"' in run_in(home, "cat /sys/commands").out
