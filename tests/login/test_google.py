"""connect gmail, against a certified provider on loopback: scopes, two accounts, the end of a login."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable, Iterator

import keyring
import keyring.backends.fail
import pytest

from commands.command import Failure
from providers.oauth import Login, Tokens
from spatio.config import load_config
from spatio.login import browser, client
from spatio.login.client import client_text, from_environment, parse_client, read_client
from spatio.paths import places
from spatio.secrets import Vault, opening
from tests.login.vaults import opening_over
from tests.servers.gmail import error, mailbox
from tests.servers.oidc import ALICE, MODIFY, READ, SECRET, Browser, Oidc, oidc
from tests.workspaces import Answer, run_in
from vfs.drive import drive
from vfs.errors import LoginNeeded

BOB = "bob@example.org"


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture(autouse=True)
def key_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    opening.forget_keys()


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


@pytest.fixture
def downloaded(server: Oidc, tmp_path: pathlib.Path) -> str:
    """The client as the person downloaded it."""
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps(server.client()))
    return str(file)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody at the browser of this computer."""

    def sit(who: str) -> None:
        monkeypatch.setattr(browser, "open_in_browser", Browser(who).open)

    sit(ALICE)
    return sit


def login_of(home: pathlib.Path, who: str = ALICE) -> Login:
    return Login.parse(Vault(places(home)).read(f"google:{who}") or "")


def mounts(home: pathlib.Path) -> dict[str, str]:
    found = load_config(places(home)).mounts
    return {str(one.path): one.provider for one in found if one.path.parts[:1] == ("mail",)}


def test_a_mailbox_at_gmail_is_connected(
    home: pathlib.Path, downloaded: str, person: Callable[[str], None]
) -> None:
    answer = run_in(home, f"connect gmail --client {downloaded}")
    assert answer.status == 0, answer
    assert f"Connected: {ALICE} at /mail; its login is kept in {places(home).secrets_file}" in answer.err
    assert mounts(home) == {"/mail": "gmail"}
    login = login_of(home)
    assert (login.address, READ in login.scopes, MODIFY in login.scopes) == (ALICE, True, False)
    everything = (home / "config.toml").read_text() + answer.out + answer.err
    for secret in (SECRET, login.refresh, login.access, downloaded):
        assert secret not in everything


def test_more_is_allowed_beside_what_was(
    home: pathlib.Path, downloaded: str, person: Callable[[str], None]
) -> None:
    run_in(home, f"connect gmail --client {downloaded}")
    vault = Vault(places(home))
    mine = Tokens(opening_over(vault), f"google:{ALICE}", service="Gmail", hint="run: connect gmail")
    with pytest.raises(LoginNeeded, match="not allowed Spatio to modify") as refused:
        drive(mine.require([MODIFY], "modify"))
    assert refused.value.hint == "run: connect gmail --allow modify"
    # Without --client: the one that was handed over is kept; without an address: there is but one.
    answer = run_in(home, "connect gmail --allow modify")
    assert answer.status == 0, answer
    assert f"Logged in again: {ALICE} at /mail" in answer.err
    assert {READ, MODIFY} <= set(login_of(home).scopes)
    drive(mine.require([MODIFY], "modify"))
    again = run_in(home, "connect gmail")
    assert again.status == 0, again
    assert {READ, MODIFY} <= set(login_of(home).scopes)


def test_a_second_mailbox_is_named_by_its_address(
    home: pathlib.Path, downloaded: str, person: Callable[[str], None]
) -> None:
    run_in(home, f"connect gmail --client {downloaded}")
    other = run_in(home, f"connect gmail {BOB}")
    assert other.status == 77
    assert f"{ALICE} logged in, not {BOB}" in other.err
    assert mounts(home) == {"/mail": "gmail"}
    person(BOB)
    other = run_in(home, f"connect gmail {BOB}")
    assert other.status == 0, other
    assert mounts(home) == {"/mail": "union", "/mail/example": "gmail", "/mail/example-bob": "gmail"}
    which = run_in(home, "connect gmail")
    assert (which.status, "several such accounts are connected" in which.err) == (2, True)


def test_the_end_of_a_login_at_the_service(
    home: pathlib.Path, downloaded: str, person: Callable[[str], None]
) -> None:
    run_in(home, f"connect gmail --client {downloaded}")
    before = login_of(home)
    answer = run_in(home, "disconnect /mail --revoke")
    assert answer.status == 0, answer
    vault = Vault(places(home))
    assert vault._sealed_names() == ()
    assert mounts(home) == {}
    vault.keep_text(f"google:{ALICE}", before.text())
    mine = Tokens(opening_over(vault), f"google:{ALICE}", service="Gmail", hint="run: connect gmail")
    with pytest.raises(LoginNeeded, match="revoked"):
        drive(mine.renewed(before.access))


