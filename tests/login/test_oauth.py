"""Tokens: renewed once, kept before they are used, by one program at a time; revocation and clocks."""

from __future__ import annotations

import asyncio
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from providers.oauth import Client, Login, Tokens, check_address, post_form
from providers.spec import Opening
from spatio.login import browser
from spatio.login.google import revoke
from spatio.secrets import Secret, Vault
from tests.login.vaults import client_of, login_from, opening_over, vault_in
from tests.servers.oidc import MODIFY, READ, SECRET, Browser, Oidc, oidc
from vfs.drive import drive
from vfs.errors import BadName, LoginNeeded, Unavailable

NAME = "google:alice@example.org"
CLIENT = Client("id", "secret", "https://a.example/auth", "https://a.example/token")
REPOSITORY = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


@pytest.fixture
def vault(tmp_path: pathlib.Path) -> Vault:
    return vault_in(tmp_path / "home")


class Service:
    """A token endpoint that counts, gives a new refresh token each time, and takes only the last one."""

    def __init__(self, *, lasts: float = 3600, rotates: bool = True) -> None:
        self.valid = "r0"
        self.count = 0
        self.lasts = lasts
        self.rotates = rotates
        self.fail: tuple[int, Mapping[str, Any]] | Exception | None = None

    def __call__(self, url: str, fields: Mapping[str, str], service: str) -> tuple[int, Mapping[str, Any]]:
        self.count += 1
        if isinstance(self.fail, Exception):
            raise self.fail
        if self.fail:
            return self.fail
        if fields["refresh_token"] != self.valid:
            return 400, {"error": "invalid_grant", "error_description": fields["refresh_token"]}
        answer = {"access_token": f"a{self.count}", "expires_in": self.lasts, "token_type": "Bearer"}
        if self.rotates:
            self.valid = f"r{self.count}"
            answer["refresh_token"] = self.valid
        return 200, answer


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


def tokens(vault: Vault, service: Service, clock: Clock | None = None) -> Tokens:
    return Tokens(
        opening_over(vault),
        NAME,
        service="Gmail",
        hint="run: connect gmail",
        ask=service,
        clock=clock or Clock(),
    )


def keep(vault: Vault, **more: Any) -> None:
    vault.keep(NAME, Secret(Login(CLIENT, "r0", "alice@example.org", **more).text()))


def test_a_token_is_asked_for_once_and_kept(vault: Vault) -> None:
    keep(vault)
    service = Service()
    mine = tokens(vault, service)
    assert [drive(mine.access()) for _ in range(3)] == ["a1"] * 3
    # Another run of the program finds it.
    assert drive(tokens(vault, service).access()) == "a1"
    assert service.count == 1


def test_many_at_once_renew_once(vault: Vault) -> None:
    keep(vault)
    service = Service()
    mine = tokens(vault, service)

    async def many() -> list[str]:
        first = await mine.access()
        return await asyncio.gather(*[mine.renewed(first) for _ in range(20)])

    assert asyncio.run(many()) == ["a2"] * 20
    assert service.count == 2


def test_a_token_that_another_program_renewed_is_taken(vault: Vault) -> None:
    keep(vault)
    service = Service()
    one, two = tokens(vault, service), tokens(vault, service)
    assert drive(one.access()) == drive(two.access()) == "a1"
    assert drive(one.renewed("a1")) == "a2"
    assert drive(two.renewed("a1")) == "a2"
    assert service.count == 2


def test_a_token_runs_out_and_a_clock_that_was_set_back_makes_it_old(vault: Vault) -> None:
    keep(vault)
    service, clock = Service(), Clock()
    mine = tokens(vault, service, clock)
    drive(mine.access())
    clock.time += 3600 - 61
    assert drive(mine.access()) == "a1"
    clock.time += 2
    assert drive(mine.access()) == "a2"
    clock.time -= 7200
    assert drive(mine.access()) == "a3"


