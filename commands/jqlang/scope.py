"""Scopes, closures and paths: what the parts of a running jq program hand to each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commands.jqlang.tree import Function
from commands.jqlang.values import JqError, Value, described, dump

Path = tuple[Any, ...] | None
"""Where a result stands in the input, while a path expression is evaluated; None otherwise."""
Result = tuple[Path, Value]
NOWHERE: tuple[Any, ...] = (object(),)
"""The path of a result that stands nowhere in the input."""


class Stopped(Exception):
    """Nobody wants the results any more."""


class Broken(Exception):
    """`break`: on its way to its label."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


class Scope:
    """Names that hold in a part of the program, and the scope around it."""

    __slots__ = ("around", "name", "value")

    def __init__(self, around: Scope | None, name: str | tuple[str, int], value: Any) -> None:
        self.around = around
        self.name = name
        self.value = value


class Closure:
    """A function, or an argument, with the scope that it was written in."""

    __slots__ = ("function", "scope")

    def __init__(self, function: Function, scope: Scope | None) -> None:
        self.function = function
        self.scope = scope


def defined(function: Function, scope: Scope | None) -> Scope:
    """The scope in which a function is known, to itself as well."""
    inner = Scope(scope, (function.name, len(function.parameters)), None)
    inner.value = Closure(function, inner)
    return inner


def off(path: Path) -> Path:
    """The path of a result that is not a part of the input."""
    return None if path is None else NOWHERE


def placed(path: Path, value: Value) -> tuple[Any, ...]:
    """A path that leads somewhere. Raises JqError."""
    if path is None or path is NOWHERE:
        raise JqError(f"Invalid path expression with result {dump(value)[:30]}")
    return path


def below(path: Path, value: Value, key: Value) -> Path:
    """The path one step further."""
    return None if path is None else (*placed(path, value), key)


def members(path: Path, value: Value) -> Iterator[Result]:
    """What `.[]` yields."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield below(path, value, at), item
    elif isinstance(value, dict):
        for name, item in value.items():
            yield below(path, value, name), item
    else:
        raise JqError(f"Cannot iterate over {described(value) if value is not None else 'null (null)'}")
