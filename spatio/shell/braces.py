"""Brace expansion: `a{b,c}d` and `{1..9}`, before anything else happens to a word."""

from __future__ import annotations

import re

from spatio.shell.ast import Literal, Part, Word
from spatio.shell.flow import ShellError
from spatio.shell.words import word_of

MOST = 1_000_000
"""Words that one word may become."""

_RANGE = re.compile(r"(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?")

Item = str | Part
"""An unquoted character, or a part that braces do not look into."""


def expand_braces(word: Word) -> list[Word]:
    """The words that `word` stands for. Raises ShellError when they are too many."""
    items: list[Item] = []
    for part in word.parts:
        if isinstance(part, Literal) and not part.quoted:
            items.extend(part.text)
        else:
            items.append(part)
    return [_word(one, word) for one in _expand(items)]


def _word(items: list[Item], word: Word) -> Word:
    parts: list[Part] = []
    run: list[str] = []
    for item in [*items, None]:
        if isinstance(item, str):
            run.append(item)
            continue
        if run:
            parts.append(Literal("".join(run), False, word.start, word.stop))
            run = []
        if item is not None:
            parts.append(item)
    return word_of(parts, word.start, word.stop)._replace(braces=False)


def _expand(items: list[Item]) -> list[list[Item]]:
    for opening, item in enumerate(items):
        if item != "{":
            continue
        found = _choices(items, opening)
        if found is None:
            continue
        choices, closing = found
        rests = _expand(items[closing + 1 :])
        if len(choices) * len(rests) > MOST:
            raise ShellError(f"brace expansion into more than {MOST:,} words")
        head = items[:opening]
        return [head + choice + rest for choice in choices for rest in rests]
    return [items]


def _choices(items: list[Item], opening: int) -> tuple[list[list[Item]], int] | None:
    """What the braces from `opening` offer, and where they close; None when they are only text."""
    level = 0
    pieces: list[list[Item]] = [[]]
    for place in range(opening + 1, len(items)):
        item = items[place]
        if item == "}" and level == 0:
            if len(pieces) == 1:
                numbers = _range(pieces[0])
                return None if numbers is None else (numbers, place)
            return [one for piece in pieces for one in _expand(piece)], place
        if item == "," and level == 0:
            pieces.append([])
            continue
        level += {"{": 1, "}": -1}.get(item, 0) if isinstance(item, str) else 0
        pieces[-1].append(item)
    return None


def _range(piece: list[Item]) -> list[list[Item]] | None:
    if not all(isinstance(item, str) for item in piece):
        return None
    found = _RANGE.fullmatch("".join([item for item in piece if isinstance(item, str)]))
    if not found:
        return None
    first, last, low, high, step = found.groups()
    start, stop = (int(first), int(last)) if first else (ord(low), ord(high))
    size = abs(int(step or 1)) or 1
    if abs(stop - start) // size >= MOST:
        raise ShellError(f"brace expansion into more than {MOST:,} words")
    numbers = range(start, stop + 1, size) if start <= stop else range(start, stop - 1, -size)
    if not first:
        return [[chr(number)] for number in numbers]
    padded = any(len(text.lstrip("-")) > 1 and text.lstrip("-")[0] == "0" for text in (first, last))
    width = max(len(first), len(last)) if padded else 0
    return [list(f"{number:0{width}d}") for number in numbers]
