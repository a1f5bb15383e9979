"""A server that speaks the OpenAI protocol over real HTTP and answers what a test tells it to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Text(NamedTuple):
    """An answer in words, streamed in pieces of `size` characters."""

    text: str
    size: int = 7
    finish: str = "stop"
    usage: bool = True
    pause: float = 0.0
    """Seconds between the pieces."""


class Calls(NamedTuple):
    """An answer that calls tools: (name, arguments); arguments that are no text are written as JSON."""

    calls: Sequence[tuple[str, Any]]
    before: str = ""


class Wrong(NamedTuple):
    """An HTTP error."""

    status: int
    message: str = "it went wrong"
    headers: Mapping[str, str] = {}
    code: str | None = None


class Cut(NamedTuple):
    """An answer whose connection breaks after `text`."""

    text: str = ""


class Garbled(NamedTuple):
    """A stream that is no JSON."""

    text: str = "{not json"


class Hang(NamedTuple):
    """No answer until the server stops."""

    text: str = ""
    """What is sent before."""


class Unfinished(NamedTuple):
    """A stream that ends without saying so."""

    text: str = ""


Reply = Text | Calls | Wrong | Cut | Garbled | Hang | Unfinished
Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


class Server:
    """What was asked, and what is answered next. The last reply of a list is given again and again."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.left = threading.Event()
        """Set when a client went away in the middle of an answer."""
        self.stopping = threading.Event()
        self._turn = threading.Lock()
        self.url = ""

    def reply(self, request: dict[str, Any], headers: Mapping[str, str]) -> Reply:
        with self._turn:
            self.requests.append(request)
            self.headers.append(headers)
            if callable(self.script):
                return self.script(request)
            return self.script[min(len(self.requests), len(self.script)) - 1]

    def messages(self, at: int = -1) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.requests[at]["messages"]
        return found

    def everything(self) -> str:
        """All that was ever sent to the model, as text."""
        return json.dumps(self.requests, ensure_ascii=False)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Server

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            self._answer(self.owner.reply(json.loads(body), dict(self.headers)))
        except (BrokenPipeError, ConnectionResetError):
            self.owner.left.set()
            self.close_connection = True

    def _answer(self, reply: Reply) -> None:
        if isinstance(reply, Wrong):
            error = {"error": {"message": reply.message, "code": reply.code, "type": "scripted"}}
            data = json.dumps(error).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for chunk in _chunks(reply):
            self._send(b"data: " + chunk + b"\n\n")
            if isinstance(reply, Text) and reply.pause:
                self._wait(reply.pause)
        if isinstance(reply, Hang):
            self._wait(60.0)
        if isinstance(reply, Cut | Hang):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if not isinstance(reply, Unfinished):
            self._send(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _wait(self, seconds: float) -> None:
        """Waits, but notices when the client goes or the server stops."""
        self.connection.settimeout(0.02)
        for _ in range(int(seconds / 0.02)):
            if self.owner.stopping.is_set():
                return
            try:
                if self.connection.recv(1, socket.MSG_PEEK) == b"":
                    raise BrokenPipeError
            except TimeoutError:
                continue
            finally:
                self.connection.settimeout(0.02)
        self.connection.settimeout(None)


def _chunk(delta: Mapping[str, Any], finish: str | None = None, usage: Any = None) -> bytes:
    choices = [] if usage else [{"index": 0, "delta": dict(delta), "finish_reason": finish}]
    chunk = {
        "id": "scripted", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
        "choices": choices, "usage": usage,
    }  # fmt: skip
    return json.dumps(chunk, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _chunks(reply: Reply) -> Iterator[bytes]:
    if isinstance(reply, Garbled):
        yield reply.text.encode()
        return
    if isinstance(reply, Calls):
        if reply.before:
            yield _chunk({"role": "assistant", "content": reply.before})
        for at, (name, arguments) in enumerate(reply.calls):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            middle = len(text) // 2
            head = {"name": name, "arguments": text[:middle]}
            yield _chunk(
                {"tool_calls": [{"index": at, "id": f"c{at}", "type": "function", "function": head}]}
            )
            yield _chunk({"tool_calls": [{"index": at, "function": {"arguments": text[middle:]}}]})
        yield _chunk({}, "tool_calls")
        yield _chunk({}, usage={"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60})
        return
    text = reply.text if not isinstance(reply, Wrong) else ""
    size = reply.size if isinstance(reply, Text) else 7
    for at in range(0, len(text), size):
        yield _chunk({"role": "assistant", "content": text[at : at + size]})
    if isinstance(reply, Text):
        yield _chunk({}, reply.finish)
        if reply.usage:
            yield _chunk({}, usage={"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})


@contextmanager
def serving(*script: Reply, by: Callable[[dict[str, Any]], Reply] | None = None) -> Iterator[Server]:
    """A running server that gives the replies in turn, or what `by` makes of each request."""
    server = Server(by if by is not None else script)
    handler = type("Handler", (_Handler,), {"owner": server})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    try:
        yield server
    finally:
        server.stopping.set()
        http.shutdown()
        http.server_close()
        thread.join()
