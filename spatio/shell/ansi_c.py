"""The escapes of `$'…'`."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.))",
    re.DOTALL,
)
_NAMED = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


def _escaped(match: re.Match[str]) -> str:
    named, octal, short, four, eight, control = match.groups()
    if named:
        return _NAMED.get(named, named)
    if octal or short:
        code = int(octal, 8) & 0xFF if octal else int(short, 16)
        return chr(code) if code < 0x80 else bytes([code]).decode("utf-8", "surrogateescape")
    if control:
        return chr(ord(control) & 0x1F)
    code = int(four or eight, 16)
    return chr(code) if code <= 0x10FFFF else ""


def decode(text: str) -> str:
    """What stands between `$'` and `'`, its escapes replaced; it ends at a NUL."""
    decoded = _ESCAPE.sub(_escaped, text).partition("\0")[0]
    if decoded.isascii():
        return decoded
    return decoded.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
