"""The text of a statement: UTF-8, UTF-16 or Windows-1252, by its first bytes or by what it can be."""

from __future__ import annotations

import codecs

from providers.banking.statement import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, charset: str = "") -> str:
    """The text of a file. Raises Unreadable for a charset that does not exist or does not fit."""
    if charset:
        try:
            return data.decode(charset)
        except LookupError:
            raise Unreadable(f"there is no charset '{charset[:40]}'") from None
        except UnicodeDecodeError:
            raise Unreadable(f"its text is not {charset[:40]}") from None
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if b"\0" in data[:4096]:
        even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
        if max(even, odd) > len(data[:4096]) // 8 and not (even and odd):
            return data.decode("utf-16-le" if odd else "utf-16-be", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return windows(data)


def windows(data: bytes) -> str:
    """Text of an older program: each byte is a character."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
