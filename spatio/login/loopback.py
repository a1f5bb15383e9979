"""Loopback: a server of this computer alone, to which a browser brings what came of a login, once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from vfs.errors import TimedOut

SLOWEST = 5.0
"""Seconds that a connection may take to ask; browsers open some that never do."""
LONGEST = 8192
"""Characters of an address, and bytes of what is sent."""
NOT_OURS = "This is not the login that Spatio waits for."


class Loopback:
    """Answers on 127.0.0.1 at a port that is free. To be used under an event loop, `with` it."""

    def __init__(self, requests: type[Request]) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Mapping[str, str]] = self._loop.create_future()
        self._taken = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), requests)
        self._server.login = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="login", daemon=True
        )

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    async def answer(self, seconds: float) -> Mapping[str, str]:
        """What came of the login. Raises TimedOut."""
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise TimedOut(None, "nobody logged in in time", hint="run it again") from None

    def settle(self, fields: Mapping[str, str]) -> bool:
        """Whether this is the answer: the first one is, and no other after it. For any thread."""
        if not self._taken.acquire(blocking=False):
            return False
        self._loop.call_soon_threadsafe(self._settle, fields)
        return True

    def _settle(self, fields: Mapping[str, str]) -> None:
        if not self._answer.done():
            self._answer.set_result(fields)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    login: Any
    """The Loopback that it serves."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error of this program."""


class Request(BaseHTTPRequestHandler):
    """One request; `server.login` is what it is for."""

    server: _Server
    timeout = SLOWEST
    server_version, sys_version = "Spatio", ""

    def is_ours(self) -> bool:
        """Whether it was sent to this address: another host's name may be made to lead here."""
        return self.headers.get("host") == self.server.login.place and len(self.path) <= LONGEST

    def say(self, status: int, body: bytes, policy: str = "default-src 'none'") -> None:
        """Answers with a page that may load what `policy` says."""
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
