"""LineHistory: the lines typed at the prompt, in a file that only its owner can read, without secrets."""

from __future__ import annotations

import os
from collections.abc import Iterable

from prompt_toolkit.history import History

from spatio.paths import make_private
from spatio.shell.masking import masked

MOST = 10_000
"""Lines that are read back; the file is cut to them when it has grown to twice as many."""


class LineHistory(History):
    """One entry a line, its own newlines as `\\n`. A line that begins with a space is not kept.

    Where the file cannot be written, the history lasts as long as the prompt.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def load_history_strings(self) -> Iterable[str]:
        """Newest first."""
        try:
            with open(self.file, encoding="utf-8", errors="replace") as kept:
                lines = kept.read().split("\n")
        except OSError:
            return []
        entries = [_plain(line) for line in lines if line]
        if len(entries) > 2 * MOST:
            self._cut(entries[-MOST:])
        return reversed(entries[-MOST:])

    def append_string(self, string: str) -> None:
        if not string.startswith(" ") and string.strip():
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Adds an entry at the end of the file, in one write, so that two prompts never mix lines."""
        try:
            self._write(_one_line(masked(string)) + "\n", os.O_APPEND)
        except OSError:
            return

    def _cut(self, entries: list[str]) -> None:
        try:
            self._write("".join(f"{_one_line(entry)}\n" for entry in entries), os.O_TRUNC)
        except OSError:
            return

    def _write(self, text: str, how: int) -> None:
        make_private(os.path.dirname(self.file))
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, text.encode("utf-8", "replace"))
        finally:
            os.close(descriptor)


def _one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _plain(line: str) -> str:
    parts = line.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace("\\r", "\r") for part in parts)
