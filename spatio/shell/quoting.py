"""quote: text as a word of the shell that means exactly it."""

from __future__ import annotations

import re

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")
_SHORT = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def _code(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or f"\\x{ord(char) & 0xFF:02x}"


def quote(text: str, *, always: bool = False) -> str:
    """The word, in quotes only where it needs them (or `always`)."""
    if _CONTROL.search(text):
        return "$'" + _CONTROL.sub(_code, text.replace("\\", "\\\\").replace("'", "\\'")) + "'"
    if not always and _SAFE.fullmatch(text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"
