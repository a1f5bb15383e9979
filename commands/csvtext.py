"""Comma-separated text: one row written, rows read from a stream, and texts no spreadsheet runs.

A text that a spreadsheet would take for a formula is guarded (`vfs.formulas`). Numbers stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from commands.values import one_line
from vfs.formulas import guarded
from vfs.node import Value

MOST = 16 * 1024 * 1024
"""Characters of one row: more means a quote that is never closed."""


class BadRow(ValueError):
    """A row that is not well formed; `line` is where it begins."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def csv_row(values: Iterable[Value]) -> str:
    """One row with its line end."""
    return ",".join([_quoted(_guarded(value)) for value in values]) + "\n"


def _guarded(value: Value) -> str:
    if isinstance(value, tuple):
        return _guarded(",".join([one_line(item) for item in value]))
    if not isinstance(value, str):
        return one_line(value)
    return guarded(value)


def _quoted(text: str) -> str:
    if any(char in text for char in ',"\n\r') or text != text.strip(" "):
        return '"' + text.replace('"', '""') + '"'
    return text


class CsvReader:
    """Rows out of text that comes in pieces of any size."""

    def __init__(self, separator: str = ",") -> None:
        self.separator = separator
        self.line = 1
        self._rest = ""

    def feed(self, text: str, *, last: bool = False) -> list[tuple[int, list[str]]]:
        """The rows that are complete with `text`, each with the line it begins on. Raises BadRow."""
        data = self._rest + text
        rows: list[tuple[int, list[str]]] = []
        at = 0
        while at < len(data):
            end = self._end(data, at)
            if end < 0 or (end == len(data) and not last):
                if end < 0 and last:
                    raise BadRow("a quote is never closed", self.line)
                break
            row = data[at:end]
            if row.rstrip("\r\n"):
                rows.append((self.line, self._cells(row.removesuffix("\n").removesuffix("\r"))))
            self.line += row.count("\n")
            at = end
        self._rest = data[at:]
        if len(self._rest) > MOST:
            raise BadRow("a row is too long: is a quote never closed?", self.line)
        return rows

    def _end(self, data: str, at: int) -> int:
        """Where the row that begins at `at` ends; -1 within an open quote."""
        start = at
        while True:
            newline = data.find("\n", at)
            quote = data.find('"', at)
            if quote < 0 or 0 <= newline < quote:
                return newline + 1 if newline >= 0 else len(data)
            opens = quote == start or data[quote - 1] == self.separator
            at = self._close(data, quote) if opens else quote + 1
            if at < 0:
                return -1

    def _close(self, data: str, quote: int) -> int:
        """Behind the quote that closes the one at `quote`; -1 when there is none."""
        at = quote + 1
        while True:
            close = data.find('"', at)
            if close < 0 or data[close + 1 : close + 2] != '"':
                return close + 1 or -1
            at = close + 2

    def _cells(self, row: str) -> list[str]:
        if '"' not in row:
            return row.split(self.separator)
        cells: list[str] = []
        at = 0
        while True:
            if row[at : at + 1] == '"':
                text, at = self._quoted(row, at)
            else:
                cut = row.find(self.separator, at)
                end = cut if cut >= 0 else len(row)
                text, at = row[at:end], end
            cells.append(text)
            if at >= len(row):
                return cells
            at += 1

    def _quoted(self, row: str, at: int) -> tuple[str, int]:
        """The cell that begins with the quote at `at`, and where it ends."""
        parts: list[str] = []
        at += 1
        while True:
            close = row.find('"', at)
            if close < 0:
                raise BadRow("a quote is never closed", self.line)
            parts.append(row[at:close])
            if row[close + 1 : close + 2] != '"':
                break
            parts.append('"')
            at = close + 2
        if row[close + 1 : close + 2] not in ("", self.separator):
            raise BadRow(f"a closing quote is followed by '{row[close + 1]}'", self.line)
        return "".join(parts), close + 1
