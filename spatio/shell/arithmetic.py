"""Arithmetic: the integers of `$((…))`, 64 bits wide, with C's operators and precedence."""

from __future__ import annotations

import re
from collections.abc import Callable

from spatio.shell.flow import ShellError
from spatio.shell.variables import Variables

_TOKEN = re.compile(
    r"\s*(?:(\d+\#[0-9A-Za-z@_]+|0[xX][0-9A-Fa-f]+|\d\w*)|([A-Za-z_]\w*)"
    r"|(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&^|]=|[-+*/%<>=!~&^|?:,()]))"
)
_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="})
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"||"}),
    frozenset({"&&"}),
    frozenset({"|"}),
    frozenset({"^"}),
    frozenset({"&"}),
    frozenset({"==", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"<<", ">>"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "%"}),
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_"
DEEPEST = 60
"""How deep expressions, and variables that hold expressions, may nest."""


def wrapped(number: int) -> int:
    """The number as 64 bits hold it."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _divided(left: int, right: int) -> int:
    if not right:
        raise ShellError("division by 0")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ShellError("exponent less than 0")
    return wrapped(pow(left, right, 1 << 64))


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    "<=": lambda a, b: int(a <= b),
    ">": lambda a, b: int(a > b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: wrapped(a << (b & 63)),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: wrapped(a + b),
    "-": lambda a, b: wrapped(a - b),
    "*": lambda a, b: wrapped(a * b),
    "/": _divided,
    "%": lambda a, b: a - b * _divided(a, b),
    "**": _power,
}


class Arithmetic:
    """One expression over the variables of a shell; `value()` is its last value."""

    def __init__(self, text: str, variables: Variables, *, depth: int = 0) -> None:
        self.text = text.strip()
        self.variables = variables
        self.depth = depth
        self.tokens = self._tokens()
        self.at = 0
        self.skipping = 0

    def _tokens(self) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if not found:
                raise self._wrong(self.text[at:])
            number, name, operator = found.groups()
            if operator in {"++", "--"} and tokens and (tokens[-1][0] == "number" or tokens[-1][1] == ")"):
                tokens.append(("", operator[0]))
                operator = operator[0]
            tokens.append(("number", number) if number else ("name", name) if name else ("", operator))
            at = found.end()
        return tokens

    def _wrong(self, token: str) -> ShellError:
        shown = token[:30] if token else "the end"
        return ShellError(f"{self.text[:60]}: arithmetic syntax error at `{shown}`")

    def value(self) -> int:
        """Raises ShellError."""
        if not self.tokens:
            return 0
        number = self._list()
        if self.at < len(self.tokens):
            raise self._wrong(self.tokens[self.at][1])
        return number

    def _peek(self) -> str:
        """The operator that comes next, or ""."""
        if self.at >= len(self.tokens) or self.tokens[self.at][0]:
            return ""
        return self.tokens[self.at][1]

    def _take(self, operators: frozenset[str]) -> str:
        operator = self._peek()
        if operator not in operators:
            return ""
        self.at += 1
        return operator

    def _list(self) -> int:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellError(f"{self.text[:60]}: expression nested more than {DEEPEST} deep")
        number = self._assignment()
        while self._take(frozenset({","})):
            number = self._assignment()
        self.depth -= 1
        return number

    def _assignment(self) -> int:
        if self.at + 1 < len(self.tokens) and self.tokens[self.at][0] == "name":
            name = self.tokens[self.at][1]
            kind, operator = self.tokens[self.at + 1]
            if not kind and operator in _ASSIGNING:
                self.at += 2
                right = self._assignment()
                if operator != "=":
                    right = self._apply(operator[:-1], self._variable(name), right)
                return self._assign(name, right)
        return self._choice()

    def _choice(self) -> int:
        condition = self._binary(0)
        if not self._take(frozenset({"?"})):
            return condition
        self.skipping += not condition
        first = self._list()
        self.skipping -= not condition
        if not self._take(frozenset({":"})):
            raise self._wrong(self._peek())
        self.skipping += bool(condition)
        second = self._choice()
        self.skipping -= bool(condition)
        return first if condition else second

    def _binary(self, level: int) -> int:
        if level == len(_LEVELS):
            return self._raised()
        left = self._binary(level + 1)
        while operator := self._take(_LEVELS[level]):
            if level < 2:
                decided = bool(left) == (level == 0)
                self.skipping += decided
                right = self._binary(level + 1)
                self.skipping -= decided
                left = int(level == 0) if decided else int(bool(right))
            else:
                left = self._apply(operator, left, self._binary(level + 1))
        return left

    def _raised(self) -> int:
        left = self._unary()
        if self._take(frozenset({"**"})):
            return self._apply("**", left, self._raised())
        return left

    def _apply(self, operator: str, left: int, right: int) -> int:
        return 0 if self.skipping else _OPERATIONS[operator](left, right)

    def _unary(self) -> int:
        signs: list[str] = []
        while operator := self._take(frozenset({"+", "-", "!", "~", "++", "--"})):
            following = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
            if operator in {"++", "--"} and following[0] == "name":
                self.at += 1
                step = 1 if operator == "++" else -1
                number = self._assign(following[1], wrapped(self._variable(following[1]) + step))
                return self._signed(signs, number)
            signs.extend(operator)
        return self._signed(signs, self._primary())

    @staticmethod
    def _signed(signs: list[str], number: int) -> int:
        for sign in reversed(signs):
            number = {"+": number, "-": -number, "!": int(not number), "~": ~number}[sign]
        return wrapped(number)

    def _primary(self) -> int:
        if self.at >= len(self.tokens):
            raise self._wrong("")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return self._number(text)
        if kind == "name":
            number = self._variable(text)
            if operator := self._take(frozenset({"++", "--"})):
                self._assign(text, wrapped(number + (1 if operator == "++" else -1)))
            return number
        if text != "(":
            raise self._wrong(text)
        number = self._list()
        if not self._take(frozenset({")"})):
            raise self._wrong(self._peek())
        return number

    def _number(self, text: str) -> int:
        base, digits = 10, text
        if "#" in text:
            shown, _, digits = text.partition("#")
            base = int(shown)
            if not 2 <= base <= 64:
                raise ShellError(f"{text}: the base of a number is from 2 to 64")
            digits = digits.lower() if base <= 36 else digits
        elif text[:2] in {"0x", "0X"}:
            base, digits = 16, text[2:].lower()
        elif text[0] == "0":
            base = 8
        number = 0
        for digit in digits:
            worth = _DIGITS.find(digit)
            if not 0 <= worth < base:
                raise ShellError(f"{text}: a digit is too great for base {base}")
            number = number * base + worth
        return wrapped(number)

    def _variable(self, name: str) -> int:
        text = self.variables.get(name)
        if text is None or not text.strip():
            return 0
        if text.isascii() and text.isdigit() and text[0] != "0":
            return wrapped(int(text)) if len(text) < 100 else self._number(text)
        if self.depth + 1 > DEEPEST:
            raise ShellError(f"{name}: expression nested more than {DEEPEST} deep")
        return Arithmetic(text, self.variables, depth=self.depth + 1).value()

    def _assign(self, name: str, number: int) -> int:
        if not self.skipping:
            self.variables.set(name, str(number))
        return number


def calculate(text: str, variables: Variables) -> int:
    """The value of an arithmetic expression; its assignments take effect. Raises ShellError."""
    return Arithmetic(text, variables).value()
