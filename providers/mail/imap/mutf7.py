"""Names of mailboxes in modified UTF-7 (RFC 3501, 5.1.3), and labels as keywords that are built the same way.

What cannot be decoded stays as it was sent: a mailbox's key is always its name on the wire.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_ATOM = frozenset("!#$'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~")
"""What a keyword may hold as it is; `[` and `]` are left out, since servers differ about them."""


def decode(name: bytes) -> str:
    """What a person reads for a name on the wire: modified UTF-7, else UTF-8, else byte by byte."""
    try:
        text = name.decode("ascii")
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace")
    try:
        return _SHIFTED.sub(_unshift, text)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def _unshift(match: re.Match[str]) -> str:
    inside = match.group(1)
    if not inside:
        return "&"
    padded = inside.replace(",", "/") + "=" * (-len(inside) % 4)
    return binascii.a2b_base64(padded).decode("utf-16-be")


def encode(name: str) -> bytes:
    """A name as it stands on the wire."""
    return _shift(name, lambda char: " " <= char <= "~").encode("ascii")


def keyword(label: str) -> str:
    """The keyword that a label is kept as: an atom, whatever the label holds."""
    return _shift(label, _ATOM.__contains__)


def label(keyword: str) -> str:
    """The label that a keyword stands for."""
    return decode(keyword.encode("ascii", "replace"))


def _shift(text: str, plain: Callable[[str], bool]) -> str:
    parts: list[str] = []
    waiting = ""

    def flush() -> None:
        nonlocal waiting
        if waiting:
            coded = binascii.b2a_base64(waiting.encode("utf-16-be", "surrogatepass"), newline=False)
            parts.append("&" + coded.decode().rstrip("=").replace("/", ",") + "-")
            waiting = ""

    for char in text:
        if char == "&":
            flush()
            parts.append("&-")
        elif plain(char):
            flush()
            parts.append(char)
        else:
            waiting += char
    flush()
    return "".join(parts)
