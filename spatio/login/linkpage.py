"""LinkPage: a page on loopback that opens Plaid's own login, and hears what comes of it, once.

The page's address holds a secret of this login, so that nobody else on this computer finds it. What it runs
is its own few lines and Plaid's Link from cdn.plaid.com; nothing else may be loaded.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any

from vfs.errors import TimedOut

SLOWEST = 5.0
"""Seconds that a connection may take to ask; browsers open some that never do."""
LONGEST = 8192
LINK = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
_TEXTS = 300

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Spatio: log in to your bank</title>
<style>body{{font:1rem system-ui,sans-serif;margin:4rem auto;max-width:32rem}}</style></head>
<body><p id="said">Opening Plaid …</p>
<script src="{link}"></script>
<script nonce="{nonce}">
const said = document.getElementById("said");
const tell = async (answer, words) => {{
  const headers = {{"content-type": "application/json"}};
  const body = JSON.stringify(answer);
  const heard = await fetch("{done}", {{method: "POST", headers, body}}).catch(() => null);
  said.textContent = heard && heard.ok ? words : "Spatio does not wait for this login any more.";
}};
if (window.Plaid) {{
  said.textContent = "Log in to your bank in Plaid's window.";
  Plaid.create({{
    token: {token},
    onSuccess: (public_token, about) => tell(
      {{public_token, institution: about && about.institution ? about.institution.name : ""}},
      "Spatio is connected. You can close this page."),
    onExit: (error) => tell({{error: error ? error.error_code : "LEFT"}},
      "Nothing was connected. You can close this page, and run it again."),
  }}).open();
}} else {{
  said.textContent = "Plaid's page could not be loaded. Is the network there? Reload to try again.";
}}
</script></body></html>
"""


class LinkPage:
    """Serves on 127.0.0.1 at a port that is free. To be used under an event loop, `with` it."""

    def __init__(self, link_token: str, service: str) -> None:
        """`service` is where Plaid's interface is, which Link may ask."""
        self._secret = token_urlsafe(32)
        self._token = link_token
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Mapping[str, str]] = self._loop.create_future()
        self._taken = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Request)
        self._server.page = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="link", daemon=True
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        """What the person is to open."""
        return f"{self.origin}/{self._secret}"

    def __enter__(self) -> LinkPage:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    async def answer(self, seconds: float) -> Mapping[str, str]:
        """What came of it: `public_token`, or `error`. Raises TimedOut."""
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise TimedOut(None, "nobody logged in in time", hint="run it again") from None

    def is_page(self, path: str) -> bool:
        """Whether this is the page's address."""
        return hmac.compare_digest(path.encode("utf-8", "replace"), f"/{self._secret}".encode())

    def is_done(self, path: str) -> bool:
        """Whether this is where the page tells what came of it."""
        return hmac.compare_digest(path.encode("utf-8", "replace"), f"/{self._secret}/done".encode())

    def html(self) -> tuple[bytes, str]:
        """The page, and what it may load."""
        nonce = token_urlsafe(16)
        # A `<` would end the script, whatever the token is.
        token = json.dumps(self._token).replace("<", "\\u003c")
        text = _PAGE.format(link=LINK, nonce=nonce, token=token, done=f"/{self._secret}/done")
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}' {LINK}; style-src 'unsafe-inline';"
            f" frame-src https://cdn.plaid.com; connect-src 'self' {self._service};"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return text.encode(), policy

    def take(self, body: bytes) -> bool:
        """Whether this answer counts: the first one that is in form does, and no other after it."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(value, dict):
            return False
        fields = {
            name: one
            for name, one in value.items()
            if name in ("public_token", "institution", "error")
            and isinstance(one, str)
            and len(one) <= _TEXTS
        }
        if not (fields.get("public_token") or fields.get("error")) or not self._taken.acquire(blocking=False):
            return False
        self._loop.call_soon_threadsafe(self._settle, fields)
        return True

    def _settle(self, fields: Mapping[str, str]) -> None:
        if not self._answer.done():
            self._answer.set_result(fields)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    page: LinkPage

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error of this program."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = SLOWEST
    server_version, sys_version = "Spatio", ""

    def do_GET(self) -> None:
        if self._is_ours() and self.server.page.is_page(self.path):
            self._say(200, *self.server.page.html())
        else:
            self._say(404, b"This is not the login that Spatio waits for.")

    def do_POST(self) -> None:
        page = self.server.page
        told = self.headers.get("content-length", "")
        size = int(told) if told.isdecimal() and len(told) < 6 else -1
        # A page of elsewhere can send such a request, but neither from this origin nor with this type.
        same = self.headers.get("origin") == page.origin
        plain = self.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        if not (self._is_ours() and same and plain and page.is_done(self.path) and 0 < size <= LONGEST):
            self._say(404, b"This is not the login that Spatio waits for.")
            return
        taken = page.take(self.rfile.read(size))
        self._say(200 if taken else 409, b"")

    def _is_ours(self) -> bool:
        # Another host's name that was made to lead here is not what the page was opened as.
        return f"http://{self.headers.get('host')}" == self.server.page.origin and len(self.path) <= LONGEST

    def _say(self, status: int, body: bytes, policy: str = "default-src 'none'") -> None:
        self.send_response(status)
        for name, text in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ):
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests hold secrets: none is logged."""
