"""connect google-calendar, against a certified provider on loopback and a service that knows its logins."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator

import keyring
import keyring.backends.fail
import pytest

from providers.oauth import Login
from spatio.config import load_config
from spatio.login import browser
from spatio.paths import places
from spatio.secrets import Vault, opening
from tests.gcal.account import meeting
from tests.servers.googlecalendar import ME, Account, calendars
from tests.servers.oidc import ALICE, Browser, Oidc, oidc
from tests.workspaces import run_in

EVENTS = "https://www.googleapis.com/auth/calendar.events"


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture
def service() -> Iterator[Account]:
    with calendars() as service:
        yield service


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    opening.forget_keys()
    monkeypatch.setattr(browser, "open_in_browser", Browser(ALICE).open)
    return tmp_path / "home"


@pytest.fixture
def downloaded(server: Oidc, service: Account, tmp_path: pathlib.Path) -> str:
    """The client as the person downloaded it, for a service that is not at Google."""
    client = server.client()
    client["installed"]["api_uri"] = service.web.url
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps(client))
    return str(file)


def login_of(home: pathlib.Path) -> Login:
    return Login.parse(Vault(places(home)).read(f"google-calendar:{ALICE}") or "")


def test_calendars_at_google_are_connected_and_read(
    home: pathlib.Path, downloaded: str, service: Account
) -> None:
    service.put(meeting("Lunch"))
    answer = run_in(home, f"connect google-calendar --client {downloaded}")
    assert answer.status == 0, answer
    assert f"Connected: {ALICE} at /calendar" in answer.err
    (mount,) = (one for one in load_config(places(home)).mounts if str(one.path) == "/calendar")
    assert (mount.provider, mount.options["default"]) == ("google-calendar", "me-example.org")
    assert EVENTS in login_of(home).scopes
    assert not any("gmail" in scope for scope in login_of(home).scopes)
    answer = run_in(home, "sync /calendar")
    assert answer.status == 0, answer
    answer = run_in(home, "ls /calendar/2026-11-21")
    assert answer.out.split() == ["1400-lunch.ics"] or "lunch.ics" in answer.out, answer


def test_who_only_lets_read_is_not_asked_for_more(
    home: pathlib.Path, downloaded: str, service: Account
) -> None:
    service.put(meeting("Lunch"))
    assert run_in(home, f"connect google-calendar --allow read --client {downloaded}").status == 0
    assert EVENTS not in login_of(home).scopes
    assert run_in(home, "sync /calendar").status == 0
    refused = run_in(home, "rm /calendar/calendars/me-example.org/lunch.ics")
    assert refused.status != 0
    assert "Traceback" not in refused.err
    assert len(service.live(ME)) == 1
    more = run_in(home, "connect google-calendar --allow modify")
    assert more.status == 0, more
    assert EVENTS in login_of(home).scopes


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("connect google-calendar --allow send", "--allow send is for gmail"),
        ("connect google-calendar ada", "an address is NAME@DOMAIN"),
        ("connect google-calendar --host x", "--host is for imap"),
    ],
)
def test_what_it_has_not_is_told(home: pathlib.Path, line: str, reason: str) -> None:
    answer = run_in(home, line)
    assert (answer.status, reason in answer.err) == (2, True), answer
