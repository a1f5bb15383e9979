"""Backslash escapes as echo -e and printf read them, each with its own small differences."""

from __future__ import annotations

from enum import Enum

from commands.stream import to_bytes

SIMPLE = {
    "a": b"\a", "b": b"\b", "e": b"\x1b", "E": b"\x1b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t",
    "v": b"\v", "\\": b"\\",
}  # fmt: skip
_OCTAL = "01234567"
_HEX = "0123456789abcdefABCDEF"


class Stopped(Exception):
    """`\\c`: no more output. Carries what came before it."""

    def __init__(self, before: bytes) -> None:
        super().__init__()
        self.before = before


class Octal(Enum):
    """How an octal escape is spelled."""

    ECHO = "0NNN"
    FORMAT = "NNN"
    EITHER = "NNN or 0NNN"


def unescaped(text: str, octal: Octal) -> bytes:
    """The argument of `echo -e` or of printf's `%b`. Raises Stopped at `\\c`.

    What is no escape stays as it is.
    """
    out: list[bytes] = []
    at = 0
    while (stop := text.find("\\", at)) >= 0 and stop + 1 < len(text):
        out.append(to_bytes(text[at:stop]))
        if text[stop + 1] == "c":
            raise Stopped(b"".join(out))
        data, at = escape(text, stop, octal)
        out.append(data)
    out.append(to_bytes(text[at:]))
    return b"".join(out)


def escape(text: str, at: int, octal: Octal) -> tuple[bytes, int]:
    """The bytes of the escape whose backslash stands at `at`, and where it ends.

    A backslash before anything that is no escape is itself.
    """
    letter = text[at + 1]
    if letter in SIMPLE:
        return SIMPLE[letter], at + 2
    if letter in _OCTAL and (letter == "0" or octal is not Octal.ECHO):
        start = at + 2 if letter == "0" and octal is not Octal.FORMAT else at + 1
        stop = _run(text, start, _OCTAL, 3)
        return bytes([int(text[start:stop] or "0", 8) & 0xFF]), stop
    if letter in "xuU":
        stop = _run(text, at + 2, _HEX, {"x": 2, "u": 4, "U": 8}[letter])
        if stop == at + 2:
            return to_bytes("\\" + letter), stop
        code = int(text[at + 2 : stop], 16)
        return bytes([code]) if letter == "x" else character(code), stop
    return b"\\", at + 1


def character(code: int) -> bytes:
    """A code point in UTF-8, beyond Unicode's end as the old six-byte form has it."""
    if code < 0xD800 or 0xE000 <= code < 0x110000:
        return chr(code).encode()
    if code < 0x10000:
        return chr(code).encode("utf-8", "surrogatepass")
    tail: list[int] = []
    while code >> (6 - len(tail)):
        tail.append(0x80 | code & 0x3F)
        code >>= 6
    lead = (0xFF00 >> (len(tail) + 1)) & 0xFF
    return bytes([lead | code, *reversed(tail)])


def _run(text: str, start: int, digits: str, most: int) -> int:
    stop = start
    while stop < len(text) and stop - start < most and text[stop] in digits:
        stop += 1
    return stop
