"""A browser that does what Plaid's page would have it do."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.servers.plaid import Plaid


def asked(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
    """The status, body and headers of an answer."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, names)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def token_on(page: bytes) -> str:
    found = re.search(r'token: "([^"]+)"', page.decode())
    assert found is not None
    return found[1]


class Person:
    """Somebody who logs in to a bank on the page, or leaves it."""

    def __init__(self, service: Plaid, *, leaves: bool = False) -> None:
        self.service = service
        self.leaves = leaves
        self.opened: list[str] = []
        self.before: Callable[[], Any] | None = None

    def __call__(self, url: str, *how: Any) -> bool:
        self.opened.append(url)
        if self.before is not None:
            self.before()
        threading.Thread(target=self._visit, args=(url,), daemon=True).start()
        return True

    def _visit(self, url: str) -> None:
        _, page, _ = asked(url)
        if self.leaves:
            answer = {"error": "LEFT"}
        else:
            answer = {"public_token": self.service.chosen(token_on(page)), "institution": "x"}
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        asked(f"{url}/done", json.dumps(answer).encode(), origin=origin, content_type="application/json")
