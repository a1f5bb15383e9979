"""Words quoted so that a shell reads them back, as bash's `%q` does."""

from __future__ import annotations

from commands.stream import to_bytes

_ANSI = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 27: "\\E"}
_SPECIAL = frozenset(" \t\n'\"\\|&;()<>!{}*[?]^$`,")


def quoted(word: str) -> str:
    """The word with a backslash before what a shell would read, or as `$'…'` when it is not printable."""
    if not word:
        return "''"
    if not word.isprintable():
        return _ansi(word)
    out: list[str] = []
    for at, char in enumerate(word):
        special = char in _SPECIAL or (char == "#" and at == 0)
        home = char == "~" and (at == 0 or word[at - 1] in ":=")
        out.append("\\" + char if special or home else char)
    return "".join(out)


def _ansi(word: str) -> str:
    out: list[str] = []
    for char in word:
        code = ord(char)
        if char in "'\\":
            out.append("\\" + char)
        elif code in _ANSI:
            out.append(_ANSI[code])
        elif char.isprintable():
            out.append(char)
        else:
            out.extend(f"\\{byte:03o}" for byte in to_bytes(char))
    return f"$'{''.join(out)}'"
