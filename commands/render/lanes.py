"""Names in columns, filled downwards, as `ls` shows them."""

from __future__ import annotations

from collections.abc import Sequence

from commands.render.measure import pad, width
from vfs.visible import visible_line

GAP = 2
"""Blank columns between names."""


def grid_rows(cells: Sequence[str], columns: int) -> list[list[tuple[int, str]]]:
    """The rows of the grid: the index of each cell and its text, padded except at a row's end.

    For callers that paint: joining a row's texts gives its line. A cell wider than the terminal
    has a row of its own and is shown whole.
    """
    shown = [visible_line(cell) for cell in cells]
    widths = [width(cell) for cell in shown]
    rows, lanes = _shape(widths, columns)
    lines: list[list[tuple[int, str]]] = []
    for row in range(rows):
        indexes = range(row, len(shown), rows)
        last = indexes[-1]
        lines.append(
            [
                (index, shown[index] if index == last else pad(shown[index], lanes[lane] + GAP))
                for lane, index in enumerate(indexes)
            ]
        )
    return lines


def grid(cells: Sequence[str], columns: int) -> list[str]:
    """The lines that show `cells` in as many columns as fit into the width `columns`."""
    return ["".join([text for _, text in row]) for row in grid_rows(cells, columns)]


def _shape(widths: Sequence[int], columns: int) -> tuple[int, list[int]]:
    """The fewest rows that fit, and the width of each of their lanes."""
    count = len(widths)
    if not count:
        return 0, []
    most = min(count, max(1, (columns + GAP) // (min(widths) + GAP)))
    for lanes in range(most, 1, -1):
        rows = -(-count // lanes)
        wide = [max(widths[start : start + rows]) for start in range(0, count, rows)]
        if sum(wide) + GAP * (len(wide) - 1) <= columns:
            return rows, wide
    return count, [max(widths)]
