"""JSON values as jq orders, adds and prints them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, cast

Value = None | bool | int | float | str | list[Any] | dict[str, Any]

EXACT = 1 << 53
_SHOWN = 11


class JqError(Exception):
    """An error that a program raised, or that an operation came to; `value` is what `catch` gets."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value

    @property
    def message(self) -> str:
        """What a person reads of it."""
        if isinstance(self.value, str):
            return self.value
        return f"{dump(self.value)} (not a string)"


def type_of(value: Value) -> str:
    """The name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def true(value: Value) -> bool:
    """Whether a value counts as true: all but null and false."""
    return value is not None and value is not False


def described(value: Value) -> str:
    """A value as errors show it: its type, and its text cut short."""
    text = dump(value)
    if len(text.encode("utf-8", "replace")) > _SHOWN:
        text = text.encode("utf-8", "replace")[: _SHOWN - 1].decode("utf-8", "ignore") + "..."
    return f"{type_of(value)} ({text})"


def order(value: Value) -> tuple[Any, ...]:
    """What values are sorted and compared by: null, false, true, numbers, strings, arrays, objects."""
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (2,) if value else (1,)
    if isinstance(value, int | float):
        return (3, -math.inf, 0) if value != value else (3, value, 1)
    if isinstance(value, str):
        return (4, value)
    if isinstance(value, list):
        return (5, [order(item) for item in value])
    names = sorted(value)
    return (6, names, [order(value[name]) for name in names])


def normal(number: int | float) -> int | float:
    """The result of arithmetic: a double, whole ones as int while they are exact."""
    if isinstance(number, int):
        return number if -EXACT <= number <= EXACT else normal(_double(number))
    if number.is_integer() and -EXACT <= number <= EXACT:
        return int(number)
    return number


def _double(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def add(left: Value, right: Value) -> Value:
    """`+`."""
    if left is None:
        return right
    if right is None:
        return left
    if is_number(left) and is_number(right):
        return normal(cast(float, left) + cast(float, right))
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    raise JqError(f"{described(left)} and {described(right)} cannot be added")


def subtract(left: Value, right: Value) -> Value:
    """`-`."""
    if is_number(left) and is_number(right):
        return normal(cast(float, left) - cast(float, right))
    if isinstance(left, list) and isinstance(right, list):
        dropped = [order(item) for item in right]
        return [item for item in left if order(item) not in dropped]
    raise JqError(f"{described(left)} and {described(right)} cannot be subtracted")


def multiply(left: Value, right: Value) -> Value:
    """`*`."""
    if is_number(left) and is_number(right):
        return normal(cast(float, left) * cast(float, right))
    if isinstance(right, str) and is_number(left):
        left, right = right, left
    if isinstance(left, str) and is_number(right):
        return repeated(left, cast(float, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return merged(left, right)
    raise JqError(f"{described(left)} and {described(right)} cannot be multiplied")


def repeated(text: str, times: float) -> str | None:
    """A string several times; null for less than once."""
    if times != times or times <= 0:
        return None
    count = max(int(times), 1) if times < 1 or times == int(times) else int(times)
    if len(text) * count > 1 << 28:
        raise JqError("Repeat string result too long")
    return text * count


def merged(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Two objects, objects inside them merged likewise."""
    result = dict(left)
    for name, value in right.items():
        mine = result.get(name)
        both = isinstance(mine, dict) and isinstance(value, dict)
        result[name] = merged(mine, value) if both else value  # type: ignore[arg-type]
    return result


def divide(left: Value, right: Value) -> Value:
    """`/`."""
    if is_number(left) and is_number(right):
        if right == 0:
            raise JqError(
                f"{described(left)} and {described(right)} cannot be divided because the divisor is zero"
            )
        return normal(cast(float, left) / cast(float, right))
    if isinstance(left, str) and isinstance(right, str):
        return split(left, right)
    raise JqError(f"{described(left)} and {described(right)} cannot be divided")


def split(text: str, separator: str) -> list[Any]:
    if not text:
        return []
    return text.split(separator) if separator else list(text)


def modulo(left: Value, right: Value) -> Value:
    """`%`, of whole numbers, with the sign of the left one."""
    if not (is_number(left) and is_number(right)):
        raise JqError(f"{described(left)} and {described(right)} cannot be divided")
    one, other = whole(cast(float, left)), whole(cast(float, right))
    if other == 0:
        raise JqError(
            f"{described(left)} and {described(right)} cannot be divided because the divisor is zero"
        )
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


def whole(number: float) -> int:
    """A number without its places, within 64 bits; NaN is 0."""
    if number != number:
        return 0
    limit = 1 << 63
    if abs(number) >= limit:
        return limit - 1 if number > 0 else -limit
    return int(number)


def dump(
    value: Value, *, indent: int | str | None = None, sort: bool = False, ascii_only: bool = False
) -> str:
    """The JSON text of a value, as jq prints it."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        _printable(value), ensure_ascii=ascii_only, separators=separators, indent=indent, sort_keys=sort
    )
    return text.replace("\x7f", "\\u007f") if "\x7f" in text else text


def _printable(value: Value) -> Value:
    """A value that the JSON writer prints as jq does: NaN is null, whole doubles have no point."""
    if isinstance(value, float):
        if value != value:
            return None
        if math.isinf(value):
            return math.copysign(1.7976931348623157e308, value)
        return int(value) if value.is_integer() and abs(value) < 1e17 else value
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    return value


class Reading:
    """JSON texts one after the other out of pieces of text."""

    def __init__(self) -> None:
        self._text = ""
        self._tried = 0
        self._decoder = json.JSONDecoder()

    def add(self, text: str, *, last: bool = False) -> Iterator[Value]:
        """The values that are complete with this piece. Raises JqError for what is no JSON."""
        self._text += text
        if not last and len(self._text) < 2 * self._tried:
            return
        at, size = 0, len(self._text)
        while True:
            while at < size and self._text[at] in " \t\n\r\ufeff\x1e":
                at += 1
            if at == size:
                break
            try:
                value, stop = self._decoder.raw_decode(self._text, at)
            except json.JSONDecodeError as wrong:
                if last or not self._may_go_on(wrong):
                    self._text = ""
                    raise JqError(_reason(wrong)) from None
                break
            except RecursionError:
                raise JqError("Exceeds depth limit for parsing") from None
            if stop == size and not last and self._text[stop - 1] not in '"]}':
                break
            yield value
            at = stop
        self._text = self._text[at:]
        self._tried = len(self._text)

    def _may_go_on(self, wrong: json.JSONDecodeError) -> bool:
        """Whether more text could make it right."""
        unended = wrong.msg.startswith("Unterminated string")
        return unended or wrong.pos >= len(self._text.rstrip()) - 12


def _reason(wrong: json.JSONDecodeError) -> str:
    return f"{wrong.msg} at line {wrong.lineno}, column {wrong.colno}"


def loads(text: str) -> Value:
    """The one value of a JSON text. Raises JqError."""
    try:
        return cast(Value, json.loads(text))
    except json.JSONDecodeError as wrong:
        raise JqError(f"{_reason(wrong)} (while parsing '{text[:40]}')") from None
    except RecursionError:
        raise JqError("Exceeds depth limit for parsing") from None
