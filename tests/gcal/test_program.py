"""The program itself, one process a command, on an account at Google Calendar."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from providers.calendar.google.provider import PROVIDER, WRITES, address_of, login_name
from providers.oauth import Client, Login
from tests.gcal.account import meeting, weekly
from tests.servers.googlecalendar import ME, Account, calendars
from tests.servers.web import Reply, Request, Web, serving
from tests.workspaces import outside_env
from vfs.errors import BadName

CANARY = "canary-7d20"


@pytest.fixture
def service() -> Iterator[Account]:
    with calendars() as service:
        yield service


@pytest.fixture
def tokens() -> Iterator[Web]:
    """Where logins are renewed."""

    def answer(request: Request) -> Reply:
        value = {"access_token": f"{CANARY}-access", "expires_in": 3600, "token_type": "Bearer"}
        return Reply(body=json.dumps(value).encode())

    with serving(answer) as web:
        yield web


class Program:
    """A workspace with the account at `/calendar`."""

    def __init__(self, home: pathlib.Path, service: Account, tokens: Web) -> None:
        self.home = home
        self.flags: list[str] = []
        home.mkdir(mode=0o700)
        lines = ['[mounts."/calendar"]', 'provider = "google-calendar"', f'address = "{ME}"']
        lines += [
            f'endpoint = "{service.web.url}"',
            '[mounts."/outbox"]',
            'provider = "outbox"',
            'countdown = "0s"',
        ]
        (home / "config.toml").write_text("\n".join([*lines, ""]))
        client = Client("an-id", f"{CANARY}-client", f"{tokens.url}/auth", f"{tokens.url}/token")
        self.login = Login(client, f"{CANARY}-refresh", ME, WRITES[:1]).text()

    def run(self, *words: str) -> str:
        status, out, err = self.tried(*words)
        assert status == 0, err
        return out

    def tried(self, *words: str) -> tuple[int, str, str]:
        secret = {"SPATIO_SECRET_GOOGLE_CALENDAR_ME_EXAMPLE_ORG": self.login, "TZ": "Europe/Helsinki"}
        argv = [sys.executable, *self.flags, "-m", "spatio", *words]
        env = {**outside_env(self.home), **secret}
        done = subprocess.run(argv, input="", capture_output=True, text=True, timeout=60, env=env)
        assert CANARY not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def program(service: Account, tokens: Web, tmp_path: pathlib.Path) -> Program:
    return Program(tmp_path / "home", service, tokens)


def test_the_login_of_an_account_is_named_by_its_address() -> None:
    assert address_of({"address": "Ada <Ada@Example.org>"}) == "ada@example.org"
    assert login_name("ada@example.org") == "google-calendar:ada@example.org"
    assert [option.name for option in PROVIDER.options if option.required] == ["address"]
    with pytest.raises(BadName):
        address_of({"address": "ada"})


def test_a_person_looks_schedules_moves_and_invites(service: Account, program: Program) -> None:
    series = service.put(weekly())["id"]
    service.put(meeting("Lunch"))
    program.run("sync", "/calendar")
    assert "1400-lunch.ics" in program.run("ls", "/calendar/2026-11-21")
    assert "0900-standup.ics" in program.run("ls", "/calendar/2026-11-16")
    program.run("mv", "/calendar/2026-11-21/1400-lunch.ics", "/calendar/2026-11-22/1500-lunch.ics")
    program.run("rm", "/calendar/2026-11-16/0900-standup.ics")
    program.run("calendar", "schedule", "Team meeting", "2026-12-01 14:00")
    program.run("sync", "/calendar")
    events = service.shelf().events
    assert events[f"{series}_20261116T070000Z"]["status"] == "cancelled"
    starts = {one["summary"]: one["start"]["dateTime"] for one in service.live()}
    assert starts["Lunch"] == "2026-11-22T15:00:00+02:00"
    assert starts["Team meeting"] == "2026-12-01T14:00:00+02:00"
    assert not service.told
    path = "/calendar/2026-12-01/1400-team-meeting.ics"
    program.run("calendar", "invite", path, "bob@example.org", "--yes")
    assert service.told == [("bob@example.org", "Team meeting")]


def test_what_is_fresh_is_shown_without_the_network(service: Account, program: Program) -> None:
    service.put(meeting("Lunch"))
    program.run("sync")
    service.web.seen.clear()
    program.flags = ["-X", "importtime"]
    status, out, loaded = program.tried("ls", "/calendar/2026-11-21")
    assert (status, out.split()) == (0, ["1400-lunch.ics"])
    assert not service.web.seen
    names = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert not names & {"httpx2", "asyncio", "ssl", "providers.calendar.google.remote"}


def test_a_service_that_cannot_be_reached_is_one_line(service: Account, program: Program) -> None:
    service.web.fail("drop", times=10_000)
    status, out, err = program.tried("sync")
    assert status != 0
    assert "Google Calendar" in out + err
    assert "Traceback" not in err
    assert (out + err).count("\n") <= 3