def test_a_rotated_token_is_on_disk_before_it_is_used(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(vault)
    service = Service()
    mine = tokens(vault, service)

    def full(name: str, text: str) -> None:
        raise Unavailable(None, "disk full")

    with monkeypatch.context() as broken:
        broken.setattr(vault, "keep_text", full)
        for _ in range(2):
            with pytest.raises(Unavailable, match="disk full"):
                drive(mine.access())
    assert drive(mine.access()) == "a1"
    assert Login.parse(vault.read(NAME) or "").refresh == "r1"
    assert service.count == 1


def test_a_login_in_the_environment_is_renewed_in_memory(tmp_path: pathlib.Path) -> None:
    text = Login(CLIENT, "r0").text()
    vault = Vault(vault_in(tmp_path / "h").where, {"SPATIO_SECRET_GOOGLE_ALICE_EXAMPLE_ORG": text})
    service = Service()
    mine = tokens(vault, service)
    assert drive(mine.access()) == "a1"
    assert drive(mine.renewed("a1")) == "a2"
    assert not os.path.exists(vault.file)


@pytest.mark.parametrize(
    ("word", "says", "hint"),
    [
        ("invalid_grant", "revoked, or not used for too long", "run: connect gmail"),
        ("invalid_client", "not known any more", "run: connect gmail --client FILE"),
        ("\x1b[2J evil", "no reason was given", "run: connect gmail"),
    ],
)
def test_a_refused_renewal_says_the_next_step(vault: Vault, word: str, says: str, hint: str) -> None:
    keep(vault)
    service = Service()
    service.fail = (400, {"error": word, "error_description": "r0"})
    with pytest.raises(LoginNeeded, match=says) as refused:
        drive(tokens(vault, service).access())
    assert refused.value.hint == hint
    assert refused.value.status == 77
    assert "r0" not in f"{refused.value}"


def test_a_service_that_is_away_is_no_lost_login(vault: Vault) -> None:
    keep(vault)
    service = Service()
    service.fail = Unavailable(None, "away")
    mine = tokens(vault, service)
    with pytest.raises(Unavailable):
        drive(mine.access())
    service.fail = None
    assert drive(mine.access()) == "a2"


def test_nobody_logged_in_and_a_damaged_login(vault: Vault) -> None:
    for text in (None, "{", "[]", '{"client": {}}', '{"client": 1}', "[" * 100_000):
        if text is not None:
            vault.keep(NAME, Secret(text))
        with pytest.raises(LoginNeeded) as refused:
            drive(tokens(vault, Service()).access())
        assert refused.value.hint == "run: connect gmail"


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": 7}, {"access_token": "a\nb"}, {"access_token": ""}, {"access_token": "é"}]
)
def test_an_answer_that_is_no_token_is_not_used(vault: Vault, answer: Mapping[str, Any]) -> None:
    keep(vault)
    service = Service()
    service.fail = (200, answer)
    with pytest.raises(Unavailable):
        drive(tokens(vault, service).access())
    assert Login.parse(vault.read(NAME) or "").refresh == "r0"


def test_what_was_not_allowed_names_the_next_step(vault: Vault) -> None:
    keep(vault, scopes=(READ,))
    mine = tokens(vault, Service())
    drive(mine.require([READ, MODIFY], "read"))
    with pytest.raises(LoginNeeded, match="not allowed Spatio to modify") as refused:
        drive(mine.require([MODIFY], "modify"))
    assert refused.value.hint == "run: connect gmail --allow modify"


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/token", "ftp://a.example/", "https://user@a.example/", "https:///x", "https://a\n.b/",
        "http://127.0.0.1.evil.example/", "http://[::1/", "",
    ],
)  # fmt: skip
def test_a_token_is_sent_by_tls_or_not_at_all(url: str) -> None:
    with pytest.raises(BadName):
        check_address(url, "token_uri")
    for good in ("https://oauth2.googleapis.com/token", "http://127.0.0.1:8080/t", "http://[::1]:1/"):
        assert check_address(good, "token_uri") == good


# -- against a real provider


def logged_in(server: Oidc, vault: Vault) -> Login:
    client = client_of(server)
    scopes = ["openid", "email", READ]
    answer = drive(browser.log_in(client, scopes, silent, open_page=Browser().open, seconds=20))
    login = login_from(client, answer)
    vault.keep(NAME, Secret(login.text()))
    return login


async def silent(line: str) -> None:
    return None


