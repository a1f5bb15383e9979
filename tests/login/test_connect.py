"""connect and disconnect against real mail servers on loopback."""

from __future__ import annotations

import asyncio
import os
import pathlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keyring
import keyring.backends.fail
import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from commands.stream import Collected, Given, Io
from spatio.config import load_config
from spatio.paths import places
from spatio.secrets import Vault, opening
from spatio.workspace import open_workspace
from tests.commands.desk import Desk
from tests.servers.dovecot import PASSWORD, TLS, Dovecot, Mailbox, dovecot
from tests.spatio.test_sealed import Terminal
from tests.workspaces import Answer, run_in
from vfs.drive import drive
from vfs.path import Path

__all__ = ["dovecot"]

MAIL = Path(("mail",))


@pytest.fixture(autouse=True)
def key_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyring, and a key file that somebody has chosen."""
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    opening.forget_keys()


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


@contextmanager
def sending(password: str = PASSWORD) -> Iterator[int]:
    """The port of a server that takes mail from who knows the password."""

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == password.encode(), handled=False)

    ready: list[int] = []
    stop = threading.Event()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(None, authenticator=known, auth_require_tls=False), "127.0.0.1", 0
        )
        ready.append(server.sockets[0].getsockname()[1])
        while not stop.is_set():
            await asyncio.sleep(0.02)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not ready:
        stop.wait(0.01)
    try:
        yield ready[0]
    finally:
        stop.set()
        thread.join()


def words(box: Mailbox, *more: str) -> str:
    line = f"connect imap {box.user} --host 127.0.0.1 --port {box.server.imap} --security none"
    return " ".join((line, *more))


def connect(home: pathlib.Path, box: Mailbox, *more: str, password: str = PASSWORD) -> Answer:
    return run_in(home, words(box, *more), stdin=f"{password}\n".encode())


def config_of(home: pathlib.Path) -> str:
    file = home / "config.toml"
    return file.read_text() if file.exists() else ""


def secrets_of(home: pathlib.Path) -> list[str]:
    vault = Vault(places(home))
    return list(vault._sealed_names())


def test_a_mailbox_is_connected_and_read(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    box.deliver(b"From: Bob <bob@example.org>\r\nSubject: Lunch\r\n\r\nAt one?\r\n")
    with sending() as port:
        more = f"--smtp-host 127.0.0.1 --smtp-port {port} --smtp-security none"
        answer = connect(home, box, more)
    assert answer.status == 0, answer
    assert f"127.0.0.1:{box.server.imap} (plain), 127.0.0.1:{port} (plain)" in answer.err
    assert f"Connected: {box.user} at /mail; its login is kept in {places(home).secrets_file}" in answer.err
    assert PASSWORD not in config_of(home) + answer.out + answer.err
    setting = next(one for one in load_config(places(home)).mounts if one.path == MAIL)
    assert (setting.provider, setting.trust) == ("imap", "outside")
    assert setting.options["smtp_port"] == str(port)
    assert secrets_of(home) == [f"imap:{box.user}@127.0.0.1"]
    assert "inbox" in run_in(home, "ls /mail").out.split()
    assert "lunch" in run_in(home, "ls /mail/inbox").out
    listed = run_in(home, "connect")
    assert listed.out == f"/mail: imap {box.user}\n"


def test_a_refused_password_leaves_nothing(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    answer = connect(home, box, password="wr0ng-c4nary")
    assert answer.status == 77
    assert (
        f"connect: {box.user} at 127.0.0.1: the password was refused\n  look at the user's name" in answer.err
    )
    assert "wr0ng-c4nary" not in answer.err
    assert (config_of(home), secrets_of(home)) == ("", [])


def test_a_password_that_does_not_send_leaves_nothing(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    with sending("another") as port:
        more = f"--smtp-host 127.0.0.1 --smtp-port {port} --smtp-security none"
        answer = connect(home, box, more)
    assert answer.status == 77
    assert "look at --smtp-host; the mailbox itself took this password" in answer.err
    assert (config_of(home), secrets_of(home)) == ("", [])


def test_a_server_that_is_not_there_leaves_nothing(home: pathlib.Path, dovecot: Dovecot) -> None:
    line = "connect imap ada@example.org --host 127.0.0.1 --port 1 --security none"
    answer = run_in(home, line, stdin=b"pw\n")
    assert answer.status == 75
    assert (config_of(home), secrets_of(home)) == ("", [])


def test_without_a_password_nothing_is_asked_of_anybody(home: pathlib.Path, dovecot: Dovecot) -> None:
    answer = run_in(home, words(dovecot.mailbox()))
    assert answer.status == 77
    assert "no password was given; nothing was connected" in answer.err


def test_a_config_that_cannot_be_written_takes_the_secret_back(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    home.mkdir()

    async def session() -> str:
        """One that began before the config was lost."""
        workspace = open_workspace(home)
        shell = workspace.session(env={"HOME": "/"})
        (home / "config.toml").mkdir()
        errors = Collected()
        try:
            await shell.run(words(box), Io(Given(f"{PASSWORD}\n".encode()), Collected(), errors), last=False)
        finally:
            await shell.aclose()
            await workspace.aclose()
        return errors.data.decode()

    assert "config.toml" in drive(session())
    assert secrets_of(home) == []


def test_certificates_are_checked(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    line = f"connect imap {box.user} --host localhost --port {dovecot.imaps}"
    refused = run_in(home, line, stdin=f"{PASSWORD}\n".encode())
    assert refused.status == 75, refused
    assert "certificate" in refused.err
    taken = run_in(home, f"{line} --ca {TLS / 'authority.pem'}", stdin=f"{PASSWORD}\n".encode())
    assert taken.status == 0, taken


def test_a_password_in_the_environment_is_kept_nowhere_else(
    home: pathlib.Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = dovecot.mailbox()
    user = box.user.upper().replace("@", "_").replace(".", "_")
    monkeypatch.setenv(f"SPATIO_SECRET_IMAP_{user}_127_0_0_1", PASSWORD)
    monkeypatch.delenv("SPATIO_KEY_FILE")
    answer = run_in(home, words(box))
    assert answer.status == 0, answer
    assert "its login is kept in the environment" in answer.err
    assert secrets_of(home) == []
    assert run_in(home, "ls /mail").status == 0
    assert (
        f"SPATIO_SECRET_IMAP_{user}_127_0_0_1 still holds its login" in run_in(home, "disconnect /mail").err
    )


def test_without_a_place_for_secrets_nothing_is_asked(
    home: pathlib.Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPATIO_KEY_FILE")
    answer = connect(home, dovecot.mailbox())
    assert answer.status == 75
    assert "there is no system keyring, so no login is kept\n  choose a file under a passphrase" in answer.err
    assert (config_of(home), secrets_of(home)) == ("", [])


def test_a_second_account_makes_a_union_and_its_going_ends_it(home: pathlib.Path, dovecot: Dovecot) -> None:
    one, two = dovecot.mailbox(), dovecot.mailbox()
    one.deliver(b"From: a@example.org\r\nSubject: First\r\n\r\nx\r\n")
    two.deliver(b"From: a@example.org\r\nSubject: Second\r\n\r\nx\r\n")
    assert connect(home, one).status == 0
    second = connect(home, two, "--name work")
    assert second.status == 0, second
    assert "What was /mail is /mail/example, and /mail shows all of them as one" in second.err
    mounts = {
        str(one.path): one.provider for one in load_config(places(home)).mounts if "mail" in str(one.path)
    }
    assert mounts == {"/mail": "union", "/mail/example": "imap", "/mail/work": "imap"}
    both = run_in(home, "ls /mail/inbox").out
    assert "first" in both
    assert "second" in both
    gone = run_in(home, "disconnect work")
    assert gone.status == 0, gone
    assert f"Disconnected: {two.user}; its login is not kept any more" in gone.err
    mounts = {
        str(one.path): one.provider for one in load_config(places(home)).mounts if "mail" in str(one.path)
    }
    assert mounts == {"/mail": "imap"}
    assert secrets_of(home) == [f"imap:{one.user}@127.0.0.1"]
    assert (
        "first" in run_in(home, "--offline", "ls /mail/inbox").out
        or "first" in run_in(home, "ls /mail/inbox").out
    )


def test_what_was_fetched_stays_and_is_there_again(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    box.deliver(b"From: a@example.org\r\nSubject: Kept\r\n\r\nx\r\n")
    connect(home, box)
    assert "kept" in run_in(home, "ls /mail/inbox").out
    left = run_in(home, "disconnect /mail")
    assert "1 entry stays in the workspace" in left.err
    assert run_in(home, "ls /mail").status == 2
    assert connect(home, box).status == 0
    assert "kept" in run_in(home, "ls /mail/inbox").out


def test_forgetting_wants_the_very_words(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    box.deliver(b"From: a@example.org\r\nSubject: C4nary\r\n\r\nx\r\n")
    connect(home, box)
    run_in(home, "ls /mail/inbox")
    refused = run_in(home, "disconnect /mail --forget")
    assert refused.status == 126
    assert "--confirm 'forget /mail'" in refused.err
    assert run_in(home, "ls /mail").status == 0
    gone = run_in(home, "disconnect /mail --forget --confirm 'forget /mail'")
    assert gone.status == 0, gone
    assert "Forgotten for good: " in gone.err
    database = (home / "data" / "spatio.db").read_bytes()
    assert b"c4nary" not in database


def test_a_login_is_made_anew(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    connect(home, box)
    run_in(home, "true")
    Vault(places(home)).drop(f"imap:{box.user}@127.0.0.1")
    again = connect(home, box)
    assert again.status == 0, again
    assert f"Logged in again: {box.user} at /mail" in again.err
    assert config_of(home).count("[mounts.") == 1
    other = run_in(home, f"connect imap {box.user} --host 127.0.0.1 --port 1 --security none", stdin=b"x\n")
    assert other.status == 1
    assert "to change its settings: disconnect /mail" in other.err


def test_a_person_at_a_terminal_is_asked_for_everything(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    shell = Terminal(home, *words(box).split()).until(b"encrypted under a passphrase that you choose? [y/N]")
    shell.type(b"y\n").until(b"A new passphrase for your secrets: ").type(b"correct horse\n")
    shell.until(b"once more: ").type(b"correct horse\n")
    question = f"Password of {box.user} at 127.0.0.1: ".encode()
    shell.until(question).type(b"wr0ng-c4nary\n").until(b"the password was refused")
    status, rest = shell.until(question).type(f"{PASSWORD}\n".encode()).end()
    assert status == 0, rest
    assert b"Connected: " in rest
    assert b"c4nary" not in rest + shell.shown
    assert secrets_of(home) == [f"imap:{box.user}@127.0.0.1"]


def test_an_agent_connects_nothing(home: pathlib.Path) -> None:
    class Guard:
        async def check(self, *about: Any) -> None:
            """Everything is allowed."""

    for line in ("connect", "connect imap ada@fastmail.com", "disconnect /mail"):
        ran = Desk("/mail", guard=Guard()).run(line)  # type: ignore[arg-type]
        assert (ran.status, "only the user may do this" in ran.err) == (126, True)


def test_disconnecting_says_what_waits(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    box.deliver(b"From: a@example.org\r\nSubject: Waits\r\n\r\nx\r\n")
    connect(home, box)
    name = run_in(home, "ls /mail/inbox").out.split()[0]
    config = home / "config.toml"
    config.write_text(config.read_text().replace(f'port = "{dovecot.imap}"', 'port = "1"'))
    run_in(home, f"rm /mail/inbox/{name}")
    answer = run_in(home, "disconnect /mail")
    assert answer.status == 1, answer
    assert "/mail: 1 change not at the service yet\ndisconnect: nothing was disconnected" in answer.err
    assert run_in(home, "disconnect /mail --yes").status == 0
    assert secrets_of(home) == []


def test_only_its_owner_reads_what_a_login_leaves(home: pathlib.Path, dovecot: Dovecot) -> None:
    box = dovecot.mailbox()
    before = os.umask(0)
    try:
        assert connect(home, box).status == 0
        run_in(home, "sync", "ls /mail/inbox")
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o077 for path in (home, *home.rglob("*"))}
    assert len(modes) > 5
    assert not [path for path, others in modes.items() if others]
