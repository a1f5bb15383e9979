"""Whether every name in a jq program means something, before it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from commands.jqlang import tree
from commands.jqlang.tokens import BadProgram
from commands.jqlang.tree import Node, Pattern, names_in

Known = frozenset[str | tuple[str, int]]


def check(node: Node, known: Known, exists: Callable[[str, int], bool]) -> None:
    """Raises BadProgram for a function or variable that is defined nowhere.

    `known` are variables and (function, number of arguments) pairs; `exists` knows the built-in ones.
    """
    match node:
        case tree.Call(name, arguments):
            if (name, len(arguments)) not in known and not exists(name, len(arguments)):
                raise BadProgram(f"{name}/{len(arguments)} is not defined")
        case tree.Variable(name):
            if name not in known:
                raise BadProgram(f"${name} is not defined")
        case tree.Break(name):
            if f"*{name}" not in known:
                raise BadProgram(f"$*label-{name} is not defined")
        case tree.Format(name):
            if not exists(f"@{name}", 0):
                raise BadProgram(f"{name} is not a valid format")
        case tree.Label(name, body):
            check(body, known | {f"*{name}"}, exists)
            return
        case tree.Define(function, rest):
            check(rest, _defined(function, known, exists), exists)
            return
        case tree.Bind(source, patterns, body):
            check(source, known, exists)
            bound = known.union(*[names_in(pattern) for pattern in patterns])
            for pattern in patterns:
                _check_pattern(pattern, bound, exists)
            check(body, bound, exists)
            return
        case tree.Reduce(source, pattern, start, update):
            _check_loop(source, pattern, start, (update,), known, exists)
            return
        case tree.Foreach(source, pattern, start, update, extract):
            _check_loop(source, pattern, start, (update, extract), known, exists)
            return
    for part in _parts(node):
        check(part, known, exists)


def _defined(function: tree.Function, known: Known, exists: Callable[[str, int], bool]) -> Known:
    """The names that are known behind a definition, whose body is checked."""
    own: str | tuple[str, int] = (function.name, len(function.parameters))
    inner: set[str | tuple[str, int]] = {own}
    for parameter in function.parameters:
        inner.add((parameter.lstrip("$"), 0))
        if parameter.startswith("$"):
            inner.add(parameter[1:])
    check(function.body, known | inner, exists)
    return known | {own}


def _check_loop(
    source: Node,
    pattern: Pattern,
    start: Node,
    bodies: tuple[Node, ...],
    known: Known,
    exists: Callable[[str, int], bool],
) -> None:
    check(source, known, exists)
    check(start, known, exists)
    bound = known.union(names_in(pattern))
    _check_pattern(pattern, bound, exists)
    for body in bodies:
        check(body, bound, exists)


def _check_pattern(pattern: Pattern, known: Known, exists: Callable[[str, int], bool]) -> None:
    if isinstance(pattern, tree.ArrayPattern):
        for item in pattern.items:
            _check_pattern(item, known, exists)
    elif isinstance(pattern, tree.ObjectPattern):
        for _, key, inner in pattern.entries:
            check(key, known, exists)
            if inner is not None:
                _check_pattern(inner, known, exists)


def _parts(node: Node) -> list[Node]:
    """The programs that a node is directly made of."""
    found: list[Node] = []
    for value in node:
        items = value if isinstance(value, tuple) and not hasattr(value, "_fields") else (value,)
        for item in items:
            if isinstance(item, tuple) and hasattr(item, "_fields"):
                found.append(cast(Node, item))
            elif isinstance(item, tuple):
                found += [cast(Node, inner) for inner in item if isinstance(inner, tuple)]
    return found


def uses_input(node: Node) -> bool:
    """Whether the program takes inputs by itself."""
    if isinstance(node, tree.Call) and node.name in ("input", "inputs"):
        return True
    parts = _parts(node)
    if isinstance(node, tree.Define):
        parts = [node.function.body, node.rest]
    elif isinstance(node, tree.Bind | tree.Reduce | tree.Foreach):
        parts = [cast(Node, part) for part in node if isinstance(part, tuple) and hasattr(part, "_fields")]
    return any(uses_input(part) for part in parts)
