"""The worker beside the outbox: accounts kept in step, news heard, rules, the config."""

from __future__ import annotations

import pathlib
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.outbox.sink import running_sink
from tests.outbox.test_crash import Scene, until
from tests.servers.dovecot import Dovecot, dovecot

__all__ = ["dovecot"]

MAIL = (
    b"From: Bo <bo@example.org>\r\nTo: ada@example.org\r\nSubject: %s\r\nMessage-ID: <%s@x>\r\n\r\nText.\r\n"
)


@pytest.fixture
def scene(tmp_path: pathlib.Path, dovecot: Dovecot) -> Iterator[Scene]:
    box = dovecot.mailbox()
    with running_sink(box.deliver) as sink:
        yield Scene(tmp_path / "home", box, sink)


@pytest.fixture
def worker(scene: Scene) -> Iterator[None]:
    """A worker that has synced once, and listens."""
    process = scene.start_worker()
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def here(scene: Scene) -> Callable[[str], bool]:
    return lambda subject: subject in scene.spatio("--offline", "ls", "/mail/inbox").out


def test_news_of_a_mailbox_is_here_without_being_asked_for(scene: Scene, worker: None) -> None:
    scene.box.deliver(MAIL % (b"first", b"1"))
    until(lambda: here(scene)("first"))
    scene.box.deliver(MAIL % (b"second", b"2"))
    until(lambda: here(scene)("second"))


def test_what_is_changed_here_is_told_to_the_server_by_the_worker(scene: Scene, worker: None) -> None:
    scene.box.deliver(MAIL % (b"first", b"1"))
    until(lambda: here(scene)("first"))
    assert scene.spatio("--offline", "-c", "mail mark --read /mail/inbox/*").status == 0
    until(lambda: any("\\Seen" in flags for flags in scene.box.flags().values()))


def test_an_account_that_is_connected_later_is_kept_in_step_by_a_worker_that_runs(scene: Scene) -> None:
    config = scene.home / "config.toml"
    text = config.read_text()
    config.write_text("")
    process = scene.start_worker()
    try:
        until(lambda: "worker: runs" in scene.spatio("status").out)
        scene.box.deliver(MAIL % (b"first", b"1"))
        config.write_text(text)
        until(lambda: here(scene)("first"))
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_a_worker_says_offline_that_it_has_nothing_to_do(scene: Scene) -> None:
    answer = scene.spatio("--offline", "worker")
    assert answer.status == 1
    assert "nothing to do offline" in answer.err
