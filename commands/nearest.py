"""The nearest of a few names to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable

BEGINNING = 3
"""Letters from which on a word is taken for the beginning of a name."""


def distance(left: str, right: str, most: int) -> int:
    """How many letters to add, drop, change or swap with their neighbour; `most + 1` when more."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    older: list[int] = []
    old = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        new = [row]
        for column, b in enumerate(right, 1):
            cost = min(old[column] + 1, new[-1] + 1, old[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, older[column - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        older, old = old, new
    return old[-1]


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that `word` was probably meant to be, or None when all are far from it.

    One letter's mistake comes first, then a name that `word` begins, then more mistakes.
    """
    best: str | None = None
    begun: str | None = None
    most = 1 if len(word) < 4 else 2 if len(word) < 9 else 3
    lowered = word.lower()
    for name in names:
        apart = distance(lowered, name.lower(), most)
        if apart <= most and apart < max(len(name), 2):
            best, most = name, apart - 1
            if most < 0:
                break
        if len(word) >= BEGINNING and begun is None and name.lower().startswith(lowered):
            begun = name
    return best if begun is None or most < 1 else begun
