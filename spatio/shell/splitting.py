"""split_line: a line into words at IFS, the last taking the rest, as `read` does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Test = Callable[[int], bool]
"""Whether the character at a place is of a kind."""


def split_line(text: Sequence[tuple[str, bool]], separators: str, count: int) -> list[str]:
    """`count` values from characters of which escaped ones never separate."""
    blanks = {char for char in separators if char in " \t\n"}
    others = set(separators) - blanks

    def blank(place: int) -> bool:
        return place < len(text) and not text[place][1] and text[place][0] in blanks

    def other(place: int) -> bool:
        return place < len(text) and not text[place][1] and text[place][0] in others

    at = 0
    while blank(at):
        at += 1
    values: list[str] = []
    while len(values) < count - 1 and at < len(text):
        start = at
        while at < len(text) and not blank(at) and not other(at):
            at += 1
        values.append("".join([char for char, _ in text[start:at]]))
        at = _over(at, blank, other)
    stop = len(text)
    while stop > at and blank(stop - 1):
        stop -= 1
    rest = _alone(text, at, stop, blank, other)
    values.append(rest)
    return [*values, *[""] * (count - len(values))]


def _over(at: int, blank: Test, other: Test) -> int:
    """Behind one separator and the blanks around it."""
    while blank(at):
        at += 1
    if other(at):
        at += 1
        while blank(at):
            at += 1
    return at


def _alone(text: Sequence[tuple[str, bool]], at: int, stop: int, blank: Test, other: Test) -> str:
    """The rest; a single separator that ends a single word does not belong to it."""
    if stop - 1 >= at and other(stop - 1) and not any(other(p) or blank(p) for p in range(at, stop - 1)):
        stop -= 1
    return "".join([char for char, _ in text[at:stop]])
