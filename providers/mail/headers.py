"""Headers: where a message's header block ends, and its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from providers.mail.encodedwords import decoded

_BLOCK = re.compile(rb"(?:(?:From |>From |(?!--)[!-9;-~]+[ \t]*:|[ \t])[^\n]*+(?:\n|\Z))*+")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_BLANK = re.compile(rb"\r*\n|\r*\Z")

LONGEST = 256 * 1024
"""Bytes of a header block that are read; what is beyond is there in the stored bytes only."""


def block_end(data: bytes, start: int = 0, stop: int | None = None) -> tuple[int, int]:
    """Where the header block that begins at `start` ends, and where the body begins."""
    stop = len(data) if stop is None else stop
    found = _BLOCK.match(data, start, stop)
    assert found is not None
    end = found.end()
    blank = _BLANK.match(data, end, stop)
    return end, end if blank is None else blank.end()


class Headers:
    """The fields of a header block, by lower-case name. Of fields that may stand once, the first counts."""

    __slots__ = ("_fields", "_first")

    def __init__(self, block: bytes) -> None:
        self._fields = [(name.lower(), value) for name, value in _FIELD.findall(block[:LONGEST])]
        self._first = dict(reversed(self._fields))

    def raw(self, name: bytes) -> bytes:
        """The unfolded value of the first field of that name; b"" when there is none, or it is empty."""
        value = self._first.get(name)
        return b"" if value is None else unfolded(value)

    def every(self, name: bytes) -> Iterator[bytes]:
        """The unfolded values of all fields of that name."""
        return (unfolded(value) for key, value in self._fields if key == name)

    def text(self, name: bytes) -> str:
        """The first value as text, on one line; "" when there is none."""
        return decoded(self.raw(name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Every field as (name as in lower case, text)."""
        return ((key.decode("ascii"), decoded(unfolded(value))) for key, value in self._fields)

    def __bool__(self) -> bool:
        return bool(self._fields)


def unfolded(value: bytes) -> bytes:
    """A field's value on one line."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip()