def test_a_login_that_cannot_be_ended_stays(
    home: pathlib.Path, server: Oidc, tmp_path: pathlib.Path, person: Callable[[str], None]
) -> None:
    table = server.client()
    table["installed"]["revoke_uri"] = "http://127.0.0.1:1/revoke"
    file = tmp_path / "client.json"
    file.write_text(json.dumps(table))
    run_in(home, f"connect gmail --client {file}")
    answer = run_in(home, "disconnect /mail --revoke")
    assert answer.status == 75
    assert "the login could not be ended there" in answer.err
    assert mounts(home) == {"/mail": "gmail"}
    assert login_of(home).refresh


def failed(answer: Answer, status: int, says: str, home: pathlib.Path) -> None:
    assert answer.status == status, answer
    assert says in answer.err
    assert mounts(home) == {}
    assert Vault(places(home))._sealed_names() == ()


def with_api(server: Oidc, tmp_path: pathlib.Path, url: str) -> str:
    table = server.client()
    table["installed"]["api_uri"] = url
    file = tmp_path / "with_api.json"
    file.write_text(json.dumps(table))
    return str(file)


def test_from_the_login_to_the_first_mail(
    home: pathlib.Path, server: Oidc, tmp_path: pathlib.Path, person: Callable[[str], None]
) -> None:
    with mailbox() as box:
        box.add(b"From: Bob <bob@example.org>\r\nSubject: Lunch on Friday\r\n\r\nAt one?\r\n", "INBOX")
        answer = run_in(home, f"connect gmail --client {with_api(server, tmp_path, box.web.url)}")
        assert answer.status == 0, answer
        assert "lunch-on-friday" in run_in(home, "ls /mail/inbox").out
        assert "At one?" in run_in(home, "cat /mail/inbox/*").out


def test_a_mailbox_that_does_not_answer_is_not_connected(
    home: pathlib.Path, server: Oidc, tmp_path: pathlib.Path, person: Callable[[str], None]
) -> None:
    with mailbox() as box:
        box.web.fail("reply", reply=error(403, "accessNotConfigured"), times=9)
        answer = run_in(home, f"connect gmail --client {with_api(server, tmp_path, box.web.url)}")
    failed(answer, 77, "interface is not enabled for this client", home)


def test_without_a_client_the_steps_are_told(home: pathlib.Path) -> None:
    answer = run_in(home, "connect gmail")
    failed(answer, 77, "Spatio brings no registration of its own", home)
    assert "create one of the type Desktop app" in answer.err
    assert "run: connect gmail --client FILE" in answer.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not the JSON of a client"),
        ("[1]", "not the JSON of a client"),
        ('{"installed": {"client_id": 7}}', "not the JSON of a client"),
        ('{"web": {"client_id": "c4nary"}}', "of the type Web application"),
        (
            '{"installed": {"client_id": "i", "token_uri": "http://evil.example/"}}',
            "token_uri must be an https",
        ),
        (
            '{"installed": {"client_id": "i", "revoke_uri": "file:///etc/passwd"}}',
            "revoke_uri must be an https",
        ),
    ],
)
def test_a_file_that_is_no_client_is_told(
    text: str, says: str, home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "client.json"
    file.write_text(text)
    answer = run_in(home, f"connect gmail --client {file}")
    failed(answer, 1, says, home)
    assert "c4nary" not in answer.err
    failed(run_in(home, "connect gmail --client /nowhere"), 1, "no such file", home)


def test_a_client_is_read_back_as_it_was_kept(server: Oidc) -> None:
    made = parse_client(json.dumps(server.client()), "x")
    assert parse_client(client_text(made), "y") == made
    google = parse_client('{"installed": {"client_id": "i", "client_secret": "s"}}', "z")
    assert (google.token_uri, google.revoke_uri) == (client.TOKEN, client.REVOKE)
    assert from_environment({}) is None
    assert from_environment({"SPATIO_GOOGLE_CLIENT_ID": "i", "SPATIO_GOOGLE_CLIENT_SECRET": "s"}) == google
    with pytest.raises(Failure):
        read_client("/dev/zero")
    assert SECRET not in repr(made)
