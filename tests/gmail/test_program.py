"""The program itself, one process a command, on an account at Gmail."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from providers.mail.gmail.provider import PROVIDER, address_of, login_name
from providers.oauth import Client, Login
from tests.gmail.account import letter
from tests.servers.gmail import Mailbox, field_of, mailbox
from tests.servers.web import Reply, Request, Web, serving
from tests.workspaces import outside_env
from vfs.errors import BadName

CANARY = "canary-4c1e"
ADDRESS = "me@example.org"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def tokens() -> Iterator[Web]:
    """Where logins are renewed."""

    def answer(request: Request) -> Reply:
        value = {"access_token": f"{CANARY}-access", "expires_in": 3600, "token_type": "Bearer"}
        return Reply(body=json.dumps(value).encode())

    with serving(answer) as web:
        yield web


class Program:
    """A workspace with the account at `/mail`."""

    def __init__(self, home: pathlib.Path, box: Mailbox, tokens: Web, scopes: tuple[str, ...]) -> None:
        self.home = home
        self.flags: list[str] = []
        home.mkdir(mode=0o700)
        lines = [
            '[mounts."/mail"]',
            'provider = "gmail"',
            f'address = "{ADDRESS}"',
            f'endpoint = "{box.web.url}"',
        ]
        (home / "config.toml").write_text("\n".join([*lines, ""]))
        client = Client("an-id", f"{CANARY}-client", f"{tokens.url}/auth", f"{tokens.url}/token")
        self.login = Login(client, f"{CANARY}-refresh", ADDRESS, scopes).text()

    def run(self, *words: str, stdin: str = "") -> tuple[int, str, str]:
        env = {**outside_env(self.home), "SPATIO_SECRET_GOOGLE_ME_EXAMPLE_ORG": self.login}
        argv = [sys.executable, *self.flags, "-m", "spatio", *words]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=60, env=env)
        assert CANARY not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr


FULL = ("https://www.googleapis.com/auth/gmail.modify",)


def test_the_login_of_an_account_is_named_by_its_address() -> None:
    assert address_of({"address": "Ada <Ada@Example.org>"}) == "ada@example.org"
    assert login_name("ada@example.org") == "google:ada@example.org"
    assert [option.name for option in PROVIDER.options if option.required] == ["address"]


@pytest.mark.parametrize("address", ["", "ada", "a b@c.d", "a\n@c.d"])
def test_an_account_without_an_address_is_told_at_once(address: str) -> None:
    with pytest.raises(BadName):
        address_of({"address": address})


def test_a_person_reads_marks_moves_and_sends(box: Mailbox, tokens: Web, tmp_path: pathlib.Path) -> None:
    kept = [box.add(letter(number), "INBOX", "UNREAD") for number in range(5)]
    program = Program(tmp_path / "home", box, tokens, FULL)
    status, out, err = program.run("ls", "/mail/inbox")
    assert (status, out.split()) == (0, [f"2024-01-15-invoice-{number}" for number in range(5)]), err
    status, out, err = program.run("cat", "/mail/inbox/2024-01-15-invoice-3")
    assert "Subject: Invoice 3" in out, err
    assert "hello" in out
    status, out, err = program.run("mv", "/mail/inbox/2024-01-15-invoice-1", "/mail/archive/")
    assert status == 0, err
    status, out, err = program.run("sync")
    assert status == 0, err
    assert kept[1].labels == {"UNREAD"}
    status, out, err = program.run(
        "mail", "send", "--to", "ada@example.org", "-s", "Notes", "--now", stdin="what I wrote\n"
    )
    assert status == 0, err
    assert [field_of(raw, "To") for raw in box.sent] == ["ada@example.org"]
    assert b"what I wrote" in box.sent[0]


def test_what_is_fresh_is_shown_without_the_network(
    box: Mailbox, tokens: Web, tmp_path: pathlib.Path
) -> None:
    box.add(letter(1), "INBOX")
    program = Program(tmp_path / "home", box, tokens, FULL)
    assert program.run("sync")[0] == 0
    box.web.seen.clear()
    program.flags = ["-X", "importtime"]
    status, out, loaded = program.run("cat", "/mail/inbox/2024-01-15-invoice-1")
    assert (status, "Subject: Invoice 1" in out) == (0, True)
    assert not box.web.seen
    names = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert not names & {"httpx2", "asyncio", "ssl", "email.message", "providers.mail.gmail.remote"}


def test_what_was_not_allowed_is_said_with_the_next_step(
    box: Mailbox, tokens: Web, tmp_path: pathlib.Path
) -> None:
    kept = box.add(letter(1), "INBOX", "UNREAD")
    program = Program(tmp_path / "home", box, tokens, ("https://www.googleapis.com/auth/gmail.readonly",))
    assert program.run("ls", "/mail/inbox")[0] == 0
    program.run("mv", "/mail/inbox/2024-01-15-invoice-1", "/mail/archive/")
    _, out, err = program.run("sync")
    assert "allow" in out + err
    assert kept.labels == {"INBOX", "UNREAD"}
    assert program.run("ls", "/mail/inbox")[0] == 0


def test_a_login_that_was_taken_back_leaves_what_is_here_readable(
    box: Mailbox, tokens: Web, tmp_path: pathlib.Path
) -> None:
    box.add(letter(1), "INBOX")
    program = Program(tmp_path / "home", box, tokens, FULL)
    assert program.run("sync")[0] == 0
    box.web.fail("reply", times=10_000, reply=Reply(401))
    tokens.answer = lambda request: Reply(400, b'{"error": "invalid_grant"}')
    status, out, err = program.run("--fresh", "ls", "/mail/inbox")
    assert status != 0
    assert "connect gmail" in err
    status, out, err = program.run("--offline", "cat", "/mail/inbox/2024-01-15-invoice-1")
    assert "Subject: Invoice 1" in out, err


def test_a_gmail_that_cannot_be_reached_is_one_line(
    box: Mailbox, tokens: Web, tmp_path: pathlib.Path
) -> None:
    program = Program(tmp_path / "home", box, tokens, FULL)
    box.web.fail("drop", times=10_000)
    status, out, err = program.run("sync")
    assert status != 0
    assert "Traceback" not in err
    assert (out + err).count("\n") <= 3
    assert "Gmail" in out + err
