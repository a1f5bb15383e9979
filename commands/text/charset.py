"""Sets of bytes as tr takes them: ranges, classes, repeats and escapes."""

from __future__ import annotations

import string
from typing import NamedTuple

from commands.command import Usage
from commands.stream import to_bytes

_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def _all(chars: str) -> list[int]:
    return sorted(chars.encode())


CLASSES = {
    "alnum": _all(string.ascii_letters + string.digits),
    "alpha": _all(string.ascii_letters),
    "blank": [9, 32],
    "cntrl": [*range(32), 127],
    "digit": _all(string.digits),
    "graph": list(range(33, 127)),
    "lower": _all(string.ascii_lowercase),
    "print": list(range(32, 127)),
    "punct": _all(string.punctuation),
    "space": [9, 10, 11, 12, 13, 32],
    "upper": _all(string.ascii_uppercase),
    "xdigit": _all(string.hexdigits),
}


class CharSet(NamedTuple):
    """The bytes of a set in order. `fill` is the `[x*]` that takes up the rest, at place `fill_at`."""

    members: list[int]
    fill: int | None = None
    fill_at: int = 0
    cases: tuple[tuple[int, str], ...] = ()
    """Where `[:lower:]` and `[:upper:]` stand."""
    classes: bool = False
    """Whether there is any other class."""

    def filled(self, length: int) -> list[int]:
        """The members, stretched to `length` by the fill."""
        if self.fill is None:
            return self.members
        more = max(length - len(self.members), 0)
        return [*self.members[: self.fill_at], *[self.fill] * more, *self.members[self.fill_at :]]


class _Reader:
    """Reads one set from its bytes."""

    def __init__(self, text: str) -> None:
        self.bytes, self.literal = _unescaped(to_bytes(text))
        self.at = 0
        self.members: list[int] = []
        self.fill: tuple[int, int] | None = None
        self.cases: list[tuple[int, str]] = []
        self.classes = False

    def read(self) -> CharSet:
        while self.at < len(self.bytes):
            if not (self._special(ord("[")) and (self._class() or self._repeat())):
                self._range()
        fill, fill_at = self.fill or (None, 0)
        return CharSet(self.members, fill, fill_at, tuple(self.cases), self.classes)

    def _special(self, code: int, at: int | None = None) -> bool:
        """Whether an unescaped `code` stands at a place."""
        at = self.at if at is None else at
        return at < len(self.bytes) and self.bytes[at] == code and not self.literal[at]

    def _class(self) -> bool:
        for mark in (":", "="):
            if not self._special(ord(mark), self.at + 1):
                continue
            stop = bytes(self.bytes).find(mark.encode() + b"]", self.at + 2)
            if stop < 0:
                continue
            name = bytes(self.bytes[self.at + 2 : stop]).decode("latin-1")
            if mark == "=" and len(name) == 1:
                self.members.append(ord(name))
            elif mark == ":" and name in CLASSES:
                if name in ("lower", "upper"):
                    self.cases.append((len(self.members), name))
                else:
                    self.classes = True
                self.members.extend(CLASSES[name])
            elif mark == "=" and self._special(ord("*"), self.at + 2):
                continue
            else:
                raise Usage(f"invalid character class '{name}'")
            self.at = stop + 2
            return True
        return False

    def _repeat(self) -> bool:
        if not self._special(ord("*"), self.at + 2):
            return False
        stop = self.at + 3
        while stop < len(self.bytes) and chr(self.bytes[stop]).isdigit() and self.bytes[stop] < 128:
            stop += 1
        if not self._special(ord("]"), stop):
            return False
        digits = bytes(self.bytes[self.at + 3 : stop]).decode()
        count = int(digits, 8 if digits.startswith("0") else 10) if digits else 0
        char = self.bytes[self.at + 1]
        if count == 0:
            if self.fill is not None:
                raise Usage("only one [c*] repeat construct may appear in string2")
            self.fill = (char, len(self.members))
        else:
            self.members.extend([char] * min(count, 1 << 20))
        self.at = stop + 1
        return True

    def _range(self) -> None:
        low = self.bytes[self.at]
        if self._special(ord("-"), self.at + 1) and self.at + 2 < len(self.bytes):
            high = self.bytes[self.at + 2]
            if high < low:
                raise Usage(f"range-endpoints of '{chr(low)}-{chr(high)}' are in reverse order")
            self.members.extend(range(low, high + 1))
            self.at += 3
            return
        self.members.append(low)
        self.at += 1


def charset(text: str) -> CharSet:
    """The set that `text` spells. Raises Usage."""
    return _Reader(text).read()


def _unescaped(data: bytes) -> tuple[list[int], list[bool]]:
    """The bytes without their backslashes, and which of them had one."""
    out: list[int] = []
    literal: list[bool] = []
    at = 0
    while at < len(data):
        code = data[at]
        at += 1
        escaped = code == 0x5C and at < len(data)
        if escaped:
            stop = at
            while stop < len(data) and stop - at < 3 and 0x30 <= data[stop] <= 0x37:
                stop += 1
            if stop - at == 3 and int(data[at:stop], 8) > 255:
                stop -= 1
            if stop > at:
                code = int(data[at:stop], 8)
            else:
                stop = at + 1
                code = _ESCAPES.get(chr(data[at]), data[at])
            at = stop
        out.append(code)
        literal.append(escaped)
    return out, literal
