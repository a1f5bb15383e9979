"""Machine: runs the tree of a jq program; each part of it is a generator of results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from commands.jqlang import paths, tree, values
from commands.jqlang.binding import bindings
from commands.jqlang.scope import (
    Broken,
    Closure,
    Path,
    Result,
    Scope,
    Stopped,
    below,
    defined,
    members,
    off,
    placed,
)
from commands.jqlang.tree import Node, names_in
from commands.jqlang.values import JqError, Value, described, order, true

_STEPS = 1024

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": values.add, "-": values.subtract, "*": values.multiply, "/": values.divide, "%": values.modulo,
}  # fmt: skip


Native = Callable[["Machine", Sequence[Closure], Path, Value], Iterator[Result]]
Find = Callable[[str, int], "Native | tree.Function | None"]


class Machine:
    """One program; `find` knows the built-in functions, `stopped` says whether to give up."""

    def __init__(self, find: Find, stopped: Callable[[], bool]) -> None:
        self._find = find
        self._stopped = stopped
        self._count = 0
        self._doing: dict[type, Callable[[Any, Scope | None, Path, Value], Iterator[Result]]] = {
            tree.Identity: self._identity, tree.Recurse: self._recurse, tree.Literal: self._literal,
            tree.Text: self._text, tree.Format: self._format, tree.Index: self._index,
            tree.Slice: self._slice, tree.Each: self._each, tree.Pipe: self._pipe, tree.Comma: self._comma,
            tree.Negative: self._negative, tree.Binary: self._binary, tree.And: self._and,
            tree.Or: self._or, tree.Alternative: self._alternative, tree.Assign: self._assign,
            tree.If: self._if, tree.Try: self._try, tree.Reduce: self._reduce, tree.Foreach: self._foreach,
            tree.Define: self._define, tree.Call: self._call, tree.Variable: self._variable,
            tree.Bind: self._bind, tree.Label: self._label, tree.Break: self._break,
            tree.Array: self._array, tree.Object: self._object,
        }  # fmt: skip

    def run(self, node: Node, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        """The results of a part of the program for one input, each with its path."""
        return self._doing[type(node)](node, scope, path, value)

    def values(self, node: Node, scope: Scope | None, value: Value) -> Iterator[Value]:
        """The results alone."""
        for _, result in self._doing[type(node)](node, scope, None, value):
            yield result

    def call(self, closure: Closure, path: Path, value: Value) -> Iterator[Result]:
        """What an argument of a native function yields."""
        return self.run(closure.function.body, closure.scope, path, value)

    def outputs(self, closure: Closure, value: Value) -> Iterator[Value]:
        """The same, results alone."""
        return self.values(closure.function.body, closure.scope, value)

    def paths(self, closure: Closure, value: Value) -> Iterator[tuple[Any, ...]]:
        """The paths that an argument leads to. Raises JqError for what is no path."""
        return self._paths_of(closure.function.body, closure.scope, value)

    def step(self) -> None:
        """Called once a turn by whatever may go on for ever. Raises Stopped."""
        self._count += 1
        if self._count % _STEPS == 0 and self._stopped():
            raise Stopped

    def _paths_of(self, node: Node, scope: Scope | None, value: Value) -> Iterator[tuple[Any, ...]]:
        for path, result in self.run(node, scope, (), value):
            yield placed(path, result)

    # -- the input and what is in it

    def _identity(
        self, node: tree.Identity, scope: Scope | None, path: Path, value: Value
    ) -> Iterator[Result]:
        yield path, value

    def _recurse(self, node: tree.Recurse, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        stack: list[Iterator[Result]] = [iter([(path, value)])]
        while stack:
            self.step()
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
                continue
            yield found
            if isinstance(found[1], list | dict) and found[1]:
                stack.append(members(*found))

    def _literal(self, node: tree.Literal, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        yield off(path), node.value

    def _index(self, node: tree.Index, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for key in self.values(node.key, scope, value):
            for place, of in self.run(node.of, scope, path, value):
                yield below(place, of, key), paths.index(of, key)

    def _slice(self, node: tree.Slice, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        stops: Iterable[Value] = (None,) if node.stop is None else list(self.values(node.stop, scope, value))
        starts: Iterable[Value] = (
            (None,) if node.start is None else list(self.values(node.start, scope, value))
        )
        for start, stop in product(starts, stops):
            for place, of in self.run(node.of, scope, path, value):
                key = {"start": start, "end": stop}
                yield below(place, of, key), paths.part(of, start, stop)

    def _each(self, node: tree.Each, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for place, of in self.run(node.of, scope, path, value):
            yield from members(place, of)

    # -- joining

    def _pipe(self, node: tree.Pipe, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        right = node.right
        do = self._doing[type(right)]
        for place, result in self.run(node.left, scope, path, value):
            yield from do(right, scope, place, result)

    def _comma(self, node: tree.Comma, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        yield from self.run(node.left, scope, path, value)
        yield from self.run(node.right, scope, path, value)

    def _alternative(
        self, node: tree.Alternative, scope: Scope | None, path: Path, value: Value
    ) -> Iterator[Result]:
        any_true = False
        try:
            for found in self.run(node.left, scope, path, value):
                if true(found[1]):
                    any_true = True
                    yield found
        except JqError:
            pass
        if not any_true:
            yield from self.run(node.right, scope, path, value)

    def _if(self, node: tree.If, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for condition in self.values(node.condition, scope, value):
            yield from self.run(node.then if true(condition) else node.otherwise, scope, path, value)

    def _try(self, node: tree.Try, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        try:
            yield from self.run(node.body, scope, path, value)
            return
        except JqError as error:
            if node.handler is None:
                return
            caught = error.value
        yield from self.run(node.handler, scope, off(path), caught)

    def _reduce(self, node: tree.Reduce, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for start in list(self.run(node.start, scope, path, value)):
            state: Result | None = start
            for item in self.values(node.source, scope, value):
                self.step()
                for inner in bindings(self, node.pattern, scope, item):
                    if state is None:
                        state = (off(path), None)
                    updated = list(self.run(node.update, inner, *state))
                    state = updated[-1] if updated else None
            if state is not None:
                yield state

    def _foreach(self, node: tree.Foreach, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for start in self.run(node.start, scope, path, value):
            state = start
            for item in self.values(node.source, scope, value):
                self.step()
                for inner in bindings(self, node.pattern, scope, item):
                    for updated in self.run(node.update, inner, *state):
                        yield from self.run(node.extract, inner, *updated)
                        state = updated

    def _label(self, node: tree.Label, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        label = object()
        try:
            yield from self.run(node.body, Scope(scope, f"*{node.name}", label), path, value)
        except Broken as broken:
            if broken.label is not label:
                raise

    def _break(self, node: tree.Break, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        label = self._looked_up(scope, f"*{node.name}", f"$*label-{node.name}")
        yield from self._broken(label)

    def _broken(self, label: object) -> Iterator[Result]:
        raise Broken(label)

    # -- arithmetic

    def _negative(
        self, node: tree.Negative, scope: Scope | None, path: Path, value: Value
    ) -> Iterator[Result]:
        for result in self.values(node.of, scope, value):
            if not values.is_number(result):
                raise JqError(f"{described(result)} cannot be negated")
            yield off(path), values.normal(-result)  # type: ignore[operator]

    def _binary(self, node: tree.Binary, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        compare = _ORDER.get(node.operator)
        compute = ARITHMETIC.get(node.operator)
        for right in self.values(node.right, scope, value):
            for left in self.values(node.left, scope, value):
                if compare is not None:
                    unlike = left != left or right != right
                    same = node.operator in ("==", "!=") and unlike
                    yield off(path), node.operator == "!=" if same else compare(order(left), order(right))
                elif compute is not None:
                    yield off(path), compute(left, right)

    def _and(self, node: tree.And, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for left in self.values(node.left, scope, value):
            if not true(left):
                yield off(path), False
                continue
            for right in self.values(node.right, scope, value):
                yield off(path), true(right)

    def _or(self, node: tree.Or, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        for left in self.values(node.left, scope, value):
            if true(left):
                yield off(path), True
                continue
            for right in self.values(node.right, scope, value):
                yield off(path), true(right)

    def _assign(self, node: tree.Assign, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        if node.operator == "|":
            yield off(path), self._updated(node, scope, value)
            return
        for new in self.values(node.value, scope, value):
            result = value
            for place in self._paths_of(node.target, scope, value):
                if node.operator == "":
                    result = paths.put(result, place, new)
                    continue
                old = paths.get(result, place)
                if node.operator == "//":
                    result = result if true(old) else paths.put(result, place, new)
                else:
                    result = paths.put(result, place, ARITHMETIC[node.operator](old, new))
            yield off(path), result

    def _updated(self, node: tree.Assign, scope: Scope | None, value: Value) -> Value:
        """`target |= value`; what comes to nothing is deleted."""
        dropped: list[tuple[Any, ...]] = []
        result = value
        for place in self._paths_of(node.target, scope, value):
            self.step()
            for new in self.values(node.value, scope, paths.get(result, place)):
                result = paths.put(result, place, new)
                break
            else:
                dropped.append(place)
        return paths.delete(result, dropped) if dropped else result

    # -- building

    def _array(self, node: tree.Array, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        yield off(path), [] if node.of is None else list(self.values(node.of, scope, value))

    def _object(self, node: tree.Object, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        entries: list[list[tuple[str, Value]]] = []
        for key, item in node.entries:
            pairs: list[tuple[str, Value]] = []
            for name in self.values(key, scope, value):
                if not isinstance(name, str):
                    raise JqError(f"Object keys must be strings, but is {described(name)}")
                pairs += [(name, result) for result in self.values(item, scope, value)]
            entries.append(pairs)
        for chosen in product(*entries):
            yield off(path), dict(chosen)

    def _text(self, node: tree.Text, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        parts: list[list[str]] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append([part])
            else:
                parts.append([self.formatted(node.form, found) for found in self.values(part, scope, value)])
        for chosen in product(*reversed(parts)):
            yield off(path), "".join(reversed(chosen))

    def _format(self, node: tree.Format, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        yield off(path), self.formatted(node.name, value)

    def formatted(self, name: str, value: Value) -> str:
        """A value in a format such as `csv`; `text` is what interpolation does by itself."""
        native = self._find(f"@{name}", 0)
        if native is None or isinstance(native, tree.Function):
            raise JqError(f"{name} is not a valid format")
        return str(next(native(self, (), None, value))[1])

    # -- names

    def _variable(
        self, node: tree.Variable, scope: Scope | None, path: Path, value: Value
    ) -> Iterator[Result]:
        yield off(path), self._looked_up(scope, node.name, f"${node.name}")

    def _looked_up(self, scope: Scope | None, name: str, shown: str) -> Any:
        while scope is not None:
            if scope.name == name:
                return scope.value
            scope = scope.around
        raise JqError(f"{shown} is not defined")

    def _define(self, node: tree.Define, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        yield from self.run(node.rest, defined(node.function, scope), path, value)

    def _call(self, node: tree.Call, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        self.step()
        name = (node.name, len(node.arguments))
        arguments = [Closure(tree.Function("", (), argument), scope) for argument in node.arguments]
        around = scope
        while around is not None:
            if around.name == name:
                return self._called(around.value, arguments, path, value)
            around = around.around
        found = self._find(*name)
        if isinstance(found, tree.Function):
            return self._called(Closure(found, defined(found, None)), arguments, path, value)
        if found is None:
            raise JqError(f"{node.name}/{len(node.arguments)} is not defined")
        return found(self, arguments, path, value)

    def _called(
        self, closure: Closure, arguments: Sequence[Closure], path: Path, value: Value
    ) -> Iterator[Result]:
        scopes: list[Scope | None] = [closure.scope]
        for parameter, argument in zip(closure.function.parameters, arguments, strict=True):
            name = parameter.lstrip("$")
            scopes = [Scope(scope, (name, 0), argument) for scope in scopes]
            if parameter.startswith("$"):
                given = list(self.outputs(argument, value))
                scopes = [Scope(scope, name, item) for scope in scopes for item in given]
        for scope in scopes:
            yield from self.run(closure.function.body, scope, path, value)

    def _bind(self, node: tree.Bind, scope: Scope | None, path: Path, value: Value) -> Iterator[Result]:
        every = [name for pattern in node.patterns for name in names_in(pattern)]
        for item in self.values(node.source, scope, value):
            for at, pattern in enumerate(node.patterns):
                inner = scope
                if len(node.patterns) > 1:
                    for name in every:
                        inner = Scope(inner, name, None)
                try:
                    for bound in bindings(self, pattern, inner, item):
                        yield from self.run(node.body, bound, path, value)
                    break
                except JqError:
                    if at + 1 == len(node.patterns):
                        raise
