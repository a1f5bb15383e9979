"""A mail server that says what a test tells it to say, however wrong that is.

`with scripted({"UID FETCH": b"* 1 FETCH (…)\\r\\n"}) as server:` A command is answered by the rule whose key
it begins with, and then by OK; commands without a rule are answered as a small, well-behaved server would.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

GREETING = b"* OK ready\r\n"
CAPABILITY = "IMAP4rev1 UIDPLUS MOVE IDLE CONDSTORE ENABLE QRESYNC ESEARCH UNSELECT"
OPENED = (
    b"* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
    b"* OK [UIDNEXT 4] ok\r\n* OK [HIGHESTMODSEQ 20] ok\r\n"
)


class Gone(Exception):
    """The connection ends here."""


@dataclass
class Talk:
    """One connection, as a rule that is a function sees it."""

    sock: socket.socket
    tag: bytes
    line: bytes
    ended: threading.Event
    lines: BinaryIO

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hear(self) -> bytes:
        """The next line, an answer to a challenge."""
        return self.lines.readline().rstrip(b"\r\n")

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """A byte, a pause, a byte …"""
        for byte in data:
            self.sock.sendall(bytes([byte]))
            if self.ended.wait(pause):
                raise Gone

    def hang(self) -> None:
        """Nothing any more, until the test ends."""
        self.ended.wait(60)
        raise Gone

    def cut(self) -> None:
        raise Gone


Rule = bytes | Callable[[Talk], bytes | None]


@dataclass
class Scripted:
    """What was said to the server, and where it listens."""

    port: int = 0
    tagged: bool = True
    """False: commands have no tags, and only rules that say all answer them, as with SMTP."""
    heard: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def serve(self, sock: socket.socket, rules: Mapping[str, Rule], greeting: bytes, able: str) -> None:
        with suppress(OSError, Gone), sock:
            sock.settimeout(60)
            sock.sendall(greeting)
            lines = sock.makefile("rb")
            while not self.ended.is_set() and (line := lines.readline()):
                self.heard.append(line.rstrip())
                tag, _, rest = line.strip().partition(b" ") if self.tagged else (b"", b"", line.strip())
                talk = Talk(sock, tag, rest, self.ended, lines)
                if not self._answered(talk, rules, able):
                    return

    def _answered(self, talk: Talk, rules: Mapping[str, Rule], able: str) -> bool:
        text = talk.line.decode("latin-1")
        known: dict[str, Rule] = {
            "CAPABILITY": f"* CAPABILITY {able}\r\n".encode(),
            "LIST": b'* LIST (\\HasNoChildren) "/" INBOX\r\n',
            "EXAMINE": OPENED,
            "SELECT": OPENED,
            "UID SEARCH": b'* ESEARCH (TAG "x") UID ALL 1:3\r\n',
        }
        rule = next((rule for key, rule in rules.items() if text.upper().startswith(key)), None)
        if rule is None:
            rule = next((rule for key, rule in known.items() if text.upper().startswith(key)), b"")
        data = rule(talk) if callable(rule) else rule
        if data is None:
            return True
        if not self.tagged:
            talk.say(data)
            return True
        talk.say(data + talk.tag + b" OK done\r\n")
        return not text.upper().startswith("LOGOUT")


@contextmanager
def scripted(
    rules: Mapping[str, Rule] | None = None,
    *,
    greeting: bytes = GREETING,
    able: str = CAPABILITY,
    tls: ssl.SSLContext | None = None,
    tagged: bool = True,
) -> Iterator[Scripted]:
    """A server on loopback, gone when the block ends. With `tls` it speaks TLS from the start."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Scripted(listener.getsockname()[1], tagged)
    threads: list[threading.Thread] = []

    def talk(sock: socket.socket) -> None:
        with suppress(OSError):
            if tls is not None:
                sock = tls.wrap_socket(sock, server_side=True)
            server.serve(sock, rules or {}, greeting, able)
        sock.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                threads.append(threading.Thread(target=talk, args=(sock,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.ended.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(10)
        for one in threads:
            one.join(10)
