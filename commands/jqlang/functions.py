"""The functions of jq from values to one value."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from commands.jqlang import paths, times, values
from commands.jqlang.patterns import Flags, matches
from commands.jqlang.values import JqError, Value, described, dump, is_number, loads, normal, order, type_of


def _length(value: Value) -> Value:
    if value is None:
        return 0
    if isinstance(value, bool):
        raise JqError(f"{described(value)} has no length")
    if isinstance(value, int | float):
        return abs(value)
    return len(value)


def _keys(value: Value) -> list[Any]:
    return sorted(_keys_unsorted(value))


def _keys_unsorted(value: Value) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, list):
        return list(range(len(value)))
    raise JqError(f"{described(value)} has no keys")


def _has(value: Value, key: Value) -> bool:
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, list) and is_number(key):
        return 0 <= key < len(value)  # type: ignore[operator]
    raise JqError(f"Cannot check whether {type_of(value)} has a {type_of(key)} key")


def _contains(value: Value, other: Value) -> bool:
    if isinstance(value, dict) and isinstance(other, dict):
        return all(name in value and _contains(value[name], item) for name, item in other.items())
    if isinstance(value, list) and isinstance(other, list):
        return all(any(_fits(mine, item) for mine in value) for item in other)
    if isinstance(value, str) and isinstance(other, str):
        return other in value
    if type_of(value) == type_of(other):
        return order(value) == order(other)
    raise JqError(f"{described(value)} and {described(other)} cannot have their containment checked")


def _fits(value: Value, other: Value) -> bool:
    return type_of(value) == type_of(other) and _contains(value, other)


def _tostring(value: Value) -> str:
    return value if isinstance(value, str) else dump(value)


def _tonumber(value: Value) -> Value:
    if is_number(value):
        return value
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be parsed as a number")
    try:
        number = loads(value)
    except JqError:
        number = None
    if not is_number(number):
        raise JqError(f"Cannot use {described(value)} as number")
    return number


def _add(value: Value) -> Value:
    items = _items(value)
    if items and all(isinstance(item, str) for item in items):
        return "".join(items)
    if items and all(isinstance(item, list) for item in items):
        return [part for item in items for part in item]
    total: Value = None
    for item in items:
        total = values.add(total, item)
    return total


def _items(value: Value) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise JqError(f"Cannot iterate over {described(value)}")


def array(value: Value, what: str) -> list[Any]:
    """An array. Raises JqError for anything else."""
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {what}, as it is not an array")
    return value


def _unique(value: Value) -> list[Any]:
    found: list[Any] = []
    for item in sorted(array(value, "sorted"), key=order):
        if not found or order(found[-1]) != order(item):
            found.append(item)
    return found


def _flatten(value: Value, depth: Value = math.inf) -> list[Any]:
    if not is_number(depth) or depth < 0:  # type: ignore[operator]
        raise JqError("flatten depth must not be negative")
    flat: list[Any] = []
    for item in _items(value):
        flat += _flatten(item, depth - 1) if isinstance(item, list) and depth > 0 else [item]  # type: ignore[operator]
    return flat


def _reverse(value: Value) -> Value:
    if value is None:
        return []
    if isinstance(value, str):
        return value[::-1]
    return array(value, "reversed")[::-1]


def _starts(value: Value, text: Value) -> bool:
    if not isinstance(value, str) or not isinstance(text, str):
        raise JqError("startswith() requires string inputs")
    return value.startswith(text)


def _ends(value: Value, text: Value) -> bool:
    if not isinstance(value, str) or not isinstance(text, str):
        raise JqError("endswith() requires string inputs")
    return value.endswith(text)


def _ltrim(value: Value, text: Value) -> Value:
    return value.removeprefix(text) if isinstance(value, str) and isinstance(text, str) else value


def _rtrim(value: Value, text: Value) -> Value:
    if not isinstance(value, str) or not isinstance(text, str) or not text:
        return value
    return value.removesuffix(text)


def _trimmed(strip: Callable[[str], str]) -> Callable[[Value], Value]:
    def trim(value: Value) -> Value:
        if not isinstance(value, str):
            raise JqError(f"{described(value)} cannot be trimmed")
        return strip(value)

    return trim


def _explode(value: Value) -> list[Any]:
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be exploded")
    return [ord(char) for char in value]


def _implode(value: Value) -> str:
    if not isinstance(value, list):
        raise JqError("implode input must be an array")
    try:
        return "".join([chr(code) for code in value])
    except (TypeError, ValueError, OverflowError):
        raise JqError("Unicode codepoint must be numeric") from None


def _split(value: Value, separator: Value) -> list[Any]:
    if not isinstance(value, str) or not isinstance(separator, str):
        raise JqError("split input and separator must be strings")
    return values.split(value, separator)


def _split_by(value: Value, pattern: Value, flags: Value) -> list[Any]:
    pieces: list[Any] = []
    at = 0
    text = flags if isinstance(flags, str) else ""
    for found in matches(value, pattern, Flags("g" + text)):
        pieces.append(str(value)[at : found.start()])
        at = found.end()
    return [*pieces, str(value)[at:]]


def _join(value: Value, separator: Value) -> Value:
    items = _items(value)
    if not items:
        return ""
    if not isinstance(separator, str):
        raise JqError(f"{described(separator)} cannot be used to join")
    words: list[str] = []
    for item in items:
        if isinstance(item, list | dict):
            raise JqError(f"{described(separator)} and {described(item)} cannot be added")
        words.append("" if item is None else _tostring(item))
    return separator.join(words)


def _cased(change: Callable[[str], str], name: str) -> Callable[[Value], Value]:
    def case(value: Value) -> Value:
        if not isinstance(value, str):
            raise JqError(f"{name} input must be a string")
        return "".join([change(char) if char.isascii() else char for char in value])

    return case


def _indices(value: Value, wanted: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, str) and isinstance(wanted, str):
        if not wanted:
            return None
        return [at for at in range(len(value)) if value.startswith(wanted, at)]
    if isinstance(value, list):
        return paths.indices(value, wanted if isinstance(wanted, list) else [wanted])
    raise JqError(f"Cannot determine indices of {type_of(wanted)} in {type_of(value)}")


def _edge(place: int) -> Callable[[Value, Value], Value]:
    def edge(value: Value, wanted: Value) -> Value:
        found = _indices(value, wanted)
        return found[place] if isinstance(found, list) and found else None

    return edge


def _transpose(value: Value) -> list[Any]:
    rows = array(value, "transposed")
    width = max([len(row) for row in rows], default=0)
    return [[row[at] if at < len(row) else None for row in rows] for at in range(width)]


def _extreme(value: Value, *, most: bool) -> Value:
    best: Value = None
    for at, item in enumerate(array(value, "iterated over")):
        if not at or (order(item) >= order(best) if most else order(item) < order(best)):
            best = item
    return best


def _mathematical(compute: Callable[..., float], name: str) -> Callable[..., Value]:
    def apply(value: Value, *more: Value) -> Value:
        numbers = more or (value,)
        for number in numbers:
            if not is_number(number):
                raise JqError(f"{described(number)} number required")
        try:
            return normal(compute(*numbers))
        except OverflowError:
            return math.inf
        except ValueError:
            return -math.inf if name.startswith("log") and numbers[0] == 0 else math.nan

    return apply


def _rounded(number: float) -> float:
    return math.copysign(math.floor(abs(number) + 0.5), number)


def _whole(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: number if math.isinf(number) or number != number else function(number)


def _is(check: Callable[[float], bool]) -> Callable[[Value], Value]:
    def judge(value: Value) -> Value:
        return is_number(value) and check(value)  # type: ignore[arg-type]

    return judge


def _fromjson(value: Value) -> Value:
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be parsed as JSON")
    return loads(value)


def _error(value: Value) -> Value:
    raise JqError(value)


def _paths_of(value: Value) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(path, list) for path in value):
        raise JqError("Paths must be specified as an array")
    return value


def _setpath(value: Value, path: Value, new: Value) -> Value:
    if not isinstance(path, list):
        raise JqError("Path must be specified as an array")
    return paths.put(value, path, new)


_MATH: dict[str, Callable[..., float]] = {
    "floor": _whole(math.floor), "ceil": _whole(math.ceil), "round": _whole(_rounded), "sqrt": math.sqrt,
    "trunc": _whole(math.trunc), "fabs": math.fabs, "exp": math.exp, "exp2": lambda x: 2.0**x,
    "exp10": lambda x: 10.0**x, "log": math.log, "log2": math.log2, "log10": math.log10, "sin": math.sin,
    "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "cbrt": math.cbrt,
    "significand": lambda x: math.frexp(x)[0] * 2 if x else x,
    "logb": lambda x: math.frexp(x)[1] - 1 if x else -math.inf,
}  # fmt: skip

SIMPLE: dict[tuple[str, int], Callable[..., Value]] = {
    ("length", 0): _length,
    ("utf8bytelength", 0): lambda value: len(str(value).encode()),
    ("not", 0): lambda value: not values.true(value),
    ("keys", 0): _keys,
    ("keys_unsorted", 0): _keys_unsorted,
    ("has", 1): _has,
    ("contains", 1): _contains,
    ("type", 0): type_of,
    ("tostring", 0): _tostring,
    ("tonumber", 0): _tonumber,
    ("tojson", 0): dump,
    ("fromjson", 0): _fromjson,
    ("add", 0): _add,
    ("sort", 0): lambda value: sorted(array(value, "sorted"), key=order),
    ("unique", 0): _unique,
    ("flatten", 0): _flatten,
    ("flatten", 1): _flatten,
    ("reverse", 0): _reverse,
    ("min", 0): lambda value: _extreme(value, most=False),
    ("max", 0): lambda value: _extreme(value, most=True),
    ("startswith", 1): _starts,
    ("endswith", 1): _ends,
    ("ltrimstr", 1): _ltrim,
    ("rtrimstr", 1): _rtrim,
    ("trim", 0): _trimmed(str.strip),
    ("ltrim", 0): _trimmed(str.lstrip),
    ("rtrim", 0): _trimmed(str.rstrip),
    ("explode", 0): _explode,
    ("implode", 0): _implode,
    ("split", 1): _split,
    ("split", 2): _split_by,
    ("join", 1): _join,
    ("ascii_downcase", 0): _cased(str.lower, "ascii_downcase"),
    ("ascii_upcase", 0): _cased(str.upper, "ascii_upcase"),
    ("indices", 1): _indices,
    ("index", 1): _edge(0),
    ("rindex", 1): _edge(-1),
    ("transpose", 0): _transpose,
    ("setpath", 2): _setpath,
    ("delpaths", 1): lambda value, which: paths.delete(value, _paths_of(which)),
    ("infinite", 0): lambda value: math.inf,
    ("nan", 0): lambda value: math.nan,
    ("isinfinite", 0): _is(math.isinf),
    ("isnan", 0): _is(math.isnan),
    ("isnormal", 0): _is(lambda x: math.isfinite(x) and abs(x) >= sys.float_info.min),
    ("pow", 2): _mathematical(math.pow, "pow"),
    ("atan2", 2): _mathematical(math.atan2, "atan2"),
    ("fmin", 2): _mathematical(min, "fmin"),
    ("fmax", 2): _mathematical(max, "fmax"),
    ("error", 0): _error,
    ("error", 1): lambda value, message: _error(message),
    ("null", 0): lambda value: None,
    ("true", 0): lambda value: True,
    ("false", 0): lambda value: False,
    ("gmtime", 0): times.gmtime,
    ("mktime", 0): times.mktime,
    ("strftime", 1): times.strftime,
    ("strptime", 1): times.strptime,
    ("test", 2): lambda value, pattern, flags: any(
        True for _ in matches(value, *pattern_and_flags(pattern, flags))
    ),
}
for _name, _compute in _MATH.items():
    SIMPLE[(_name, 0)] = _mathematical(_compute, _name)


def pattern_and_flags(pattern: Value, flags: Value) -> tuple[Value, Flags]:
    """A pattern and its flags, which may come as one array."""
    if isinstance(pattern, list):
        return pattern[0] if pattern else None, Flags(pattern[1] if len(pattern) > 1 else None)
    return pattern, Flags(flags)
