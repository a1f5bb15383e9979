"""The language of `where`: words to a test of records.

    expression  := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := ("not" | "!") negation | "(" expression ")" | FIELD | FIELD operator VALUE
    operator    := < <= > >= == = != ~ !~

A value that is missing matches no comparison. Numbers are compared with numbers, times with times,
texts with texts; a list matches when one of its items does (`!=` and `!~`: when none does).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import NamedTuple

from commands.command import Usage
from commands.dates import Period, looks_like_date, read_period
from commands.stream import Record
from commands.values import amount_from, field_of, moment_of, number_of, one_line
from vfs.node import Value
from vfs.query import fold

OPERATORS = ("<=", ">=", "==", "!=", "!~", "<", ">", "=", "~")
DEEPEST = 200
"""Parentheses and negations within each other."""

Test = Callable[[Record], bool]


class Expression(NamedTuple):
    """A test of records, and the fields that it names."""

    test: Test
    fields: Sequence[str]


def parse_expression(words: Sequence[str], now: datetime) -> Expression:
    """The test that `words` spell. Raises Usage where they are no expression."""
    parser = _Parser(words, now)
    test = parser.any_of(0)
    if parser.at < len(parser.words):
        raise Usage(f"'{parser.words[parser.at]}' is not expected here", hint="join conditions by and, or")
    return Expression(test, list(dict.fromkeys(parser.fields)))


class _Parser:
    """One pass over the words."""

    def __init__(self, words: Sequence[str], now: datetime) -> None:
        self.words = words
        self.now = now
        self.at = 0
        self.fields: list[str] = []

    def peek(self) -> str | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def any_of(self, depth: int) -> Test:
        tests = [self.all_of(depth)]
        while self.peek() == "or":
            self.at += 1
            tests.append(self.all_of(depth))
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def all_of(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.peek() == "and":
            self.at += 1
            tests.append(self.one(depth))
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def one(self, depth: int) -> Test:
        word = self.peek()
        if depth > DEEPEST:
            raise Usage(f"more than {DEEPEST} conditions within each other")
        if word is None:
            raise Usage("a condition is missing", hint="for example: where priority >= 2 and not done")
        self.at += 1
        if word in ("not", "!"):
            inner = self.one(depth + 1)
            return lambda record: not inner(record)
        if word == "(":
            inside = self.any_of(depth + 1)
            if self.peek() != ")":
                raise Usage("a ) is missing")
            self.at += 1
            return inside
        return self.comparison(word)

    def comparison(self, word: str) -> Test:
        following = self.peek()
        if following in OPERATORS:
            self.at += 1
            if self.at == len(self.words):
                raise Usage(f"a value is missing after {word} {following}")
            value = self.words[self.at]
            self.at += 1
            return self.compared(word, following, value)
        split = _split(word)
        if split is not None:
            return self.compared(*split)
        if word in (*OPERATORS, ")", "and", "or"):
            raise Usage(f"a field is expected before '{word}'")
        if len(word) > 1 and word[0] == "!":
            self.fields.append(word[1:])
            return lambda record: not _truth(field_of(record, word[1:]))
        self.fields.append(word)
        return lambda record: _truth(field_of(record, word))

    def compared(self, name: str, operator: str, literal: str) -> Test:
        self.fields.append(name)
        matches = _matcher(operator, literal) if "~" in operator else _comparer(operator, literal, self.now)
        negated = operator[0] == "!"

        def test(record: Record) -> bool:
            value = field_of(record, name)
            if value is None:
                return False
            if isinstance(value, tuple):
                return any(matches(item) for item in value if item is not None) != negated
            return matches(value) != negated

        return test


def _split(word: str) -> tuple[str, str, str] | None:
    """`priority>=2` written without spaces, as its three parts."""
    at = min((place for place in map(word.find, OPERATORS) if place > 0), default=0)
    for operator in OPERATORS:
        if at and word.startswith(operator, at) and at + len(operator) < len(word):
            return word[:at], operator, word[at + len(operator) :]
    return None


def _truth(value: Value) -> bool:
    return value not in (None, False, "", 0, ())


def _matcher(operator: str, pattern: str) -> Callable[[Value], bool]:
    """Whether a text holds the pattern, case and (for plain words) accents aside."""
    if not any(char in "\\^$.|?*+()[]{}" for char in pattern):
        wanted = fold(pattern)
        return lambda value: wanted in fold(one_line(value))
    engine = import_module("re2")
    options = engine.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        regex = engine.compile(pattern, options=options)
    except engine.error as wrong:
        reason = wrong.args[0] if wrong.args else wrong
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise Usage(
            f"'{pattern}' is no regular expression: {reason}",
            hint="write \\ before a character that is meant literally",
        ) from wrong
    return lambda value: regex.search(_encodable(one_line(value))) is not None


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _comparer(operator: str, literal: str, now: datetime) -> Callable[[Value], bool]:
    """Compares a present value with what stands in the line, by the kind of the value.

    `!=` is answered like `==`: the caller turns it round.
    """
    kind = "==" if operator in ("=", "==", "!=") else operator
    number = amount_from(literal)
    truth = {"true": True, "yes": True, "false": False, "no": False}.get(literal.lower())
    period = _lazily(literal, now)
    dated = looks_like_date(literal)

    def compare(value: Value) -> bool:
        if isinstance(value, bool):
            return truth is not None and _ordered(kind, int(value), int(truth))
        moment = moment_of(value, now.tzinfo) if dated or not isinstance(value, str | int | float) else None
        if moment is not None:
            return _within(kind, moment, period(), whole_day=_is_day(value))
        own = number_of(value)
        if own is not None and (number is not None or not isinstance(value, str)):
            return number is not None and _ordered(kind, own, number)
        return _ordered(kind, one_line(value), literal)

    return compare


def _lazily(literal: str, now: datetime) -> Callable[[], Period]:
    """The period that `literal` names, read when a date is first compared with it. It raises Usage."""

    @cache
    def period() -> Period:
        try:
            return read_period(literal, now)
        except ValueError as reason:
            raise Usage(str(reason)) from None

    return period


def _is_day(value: Value) -> bool:
    return (isinstance(value, str) and len(value) == 10) or not isinstance(value, str | datetime)


def _ordered(kind: str, left: object, right: object) -> bool:
    if kind == "==":
        return left == right
    if kind == "<":
        return left < right  # type: ignore[operator, no-any-return]
    if kind == "<=":
        return left <= right  # type: ignore[operator, no-any-return]
    if kind == ">":
        return left > right  # type: ignore[operator, no-any-return]
    return left >= right  # type: ignore[operator, no-any-return]


def _within(kind: str, moment: datetime, period: Period, *, whole_day: bool) -> bool:
    """A moment beside a period: before it, in it, or after it. A day is compared by days."""
    if whole_day and period.is_moment:
        local = period.start.astimezone(moment.tzinfo)
        start = end = local.replace(hour=0, minute=0, second=0, microsecond=0)
    else:
        start, end = period
    if kind == "==":
        return moment == start if start == end else start <= moment < end
    if kind == "<":
        return moment < start
    if kind == ">=":
        return moment >= start
    after = moment > start if start == end else moment >= end
    return after if kind == ">" else not after
