"""connect caldav and disconnect, against a real server: beside what is kept in the workspace alone."""

from __future__ import annotations

import os
import pathlib

import keyring
import keyring.backends.fail
import pytest

from spatio.config import load_config
from spatio.paths import places
from spatio.secrets import Vault, opening
from tests.caldav.account import event
from tests.servers.dav import PASSWORD, DavUser
from tests.servers.radicale import Radicale
from tests.workspaces import Answer, run_in


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


def connect(home: pathlib.Path, user: DavUser, *more: str, password: str = PASSWORD) -> Answer:
    line = " ".join(("connect caldav --url", f"{user.origin}/ --user {user.user}", *more))
    return run_in(home, line, stdin=f"{password}\n".encode())


def mounts(home: pathlib.Path) -> dict[str, str]:
    found = {str(one.path): one.provider for one in load_config(places(home)).mounts}
    return {path: provider for path, provider in found.items() if path.startswith("/calendar")}


def secrets_of(home: pathlib.Path) -> list[str]:
    return list(Vault(places(home))._sealed_names())


def test_calendars_are_connected_and_seen_by_days(home: pathlib.Path, radicale: Radicale) -> None:
    user = radicale.user()
    user.put(f"{user.make('work')}one.ics", event("one", "Team meeting"))
    answer = connect(home, user)
    assert answer.status == 0, answer
    assert "Calendars there: work" in answer.err
    assert f"Connected: {user.user}@127.0.0.1 at /calendar; its login is kept in" in answer.err
    assert PASSWORD not in answer.out + answer.err + (home / "config.toml").read_text()
    assert secrets_of(home) == [f"caldav:{user.user}@127.0.0.1"]
    assert mounts(home) == {"/calendar": "caldav"}
    setting = next(one for one in load_config(places(home)).mounts if str(one.path) == "/calendar")
    assert setting.trust == "outside"
    assert run_in(home, "ls /calendar/2026-11-21").out == "1400-team-meeting.ics\n"
    assert "Team meeting" in run_in(home, "cat /calendar/2026-11-21/1400-team-meeting.ics").out
    assert run_in(home, "connect").out == f"/calendar: caldav {user.user}@127.0.0.1\n"


def test_a_refused_password_leaves_nothing(home: pathlib.Path, radicale: Radicale) -> None:
    before = mounts(home)
    answer = connect(home, radicale.user(), password="wr0ng-c4nary")
    assert answer.status == 77
    assert "the password was refused\n  look at the user's name" in answer.err
    assert "wr0ng-c4nary" not in answer.err
    assert (mounts(home), secrets_of(home)) == (before, [])


def test_what_is_no_calendar_server_is_told(home: pathlib.Path) -> None:
    user = DavUser("http://127.0.0.1:1", "ada", "/")
    assert connect(home, user).status == 75
    for words, says in (
        ("connect caldav", "needs a --user"),
        ("connect caldav ada@example.org", "the calendar server of example.org is not known"),
        ("connect caldav ada@gmail.com", "connect google-calendar"),
        ("connect caldav --user ada --url http://dav.example.org/", "would travel for all to see"),
        ("connect caldav --user ada --url ftp://x", "url is https://HOST"),
        ("connect imap ada@example.org --url https://x/", "--url is for caldav"),
        ("connect caldav --user ada --url https://x/ --host y", "--host is for imap"),
    ):
        answer = run_in(home, words, stdin=b"pw\n")
        assert (answer.status != 0, says in answer.err) == (True, True), answer


def test_what_the_workspace_has_of_its_own_moves_aside_and_back(
    home: pathlib.Path, radicale: Radicale
) -> None:
    user = radicale.user()
    user.put(f"{user.make('work')}one.ics", event("one", "Theirs"))
    wrote = run_in(home, "cat > /calendar/calendars/personal/mine.ics", stdin=event("mine", "Mine"))
    assert wrote.status == 0, wrote
    assert run_in(home, "ls /calendar/2026-11-21").out == "1400-mine.ics\n"
    answer = connect(home, user, "--name", "server")
    assert answer.status == 0, answer
    assert "What was /calendar is /calendar/local, and /calendar shows all of them as one" in answer.err
    assert mounts(home) == {
        "/calendar": "union", "/calendar/local": "calendar", "/calendar/server": "caldav"
    }  # fmt: skip
    run_in(home, "sync")
    assert run_in(home, "ls /calendar/2026-11-21").out.split() == ["1400-mine.ics", "1400-theirs.ics"]
    gone = run_in(home, "disconnect server")
    assert gone.status == 0, gone
    assert mounts(home) == {"/calendar": "calendar"}
    assert secrets_of(home) == []
    assert run_in(home, "ls /calendar/2026-11-21").out == "1400-mine.ics\n"


def test_a_second_account_stands_beside_the_first(home: pathlib.Path, radicale: Radicale) -> None:
    one, two = radicale.user(), radicale.user()
    one.put(f"{one.make('work')}one.ics", event("one", "First"))
    two.put(f"{two.make('work')}two.ics", event("two", "Second"))
    assert connect(home, one).status == 0
    assert connect(home, two, "--name", "second").status == 0
    assert list(mounts(home).values()).count("caldav") == 2
    run_in(home, "sync")
    assert run_in(home, "ls /calendar/2026-11-21").out.split() == ["1400-first.ics", "1400-second.ics"]
    assert run_in(home, "disconnect second").status == 0
    assert mounts(home) == {"/calendar": "caldav"}
    assert run_in(home, "disconnect /calendar").status == 0
    assert mounts(home) == {"/calendar": "calendar"}


def test_a_login_is_made_anew(home: pathlib.Path, radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")
    assert connect(home, user).status == 0
    again = connect(home, user)
    assert again.status == 0, again
    assert f"Logged in again: {user.user}@127.0.0.1 at /calendar" in again.err


def test_a_password_in_the_environment_is_kept_nowhere_else(
    home: pathlib.Path, radicale: Radicale, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = radicale.user()
    user.put(f"{user.make('work')}one.ics", event("one"))
    monkeypatch.setenv(f"SPATIO_SECRET_CALDAV_{user.user.upper()}_127_0_0_1", PASSWORD)
    answer = run_in(home, f"connect caldav --url {user.origin}/ --user {user.user}")
    assert answer.status == 0, answer
    assert "its login is kept in the environment" in answer.err
    assert secrets_of(home) == []
    assert run_in(home, "ls /calendar/2026-11-21").out == "1400-one.ics\n"


def test_the_doctor_looks_at_it(home: pathlib.Path, radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")
    connect(home, user)
    from spatio.accountcheck import check_accounts
    from spatio.workspace import open_workspace

    workspace = open_workspace(home)
    (finding,) = list(check_accounts(workspace))
    assert (finding.state, "logged in, by what lies in the file" in finding.text) == ("ok", True)
