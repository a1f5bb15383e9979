"""criteria: the expression of `find`, read from its words into tests and actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from commands.command import Usage
from commands.nearest import nearest
from vfs.glob import matcher
from vfs.node import Node, Value
from vfs.path import Path


class Seen(NamedTuple):
    """An entry that find came to: its place, as written, and how deep below the operand."""

    path: Path
    node: Node
    word: str
    depth: int


Test = Callable[[Seen], Awaitable[bool]]
Action = Callable[[str, list[str]], Test]
"""Makes the test of an action (`-print`, `-exec`, …) from its name and the words that follow it."""

UNITS = {"c": 1, "w": 2, "b": 512, "k": 1024, "M": 1024**2, "G": 1024**3}

TESTS = (
    "-attr", "-empty", "-false", "-iname", "-ipath", "-mmin", "-mtime", "-name", "-newer", "-newermt",
    "-path", "-size", "-true", "-type", "-wholename",
)  # fmt: skip
ACTIONS = ("-delete", "-exec", "-print", "-print0", "-printf", "-prune", "-quit")
SETTINGS = ("-depth", "-maxdepth", "-mindepth", "-mount", "-xdev")
OPERATORS = ("!", "(", ")", "-a", "-and", "-not", "-o", "-or")


class Criteria:
    """One expression: its test, and what it says about how to walk."""

    def __init__(
        self, words: Sequence[str], now: datetime, times: Callable[[str, str], Test], action: Action
    ):
        self.words = list(words)
        self.at = 0
        self.now = now
        self.times = times
        self.action = action
        self.most: int | None = None
        self.least = 0
        self.depth_first = False
        self.prunes = False
        self.acts = False
        self.test: Test = _always(True)
        if self.words:
            self.test = self.either()
            if self.at < len(self.words):
                raise Usage(f"unexpected {self.words[self.at]}", status=1)

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, after: str) -> str:
        if self.at >= len(self.words):
            raise Usage(f"missing argument to {after}", status=1)
        self.at += 1
        return self.words[self.at - 1]

    def either(self) -> Test:
        tests = [self.both()]
        while self.peek() in ("-o", "-or"):
            self.at += 1
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else _any(tests)

    def both(self) -> Test:
        tests = [self.factor()]
        while self.peek() and self.peek() not in ("-o", "-or", ")"):
            if self.peek() in ("-a", "-and"):
                self.at += 1
            tests.append(self.factor())
        return tests[0] if len(tests) == 1 else _all(tests)

    def factor(self) -> Test:
        word = self.take("the operator")
        if word in ("!", "-not"):
            return _not(self.factor())
        if word == "(":
            inner = self.either()
            if self.take("(") != ")":
                raise Usage("a ( is not closed", status=1)
            return inner
        if word in ACTIONS:
            return self.deed(word)
        if word in SETTINGS:
            return self.setting(word)
        return self.plain(word)

    def deed(self, word: str) -> Test:
        self.acts = self.acts or word != "-prune"
        self.prunes = self.prunes or word == "-prune"
        self.depth_first = self.depth_first or word == "-delete"
        if word == "-printf":
            return self.action(word, [self.take(word)])
        if word != "-exec":
            return self.action(word, [])
        argv: list[str] = []
        while True:
            part = self.take(word)
            if part == ";" or (part == "+" and argv[-1:] == ["{}"]):
                break
            argv.append(part)
        if not argv:
            raise Usage("missing argument to -exec", status=1)
        return self.action("-exec+" if part == "+" else "-exec", argv)

    def setting(self, word: str) -> Test:
        if word in ("-maxdepth", "-mindepth"):
            text = self.take(word)
            if not text.isdecimal():
                raise Usage(f"{word} must be 0 or more, but is {text}", status=1)
            if word == "-maxdepth":
                self.most = int(text)
            else:
                self.least = int(text)
        elif word == "-depth":
            self.depth_first = True
        return _always(True)

    def plain(self, word: str) -> Test:
        """A test that looks at the entry alone."""
        if word in ("-true", "-false"):
            return _always(word == "-true")
        if word in ("-newer", "-newermt", "-empty"):
            return self.times(word, "" if word == "-empty" else self.take(word))
        if word not in TESTS:
            near = nearest(word, [*TESTS, *ACTIONS, *SETTINGS, *OPERATORS])
            what = "predicate" if word.startswith("-") else "word; paths come before the expression:"
            raise Usage(f"unknown {what} {word}", status=1, hint=f"did you mean {near}?" if near else None)
        text = self.take(word)
        if word in ("-name", "-iname"):
            return _matching(text, lambda seen: _name(seen.word), fold=word == "-iname")
        if word in ("-path", "-wholename", "-ipath"):
            return _matching(text, lambda seen: seen.word, fold=word == "-ipath")
        if word == "-type":
            return _of_type(text)
        if word == "-size":
            return _of_size(text)
        if word == "-attr":
            return _with_attribute(text)
        return _of_age(word, text, self.now)


def _name(word: str) -> str:
    return word.rstrip("/").rpartition("/")[2] or "/"


def _always(answer: bool) -> Test:
    async def test(seen: Seen) -> bool:
        return answer

    return test


def _plainly(holds: Callable[[Seen], bool]) -> Test:
    async def test(seen: Seen) -> bool:
        return holds(seen)

    return test


def _any(tests: Sequence[Test]) -> Test:
    async def test(seen: Seen) -> bool:
        for one in tests:
            if await one(seen):
                return True
        return False

    return test


def _all(tests: Sequence[Test]) -> Test:
    async def test(seen: Seen) -> bool:
        for one in tests:
            if not await one(seen):
                return False
        return True

    return test


def _not(inner: Test) -> Test:
    async def test(seen: Seen) -> bool:
        return not await inner(seen)

    return test


def _matching(pattern: str, text: Callable[[Seen], str], *, fold: bool) -> Test:
    matches = matcher(pattern.lower() if fold else pattern)
    if fold:
        return _plainly(lambda seen: matches(text(seen).lower()))
    return _plainly(lambda seen: matches(text(seen)))


def _of_type(text: str) -> Test:
    letters = text.split(",")
    for letter in letters:
        if letter not in ("f", "d", "l", "b", "c", "p", "s"):
            raise Usage(f"unknown type {letter}: f is a file, d a folder", status=1)
    return _plainly(lambda seen: ("d" if seen.node.is_folder else "f") in letters)


def _count(text: str, what: str) -> tuple[str, int]:
    """`+3`, `-3` or `3` as how to compare and with what."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    digits = text[len(sign) :]
    if not digits.isdecimal():
        raise Usage(f"{what} must be N, +N or -N, but is {text}", status=1)
    return sign, int(digits)


