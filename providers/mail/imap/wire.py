"""Wire: imaplib's protocol over a transport that waits and takes only so much.

A command must be answered within `patience` seconds, plus what its answer needs at `PACE` bytes a second: a
server that sends a byte a second runs into the deadline, a large mail over a slow line does not. An answer
may have `allowance` bytes in all; a literal that is announced larger is refused before any of it is read.
"""

from __future__ import annotations

import imaplib
import io
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from providers.mail.paced import PACE, Flood, Paced

ALLOWANCE = 16 << 20
"""Bytes of an answer to an ordinary command."""

Said = tuple[str, list[bytes | None]]


class Wire(imaplib.IMAP4):
    """A connection. Raises what imaplib, sockets and TLS raise: `errors.translated` is around each use."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, patience: float) -> None:
        self.tls = tls
        self.patience = patience
        self.allowance = ALLOWANCE
        self.secure = tls is not None
        super().__init__(host, port, patience)

    # -- what imaplib asks of a transport

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        sock = socket.create_connection((host, port), timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._carry(sock if self.tls is None else self.tls.wrap_socket(sock, server_hostname=host))
        except BaseException:
            sock.close()
            raise

    def _carry(self, sock: socket.socket) -> None:
        self.sock = sock
        self._paced = Paced(sock, self.patience)
        self._lines = io.BufferedReader(self._paced, 1 << 17)

    def read(self, size: int) -> bytes:
        if size > self.allowance:
            raise Flood(f"the server announces {size} bytes at once")
        self.allowance -= size
        data = self._lines.read(size)
        if len(data) < size:
            raise self.abort("the connection ended within an answer")
        return data

    def readline(self) -> bytes:
        line = self._lines.readline(min(self.allowance, imaplib._MAXLINE) + 1)  # type: ignore[attr-defined]
        # A line costs more than its bytes: storms of short ones end, too.
        self.allowance -= len(line) + 64
        if line and not line.endswith(b"\n"):
            if self.allowance < 0 or len(line) > imaplib._MAXLINE:  # type: ignore[attr-defined]
                raise Flood("the server sends a line without an end")
            raise self.abort("the connection ended within an answer")
        return line

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self._paced.begin(self._paced.within)
        # A time-out of a whole sendall, which counts what is sent, too.
        self.sock.settimeout(self.patience + len(data) / PACE)
        self.sock.sendall(data)

    def shutdown(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    # -- beyond imaplib

    def command(self, name: str, words: Sequence[str | bytes], literal: bytes | None) -> Said:
        """One command; the tagged answer. What else was said stands in `untagged_responses`."""
        self.untagged_responses = {}
        self.literal = literal  # type: ignore[assignment]
        typ, said = self.xatom(name, *words)  # type: ignore[arg-type]
        return typ, said

    def _get_line(self) -> bytes:
        # As imaplib's own, which spells each line for its log.
        line = self.readline()
        if not line.endswith(b"\r\n"):
            raise self.abort("the connection ended within an answer")
        return line[:-2]

    def _log(self, line: str) -> None:
        """imaplib would keep the last lines that were sent, a password among them."""

    def ready(self, seconds: float) -> bool:
        """Whether the server says something within so many seconds."""
        self._paced.begin(seconds)
        try:
            return bool(self._lines.peek(1)) or True
        except TimeoutError:
            return False

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Goes on encrypted; what came in the clear after the command is thrown away, and asked for again."""
        typ, said = self.xatom("STARTTLS")
        if typ != "OK":
            raise self.error(said[-1])
        self._carry(context.wrap_socket(self.sock, server_hostname=self.host))
        self.secure = True
        self.untagged_responses = {}
        self.refresh()

    def refresh(self) -> None:
        """Asks again what the server can do."""
        self._get_capabilities()

    @contextmanager
    def allowing(self, size: int, patience: float | None = None) -> Iterator[None]:
        """The next command's answer may have `size` bytes, and take `patience` seconds to begin."""
        self.allowance = size
        self._paced.begin(patience)
        try:
            yield
        finally:
            self.allowance = ALLOWANCE
            self._paced.begin()

    def quit(self) -> None:
        """Ends the connection politely where that takes no time, and in any case."""
        with suppress(Exception):
            self.sock.settimeout(1)
            self.sock.sendall(b"z LOGOUT\r\n")
        self.shutdown()
