"""Ctrl-C in a process of its own, at moments when nothing, something, or much goes on."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

import pytest

MAIN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from spatio.entry import main; main()"
ROOT = pathlib.Path(__file__).parents[2]


def start(home: pathlib.Path, script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, str(ROOT), "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "SPATIO_HOME": str(home)},
        cwd=home,
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "busy",
    [
        "while true; do :; done",
        "while true; do :; done | cat",
        "yes | cat > /dev/null",
        "sleep 100",
        "sleep 100 & wait",
        "for ((;;)); do :; done",
        "x=$(yes)",
        "seq 1000000000 > /dev/null",
        "f() { f & sleep 1; f; }; f",
        "cat",
    ],
)
def test_a_line_that_is_cancelled_ends_with_130_and_without_a_traceback(
    busy: str, tmp_path: pathlib.Path
) -> None:
    process = start(tmp_path, f"echo ready; {busy}; echo never")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)
    assert status == 130
    assert b"never" not in out
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "busy", ["while true; do echo y; done", "yes", "{ echo half; sleep 100; }", "yes | cat"]
)
def test_a_cancelled_line_leaves_the_old_content(busy: str, tmp_path: pathlib.Path) -> None:
    process = start(tmp_path, f"echo old > /files/f; {{ echo ready >&2; {busy}; }} > /files/f")
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    status, _, err = finish(process)
    assert status == 130
    assert b"/files/f: the old content stays" in err
    assert finish(start(tmp_path, "cat /files/f")) == (0, b"old\n", b"")


def test_a_trap_on_exit_runs_when_the_line_is_cancelled(tmp_path: pathlib.Path) -> None:
    process = start(tmp_path, "trap 'echo cleaned' EXIT; echo ready; while true; do :; done")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    status, out, _ = finish(process)
    assert (status, out) == (130, b"cleaned\n")


def test_a_reader_that_closes_the_output_ends_the_script_quietly(tmp_path: pathlib.Path) -> None:
    process = start(tmp_path, "while true; do echo y; done")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    status, _, err = finish(process)
    assert status == 141
    assert err == b""


def test_two_processes_that_append_lose_no_line(tmp_path: pathlib.Path) -> None:
    count = 1000 if os.environ.get("SPATIO_FULL") else 60
    finish(start(tmp_path, "> /files/log"))
    script = "for ((i = 0; i < N; i++)); do echo $0 $i >> /files/log || exit 1; done".replace("N", str(count))
    both = [start(tmp_path, script.replace("$0", name)) for name in ("a", "b")]
    assert [finish(one)[0] for one in both] == [0, 0]
    _, out, _ = finish(start(tmp_path, "cat /files/log"))
    assert sorted(out.split(b"\n")[:-1]) == sorted(
        f"{name} {i}".encode() for name in "ab" for i in range(count)
    )