def real(opening: Opening) -> Tokens:
    return Tokens(opening, NAME, service="Gmail", hint="run: connect gmail")


def test_a_real_provider_rotates_the_token_and_the_new_one_is_kept(server: Oidc, vault: Vault) -> None:
    login = logged_in(server, vault)
    mine = real(opening_over(vault))
    access = drive(mine.access())
    assert access != login.access
    kept = Login.parse(vault.read(NAME) or "")
    assert kept.access == access
    assert kept.refresh != login.refresh
    assert drive(mine.renewed(access)) != access


def test_a_login_that_is_revoked_in_the_middle_names_the_next_step(server: Oidc, vault: Vault) -> None:
    logged_in(server, vault)
    mine = real(opening_over(vault))
    access = drive(mine.access())
    revoke(Login.parse(vault.read(NAME) or ""))
    with pytest.raises(LoginNeeded, match="revoked") as ended:
        drive(mine.renewed(access))
    assert ended.value.hint == "run: connect gmail"
    # What has ended already may be ended again.
    revoke(Login.parse(vault.read(NAME) or ""))


def test_a_wrong_client_secret_is_told_without_it(server: Oidc, vault: Vault) -> None:
    login = logged_in(server, vault)
    wrong = login._replace(client=login.client._replace(secret="c4nary" * 6))
    vault.keep(NAME, Secret(wrong._replace(access="").text()))
    with pytest.raises(LoginNeeded, match="not known any more") as refused:
        drive(real(opening_over(vault)).access())
    assert "c4nary" not in f"{refused.value} {refused.value.hint}"


PROGRAM = """
import asyncio, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
from tests.login.test_oauth import real
from tests.login.vaults import opening_over, vault_in
from vfs.drive import drive
mine = real(opening_over(vault_in(pathlib.Path(sys.argv[2]))))
access = drive(mine.access())
for _ in range(int(sys.argv[3])):
    print(access, flush=True)
    access = drive(mine.renewed(access))
"""


def program(vault: Vault, rounds: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", PROGRAM, str(REPOSITORY), vault.where.config, str(rounds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_two_programs_that_renew_at_once_lose_no_token(server: Oidc, vault: Vault) -> None:
    logged_in(server, vault)
    # The provider ends the whole login when a refresh token is used twice.
    running = [program(vault, 3) for _ in range(2)]
    for one in running:
        _, errors = one.communicate(timeout=60)
        assert one.returncode == 0, errors.decode()
    assert drive(real(opening_over(vault)).access())


def test_a_token_survives_a_kill_between_keeping_and_using(server: Oidc, vault: Vault) -> None:
    logged_in(server, vault)
    with program(vault, 1000) as one:
        assert one.stdout is not None
        for _ in range(3):
            one.stdout.readline()
        with vault.alone(NAME):
            # Nobody is renewing: whatever was given is on disk, and nothing else is valid.
            one.send_signal(signal.SIGKILL)
            one.wait()
    assert SECRET.encode() not in pathlib.Path(vault.file).read_bytes()
    assert drive(real(opening_over(vault)).access())
    renewed = drive(real(opening_over(vault)).renewed(Login.parse(vault.read(NAME) or "").access))
    assert renewed


def test_a_form_is_answered_by_json_alone(server: Oidc) -> None:
    status, answer = post_form(f"{server.url}/token", {"grant_type": "none"}, "Test")
    assert status == 400
    assert "error" in answer


def test_a_renewal_loads_nothing_of_googles(server: Oidc, vault: Vault) -> None:
    logged_in(server, vault)
    text = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from providers.oauth import Tokens
assert not {"httpx2", "asyncio", "ssl", "cryptography"} & set(sys.modules), "asked for by the import alone"
from tests.login.vaults import opening_over, vault_in
from vfs.drive import drive
mine = Tokens(opening_over(vault_in(pathlib.Path(sys.argv[2]))), sys.argv[3], service="Gmail", hint="x")
drive(mine.renewed(drive(mine.access())))
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"google", "google_auth_oauthlib", "oauthlib", "requests"}, loaded
"""
    words = [sys.executable, "-c", text, str(REPOSITORY), vault.where.config, NAME]
    ran = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
