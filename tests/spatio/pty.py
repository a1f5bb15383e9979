"""A real pseudo-terminal with an emulator behind it: what a person would see."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import pexpect
import pyte

PATIENCE = 30.0
"""A watchdog for a stuck program, not a measurement."""
SPATIO = (sys.executable, "-m", "spatio")


class Person:
    """Somebody at a terminal in front of a program."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        rows: int = 30,
        columns: int = 100,
        term: str = "xterm-256color",
    ) -> None:
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        full = {**os.environ, **env, "TERM": term, "PYTHONDONTWRITEBYTECODE": ""}
        self.child = pexpect.spawn(
            argv[0], list(argv[1:]), env=full, dimensions=(rows, columns), timeout=PATIENCE
        )
        self.screen.write_process_input = lambda data: self.child.send(data)

    def look(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait(self, until: Callable[[str], bool], what: str) -> str:
        end = time.monotonic() + PATIENCE
        while not until(self.look()):
            if time.monotonic() > end:
                raise AssertionError(f"waited for {what}; the screen shows:\n{self.look()}")
            try:
                data = self.child.read_nonblocking(65536, timeout=0.2)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                if until(self.look()):
                    break
                raise AssertionError(f"ended before {what}; the screen shows:\n{self.look()}") from None
            self.raw += data
            self.stream.feed(data)
        return self.look()

    def sees(self, pattern: str) -> str:
        """Waits until the screen matches; returns it."""
        return self.wait(lambda text: re.search(pattern, text, re.MULTILINE) is not None, pattern)

    def types(self, text: str) -> None:
        self.child.send(text)

    def says(self, line: str) -> None:
        """Types a line and Enter."""
        self.child.send(line + "\r")

    def leaves(self) -> int:
        """Waits for the program's end; its exit status."""
        try:
            while True:
                data = self.child.read_nonblocking(65536, timeout=PATIENCE)
                self.raw += data
                self.stream.feed(data)
        except pexpect.EOF:
            pass
        self.child.close()
        return int(
            self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus
        )

    def gone(self) -> None:
        """Ends the program if it still runs."""
        self.child.close(force=True)
