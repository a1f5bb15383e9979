"""Nothing is sent twice and nothing is lost: real workers, killed or cut off at each step."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from spatio.workspace import open_workspace
from tests.outbox.sink import STAGES, Sink, running_sink
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox, dovecot
from tests.workspaces import Answer, outside_env, run_in
from vfs.drive import drive

__all__ = ["dovecot"]

FULL = bool(os.environ.get("SPATIO_FULL"))
CUTS = 500 if FULL else 12
MAILS, KILLS = (200, 40) if FULL else (15, 2)
SOME = STAGES if FULL else ("data", "end", "taken")
CONFIG = """
[mounts."/mail"]
provider = "imap"
host = "127.0.0.1"
port = {imap}
security = "none"
user = "{user}"
smtp_host = "127.0.0.1"
smtp_port = {smtp}
smtp_security = "none"
smtp_auth = "none"
timeout = "10"
trust = "outside"
"""


class Scene:
    """A workspace whose mails go to the sink, which delivers them to the writer's own inbox."""

    def __init__(self, home: pathlib.Path, box: Mailbox, sink: Sink) -> None:
        self.home, self.box, self.sink = home, box, sink
        home.mkdir()
        config = CONFIG.format(imap=box.server.imap, user=box.user, smtp=sink.port)
        (home / "config.toml").write_text(config)
        name = "".join(char if char.isalnum() else "_" for char in f"imap:{box.user}@127.0.0.1").upper()
        self.env = outside_env(home) | {f"SPATIO_SECRET_{name}": PASSWORD}

    def queue(self, subject: str) -> None:
        """A mail that waits for a worker."""
        answer = self.spatio("mail", "send", "--to", self.box.user, "-s", subject, "--in", "1s", "text")
        assert answer.status == 0, answer

    def spatio(self, *words: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "spatio", *words],
            env=self.env, capture_output=True, text=True, timeout=60, check=False, input="",
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def start_worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "spatio", "worker"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def states(self) -> list[str]:
        """How it stands with every deed there ever was."""

        async def ask() -> list[str]:
            workspace = open_workspace(self.home)
            try:
                store = workspace.store()
                rows = await store.read(
                    lambda one: one.execute("SELECT state FROM deed ORDER BY node").fetchall()
                )
                return [state for (state,) in rows]
            finally:
                await workspace.aclose()

        return drive(ask())

    def delivered(self, subject: str) -> int:
        return sum(f"Subject: {subject}\r\n".encode() in mail for mail in self.sink.taken)


@pytest.fixture
def scene(tmp_path: pathlib.Path, dovecot: Dovecot) -> Iterator[Scene]:
    box = dovecot.mailbox()
    with running_sink(box.deliver) as sink:
        yield Scene(tmp_path / "home", box, sink)


def hurry(scene: Scene) -> None:
    """Whatever waits for its time is due now."""

    async def change() -> None:
        workspace = open_workspace(scene.home)
        try:
            store = workspace.store()
            await store.write(lambda one: one.execute("UPDATE deed SET due = 0 WHERE state <> 'done'"))
        finally:
            await workspace.aclose()

    drive(change())


@pytest.mark.parametrize("stage", SOME)
def test_a_worker_killed_at_any_step_sends_once_or_leaves_it_to_a_person(scene: Scene, stage: str) -> None:
    scene.queue("Killed")
    hurry(scene)
    scene.sink.stop_at(stage)
    worker = scene.start_worker()
    try:
        assert scene.sink.held.wait(40), "the worker did not come so far"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    scene.sink.go.set()
    answer = scene.spatio("worker", "--once")
    assert answer.status == 0, answer
    [state] = scene.states()
    sent = scene.delivered("Killed")
    if stage in ("connect", "mail", "data"):
        assert (state, sent) == ("done", 1)
    else:
        # The server had all of it: whether it took it shows in the mailbox, or a person decides.
        assert sent == 1
        assert state in ("done", "unknown")
        assert state == "done" or "Killed" in scene.spatio("ls", "-l", "/outbox").out.title()


