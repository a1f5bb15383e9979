"""Bars: numbers as lengths beside their names; those below zero go the other way, from one axis."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from commands.render.measure import fit, pad, width
from commands.stream import Sink
from vfs.money import EXACT

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")

LEAST = 8
"""Columns that bars have, however long names and numbers are."""


class Point(NamedTuple):
    """One number to draw, its name, and how it is written."""

    name: str
    number: int | float | Decimal
    shown: str


class Bar(NamedTuple):
    """A row: the name, what is drawn below zero, the axis where there are both, what is above, the number."""

    name: str
    below: str
    axis: str
    above: str
    shown: str


def share_of(part: int | float | Decimal, whole: Decimal) -> float:
    """How much of `whole` the size of `part` is, 0 to 1 and beyond, whatever their magnitude."""
    return float(EXACT.divide(abs(Decimal(part)), whole)) if whole else 0.0


def filled(length: float, *, plain: bool, mark: str = "#") -> str:
    """A bar of this many columns, to an eighth; what is not zero shows."""
    if plain:
        return mark * round(length)
    cells, rest = int(length), int(length % 1 * 8)
    return "█" * cells + (_EIGHTHS[rest] or ("▏" if length > 0 and not cells else ""))


def bar_rows(points: Sequence[Point], columns: int, *, plain: bool) -> list[Bar]:
    """The rows of a picture `columns` wide. Numbers of both signs share one axis, and one scale."""
    high = max(max(Decimal(point.number) for point in points), Decimal(0))
    low = -min(min(Decimal(point.number) for point in points), Decimal(0))
    numbers = max(width(point.shown) for point in points)
    names = max(width(point.name) for point in points)
    names = min(names, max(columns // 3, columns - numbers - 2 - LEAST - 16))
    room = max(1, columns - names - numbers - 2)
    if high and low:
        return _both(points, names, numbers, room - 1, high, low, plain=plain)
    most = high or low
    rows = []
    for point in points:
        length = room * share_of(point.number, most)
        bar = filled(length, plain=plain, mark="-" if low else "#")
        above, below = ("", bar) if low else (bar, "")
        rows.append(Bar(pad(fit(point.name, names), names), below, "", above, point.shown))
    return rows


def _both(
    points: Sequence[Point], names: int, numbers: int, room: int, high: Decimal, low: Decimal, *, plain: bool
) -> list[Bar]:
    span = EXACT.add(high, low)
    left = min(max(1, round(room * share_of(low, span))), max(1, room - 1))
    right = max(1, room - left)
    unit = min(left / share_of(low, span), right / share_of(high, span))
    rows = []
    for point in points:
        length = unit * share_of(point.number, span)
        below = above = ""
        if point.number < 0:
            half = "▐" if not plain and (length % 1 >= 0.5 or length < 1) else ""
            below = half + ("-" * round(length) if plain else "█" * int(length))
        else:
            above = filled(length, plain=plain)
        rows.append(
            Bar(
                pad(fit(point.name, names), names),
                pad(below, left, right=True),
                "|" if plain else "│",
                pad(above, right),
                pad(point.shown, numbers, right=True),
            )
        )
    return rows


async def draw_bars(sink: Sink, rows: Sequence[Bar]) -> None:
    """Shows the rows; what is below zero in another colour, too."""
    for row in rows:
        await sink.paint(
            [
                (row.name + " ", ""),
                (row.below, "red"),
                (row.axis, "dim"),
                (row.above, "cyan"),
                (" " + row.shown + "\n", "dim"),
            ]
        )
