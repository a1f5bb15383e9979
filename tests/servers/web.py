"""A small web server of this process, on the loopback, that answers by a function and fails as it is told."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Names are lower case."""
    body: bytes


@dataclass
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """What happens to the next `times` requests that it matches, after the first `after` of them.

    kind: `reply` (that instead, nothing done), `lost` (done, and then no answer), `drop` (nothing done, no
    answer), `cut` (half of the body), `drip` (a byte at a time), `endless` (a body without an end), `hang`.
    """

    kind: str
    times: int = 1
    about: str = ""
    method: str = ""
    after: int = 0
    reply: Reply = field(default_factory=Reply)
    seconds: float = 0.0


class Web:
    """The server's state; tests read and change it."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.faults: list[Fault] = []
        self.seen: list[Request] = []
        self.busy = self.most_busy = self.connections = 0
        self.lock = threading.RLock()
        self.url = ""
        self.ended = threading.Event()

    def fail(self, kind: str, **how: object) -> Fault:
        fault = Fault(kind, **how)  # type: ignore[arg-type]
        self.faults.append(fault)
        return fault

    def count(self, method: str = "", about: str = "") -> int:
        return sum(1 for one in self.seen if method in ("", one.method) and about in one.path)

    def taken(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("", request.method) and fault.about in request.path:
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    web: Web

    def log_message(self, *args: object) -> None:
        pass

    def setup(self) -> None:
        super().setup()
        with self.web.lock:
            self.web.connections += 1

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        web = self.web
        parts = urllib.parse.urlsplit(self.path)
        request = Request(
            self.command,
            urllib.parse.unquote(parts.path),
            urllib.parse.parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("content-length") or 0)),
        )
        with web.lock:
            web.seen.append(request)
            web.busy += 1
            web.most_busy = max(web.most_busy, web.busy)
            fault = web.taken(request)
        kind = fault.kind if fault else ""
        try:
            if fault is not None and kind == "reply":
                reply = Reply(fault.reply.status, fault.reply.body, dict(fault.reply.headers))
            else:
                reply = Reply() if kind in ("drop", "hang") else web.answer(request)
        finally:
            with web.lock:
                web.busy -= 1
        try:
            self._send(reply, kind, fault.seconds if fault else 0.0)
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply, kind: str, seconds: float) -> None:
        if kind in ("lost", "drop"):
            self.close_connection = True
        elif kind == "hang":
            self.web.ended.wait(seconds or 30)
            self.close_connection = True
        elif kind == "endless":
            self._start(reply, {"Transfer-Encoding": "chunked"})
            while not self.web.ended.is_set():
                self.wfile.write(b"10000\r\n" + b"[" * 65536 + b"\r\n")
        elif kind == "drip":
            self._start(reply, {"Content-Length": str(len(reply.body))})
            for at in range(len(reply.body)):
                self.wfile.write(reply.body[at : at + 1])
                self.wfile.flush()
                time.sleep(seconds)
        else:
            self._start(reply, {"Content-Length": str(len(reply.body))})
            self.wfile.write(reply.body[: len(reply.body) // 2] if kind == "cut" else reply.body)
            self.close_connection = self.close_connection or kind == "cut"

    def _start(self, reply: Reply, more: dict[str, str]) -> None:
        self.send_response(reply.status)
        for name, text in {**more, **reply.headers}.items():
            self.send_header(name, text)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is what some tests are about."""


@contextmanager
def serving(answer: Callable[[Request], Reply], tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A server at `web.url`, gone when the block ends."""
    web = Web(answer)
    handler = type("Handler", (_Handler,), {"web": web})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    web.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
