"""Places inside values: reading, setting and deleting what a path leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commands.jqlang.values import JqError, Value, described, is_number, order, type_of, whole

_LONGEST = 1 << 25


def index(value: Value, key: Value) -> Value:
    """`.[key]`; null where there is nothing."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and is_number(key):
        at = whole(key // 1)  # type: ignore[operator]
        return value[at] if -len(value) <= at < len(value) else None
    if isinstance(key, dict) and (value is None or isinstance(value, list | str)):
        return part(value, key.get("start"), key.get("end"))
    if isinstance(value, list) and isinstance(key, list):
        return indices(value, key)
    if value is None and (key is None or isinstance(key, str) or is_number(key)):
        return None
    if isinstance(key, str):
        raise JqError(f'Cannot index {type_of(value)} with "{key}"')
    raise JqError(f"Cannot index {type_of(value)} with {type_of(key)}")


def indices(value: list[Any], wanted: list[Any]) -> Value:
    """Where one array stands inside another."""
    if not wanted:
        return None
    orders, sought = [order(item) for item in value], [order(item) for item in wanted]
    return [at for at in range(len(orders)) if orders[at : at + len(sought)] == sought]


def part(value: Value, start: Value, stop: Value) -> Value:
    """`.[start:stop]`."""
    if value is None:
        return None
    if not isinstance(value, list | str):
        raise JqError(f"Cannot index {type_of(value)} with object")
    low, high = bounds(len(value), start, stop)
    return value[low:high]


def bounds(length: int, start: Value, stop: Value) -> tuple[int, int]:
    """The two ends of a slice within a length. Raises JqError for ends that are no numbers."""
    for end in (start, stop):
        if end is not None and not is_number(end):
            raise JqError("Start and end indices of an array slice must be numbers")
    low = 0 if start is None else _floor(start)
    high = length if stop is None else -_floor(-stop)  # type: ignore[operator]
    low = max(low + length, 0) if low < 0 else min(low, length)
    high = max(high + length, 0) if high < 0 else min(high, length)
    return low, max(high, low)


def _floor(number: Any) -> int:
    return whole(number // 1 if number == number else 0)


def get(value: Value, path: Sequence[Value]) -> Value:
    """What the path leads to; null where it ends early."""
    for key in path:
        if value is None:
            return None
        value = index(value, key)
    return value


def put(value: Value, path: Sequence[Value], new: Value) -> Value:
    """The value with `new` where the path leads; the old value is not changed."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    inner = None if isinstance(key, dict) and value is None else index(value, key)
    changed = put(inner, rest, new)
    if isinstance(key, str):
        result = dict(value) if isinstance(value, dict) else {}
        result[key] = changed
        return result
    if isinstance(key, dict):
        return _put_part(value, key, changed)
    if not is_number(key):
        raise JqError(f"Invalid path component {described(key)}")
    items = list(value) if isinstance(value, list) else []
    at = _floor(key)
    if at < 0:
        if at + len(items) < 0:
            raise JqError("Out of bounds negative array index")
        at += len(items)
    if at >= _LONGEST:
        raise JqError("Array index too large")
    items += [None] * (at + 1 - len(items))
    items[at] = changed
    return items


def _put_part(value: Value, key: dict[str, Any], changed: Value) -> Value:
    if not isinstance(changed, list):
        raise JqError("A slice of an array can only be assigned another array")
    items = list(value) if isinstance(value, list) else []
    low, high = bounds(len(items), key.get("start"), key.get("end"))
    return items[:low] + changed + items[high:]


def delete(value: Value, paths: Sequence[Sequence[Value]]) -> Value:
    """The value without what the paths lead to, the last ones first."""
    for path in sorted(paths, key=lambda path: order(list(path)), reverse=True):
        value = _delete_one(value, path)
    return value


def _delete_one(value: Value, path: Sequence[Value]) -> Value:
    if not path:
        return None
    if value is None:
        return None
    key, rest = path[0], path[1:]
    if rest:
        inner = index(value, key)
        return value if inner is None else put(value, [key], _delete_one(inner, rest))
    if isinstance(value, dict) and isinstance(key, str):
        return {name: item for name, item in value.items() if name != key}
    if isinstance(value, list) and isinstance(key, dict):
        low, high = bounds(len(value), key.get("start"), key.get("end"))
        return value[:low] + value[high:]
    if isinstance(value, list) and is_number(key):
        at = _floor(key)
        if -len(value) <= at < len(value):
            return [item for place, item in enumerate(value) if place != at % len(value)]
        return value
    if isinstance(key, str):
        raise JqError(f"Cannot delete field at object index of {type_of(value)}")
    raise JqError(f"Cannot delete field at array index of {type_of(value)}")
