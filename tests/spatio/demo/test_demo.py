"""`spatio demo` from outside: throw-away, or kept; the tour of the README holds."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tests.workspaces import copy_of_demo, outside_env, run_in

ROOT = pathlib.Path(__file__).parents[3]
SPATIO = (sys.executable, "-m", "spatio")


def demo(tmp_path: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**outside_env(tmp_path / "own"), "TMPDIR": str(tmp_path)}
    return subprocess.run(
        [*SPATIO, "demo", *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_demo_leaves_nothing_behind(tmp_path: pathlib.Path) -> None:
    done = demo(tmp_path, "-c", "ls /notes | wc -l; exit 3")
    assert done.returncode == 3, done.stderr
    assert int(done.stdout) > 15
    assert os.listdir(tmp_path) == []


def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: pathlib.Path) -> None:
    env = {**outside_env(tmp_path / "own"), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([*SPATIO, "demo", "sleep", "60"], env=env, cwd=ROOT) as process:
        end = time.monotonic() + 30
        while not list(tmp_path.glob("spatio-demo-*/config.toml")) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert os.listdir(tmp_path) == []


def test_a_kept_demo_is_filled_once(tmp_path: pathlib.Path) -> None:
    keep = tmp_path / "kept"
    assert demo(tmp_path, "--keep", str(keep), "-c", "echo mine > /notes/mine.md").returncode == 0
    assert demo(tmp_path, "--keep", str(keep), "cat", "/notes/mine.md").stdout == "mine\n"


def test_a_day_can_be_chosen(tmp_path: pathlib.Path) -> None:
    done = demo(tmp_path, "--today", "2027-03-01", "-c", "date +%F; ls /notes/weekly | tail -1")
    assert done.stdout == "2027-03-01\n2027-W08.md\n", done.stderr


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return copy_of_demo(tmp_path / "home")


def test_the_search_of_the_tour_finds_invoices(home: pathlib.Path) -> None:
    answer = run_in(home, 'search "invoice" in /')
    assert answer.status == 0
    assert answer.out.count("\n") >= 10
    assert "Found" in answer.err


def test_the_tasks_of_the_tour_come_by_date(home: pathlib.Path) -> None:
    answer = run_in(
        home, "ls /tasks | where priority >= 2 | sort-by due | first 3 | select due priority | to csv"
    )
    rows = answer.out.split("\n")[1:4]
    assert rows == sorted(rows)
    assert len([row for row in rows if row.split(",")[1] in ("2", "3")]) == 3


def test_the_summary_of_the_tour_can_be_taken_back(home: pathlib.Path) -> None:
    made = run_in(home, "agent run summarizer /notes/*.md > /notes/summary.md")
    assert made.status == 0, made
    assert "Running agent 'summarizer'" in made.err
    assert "Created /notes/summary.md" in made.err
    assert run_in(home, "wc -c < /notes/summary.md").status == 0
    assert run_in(home, "undo").status == 0
    assert run_in(home, "cat /notes/summary.md").status == 1
    assert run_in(home, "cat /notes/meeting-notes.md").status == 0


def test_the_demo_has_nothing_to_undo_at_first(home: pathlib.Path) -> None:
    assert "nothing to undo" in run_in(home, "undo").err


def test_files_keep_the_day_of_their_story(home: pathlib.Path) -> None:
    answer = run_in(home, "ls /notes/journal | select name mtime | to csv | tail -1")
    name, mtime = answer.out.strip().split(",")
    assert mtime.startswith(name.removesuffix(".md"))
