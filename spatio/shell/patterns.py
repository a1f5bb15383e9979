"""Patterns in `case`, `[[ … ]]` and `${x#…}`: the wildcards of names, over any text, in linear time a try."""

from __future__ import annotations

import re
from functools import lru_cache

from vfs.glob import pieces_of

_SPECIAL = re.compile(r"([*?\[\]\\])")


def escaped(text: str) -> str:
    """A pattern that matches exactly `text`."""
    return _SPECIAL.sub(r"\\\1", text)


@lru_cache(maxsize=128)
def expression(pattern: str, *, longest: bool) -> re.Pattern[str]:
    """A regular expression for the pattern. Only its last star ever gives anything back."""
    first, *rest = pieces_of(pattern)
    text = first
    for piece in rest[:-1]:
        text += f"(?>(?s:.*?){piece})"
    if rest:
        text += f"(?s:.*{'' if longest else '?'}){rest[-1]}"
    return re.compile(text)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches."""
    return expression(pattern, longest=True).fullmatch(text) is not None


def without_prefix(pattern: str, text: str, *, longest: bool) -> str:
    found = expression(pattern, longest=longest).match(text)
    return text[found.end() :] if found else text


def without_suffix(pattern: str, text: str, *, longest: bool) -> str:
    whole = expression(pattern, longest=True)
    places = range(len(text) + 1) if longest else range(len(text), -1, -1)
    for place in places:
        if whole.fullmatch(text, place):
            return text[:place]
    return text


def replaced(pattern: str, text: str, by: str, *, every: bool, anchor: str) -> str:
    """`text` with the longest match at each place replaced; `anchor` is "", `#` (start) or `%` (end).

    A NUL in `by` stands for the match.
    """
    found: re.Match[str] | None
    wanted = expression(pattern, longest=True)
    if anchor == "%":
        for place in range(len(text) + 1):
            if wanted.fullmatch(text, place):
                return text[:place] + by.replace("\0", text[place:])
        return text
    if anchor == "#":
        found = wanted.match(text)
        return by.replace("\0", found.group()) + text[found.end() :] if found else text
    done: list[str] = []
    at = 0
    while found := wanted.search(text, at):
        if found.end() == found.start():
            if not text:
                return by.replace("\0", "")
            if found.start() >= len(text):
                break
            done.append(text[at : found.start() + 1])
            at = found.start() + 1
            continue
        done += [text[at : found.start()], by.replace("\0", found.group())]
        at = found.end()
        if not every:
            break
    return "".join(done) + text[at:]
