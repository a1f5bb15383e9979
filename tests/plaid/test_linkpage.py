"""The page on loopback: who may see it, what it may load, which answer counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from spatio.login.linkpage import LINK, LinkPage
from tests.plaid.browser import asked, token_on
from vfs.errors import TimedOut

TOKEN = 'link-sandbox-</script><script>alert("x")'


def on_page(visit: Callable[[LinkPage], Any], seconds: float = 0.05) -> tuple[Any, Mapping[str, str] | None]:
    """What a visitor saw, and what the page heard; None when that was nothing."""

    async def run() -> tuple[Any, Mapping[str, str] | None]:
        with LinkPage(TOKEN, "https://sandbox.plaid.com") as page:
            seen = await asyncio.to_thread(visit, page)
            try:
                return seen, await page.answer(seconds)
            except TimedOut:
                return seen, None

    return asyncio.run(run())


def post(page: LinkPage, value: object, **other: str) -> int:
    headers = {"origin": page.origin, "content_type": "application/json", **other}
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return asked(f"{page.address}/done", body, **headers)[0]


def test_it_loads_plaids_link_and_its_own_lines_alone() -> None:
    (status, body, headers), heard = on_page(lambda page: asked(page.address))
    policy = headers["Content-Security-Policy"]
    assert (status, heard) == (200, None)
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert LINK in policy
    assert "connect-src 'self' https://sandbox.plaid.com;" in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    text = body.decode()
    assert text.count("<script") == 2
    assert "</script><script>alert" not in text
    assert text.count('src="') == 1


def test_the_answer_of_the_page_is_heard_once() -> None:
    def visit(page: LinkPage) -> list[int]:
        return [
            post(page, {"public_token": "public-1", "institution": "B"}),
            post(page, {"public_token": "no"}),
        ]

    assert on_page(visit) == ([200, 409], {"public_token": "public-1", "institution": "B"})


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"host": "evil.example"},
        {"host": "localhost"},
    ],
)
def test_other_pages_are_not_heard(other: dict[str, str]) -> None:
    seen, heard = on_page(lambda page: post(page, {"public_token": "public-evil"}, **other))
    assert (seen, heard) == (404, None)


@pytest.mark.parametrize(
    "value", [b"{", b"[]", b"1", {}, {"public_token": ""}, {"public_token": 5}, {"public_token": "x" * 301}]
)
def test_what_is_no_answer_is_not_one(value: object) -> None:
    seen, heard = on_page(lambda page: post(page, value))
    assert (seen, heard) == (409, None)


def test_too_much_is_not_read() -> None:
    seen, heard = on_page(lambda page: post(page, b"x" * 9000))
    assert (seen, heard) == (404, None)


@pytest.mark.parametrize("path", ["/", "/wrong", "/wrong/done", "/favicon.ico"])
def test_nobody_finds_it_who_does_not_know_its_address(path: str) -> None:
    seen, _ = on_page(lambda page: asked(page.origin + path)[:2])
    assert seen[0] == 404
    assert b"link-sandbox" not in seen[1]


def test_another_hosts_name_does_not_lead_to_it() -> None:
    seen, _ = on_page(lambda page: asked(page.address, host="evil.example")[:2])
    assert seen[0] == 404
    assert b"link-sandbox" not in seen[1]


def test_it_is_gone_afterwards_and_its_address_is_another_each_time() -> None:
    first, _ = on_page(lambda page: page.address)
    second, _ = on_page(lambda page: page.address)
    assert first.rpartition("/")[2] != second.rpartition("/")[2]
    with pytest.raises(OSError, match="refused"):
        asked(first)


def test_the_token_is_on_the_page() -> None:
    (_, body, _), _ = on_page(lambda page: asked(page.address))
    assert token_on(body.replace(b"\\u003c", b"<").replace(b'\\"', b"'")).startswith("link-sandbox-")
