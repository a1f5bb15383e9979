"""Counts as people write them after -n and -c: `10`, `-3`, `+2`, `4K`, `1MB`."""

from __future__ import annotations

from typing import NamedTuple

_UNITS = {"": 1, "b": 512} | {
    letter + ending: base ** (power + 1)
    for power, letter in enumerate("KMGTPEZY")
    for ending, base in (("", 1024), ("iB", 1024), ("B", 1000))
}
_UNITS |= {"k": 1024, "kB": 1000, "m": 1024**2}
MOST = (1 << 63) - 1


class Amount(NamedTuple):
    """A count, and the sign that it was written with (`+`, `-` or none)."""

    size: int
    sign: str = ""


def amount(word: str) -> Amount:
    """The amount that a word spells. Raises ValueError."""
    sign = word[:1] if word[:1] in ("+", "-") else ""
    digits = word[len(sign) :]
    unit = digits.lstrip("0123456789")
    number = digits[: len(digits) - len(unit)]
    if not number.isdecimal() or unit not in _UNITS:
        raise ValueError(f"'{word}' is not a number")
    return Amount(min(int(number[:30]) * _UNITS[unit], MOST), sign)
