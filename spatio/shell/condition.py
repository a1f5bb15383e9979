"""The tests of `[[ … ]]`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from commands.stream import Sink, Source, to_bytes
from spatio.shell.arithmetic import calculate
from spatio.shell.ast import Test
from spatio.shell.flow import ShellError
from spatio.shell.patterns import fits
from vfs.errors import NotADirectory, NotFound
from vfs.node import Node

if TYPE_CHECKING:
    from commands.regex.regex import Searcher
    from spatio.shell.run import Runner

_NUMBERS = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}


async def holds(runner: Runner, test: Test) -> bool:
    """Whether the test holds. Raises ShellError."""
    if test.op == "&&":
        return all([await holds(runner, one) for one in test.tests[:1]]) and await _rest(runner, test, True)
    if test.op == "||":
        return await holds(runner, test.tests[0]) or await _rest(runner, test, False)
    if test.op == "!":
        return not await holds(runner, test.tests[0])
    left = await runner.expander.text(test.words[0])
    if len(test.words) == 1:
        return await _single(runner, test.op, left)
    if test.op in {"=", "==", "!="}:
        return fits(await runner.expander.pattern(test.words[1]), left) == (test.op != "!=")
    if test.op == "=~":
        return _searched(runner, await runner.expander.text(test.words[1]), left)
    right = await runner.expander.text(test.words[1])
    if test.op in {"<", ">"}:
        return left < right if test.op == "<" else left > right
    if test.op in _NUMBERS:
        variables = runner.variables
        return bool(_NUMBERS[test.op](calculate(left, variables), calculate(right, variables)))
    return await _newer(runner, test.op, left, right)


async def _rest(runner: Runner, test: Test, wanted: bool) -> bool:
    for one in test.tests[1:]:
        if await holds(runner, one) != wanted:
            return not wanted
    return wanted


def _searched(runner: Runner, expression: str, text: str) -> bool:
    try:
        regex: Searcher = import_module("commands.regex.regex").compiled([expression], extended=True)
        return regex.search(to_bytes(text)) is not None
    except ValueError as wrong:
        raise ShellError(f"{expression}: not a regular expression: {wrong}") from None


async def _node(runner: Runner, word: str) -> Node | None:
    try:
        return await runner.tree.stat(runner.session.resolve(word)) if word else None
    except (NotFound, NotADirectory):
        return None


async def _single(runner: Runner, op: str, word: str) -> bool:
    if op in {"-z", "-n"}:
        return (word == "") == (op == "-z")
    if op == "-v":
        return runner.expander.value(word) is not None if word else False
    if op == "-o":
        return runner.has_option(word)
    if op == "-t":
        port = runner.current_ports.get(int(word)) if word.isdecimal() else None
        return isinstance(port, (Source, Sink)) and port.tty
    node = await _node(runner, word)
    if node is None or op in {"-b", "-c", "-g", "-h", "-k", "-L", "-p", "-S", "-u", "-x"}:
        return node is not None and op == "-x" and node.is_folder
    if op == "-d":
        return node.is_folder
    if op == "-f":
        return not node.is_folder
    if op == "-s":
        return node.is_folder or node.size != 0
    return True


async def _newer(runner: Runner, op: str, left: str, right: str) -> bool:
    if op == "-ef":
        return bool(runner.session.resolve(left) == runner.session.resolve(right))
    first, second = await _node(runner, left), await _node(runner, right)
    if op == "-ot":
        first, second = second, first
    if first is None:
        return False
    if second is None:
        return True
    return first.mtime is not None and second.mtime is not None and first.mtime > second.mtime
