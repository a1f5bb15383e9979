"""A mail server that takes what it is given, stops or cuts where a test says, and counts.

What it takes it delivers to `deliver`, which may hand it on to a real mailbox.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

STAGES = ("connect", "mail", "data", "end", "taken")
"""connect, mail, data: before that is answered. end: the whole mail is here, nothing is done with it yet.
taken: it is delivered, nobody is told."""


@dataclass
class Sink:
    """Where it listens, what it took, and what it is to do."""

    port: int
    deliver: Callable[[bytes], None]
    taken: list[bytes] = field(default_factory=list)
    hold: str = ""
    """The stage at which it stops, once, until `go`."""
    held: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    cuts: list[str] = field(default_factory=list)
    """Stages at which connections are cut, one after the other."""
    refuses: dict[str, bytes] = field(default_factory=dict)
    """What is answered instead, by stage."""

    def stop_at(self, stage: str) -> None:
        self.held.clear()
        self.go.clear()
        self.hold = stage

    def reach(self, stage: str) -> None:
        """Raises ConnectionAbortedError where it is to cut."""
        if self.hold == stage:
            self.hold = ""
            self.held.set()
            self.go.wait(30)
        if self.cuts and self.cuts[0] == stage:
            self.cuts.pop(0)
            raise ConnectionAbortedError

    def serve(self, link: socket.socket) -> None:
        with link, link.makefile("rb") as lines, suppress(OSError, ConnectionError):
            self._talk(link, lines)

    def _talk(self, link: socket.socket, lines) -> None:  # type: ignore[no-untyped-def]
        def say(text: bytes) -> None:
            link.sendall(text + b"\r\n")

        self.reach("connect")
        say(self.refuses.get("connect", b"220 sink"))
        while line := lines.readline():
            word = line[:4].upper()
            if word in (b"EHLO", b"HELO"):
                say(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif word == b"MAIL":
                self.reach("mail")
                say(self.refuses.get("mail", b"250 ok"))
            elif word == b"DATA":
                self.reach("data")
                say(self.refuses.get("data", b"354 go on"))
                if "data" not in self.refuses:
                    self._take(lines, say)
            elif word == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 ok")

    def _take(self, lines, say: Callable[[bytes], None]) -> None:  # type: ignore[no-untyped-def]
        mail = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return
            mail.append(line[1:] if line.startswith(b".") else line)
        self.reach("end")
        if "end" in self.refuses:
            say(self.refuses["end"])
            return
        content = b"".join(mail)
        self.taken.append(content)
        self.deliver(content)
        self.reach("taken")
        say(b"250 taken")


@contextmanager
def running_sink(deliver: Callable[[bytes], None] = lambda mail: None) -> Iterator[Sink]:
    """A server on loopback, gone when the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    sink = Sink(listening.getsockname()[1], deliver)
    threads: list[threading.Thread] = []
    links: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                link, _ = listening.accept()
                links.append(link)
                threads.append(threading.Thread(target=sink.serve, args=(link,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield sink
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        sink.go.set()
        for link in links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in (accepting, *threads):
            thread.join(10)
