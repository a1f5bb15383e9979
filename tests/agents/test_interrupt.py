"""Ctrl-C on a real process, in the middle of an answer."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

from tests.agents.server import Hang, Server, serving

ROOT = pathlib.Path(__file__).resolve().parents[2]


def spatio(*words: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "spatio", *words],
        env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    while not server.requests and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.1)


def test_ctrl_c_ends_a_run_with_130_and_the_old_file_stays(tmp_path: pathlib.Path) -> None:
    with serving(Hang("Never ending")) as server:
        env = {
            **os.environ,
            "SPATIO_HOME": str(tmp_path / "home"),
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "k",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        before = spatio("-c", "echo old > /notes/o.md; echo x > /notes/a.md", env=env)
        before.communicate(timeout=60)
        process = spatio("-c", "agent run summarizer /notes/a.md > /notes/o.md", env=env)
        wait_for(server, process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"the old content stays" in errors
        assert b"Traceback" not in errors
        kept = spatio("-c", "cat /notes/o.md; agent runs", env=env)
        out, _ = kept.communicate(timeout=60)
    assert out.startswith(b"old\n")
    assert b"summarizer cancelled" in out