@pytest.mark.parametrize("stage", SOME)
def test_a_connection_cut_at_any_step_doubles_and_loses_nothing(scene: Scene, stage: str) -> None:
    scene.queue("Cut")
    hurry(scene)
    scene.sink.cuts = [stage]
    first = scene.spatio("worker", "--once")
    assert first.status == (75 if stage in ("connect", "mail", "data") else 0), first
    hurry(scene)
    assert scene.spatio("worker", "--once").status == 0
    [state] = scene.states()
    # Cut off after the last line and before anything was done with it: only a person can know.
    assert (state, scene.delivered("Cut")) == (("unknown", 0) if stage == "end" else ("done", 1))


def test_an_answer_that_never_comes_doubles_nothing_however_often(scene: Scene) -> None:
    for number in range(CUTS):
        run_in(scene.home, f"mail send --yes --to {scene.box.user} -s Number-{number} --in 1h text")
    hurry(scene)
    scene.sink.cuts = ["taken"] * CUTS
    answer = scene.spatio("worker", "--once")
    assert answer.status == 0, answer
    assert scene.states() == ["done"] * CUTS
    assert [scene.delivered(f"Number-{number}") for number in range(CUTS)] == [1] * CUTS


def test_a_one_shot_command_sends_its_own_mail_and_tells_what_came_of_it(scene: Scene) -> None:
    words = ("mail", "send", "--to", scene.box.user, "-s", "Now", "text")
    answer = scene.spatio(*words)
    assert (answer.status, scene.delivered("Now")) == (0, 1), answer
    assert "Sent: Now" in answer.err

    scene.sink.refuses = {"mail": b"550 no such sender here"}
    answer = scene.spatio(*words[:5], "Refused", "text")
    assert answer.status == 1, answer
    assert "no such sender here" in answer.err
    assert "edit /outbox/" in answer.err
    assert "needs you" in scene.spatio("ls", "/notes").err

    scene.sink.refuses = {"connect": b"421 too busy"}
    answer = scene.spatio(*words[:5], "Later", "text")
    assert answer.status == 75, answer
    assert scene.spatio("ls", "/notes").err.startswith("spatio: 1 waits in /outbox, and no worker runs")


def test_two_workers_at_once_send_each_mail_once(scene: Scene) -> None:
    for number in range(10):
        run_in(scene.home, f"mail send --yes --to {scene.box.user} -s Number-{number} --in 1h text")
    hurry(scene)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "spatio", "worker", "--once"],
            env=scene.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    for worker in workers:
        worker.wait(60)
    assert scene.states() == ["done"] * 10
    assert [scene.delivered(f"Number-{number}") for number in range(10)] == [1] * 10


def test_a_worker_stops_at_a_signal_and_shows_itself_while_it_runs(scene: Scene) -> None:
    scene.queue("Later")
    worker = scene.start_worker()
    try:
        until(lambda: scene.states() == ["done"])
        said = scene.spatio("status").out
        assert "worker: runs\n" in said
        assert "outbox: empty\n" in said
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    assert scene.delivered("Later") == 1
    assert "worker: does not run" in scene.spatio("status").out


def until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not ready():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.2)


def test_workers_killed_at_random_moments_double_and_lose_nothing(scene: Scene) -> None:
    lot = random.Random(11)
    for number in range(MAILS):
        run_in(scene.home, f"mail send --yes --to {scene.box.user} -s Number-{number} --in 1h text")
    hurry(scene)
    for _ in range(KILLS):
        worker = scene.start_worker()
        time.sleep(lot.uniform(0.4, 2.0))
        worker.kill()
        worker.wait()
        hurry(scene)
    scene.spatio("worker", "--once")
    states = scene.states()
    sent = [scene.delivered(f"Number-{number}") for number in range(MAILS)]
    assert set(states) <= {"done", "unknown"}
    # What a person is asked about may have arrived; what counts as done has, and nothing has twice.
    assert all(
        count == 1 or (state == "unknown" and count == 0) for state, count in zip(states, sent, strict=True)
    )
    assert states.count("unknown") <= KILLS
