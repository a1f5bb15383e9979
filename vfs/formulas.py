"""Formulas: texts that a spreadsheet would run, kept from running in the cells of a CSV file.

Such a text begins with = + - @, also in their wide forms, or with a tab or a line's end. It is written with a
quote before it, and so is a text that begins with such a quote; reading takes one quote away again.
Source: CWE-1236.
"""

from __future__ import annotations

_BEGINS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
MARKS = _BEGINS | {"'"}
"""Characters with which a text begins that is not written as it is."""


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs."""
    if text[:1] not in MARKS:
        return text
    bare = text.lstrip("'")
    return "'" + text if bare[:1] in _BEGINS and bare else text


def unguarded(text: str) -> str:
    """A cell as it was before it was guarded."""
    if text[:1] != "'":
        return text
    bare = text.lstrip("'")
    return text[1:] if bare[:1] in _BEGINS and bare else text
