"""Wire: signed requests without a body over kept connections, for what neither library answers exactly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from importlib import import_module
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from providers.s3.client import WIDTH
from providers.s3.credentials import Keys
from providers.s3.engine import Patience
from providers.s3.service import Service
from providers.s3.signature import encoded, signed_headers
from vfs.errors import Corrupt

LARGEST = 16 * 1024 * 1024
"""Bytes of the largest answer that is taken; a page of a listing has at most some 3 MB."""


class Answered(Exception):
    """The service answered with an error. Shaped as botocore's, so that one place maps both."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"status code: {status} {body[:2000].decode(errors='replace')}")


class Wire:
    """One bucket's service. Blocks; may be used by many threads."""

    def __init__(self, service: Service, keys: Keys, patience: Patience) -> None:
        self.service, self.keys, self.patience = service, keys, patience
        self._idle: list[HTTPConnection] = []
        self._closed = False
        self._lock = Lock()

    def get(self, query: Mapping[str, str]) -> bytes:
        """The body of a GET of the bucket. Raises Answered, OSError, HTTPException, Corrupt (too large)."""
        path = self.service.path()
        headers = signed_headers(self.service, self.keys, "GET", path, query)
        target = f"{path}?{encoded(query)}"
        connection, kept = self._take()
        try:
            try:
                answer = _ask(connection, target, headers)
            except (OSError, import_module("http.client").HTTPException):
                if not kept:
                    raise
                # A kept connection may have been closed meanwhile by the other side; a new one tells.
                connection.close()
                connection = self._connect()
                answer = _ask(connection, target, headers)
            body = self._body(answer)
        except BaseException:
            connection.close()
            raise
        self._give_back(connection, answer)
        if answer.status != 200:
            raise Answered(answer.status, body)
        return body

    def _body(self, answer: HTTPResponse) -> bytes:
        end = monotonic() + self.patience.whole
        blocks: list[bytes] = []
        left = LARGEST
        while block := answer.read1(1024 * 1024):
            blocks.append(block)
            left -= len(block)
            if left < 0:
                raise Corrupt(None, "an answer of the service is far too large")
            if monotonic() > end:
                raise TimeoutError("the answer does not end")
        if answer.length:
            raise ConnectionResetError("the answer broke off")
        # What `read1` has read to its end does not count as read, and the connection not as free.
        answer.close()
        return b"".join(blocks)

    def close(self) -> None:
        """Requests that are under way end, and their connections with them."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closed = True
        for connection in idle:
            connection.close()

    def _take(self) -> tuple[HTTPConnection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        return self._connect(), False

    def _give_back(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        if answer.will_close:
            connection.close()
            return
        with self._lock:
            if len(self._idle) < WIDTH and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> HTTPConnection:
        parts = urlsplit(self.service.root)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        proxy = _proxy(parts.scheme, host)
        reached = (host, port) if proxy is None else proxy
        connection: HTTPConnection
        if secure:
            context = import_module("ssl").create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
            connection = HTTPSConnection(*reached, timeout=self.patience.connect, context=context)
        else:
            connection = HTTPConnection(*reached, timeout=self.patience.connect)
        if proxy is not None:
            connection.set_tunnel(host, port)
        with suppress(AttributeError):
            connection.connect()
            connection.sock.settimeout(self.patience.read)
        return connection


def _ask(connection: HTTPConnection, target: str, headers: Mapping[str, str]) -> HTTPResponse:
    connection.request("GET", target, headers=dict(headers))
    return connection.getresponse()


def _proxy(scheme: str, host: str) -> tuple[str, int] | None:
    """Where HTTPS_PROXY or HTTP_PROXY sends requests for a host, unless NO_PROXY names it."""
    address = os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")
    if not address:
        return None
    spared = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",")
    if any(
        name.strip() and (name.strip() == "*" or host.endswith(name.strip().lstrip("*."))) for name in spared
    ):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    return (parts.hostname or "", parts.port or 80)
