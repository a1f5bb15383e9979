"""How `l` shows a text."""

from __future__ import annotations

_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
WIDTH = 70


def listed(text: bytes, width: int) -> bytes:
    """A text as `l` shows it: escapes, `$` at the end, broken to `width` (0: never)."""
    out: list[str] = []
    column = 0
    for code in text:
        shown = _ESCAPES.get(code) or (chr(code) if 32 <= code < 127 else f"\\{code:03o}")
        if width and column + len(shown) > width - 1:
            out.append("\\\n")
            column = 0
        out.append(shown)
        column += len(shown)
    return ("".join(out) + "$\n").encode()
