"""Sort keys: `-k 2,3nr` and the options for all keys, as functions from a line to what is compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import total_ordering
from typing import Any, NamedTuple

from commands.text import numbers

_KEY = re.compile(r"(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*))?\Z")
_FIELD = re.compile(rb"[ \t]*[^ \t]*")
_UPPER = bytes(range(97)) + bytes(range(65, 91)) + bytes(range(123, 256))
_NOT_DICTIONARY = bytes(c for c in range(256) if not (chr(c).isalnum() and c < 128) and c not in b" \t")
_NOT_PRINTABLE = bytes(c for c in range(256) if not 32 <= c < 127)
_ORDERS: dict[str, Callable[[bytes], Any]] = {
    "n": numbers.plain, "h": numbers.human, "g": numbers.general, "M": numbers.month, "V": numbers.version,
}  # fmt: skip


class Key(NamedTuple):
    """One key: where it stands in the line, how it is compared, and in which direction."""

    start: tuple[int, int]
    """Field and character, from 0."""
    stop: tuple[int, int] | None
    """Field and character where it ends; character 0 is the field's end, None the line's."""
    start_blanks: bool
    """Leading blanks of the start's field do not count."""
    stop_blanks: bool
    orders: str
    """The letters among `dfighMnV`."""
    reverse: bool

    def function(self, separator: bytes | None) -> Callable[[bytes], Any]:
        """What to compare lines by."""
        cut = self._cut(separator)
        compare = _comparison(self.orders)
        if cut is None:
            return compare or _same
        if compare is None:
            return cut
        return lambda line: compare(cut(line))

    def _cut(self, separator: bytes | None) -> Callable[[bytes], bytes] | None:
        if self.start == (0, 0) and self.stop is None:
            return _without_blanks if self.start_blanks else None
        single = self.stop == (self.start[0], 0) and not self.start[1] and not self.start_blanks
        if separator is not None and single:
            return _single(separator, self.start[0])
        return lambda line: line[self._begin(line, separator) : self._end(line, separator)]

    def _begin(self, line: bytes, separator: bytes | None) -> int:
        at = _field_start(line, self.start[0], separator)
        if self.start_blanks:
            at = _past_blanks(line, at)
        return min(at + self.start[1], len(line))

    def _end(self, line: bytes, separator: bytes | None) -> int:
        if self.stop is None:
            return len(line)
        field, char = self.stop
        if char == 0:
            return _field_end(line, field, separator)
        at = _field_start(line, field, separator)
        if self.stop_blanks:
            at = _past_blanks(line, at)
        return min(at + char, len(line))


def key(text: str, default: str) -> Key:
    """The key that `-k TEXT` means; `default` are the letters for keys without their own.

    Raises ValueError.
    """
    found = _KEY.match(text)
    if found is None:
        raise ValueError(f"invalid key '{text}'")
    field, char, letters, last, last_char, last_letters = found.groups()
    if int(field) == 0 or last == "0":
        raise ValueError(f"field number is zero: '{text}'")
    if char is not None and int(char) == 0:
        raise ValueError(f"character offset is zero: '{text}'")
    own = letters + (last_letters or "")
    start_blanks, stop_blanks = "b" in letters, "b" in (last_letters or "")
    if not own:
        own = default
        start_blanks = stop_blanks = "b" in default
    check(own)
    stop = None if last is None else (int(last) - 1, int(last_char or 0))
    return Key(
        (int(field) - 1, int(char or 1) - 1), stop, start_blanks, stop_blanks,
        "".join(letter for letter in "dfighMnV" if letter in own), "r" in own,
    )  # fmt: skip


def whole(letters: str) -> Key:
    """The key that is the whole line."""
    blanks = "b" in letters
    orders = "".join(letter for letter in "dfighMnV" if letter in letters)
    return Key((0, 0), None, blanks, blanks, orders, "r" in letters)


def composite(functions: Sequence[tuple[Callable[[bytes], Any], bool]]) -> Callable[[bytes], Any]:
    """One key of several, each in its own direction."""
    if len(functions) == 1 and not functions[0][1]:
        return functions[0][0]
    return lambda line: tuple(
        [Downward(function(line)) if reverse else function(line) for function, reverse in functions]
    )


@total_ordering
class Downward:
    """A value that compares the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Downward) and bool(self.value == other.value)

    def __lt__(self, other: Downward) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]


def check(letters: str) -> None:
    """Raises ValueError for letters that do not go together."""
    several = [letter for letter in "nghMV" if letter in letters]
    if len(several) > 1 or (several not in ([], ["V"]) and ("d" in letters or "i" in letters)):
        together = "".join(sorted(set(letters) & set("dighMnV")))
        raise ValueError(f"options '-{together}' are incompatible")


def _comparison(orders: str) -> Callable[[bytes], Any] | None:
    number = next((function for letter, function in _ORDERS.items() if letter in orders), None)
    if number is not None and "V" not in orders:
        return number
    dropped = (_NOT_DICTIONARY if "d" in orders else b"") or (_NOT_PRINTABLE if "i" in orders else b"")
    table = _UPPER if "f" in orders else None
    if not dropped and table is None:
        return number
    if number is not None:
        return lambda text: number(text.translate(table, dropped))
    return lambda text: text.translate(table, dropped)


def _same(line: bytes) -> bytes:
    return line


def _without_blanks(line: bytes) -> bytes:
    return line.lstrip(b" \t")


def _single(separator: bytes, field: int) -> Callable[[bytes], bytes]:
    def cut(line: bytes) -> bytes:
        fields = line.split(separator, field + 1)
        return fields[field] if field < len(fields) else b""

    return cut


def _past_blanks(line: bytes, at: int) -> int:
    while at < len(line) and line[at] in b" \t":
        at += 1
    return at


def _field_start(line: bytes, field: int, separator: bytes | None) -> int:
    at = 0
    for _ in range(field):
        if separator is None:
            found = _FIELD.match(line, at)
            assert found is not None
            at = found.end()
        else:
            at = line.find(separator, at) + 1
            if not at:
                return len(line)
        if at >= len(line):
            return len(line)
    return at


def _field_end(line: bytes, field: int, separator: bytes | None) -> int:
    at = _field_start(line, field, separator)
    if separator is None:
        found = _FIELD.match(line, at)
        assert found is not None
        return found.end()
    stop = line.find(separator, at)
    return len(line) if stop < 0 else stop
