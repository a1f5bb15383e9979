"""Binding: what the variables of a pattern stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from commands.jqlang import paths
from commands.jqlang.scope import Scope
from commands.jqlang.tree import ArrayPattern, Pattern, VariablePattern
from commands.jqlang.values import JqError, Value, type_of

if TYPE_CHECKING:
    from commands.jqlang.machine import Machine


def bindings(machine: Machine, pattern: Pattern, scope: Scope | None, item: Value) -> Iterator[Scope | None]:
    """The scopes in which the pattern's variables stand for parts of `item`. Raises JqError."""
    if isinstance(pattern, VariablePattern):
        yield Scope(scope, pattern.name, item)
        return
    if isinstance(pattern, ArrayPattern):
        if item is not None and not isinstance(item, list):
            raise JqError(f"Cannot index {type_of(item)} with number")
        pairs = [(inner, paths.index(item, at)) for at, inner in enumerate(pattern.items)]
        yield from _all(machine, pairs, scope)
        return
    scopes: list[Scope | None] = [scope]
    for name, key, inner in pattern.entries:
        found: list[Scope | None] = []
        for around in scopes:
            for word in machine.values(key, around, item):
                if not isinstance(word, str):
                    raise JqError(f"Cannot index {type_of(item)} with {type_of(word)}")
                here = paths.index(item, word)
                named = Scope(around, name, here) if name else around
                found += [named] if inner is None else list(bindings(machine, inner, named, here))
        scopes = found
    yield from scopes


def _all(
    machine: Machine, pairs: Sequence[tuple[Pattern, Value]], scope: Scope | None
) -> Iterator[Scope | None]:
    if not pairs:
        yield scope
        return
    for inner in bindings(machine, pairs[0][0], scope, pairs[0][1]):
        yield from _all(machine, pairs[1:], inner)
