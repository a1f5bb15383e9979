"""Progress: how far a long piece of work is, on one line of the terminal; silent elsewhere."""

from __future__ import annotations

import os
import shutil
import time

INTERVAL = 0.1
"""Seconds between two drawings."""


class Progress:
    """Called with what is under way, how much is done and of how much (0: nobody knows)."""

    def __init__(self) -> None:
        self._drawn = False
        self._last = 0.0
        self._tty = os.isatty(2) and os.environ.get("TERM") != "dumb"

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._tty or now - self._last < INTERVAL:
            return
        self._last = now
        much = f" {100 * done // total}%" if total else f" {done:,}"
        self._draw(f"spatio: {what}{much}"[: shutil.get_terminal_size().columns - 1])
        self._drawn = True

    def clear(self) -> None:
        """Leaves the line empty for what is said next."""
        if self._drawn:
            self._draw("")
            self._drawn = False

    def _draw(self, text: str) -> None:
        try:
            os.write(2, f"\r\033[K{text}".encode())
        except OSError:
            self._tty = False
