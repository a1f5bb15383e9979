"""The built-in functions that take their arguments as programs, and finding any of them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from commands.jqlang import paths, values
from commands.jqlang.formats import FORMATS
from commands.jqlang.functions import SIMPLE, array, pattern_and_flags
from commands.jqlang.machine import Machine, Native
from commands.jqlang.patterns import Flags, described_match, matches, named
from commands.jqlang.prelude import prelude
from commands.jqlang.scope import Closure, Path, Result, below, off, placed
from commands.jqlang.tree import Function
from commands.jqlang.values import JqError, Value, described, is_number, order, true

Run = Iterator[Result]


def find(name: str, arguments: int) -> Native | Function | None:
    """The built-in function of this name and number of arguments."""
    key = (name, arguments)
    if name.startswith("@"):
        form = FORMATS.get(name[1:])
        return None if form is None else _simple(form)
    if key in NATIVE:
        return NATIVE[key]
    if key in SIMPLE:
        return _simple(SIMPLE[key])
    return prelude(name, arguments)


def _simple(function: Callable[..., Value]) -> Native:
    """A function of values, called for each combination of what its arguments yield."""

    def native(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
        if not arguments:
            yield off(path), function(value)
            return
        given = [list(machine.outputs(argument, value)) for argument in arguments]
        for chosen in product(*reversed(given)):
            yield off(path), function(value, *reversed(chosen))

    return native


def _empty(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    yield from ()


def _path(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    for place in machine.paths(arguments[0], value):
        yield off(path), list(place)


def _getpath(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    for keys in machine.outputs(arguments[0], value):
        if not isinstance(keys, list):
            raise JqError("Path must be specified as an array")
        place = path if path is None else (*placed(path, value), *keys)
        yield place, paths.get(value, keys)


def _recurse(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    stack: list[Run] = [iter([(path, value)])]
    while stack:
        machine.step()
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
            continue
        yield found
        stack.append(machine.call(arguments[0], *found) if arguments else _children(*found))


def _children(path: Path, value: Value) -> Run:
    if isinstance(value, list | dict):
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in pairs:
            yield below(path, value, key), item


def _range(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    given = [list(machine.outputs(argument, value)) for argument in arguments]
    for chosen in product(*given):
        if not all(is_number(number) for number in chosen):
            raise JqError("Range bounds must be numeric")
        start, stop, by = {1: (0, *chosen, 1), 2: (*chosen, 1), 3: chosen}[len(chosen)]
        yield from _counted(machine, path, start, stop, by)  # type: ignore[arg-type]


def _counted(machine: Machine, path: Path, at: float, stop: float, by: float) -> Run:
    while (by > 0 and at < stop) or (by < 0 and at > stop):
        machine.step()
        yield off(path), at
        at = values.normal(at + by)


def _while(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    condition, update = arguments
    for found in _chain(machine, (path, value), update, lambda result: _holds(machine, condition, result)):
        if _holds(machine, condition, found):
            yield found


def _until(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    condition, update = arguments
    for found in _chain(
        machine, (path, value), update, lambda result: not _holds(machine, condition, result)
    ):
        if _holds(machine, condition, found):
            yield found


def _repeat(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    return _chain(machine, (path, value), arguments[0], lambda result: True)


def _holds(machine: Machine, condition: Closure, result: Result) -> bool:
    return any(true(answer) for answer in machine.outputs(condition, result[1]))


def _chain(machine: Machine, start: Result, update: Closure, goes_on: Callable[[Result], bool]) -> Run:
    """`start`, and what `update` makes of it again and again; memory does not grow with the length."""
    left: list[Result] = [start]
    while left:
        machine.step()
        found = left.pop()
        yield found
        if goes_on(found):
            left += list(machine.call(update, *found))[::-1]


def _first(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    for found in machine.call(arguments[0], path, value):
        yield found
        return


def _last(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    last: Result | None = None
    for found in machine.call(arguments[0], path, value):
        machine.step()
        last = found
    if last is not None:
        yield last


def _limit(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    for count in machine.outputs(arguments[0], value):
        if not is_number(count):
            raise JqError("Invalid arguments to limit")
        left = count
        if left <= 0:  # type: ignore[operator]
            continue
        for found in machine.call(arguments[1], path, value):
            yield found
            left -= 1  # type: ignore[operator]
            if left <= 0:
                break


def _skip(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    for count in machine.outputs(arguments[0], value):
        left = count
        for found in machine.call(arguments[1], path, value):
            machine.step()
            if left > 0:  # type: ignore[operator]
                left -= 1  # type: ignore[operator]
            else:
                yield found


def _isempty(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    yield off(path), next(machine.outputs(arguments[0], value), _NOTHING) is _NOTHING


_NOTHING: Any = object()


def _quantified(wanted: bool) -> Native:
    """`any` for True, `all` for False: stops at the first answer that decides."""

    def native(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
        for item in machine.outputs(arguments[0], value):
            machine.step()
            if any(true(answer) is wanted for answer in machine.outputs(arguments[1], item)):
                yield off(path), wanted
                return
        yield off(path), not wanted

    return native


def _keyed(machine: Machine, key: Closure, value: Value) -> list[tuple[Any, Any]]:
    """Each item with what it is ordered by."""
    items = array(value, "sorted")
    return [(order(list(machine.outputs(key, item))), item) for item in items]


def _by_key(collect: Callable[[list[tuple[Any, Any]]], Value]) -> Native:
    def native(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
        yield off(path), collect(_keyed(machine, arguments[0], value))

    return native


def _sorted(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return sorted(pairs, key=lambda pair: pair[0])


def _groups(pairs: list[tuple[Any, Any]]) -> list[Any]:
    groups: list[tuple[Any, list[Any]]] = []
    for key, item in _sorted(pairs):
        if groups and groups[-1][0] == key:
            groups[-1][1].append(item)
        else:
            groups.append((key, [item]))
    return [items for _, items in groups]


def _least(pairs: list[tuple[Any, Any]]) -> Value:
    return min(pairs, key=lambda pair: pair[0])[1] if pairs else None


def _most(pairs: list[tuple[Any, Any]]) -> Value:
    best: tuple[Any, Any] | None = None
    for pair in pairs:
        if best is None or pair[0] >= best[0]:
            best = pair
    return None if best is None else best[1]


def _match(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    given = [list(machine.outputs(argument, value)) for argument in arguments]
    for pattern, letters in product(*given):
        for found in matches(value, *pattern_and_flags(pattern, letters)):
            machine.step()
            yield off(path), described_match(found)


def _sub(machine: Machine, arguments: Sequence[Closure], path: Path, value: Value) -> Run:
    pattern_argument, replacement, flags = arguments
    for pattern in machine.outputs(pattern_argument, value):
        for letters in machine.outputs(flags, value):
            found = list(matches(value, pattern, Flags(letters)))
            texts = [_replacements(machine, replacement, named(match)) for match in found]
            for chosen in product(*reversed(texts)):
                yield off(path), _put_together(str(value), found, list(reversed(chosen)))


def _replacements(machine: Machine, replacement: Closure, groups: dict[str, Any]) -> list[str]:
    texts: list[str] = []
    for text in machine.outputs(replacement, groups):
        if not isinstance(text, str):
            raise JqError(f"{described(groups)} cannot be added to a string")
        texts.append(text)
    return texts


def _put_together(text: str, found: Sequence[Any], replacements: Sequence[str]) -> str:
    parts: list[str] = []
    at = 0
    for match, replacement in zip(found, replacements, strict=True):
        parts += [text[at : match.start()], replacement]
        at = match.end()
    return "".join([*parts, text[at:]])


NATIVE: dict[tuple[str, int], Native] = {
    ("empty", 0): _empty,
    ("path", 1): _path,
    ("getpath", 1): _getpath,
    ("recurse", 0): _recurse,
    ("recurse", 1): _recurse,
    ("range", 1): _range,
    ("range", 2): _range,
    ("range", 3): _range,
    ("while", 2): _while,
    ("until", 2): _until,
    ("repeat", 1): _repeat,
    ("first", 1): _first,
    ("last", 1): _last,
    ("limit", 2): _limit,
    ("skip", 2): _skip,
    ("isempty", 1): _isempty,
    ("any", 2): _quantified(True),
    ("all", 2): _quantified(False),
    ("sort_by", 1): _by_key(lambda pairs: [item for _, item in _sorted(pairs)]),
    ("group_by", 1): _by_key(_groups),
    ("unique_by", 1): _by_key(lambda pairs: [items[0] for items in _groups(pairs)]),
    ("min_by", 1): _by_key(_least),
    ("max_by", 1): _by_key(_most),
    ("match", 2): _match,
    ("sub", 3): _sub,
}