def _compare(sign: str, value: int, wanted: int) -> bool:
    return value > wanted if sign == "+" else value < wanted if sign == "-" else value == wanted


def _of_size(text: str) -> Test:
    unit = UNITS.get(text[-1:], 0)
    sign, wanted = _count(text[:-1] if unit else text, "-size")
    unit = unit or 512

    def holds(seen: Seen) -> bool:
        size = seen.node.size
        return size is not None and _compare(sign, -(-size // unit), wanted)

    return _plainly(holds)


def _of_age(word: str, text: str, now: datetime) -> Test:
    sign, wanted = _count(text, word)

    def holds(seen: Seen) -> bool:
        if seen.node.mtime is None:
            return False
        age = (now - seen.node.mtime).total_seconds()
        if word == "-mtime":
            return _compare(sign, int(age // 86400), wanted)
        if sign:
            return age > wanted * 60 if sign == "+" else age < wanted * 60
        return -(-age // 60) == wanted

    return _plainly(holds)


def _with_attribute(text: str) -> Test:
    name, equals, wanted = text.partition("=")

    def holds(seen: Seen) -> bool:
        value = seen.node.attrs.get(name)
        return _fits(value, wanted) if equals else bool(value)

    return _plainly(holds)


def _fits(value: Value, wanted: str) -> bool:
    if isinstance(value, tuple):
        return any(_fits(item, wanted) for item in value)
    if isinstance(value, bool):
        return wanted.lower() in (("true", "yes") if value else ("false", "no"))
    return value is not None and str(value).lower() == wanted.lower()
