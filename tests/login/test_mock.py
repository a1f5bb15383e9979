"""The login in a browser against a provider in pure Python, where no node is there for the better one."""

from __future__ import annotations

import threading
import urllib.parse
import urllib.request
import warnings
from importlib import import_module
from typing import Any

import pytest

from providers.oauth import Client
from spatio.login import browser
from spatio.login.google import login_of
from tests.servers.oidc import ALICE, READ
from vfs.drive import drive
from vfs.errors import LoginNeeded


async def silent(line: str) -> None:
    return None


@pytest.mark.filterwarnings("ignore")
def test_a_person_logs_in_at_another_provider() -> None:
    scopes = ["openid", "email", READ]
    with warnings.catch_warnings(record=True):
        mock: Any = import_module("oidc_provider_mock")
    user = mock.User(sub=ALICE, claims={"email": ALICE})
    with mock.run_server_in_thread(port=0, user_claims=[user]) as server:
        url = f"http://localhost:{server.server_port}"
        client = Client("any", "secret", f"{url}/oauth2/authorize", f"{url}/oauth2/token")

        def open_page(page: str) -> bool:
            form = urllib.parse.urlencode({"sub": ALICE}).encode()
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            threading.Thread(target=opener.open, args=(page, form, 10), daemon=True).start()
            return True

        answer = drive(browser.log_in(client, scopes, silent, open_page=open_page, seconds=20))
    assert answer["refresh_token"]
    # As somebody who leaves the box beside "read your mail" without its tick.
    assert READ not in answer["scope"]
    with pytest.raises(LoginNeeded, match="reading mail was not allowed") as refused:
        login_of(client, answer, scopes, ALICE)
    assert refused.value.hint == "run: connect gmail, and tick its box"
    assert login_of(client, {**answer, "scope": READ}, scopes, "").address == ALICE
    with pytest.raises(LoginNeeded, match="logged in, not eve"):
        login_of(client, {**answer, "scope": READ}, scopes, "eve@example.org")
