"""The login by a short code, against a certified provider on loopback and against scripted answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from providers.oauth import Client
from spatio.login import device
from tests.login.vaults import client_of
from tests.servers.oidc import READ, Browser, Oidc, oidc
from vfs.drive import drive
from vfs.errors import LoginNeeded, TimedOut, Unavailable

SCOPES = ["openid", "email", READ]
PLAIN = Client("id", "", "https://a.example/auth", "https://a.example/token", "https://a.example/device")
BEGUN = {
    "device_code": "d", "user_code": "ABCD\x1b[2J", "verification_uri": "https://a.example/go",
    "interval": 5, "expires_in": 100,
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


def test_a_code_is_entered_on_another_device(server: Oidc, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    entered = threading.Event()
    slept: list[float] = []

    async def tell(line: str) -> None:
        told.append(line)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            code = told[0].rsplit(" ", 1)[1]
            text = Browser().visit(f"{server.url}/device?user_code={code}")
            assert "Sign-in Success" in text
            entered.set()

    answer = drive(device.log_in(client_of(server), SCOPES, tell, service="Test", sleep=sleep))
    assert entered.is_set()
    assert answer["refresh_token"]
    assert answer["id_token"]
    assert told[0].startswith(f"On any device, open {server.url}/device and enter the code ")


class Script:
    """A service that answers what it is told, and a clock that goes on while somebody sleeps."""

    def __init__(self, *answers: tuple[int, Mapping[str, Any]] | Exception) -> None:
        self.answers = list(answers)
        self.slept: list[float] = []
        self.told: list[str] = []
        self.time = 0.0

    def ask(self, url: str, fields: Mapping[str, str], service: str) -> tuple[int, Mapping[str, Any]]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    async def tell(self, line: str) -> None:
        self.told.append(line)

    def run(self) -> Mapping[str, Any]:
        return drive(
            device.log_in(
                PLAIN,
                SCOPES,
                self.tell,
                service="Test",
                ask=self.ask,
                sleep=self.sleep,
                clock=lambda: self.time,
            )
        )


def test_it_waits_as_the_service_says() -> None:
    pending, slow = {"error": "authorization_pending"}, {"error": "slow_down"}
    script = Script(
        (200, BEGUN), (428, pending), (400, slow), Unavailable(None, "cut"), (200, {"access_token": "t"})
    )
    assert script.run() == {"access_token": "t"}
    assert script.slept == [5, 5, 10, 15]
    assert "\x1b" not in script.told[0]


@pytest.mark.parametrize(
    ("last", "error", "says"),
    [
        ((400, {"error": "access_denied"}), LoginNeeded, "refused there"),
        ((400, {"error": "expired_token"}), TimedOut, "in time"),
        ((400, {"error": "<b>evil</b>"}), LoginNeeded, "no reason was given"),
    ],
)
def test_what_ends_it(last: tuple[int, Mapping[str, Any]], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Script((200, BEGUN), last).run()


def test_a_code_that_nobody_enters_runs_out() -> None:
    pending = (400, {"error": "authorization_pending"})
    script = Script((200, BEGUN), *[pending] * 30)
    with pytest.raises(TimedOut):
        script.run()
    assert script.time > 100


def test_a_service_that_gives_no_code_says_why() -> None:
    with pytest.raises(LoginNeeded, match="invalid_scope") as refused:
        Script((400, {"error": "invalid_scope", "error_description": "c4nary"})).run()
    assert refused.value.hint == "log in with a browser: leave --device out"
    with pytest.raises(LoginNeeded):
        Script((200, {**BEGUN, "device_code": 7})).run()
