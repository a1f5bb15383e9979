"""The parts of a jq program, as data."""

from __future__ import annotations

from typing import NamedTuple

from commands.jqlang.values import Value


class Identity(NamedTuple):
    """`.`"""


class Recurse(NamedTuple):
    """`..`"""


class Literal(NamedTuple):
    value: Value


class Text(NamedTuple):
    """A string with what is interpolated; `form` is the format that this goes through."""

    parts: tuple[str | Node, ...]
    form: str


class Format(NamedTuple):
    """`@csv` alone."""

    name: str


class Index(NamedTuple):
    """`.name`, `.[key]`."""

    of: Node
    key: Node


class Slice(NamedTuple):
    """`.[start:stop]`."""

    of: Node
    start: Node | None
    stop: Node | None


class Each(NamedTuple):
    """`.[]`."""

    of: Node


class Pipe(NamedTuple):
    left: Node
    right: Node


class Comma(NamedTuple):
    left: Node
    right: Node


class Negative(NamedTuple):
    of: Node


class Binary(NamedTuple):
    """Arithmetic and comparison."""

    operator: str
    left: Node
    right: Node


class And(NamedTuple):
    left: Node
    right: Node


class Or(NamedTuple):
    left: Node
    right: Node


class Alternative(NamedTuple):
    """`//`"""

    left: Node
    right: Node


class Assign(NamedTuple):
    """`=`, `|=`, `+=` and their like; the operator without its `=`."""

    operator: str
    target: Node
    value: Node


class If(NamedTuple):
    condition: Node
    then: Node
    otherwise: Node


class Try(NamedTuple):
    """`try body catch handler`; a handler of None drops the error."""

    body: Node
    handler: Node | None


class Reduce(NamedTuple):
    source: Node
    pattern: Pattern
    start: Node
    update: Node


class Foreach(NamedTuple):
    source: Node
    pattern: Pattern
    start: Node
    update: Node
    extract: Node


class Function(NamedTuple):
    """A definition; parameters that begin with `$` are values."""

    name: str
    parameters: tuple[str, ...]
    body: Node


class Define(NamedTuple):
    """A definition, and where it holds."""

    function: Function
    rest: Node


class Call(NamedTuple):
    name: str
    arguments: tuple[Node, ...]


class Variable(NamedTuple):
    name: str


class Bind(NamedTuple):
    """`source as pattern | body`; several patterns are tried in turn."""

    source: Node
    patterns: tuple[Pattern, ...]
    body: Node


class Label(NamedTuple):
    name: str
    body: Node


class Break(NamedTuple):
    name: str


class Array(NamedTuple):
    of: Node | None


class Object(NamedTuple):
    entries: tuple[tuple[Node, Node], ...]


class VariablePattern(NamedTuple):
    name: str


class ArrayPattern(NamedTuple):
    items: tuple[Pattern, ...]


class ObjectPattern(NamedTuple):
    """Entries of variable to bind (or ""), key, and pattern for the value (or None)."""

    entries: tuple[tuple[str, Node, Pattern | None], ...]


Pattern = VariablePattern | ArrayPattern | ObjectPattern

Node = (
    Identity | Recurse | Literal | Text | Format | Index | Slice | Each | Pipe | Comma | Negative | Binary
    | And | Or | Alternative | Assign | If | Try | Reduce | Foreach | Define | Call | Variable | Bind
    | Label | Break | Array | Object
)  # fmt: skip


def names_in(pattern: Pattern) -> list[str]:
    """The variables that a pattern binds."""
    if isinstance(pattern, VariablePattern):
        return [pattern.name]
    if isinstance(pattern, ArrayPattern):
        return [name for item in pattern.items for name in names_in(item)]
    found: list[str] = []
    for name, _, inner in pattern.entries:
        found += [name] if name else []
        found += names_in(inner) if inner is not None else []
    return found
