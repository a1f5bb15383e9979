"""The right-hand sides of `s` and `y`: what stands for groups, for changes of case, for itself."""

from __future__ import annotations

from commands.regex.syntax import control
from commands.sedscript.program import Case, Part
from commands.stream import to_bytes


def parts_of(text: str, groups: int | None) -> tuple[Part, ...]:
    """The parts of the replacement of `s`; `groups` is how many its pattern has, where that is known.

    Raises ValueError.
    """
    parts: list[Part] = []
    plain = ""
    at = 0
    while at < len(text):
        part, shown, at = _piece(text, at)
        if isinstance(part, int) and groups is not None and part > groups:
            raise ValueError(f"invalid reference \\{part} on `s' command's RHS")
        plain += shown
        if part is not None:
            parts += [to_bytes(plain), part] if plain else [part]
            plain = ""
    return (*parts, to_bytes(plain)) if plain else tuple(parts)


def _piece(text: str, at: int) -> tuple[Part | None, str, int]:
    """A part, or text that stands for itself, and where it ends."""
    char = text[at]
    if char == "&":
        return 0, "", at + 1
    if char != "\\" or at + 1 == len(text):
        return None, char, at + 1
    following = text[at + 1]
    if following.isdecimal() and following.isascii():
        return int(following), "", at + 2
    if following in "ULulE":
        return Case(following), "", at + 2
    found = control(text, at)
    return (None, *found) if found is not None else (None, following, at + 2)


def letters_of(text: str) -> list[str]:
    """The characters of one side of `y`. Raises ValueError."""
    letters: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char != "\\" or at + 1 == len(text):
            letters.append(char)
            at += 1
            continue
        found = control(text, at)
        if found is None:
            if text[at + 1] not in "\\&":
                raise ValueError("`y' command strings have unknown escapes")
            found = text[at + 1], at + 2
        letters.append(found[0])
        at = found[1]
    return letters
