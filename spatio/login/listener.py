"""Listener: the port of loopback to which a browser comes back with the answer of a login, once."""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vfs.errors import TimedOut

SLOWEST = 5.0
"""Seconds that a connection may take to ask; browsers open some that never do."""
LONGEST = 8192
DONE = "Spatio is logged in. You can close this page."
REFUSED = "Nothing was allowed. You can close this page."


class Listener:
    """Answers on 127.0.0.1 at a port that is free. To be used under an event loop, `with` it."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Mapping[str, str]] = self._loop.create_future()
        self._taken = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Request)
        self._server.listener = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="login", daemon=True
        )

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        """Where the browser is sent in the end."""
        return f"http://{self.place}/"

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    async def answer(self, seconds: float) -> Mapping[str, str]:
        """What the service answered: `code`, or `error`. Raises TimedOut."""
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise TimedOut(None, "nobody logged in in time", hint="run it again") from None

    def take(self, query: str) -> str | None:
        """What to tell the person about an answer; None when it is not the one that is waited for.

        The first that names the state of this login counts, and no other after it.
        """
        fields = {name: values[0] for name, values in parse_qs(query, max_num_fields=30).items()}
        state = fields.get("state", "")
        if not hmac.compare_digest(state.encode(), self._state.encode()):
            return None
        if not (fields.get("code") or fields.get("error")) or not self._taken.acquire(blocking=False):
            return None
        self._loop.call_soon_threadsafe(self._settle, fields)
        return DONE if fields.get("code") else REFUSED

    def _settle(self, fields: Mapping[str, str]) -> None:
        if not self._answer.done():
            self._answer.set_result(fields)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    listener: Listener

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error of this program."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = SLOWEST
    server_version, sys_version = "Spatio", ""

    def do_GET(self) -> None:
        listener = self.server.listener
        said: str | None = None
        status = 404
        # Another host's name that was made to lead here is not what the service was told.
        if self.headers.get("host") == listener.place and len(self.path) <= LONGEST:
            parts = urlsplit(self.path)
            if parts.path == "/":
                status = 400
                said = listener.take(parts.query)
        self._say(200 if said else status, said or "This is not the login that Spatio waits for.")

    def _say(self, status: int, text: str) -> None:
        body = f"<!doctype html><title>Spatio</title><p>{text}</p>".encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", "default-src 'none'"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests hold codes: none is logged."""
