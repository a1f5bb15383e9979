"""How many columns a text takes on a terminal, and fitting it into a number of them.

Wide characters (CJK, most emoji) take two, combining marks none. A sequence joined by zero-width
joiners counts each of its parts: terminals disagree about it, and too much never breaks a line.
"""

from __future__ import annotations

from unicodedata import category, east_asian_width

_EMOJI_STYLE = "\ufe0f"


def width_of(char: str) -> int:
    """The columns of one character that is not a control character."""
    if char < "\u0300":
        return 1
    if east_asian_width(char) in ("W", "F"):
        return 2
    return 0 if category(char) in ("Mn", "Me", "Cf") else 1


def width(text: str) -> int:
    """The columns of a line that holds no control characters."""
    if text.isascii():
        return len(text)
    total = last = 0
    for char in text:
        if char == _EMOJI_STYLE and last == 1:
            total += 1
            continue
        last = width_of(char) or last
        total += width_of(char)
    return total


def fit(text: str, columns: int) -> str:
    """`text` within `columns`, its end replaced by `…` where it is longer."""
    if width(text) <= columns:
        return text
    if columns < 1:
        return ""
    kept: list[str] = []
    room = columns - 1
    last = 0
    for char in text:
        here = 1 if char == _EMOJI_STYLE and last == 1 else width_of(char)
        if here > room:
            break
        last = here or last
        room -= here
        kept.append(char)
    return "".join(kept) + "…"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `columns`; with `right`, on its left."""
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks
