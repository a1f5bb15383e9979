"""JsonReader: JSON values out of text that comes in pieces: an array, values in a row, JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from json import JSONDecodeError, JSONDecoder
from typing import Any

from vfs.node import Value

_BLANK = " \t\r\n"

MOST = 64 * 1024 * 1024
"""Characters of one value."""

DEEPEST = 50
"""Objects within each other whose fields get names of their own."""


class BadJson(ValueError):
    """Text that is no JSON; `line` is where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class JsonReader:
    """The elements of a JSON array, or values one after the other."""

    def __init__(self) -> None:
        self.line = 1
        self._rest = ""
        self._array = False
        self._closed = False
        self._begun = False
        self._after_value = False
        self._wanted = 0
        self._decoder = JSONDecoder(parse_float=Decimal)

    def feed(self, text: str, *, last: bool = False) -> Iterator[tuple[int, Any]]:
        """The values that are complete with `text`, each with its line. Raises BadJson."""
        self._rest += text
        if len(self._rest) < self._wanted and not last:
            return
        at = 0
        while True:
            at = self._blank(at)
            if at == len(self._rest):
                break
            if self._separator(at):
                at += 1
                continue
            found = self._value(at, last=last)
            if found is None:
                break
            self._after_value = True
            yield self.line, found[0]
            self.line += self._rest.count("\n", at, found[1])
            at = found[1]
        self._rest = self._rest[at:]
        self._wanted = 2 * len(self._rest) if at == 0 else 0
        if last and self._array and not self._closed:
            raise BadJson("the array is never closed", self.line)

    def _blank(self, at: int) -> int:
        start = at
        while at < len(self._rest) and self._rest[at] in _BLANK:
            at += 1
        self.line += self._rest.count("\n", start, at)
        return at

    def _separator(self, at: int) -> bool:
        """Whether what stands at `at` only parts values: the array's brackets and commas."""
        char = self._rest[at]
        if self._closed:
            raise BadJson("text follows the array's end", self.line)
        if not self._begun:
            self._begun = True
            self._array = char == "["
            return self._array
        if not self._array:
            return False
        if char == "]":
            self._closed = True
            return True
        if (char == ",") != self._after_value:
            raise BadJson("a value is missing" if char == "," else "a comma is missing", self.line)
        self._after_value = False
        return char == ","

    def _value(self, at: int, *, last: bool) -> tuple[Any, int] | None:
        """The value at `at` and its end; None while more text may be needed for it."""
        try:
            value, end = self._decoder.raw_decode(self._rest, at)
        except JSONDecodeError as wrong:
            ended = wrong.pos >= len(self._rest.rstrip()) - 8 or wrong.msg.startswith("Unterminated")
            if not last and ended and len(self._rest) < MOST:
                return None
            line = self.line + self._rest.count("\n", at, min(wrong.pos, len(self._rest)))
            raise BadJson(wrong.msg[:1].lower() + wrong.msg[1:], line) from wrong
        except RecursionError:
            raise BadJson("values are nested too deeply", self.line) from None
        if end == len(self._rest) and not last and not isinstance(value, dict | list | str):
            return None
        return value, end


def fields_of(value: Any) -> dict[str, Value]:
    """A JSON value as a record's fields: objects within objects get names such as `user.name`."""
    if not isinstance(value, dict):
        return {"value": _value_of(value)}
    fields: dict[str, Value] = {}
    _flatten(value, "", fields, 0)
    return fields


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, Value], depth: int) -> None:
    for name, item in value.items():
        whole = f"{prefix}{_sound(name)}"
        if isinstance(item, dict) and item and depth < DEEPEST:
            _flatten(item, f"{whole}.", into, depth + 1)
        else:
            into[whole] = _value_of(item)


def _value_of(value: Any) -> Value:
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, list):
        return tuple([_value_of(item) for item in value])
    if isinstance(value, dict):
        return tuple([(_sound(name), _value_of(item)) for name, item in value.items()])
    if isinstance(value, bool | int | Decimal | float) or value is None:
        return value
    raise TypeError(f"no JSON value: {type(value).__name__}")


def _sound(text: str) -> str:
    """Text without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
