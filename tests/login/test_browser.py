"""The login in a browser, against a certified provider on loopback."""

from __future__ import annotations

import asyncio
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from spatio.login import browser
from spatio.login.google import login_of
from spatio.login.listener import Listener
from tests.login.vaults import client_of
from tests.servers.oidc import ALICE, READ, Browser, Oidc, oidc
from vfs.drive import drive
from vfs.errors import LoginNeeded, TimedOut

SCOPES = ["openid", "email", READ]


@pytest.fixture(scope="module")
def server() -> Iterator[Oidc]:
    with oidc() as running:
        yield running


async def silent(line: str) -> None:
    return None


def fetch(url: str, host: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_person_logs_in_with_the_browser(server: Oidc) -> None:
    told: list[str] = []

    async def tell(line: str) -> None:
        told.append(line)

    person = Browser()
    client = client_of(server)
    answer = drive(browser.log_in(client, SCOPES, tell, open_page=person.open, seconds=20))
    login = login_of(client, answer, SCOPES, "")
    assert login.address == ALICE
    assert login.refresh
    assert login.is_fresh(login.issued + 1)
    assert READ in login.scopes
    asked = parse_qs(urlsplit(told[1]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"][0].startswith("http://127.0.0.1:")
    assert len(asked["state"][0]) >= 32
    assert asked["include_granted_scopes"] == ["true"]


def test_without_a_browser_the_address_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not browser.open_in_browser("https://example.org")


def test_the_address_at_which_another_computers_browser_ends_may_be_pasted(server: Oidc) -> None:
    told: list[str] = []
    client = client_of(server)

    async def tell(line: str) -> None:
        told.append(line)

    async def hear() -> str:
        await asyncio.sleep(0.01)
        if not any("not the address" in line for line in told):
            return "https://evil.example/?state=x&code=y\n"
        page = told[1]
        redirect = parse_qs(urlsplit(page).query)["redirect_uri"][0]
        loop = asyncio.get_running_loop()
        ended = await loop.run_in_executor(None, lambda: Browser().visit(page, until=redirect))
        return f"  {ended}\n"

    answer = drive(browser.log_in(client, SCOPES, tell, hear=hear, open_page=lambda url: False, seconds=20))
    assert answer["refresh_token"]
    assert "paste that page's address here" in told[2]


def test_who_refuses_in_the_browser_is_not_logged_in(server: Oidc) -> None:
    def refuse(url: str) -> bool:
        asked = parse_qs(urlsplit(url).query)
        back = f"{asked['redirect_uri'][0]}?error=access_denied&state={asked['state'][0]}"
        assert fetch(back)[1].count("Nothing was allowed") == 1
        return True

    with pytest.raises(LoginNeeded, match="refused in the browser"):
        drive(browser.log_in(client_of(server), SCOPES, silent, open_page=refuse, seconds=10))


def test_who_never_comes_back_is_waited_for_so_long(server: Oidc) -> None:
    with pytest.raises(TimedOut, match="nobody logged in"):
        drive(browser.log_in(client_of(server), SCOPES, silent, open_page=lambda url: True, seconds=0.05))


def test_an_answer_with_another_state_is_refused_and_the_right_one_still_counts() -> None:
    async def session() -> None:
        with Listener("right") as listener:
            loop = asyncio.get_running_loop()

            async def get(path: str, host: str = "") -> int:
                status, _ = await loop.run_in_executor(None, fetch, listener.address[:-1] + path, host)
                return status

            assert await get("/?state=wrong&code=evil") == 400
            assert await get("/?code=evil") == 400
            assert await get("/?state=right") == 400
            assert await get("/favicon.ico") == 404
            assert await get("/?state=right&code=rebound", "evil.example.org") == 404
            assert await get("/?state=right&code=good") == 200
            assert await get("/?state=right&code=second") == 400
            assert (await listener.answer(5))["code"] == "good"

    asyncio.run(session())


def test_a_connection_that_asks_nothing_holds_nobody_up() -> None:
    async def session() -> None:
        with Listener("s") as listener:
            host, port = listener.place.split(":")
            _, idle = await asyncio.open_connection(host, int(port))
            loop = asyncio.get_running_loop()
            status, _ = await loop.run_in_executor(None, fetch, f"{listener.address}?state=s&code=c")
            assert status == 200
            assert (await listener.answer(5))["code"] == "c"
            idle.close()

    asyncio.run(session())


def code_for(server: Oidc, redirect: str) -> tuple[object, str]:
    """A flow that has been through the browser, and the code that it got."""
    client = client_of(server)
    flow = browser._flow(client, SCOPES)
    flow.redirect_uri = redirect
    url = browser.page_of(flow, client, "s" * 32, access_type="offline", prompt="consent")
    back = Browser().visit(url, until=redirect)
    return flow, parse_qs(urlsplit(back).query)["code"][0]


def test_a_code_is_good_once(server: Oidc) -> None:
    flow, code = code_for(server, "http://127.0.0.1:49152/")
    client = client_of(server)
    assert browser.exchanged(flow, client, code)["refresh_token"]
    with pytest.raises(LoginNeeded, match="invalid_grant"):
        browser.exchanged(flow, client, code)


def test_a_code_without_its_verifier_or_for_another_port_is_refused(server: Oidc) -> None:
    client = client_of(server)
    flow, code = code_for(server, "http://127.0.0.1:49153/")
    flow.code_verifier = "x" * 64  # type: ignore[attr-defined]
    with pytest.raises(LoginNeeded, match="no tokens"):
        browser.exchanged(flow, client, code)
    flow, code = code_for(server, "http://127.0.0.1:49154/")
    flow.redirect_uri = "http://127.0.0.1:49155/"  # type: ignore[attr-defined]
    with pytest.raises(LoginNeeded, match="no tokens"):
        browser.exchanged(flow, client, code)


def test_a_service_that_wants_pkce_gives_no_code_without_it(server: Oidc) -> None:
    client = client_of(server)
    flow = browser._flow(client, SCOPES)
    flow.redirect_uri = "http://127.0.0.1:49156/"
    flow.autogenerate_code_verifier = False
    url = browser.page_of(flow, client, "s" * 32)
    back = Browser().visit(url, until=flow.redirect_uri)
    assert parse_qs(urlsplit(back).query)["error"] == ["invalid_request"]


def test_what_the_flow_sets_for_its_library_is_gone_afterwards(server: Oidc) -> None:
    code_for(server, "http://127.0.0.1:49157/")
    assert not [name for name in os.environ if name.startswith("OAUTHLIB")]
