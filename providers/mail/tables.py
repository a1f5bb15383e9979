"""Tables of a page: those with data keep their columns, those that only place things become lines."""

from __future__ import annotations

WIDEST_CELL = 60
WIDEST = 140
MOST_ROWS = 2000
"""Rows whose columns are aligned."""


class Table:
    """The cells of a table, row by row."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def add(self, text: str) -> None:
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(text)

    def text(self) -> str:
        """The table as lines."""
        rows = [row for row in self.rows if any(row)]
        if not _has_data(rows):
            return "\n".join("\n".join(cell for cell in row if cell) for row in rows)
        widths = [0] * max(len(row) for row in rows)
        for row in rows:
            for at, cell in enumerate(row):
                widths[at] = max(widths[at], len(cell))
        if sum(widths) + 3 * len(widths) > WIDEST:
            return "\n".join(" | ".join(cell for cell in row if cell) for row in rows)
        return "\n".join(
            " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
            for row in rows
        )


def _has_data(rows: list[list[str]]) -> bool:
    """Whether the columns mean something: short cells of one line, side by side in most rows."""
    if not rows or len(rows) > MOST_ROWS or max(len(row) for row in rows) > 20:
        return False
    if any("\n" in cell or len(cell) > WIDEST_CELL for row in rows for cell in row):
        return False
    return sum(1 for row in rows if sum(map(bool, row)) > 1) * 2 >= len(rows)
