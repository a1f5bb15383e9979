"""connect plaid and disconnect, against a real server and a browser that does what its page says."""

from __future__ import annotations

import json
import os
import pathlib
import threading
import time
import webbrowser
from collections.abc import Iterator

import keyring
import keyring.backends.fail
import pytest

from commands.stream import Collected, Given, Io
from spatio.accountcheck import check_accounts
from spatio.config import load_config
from spatio.paths import places
from spatio.secrets import Vault, opening
from spatio.workspace import open_workspace
from tests.plaid.browser import Person
from tests.servers.plaid import CLIENT_ID, SECRET, Bank, Plaid, error_of, plaid, refusal
from tests.workspaces import Answer, run_in
from vfs.drive import drive
from vfs.path import Path


@pytest.fixture(autouse=True)
def key_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    for name in ("SPATIO_PLAID_CLIENT_ID", "SPATIO_PLAID_SECRET", "SPATIO_PLAID_ENV"):
        monkeypatch.delenv(name, raising=False)
    opening.forget_keys()


@pytest.fixture
def service() -> Iterator[Plaid]:
    with plaid() as made:
        yield made


@pytest.fixture
def person(service: Plaid, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Sits before a screen."""
    made = Person(service)
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setattr(webbrowser, "open", made)
    return made


class Home:
    def __init__(self, folder: pathlib.Path, service: Plaid) -> None:
        self.path = folder / "home"
        self.service = service
        self.client = folder / "plaid.json"
        told = {"client_id": CLIENT_ID, "secret": SECRET, "environment": service.web.url}
        self.client.write_text(json.dumps(told))

    def run(self, *lines: str) -> Answer:
        return run_in(self.path, *lines)

    def connect(self, *more: str) -> Answer:
        return self.run(" ".join(("connect plaid --client", str(self.client), *more)))

    def secrets(self) -> list[str]:
        return sorted(Vault(places(self.path))._sealed_names())

    def mounts(self) -> dict[str, dict[str, str]]:
        found = load_config(places(self.path)).mounts
        return {str(one.path): dict(one.options) for one in found if one.provider == "plaid"}

    def bank(self, name: str) -> Bank:
        bank = Bank(name, len(self.service.banks) + len(self.service.next) + 1)
        bank.account("Checking", 12543.21)
        bank.add(f"t-{bank.item}", "2026-11-01", 5, "Coffee")
        self.service.next.append(bank)
        return bank


@pytest.fixture
def home(tmp_path: pathlib.Path, service: Plaid) -> Home:
    return Home(tmp_path, service)


def test_a_bank_is_connected_by_its_page_and_read(home: Home, person: Person) -> None:
    bank = home.bank("First Platypus Bank")
    answer = home.connect()
    assert answer.status == 0, answer
    assert "Connected: first-platypus-bank at /banking" in answer.err
    assert bank.token not in answer.out + answer.err
    assert SECRET not in answer.out + answer.err
    [(path, options)] = home.mounts().items()
    assert path == "/banking"
    assert options["institution"] == "First Platypus Bank"
    assert bank.token not in (home.path / "config.toml").read_text()
    assert len(home.secrets()) == 2
    assert home.run("sync /banking").status == 0
    assert "-5.00,USD,checking,Coffee" in home.run("cat /banking/transactions/2026-11.csv").out
    assert '"balance": "12543.21"' in home.run("cat /banking/accounts/checking.json").out
    [(_, asked)] = [one for one in home.service.asked if one[0] == "/link/token/create"]
    assert (asked["products"], asked["transactions"]) == (["transactions"], {"days_requested": 730})


def test_a_second_bank_is_shown_beside_the_first(home: Home, person: Person) -> None:
    home.bank("First Platypus Bank")
    home.bank("Tattersall")
    home.bank("Tattersall")
    assert home.connect().status == 0
    assert home.run("connect plaid").status == 0
    answer = home.run("connect plaid")
    assert answer.status == 0, answer
    assert sorted(home.mounts()) == [
        "/banking/first-platypus-bank", "/banking/tattersall", "/banking/tattersall-2",
    ]  # fmt: skip
    assert home.run("sync /banking").status == 0
    assert len(home.run("ls /banking/transactions").out.split()) == 3
    assert home.run("disconnect tattersall-2").status == 0
    assert sorted(home.mounts()) == ["/banking/first-platypus-bank", "/banking/tattersall"]


def test_without_a_screen_it_is_a_page_at_plaid(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("spatio.login.link.PAUSE", 0.01)
    home.bank("Tattersall")
    service = home.service

    def elsewhere() -> None:
        until = time.monotonic() + 60
        while not any(path == "/link/token/get" for path, _ in service.asked) and time.monotonic() < until:
            time.sleep(0.01)
        service.chosen(next(iter(service.links)))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    answer = home.connect()
    thread.join()
    assert answer.status == 0, answer
    assert "https://secure.plaid.com/hl/" in answer.err
    assert list(home.mounts()) == ["/banking"]


def test_a_page_at_plaid_that_is_left_connects_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatio.login.link.PAUSE", 0.01)
    service = home.service

    def elsewhere() -> None:
        until = time.monotonic() + 60
        while not service.links and time.monotonic() < until:
            time.sleep(0.01)
        next(iter(service.links.values()))["left"] = True

    thread = threading.Thread(target=elsewhere)
    thread.start()
    answer = home.connect("--device")
    thread.join()
    assert (answer.status, home.mounts(), home.secrets()) == (77, {}, [])
    assert "the login was left" in answer.err


def test_what_cannot_be_mounted_is_ended_at_plaid(home: Home, person: Person) -> None:
    bank = home.bank("Tattersall")
    answer = home.connect("--at /notes")
    assert (answer.status, home.mounts()) == (1, {})
    assert person.opened == []
    home.path.mkdir(exist_ok=True)
    config = home.path / "config.toml"
    person.before = config.mkdir
    answer = home.connect()
    assert answer.status != 0
    assert (home.secrets(), bank.removed) == ([], True)


def test_whoever_leaves_the_page_connects_nothing(home: Home, person: Person) -> None:
    person.leaves = True
    answer = home.connect()
    assert (answer.status, home.mounts(), home.secrets()) == (77, {}, [])


def test_a_bank_that_wants_the_person_again_gets_it_without_losing_anything(
    home: Home, person: Person
) -> None:
    bank = home.bank("Tattersall")
    assert home.connect().status == 0
    assert home.run("sync /banking").status == 0
    bank.error = error_of("ITEM_LOGIN_REQUIRED")
    stale = home.run("sync /banking")
    assert stale.status == 77
    assert "Tattersall wants you to log in again" in stale.err
    assert "run: connect plaid tattersall" in stale.err
    before = home.secrets()
    answer = home.run("connect plaid tattersall")
    assert answer.status == 0, answer
    assert "Logged in again" in answer.err
    asked = [asked for path, asked in home.service.asked if path == "/link/token/create"][-1]
    assert asked["access_token"] == bank.token
    assert "products" not in asked
    assert home.secrets() == before
    assert home.run("sync /banking").status == 0


def test_a_connection_that_was_ended_is_made_anew_in_its_place(home: Home, person: Person) -> None:
    bank = home.bank("Tattersall")
    assert home.connect().status == 0
    assert home.run("sync /banking").status == 0
    bank.removed = True
    assert home.run("sync /banking").status == 77
    home.bank("Tattersall")
    answer = home.run("connect plaid tattersall")
    assert answer.status == 0, answer
    assert list(home.mounts()) == ["/banking"]
    assert home.run("sync /banking").status == 0


def test_disconnect_ends_the_connection_at_plaid_and_keeps_what_was_fetched(
    home: Home, person: Person
) -> None:
    bank = home.bank("Tattersall")
    assert home.connect().status == 0
    assert home.run("sync /banking").status == 0
    reply = refusal("RATE_LIMIT", "RATE_LIMIT_EXCEEDED", 429, retry_after="3600")
    home.service.web.fail("reply", times=9, about="/item/remove", reply=reply)
    answer = home.run("disconnect tattersall -y")
    assert (answer.status, list(home.mounts()), bank.removed) == (75, ["/banking"], False)
    home.service.web.faults = []
    home.run("echo '{}' > /banking/accounts/mine.json")
    answer = home.run("disconnect tattersall")
    assert answer.status == 0, answer
    assert (home.mounts(), home.secrets(), bank.removed) == ({}, [], True)
    assert "stay in the workspace" in answer.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "client_id"),
        ('{"client_id": "a"}', "client_id"),
        ('{"client_id": "a", "secret": ""}', "client_id"),
        ('{"client_id": "a", "secret": "b", "environment": "nowhere"}', "sandbox or production"),
        ('{"client_id": "a", "secret": "b", "environment": "http://example.org"}', "https://"),
    ],
)
def test_keys_in_no_form_are_one_line(home: Home, person: Person, text: str, said: str) -> None:
    home.client.write_text(text)
    answer = home.connect()
    assert answer.status != 0
    assert said in answer.err
    assert (home.mounts(), home.secrets()) == ({}, [])


def test_keys_that_plaid_refuses_connect_nothing(home: Home, person: Person) -> None:
    told = {"client_id": CLIENT_ID, "secret": "wr0ngcanary", "environment": home.service.web.url}
    home.client.write_text(json.dumps(told))
    answer = home.connect()
    assert (answer.status, home.mounts(), home.secrets()) == (77, {}, [])
    assert "wr0ngcanary" not in answer.err
    assert "INVALID_API_KEYS" in answer.err


def test_without_keys_the_steps_are_told(home: Home, person: Person) -> None:
    answer = home.run("connect plaid")
    assert answer.status == 77
    assert "https://dashboard.plaid.com:\n    1. sign up" in answer.err
    assert "^J" not in answer.err


def test_keys_may_stand_in_the_environment(
    home: Home, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPATIO_PLAID_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SPATIO_PLAID_SECRET", SECRET)
    monkeypatch.setenv("SPATIO_PLAID_ENV", home.service.web.url)
    home.bank("Tattersall")
    answer = home.run("connect plaid --name joint")
    assert answer.status == 0, answer
    assert "Connected: joint at /banking" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--host example.org", "--host is for imap"),
        ("--allow modify", "transfer alone"),
        ("--allow transfer", "legal name"),
        ("Big/Bank", "lower-case"),
    ],
)
def test_words_that_make_no_sense_are_refused(home: Home, person: Person, words: str, said: str) -> None:
    answer = home.connect(words)
    assert (answer.status, home.mounts()) == (2, {})
    assert said in answer.err


def test_transfer_is_for_plaid_alone(home: Home) -> None:
    answer = home.run("connect gmail ada@gmail.com --allow transfer")
    assert answer.status == 2
    assert "--allow transfer is for plaid" in answer.err


def test_transfers_are_offered_where_they_were_allowed(home: Home, person: Person) -> None:
    home.bank("Tattersall")
    answer = home.connect("--allow transfer --user 'Ada Lovelace'")
    assert answer.status == 0, answer
    options = home.mounts()["/banking"]
    assert (options["products"], options["holder"]) == ("transactions transfer", "Ada Lovelace")
    found = load_config(places(home.path)).mounts
    assert [one.trust for one in found if one.path == Path(("banking",))] == ["outside"]


def test_the_doctor_says_how_it_stands(home: Home, person: Person) -> None:
    bank = home.bank("Tattersall")
    assert home.connect().status == 0
    workspace = open_workspace(home.path)
    [finding] = check_accounts(workspace)
    assert (finding.state, "tattersall at Tattersall, over Plaid" in finding.text) == ("ok", True)
    bank.error = error_of("ITEM_LOGIN_REQUIRED")
    [finding] = check_accounts(workspace)
    assert finding.state == "bad"
    assert "wants you to log in again" in finding.text
    drive(workspace.aclose())


def test_money_is_moved_once_a_person_has_said_yes(home: Home, person: Person) -> None:
    home.bank("Tattersall")
    assert home.connect("--allow transfer --user 'Ada Lovelace'").status == 0
    assert home.run("sync /banking").status == 0
    assert home.run("bank transfer checking plaid 12.50").status == 77
    assert home.service.transfers == []
    asked: list[str] = []

    async def yes(question: str) -> bool:
        asked.append(question)
        return True

    async def said(line: str) -> Answer:
        workspace = open_workspace(home.path)
        session = workspace.session(interactive=True, asker=yes)
        out, errors = Collected(), Collected()
        try:
            done = await session.run(line, Io(Given(b""), out, errors), last=False)
        finally:
            await workspace.aclose()
        return Answer(done.status, out.data.decode(), errors.data.decode())

    answer = drive(said("bank transfer checking plaid 12.50 --note rent"))
    assert answer.status == 0, answer
    assert "Transfer $12.50 now?" in asked[0]
    [made] = home.service.transfers
    assert (made["amount"], made["type"], made["description"]) == ("12.50", "debit", "rent")
    again = drive(said("bank transfer checking plaid 12.50 --note rent"))
    assert again.status != 0
    assert "not made twice" in again.err
    assert len(home.service.transfers) == 1
