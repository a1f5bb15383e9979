"""One statement for many: lists of places in a few widths, so that few statements are ever prepared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")

WIDTHS = (8, 64, 512)
"""How many values a list has room for."""


def together(sql: str, items: Sequence[T], place: str = "?") -> Iterator[tuple[str, Sequence[T]]]:
    """`sql` with a list where it says `%s`, and the items that fill it, in as many statements as it takes.

    The last item fills the room that is left: what is asked twice is answered once by an `IN`, and twice
    by a join. `place` is how one item stands in the list, such as `(?, ?)`.
    """
    most = WIDTHS[-1]
    for at in range(0, len(items), most):
        some = items[at : at + most]
        width = next(width for width in WIDTHS if width >= len(some))
        yield _filled(sql, place, width), [*some, *[some[-1]] * (width - len(some))]


def flat(items: Sequence[Sequence[Any]]) -> list[Any]:
    """The values of items of several values each."""
    return [value for item in items for value in item]


@lru_cache(maxsize=200)
def _filled(sql: str, place: str, width: int) -> str:
    return sql % ", ".join([place] * width)
