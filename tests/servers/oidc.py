"""oidc-provider (npm): a certified OpenID provider, run by node on loopback; and a person at a browser."""

from __future__ import annotations

import http.cookiejar
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

import pytest

MODULES = pathlib.Path(__file__).parents[2] / "build" / "npm" / "node_modules"
SECRET = "client-secret-c4nary-0123456789"
ALICE = "alice@example.org"
READ = "https://www.googleapis.com/auth/gmail.readonly"
MODIFY = "https://www.googleapis.com/auth/gmail.modify"


class Oidc(NamedTuple):
    """A running provider."""

    url: str

    def client(self) -> dict[str, Any]:
        """What a person downloads there."""
        return {
            "installed": {
                "client_id": "spatio-test",
                "client_secret": SECRET,
                "auth_uri": f"{self.url}/auth",
                "token_uri": f"{self.url}/token",
                "device_uri": f"{self.url}/device/auth",
                "revoke_uri": f"{self.url}/token/revocation",
            }
        }


@contextmanager
def oidc(seconds: int = 600) -> Iterator[Oidc]:
    """A provider whose access tokens last so long; skips where it is not installed."""
    if shutil.which("node") is None or not (MODULES / "oidc-provider").exists():
        pytest.skip("oidc-provider (npm) is not installed; scripts/test installs it where node and npm are")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = pathlib.Path(__file__).with_name("oidc.mjs")
    words = ["node", str(program), str(MODULES), str(port), str(seconds)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield Oidc(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


class Browser:
    """Somebody who logs in as `who` and allows what is asked, wherever a page leads."""

    def __init__(self, who: str = ALICE) -> None:
        self.who = who
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar), _Stay()
        )
        self.visited: list[str] = []

    def visit(self, url: str, *, until: str = "") -> str:
        """Follows pages and redirects; the last page's text, or the address that begins with `until`."""
        fields: dict[str, str] | None = None
        for _ in range(20):
            if until and url.startswith(until):
                return url
            self.visited.append(url)
            data = urlencode(fields).encode() if fields is not None else None
            try:
                response = self._opener.open(url, data, timeout=10)
            except urllib.error.HTTPError as error:
                response = error  # type: ignore[assignment]
            text: str = response.read().decode()
            onward = response.headers.get("location")
            if onward:
                url, fields = urljoin(url, onward), None
                continue
            form = re.search(r'<form[^>]*action="([^"]*)"', text)
            if form is None:
                return text
            url = urljoin(url, form[1])
            names = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text)
            fields = {name: value for name, value in names if name != "abort"}
            if 'name="login"' in text:
                fields |= {"login": self.who, "password": "any"}
        raise AssertionError("a login without an end")

    def open(self, url: str) -> bool:
        """As a browser that is told to open a page."""
        threading.Thread(target=self.visit, args=(url,), daemon=True).start()
        return True


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *about: Any, **more: Any) -> None:
        return None


def proxies_off() -> None:
    """Loopback is asked directly, whatever the machine's proxies are."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
