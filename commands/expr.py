"""expr: an expression of numbers and text."""

from __future__ import annotations

from collections.abc import Callable

from commands.command import Arguments, Command, Context, Example, Usage
from commands.regex.regex import compiled
from commands.regex.syntax import BadPattern
from commands.stream import Io, to_bytes

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("|",), ("&",), ("<", "<=", "=", "==", "!=", ">=", ">"), ("+", "-"), ("*", "/", "%"), (":",),
)  # fmt: skip
_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, "=": lambda sign: sign == 0,
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0, ">=": lambda sign: sign >= 0,
    ">": lambda sign: sign > 0,
}  # fmt: skip
_LONGEST = 4000
_DEEPEST = 200


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = list(args.words[1:] if args.words[:1] == ("--",) else args.words)
    if not words:
        raise Usage("missing operand")
    answer = Expression(words).value()
    await io.stdout.line(answer)
    return 1 if _is_nothing(answer) else 0


class Expression:
    """Words as an expression. Raises Usage for what is none."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def value(self) -> str:
        answer = self._level(0)
        if self._at < len(self._words):
            raise Usage(f"syntax error: unexpected argument '{self._words[self._at]}'")
        return answer

    def _level(self, level: int) -> str:
        if level == len(_LEVELS):
            return self._operand()
        left = self._level(level + 1)
        while self._at < len(self._words) and self._words[self._at] in _LEVELS[level]:
            operator = self._words[self._at]
            self._at += 1
            right = self._level(level + 1)
            left = _joined(left, operator, right)
        return left

    def _operand(self) -> str:
        word = self._next()
        if word == "+":
            return self._next()
        if word == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise Usage("nested too deeply")
            inner = self._level(0)
            if self._at == len(self._words) or self._next() != ")":
                raise Usage("syntax error: expecting ')'")
            self._depth -= 1
            return inner
        if word == ")":
            raise Usage("syntax error: unexpected ')'")
        if word == "length":
            return str(len(self._operand()))
        if word == "match":
            return _matched(self._operand(), self._operand())
        if word == "index":
            text, chars = self._operand(), self._operand()
            return str(next((at for at, char in enumerate(text, 1) if char in chars), 0))
        if word == "substr":
            return _part(self._operand(), self._operand(), self._operand())
        return word

    def _next(self) -> str:
        if self._at == len(self._words):
            raise Usage(f"syntax error: missing argument after '{self._words[-1]}'")
        self._at += 1
        return self._words[self._at - 1]


def _is_nothing(text: str) -> bool:
    number = _number(text)
    return not text or number == 0


def _number(text: str) -> int | None:
    digits = text[1:] if text.startswith("-") else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > _LONGEST:
        return None
    return int(text)


def _joined(left: str, operator: str, right: str) -> str:
    if operator == "|":
        return right if _is_nothing(left) and not _is_nothing(right) else "0" if _is_nothing(left) else left
    if operator == "&":
        return "0" if _is_nothing(left) or _is_nothing(right) else left
    if operator == ":":
        return _matched(left, right)
    one, other = _number(left), _number(right)
    if operator in _ORDER:
        if one is None or other is None:
            first, second = to_bytes(left), to_bytes(right)
            return str(int(_ORDER[operator]((first > second) - (first < second))))
        return str(int(_ORDER[operator]((one > other) - (one < other))))
    if one is None or other is None:
        raise Usage("non-integer argument")
    if operator in "/%" and other == 0:
        raise Usage("division by zero")
    return str(_computed(one, operator, other))


def _computed(one: int, operator: str, other: int) -> int:
    if operator == "+":
        return one + other
    if operator == "-":
        return one - other
    if operator == "*":
        return one * other
    quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return quotient if operator == "/" else one - other * quotient


def _matched(text: str, pattern: str) -> str:
    """The first group, or the number of characters, that `pattern` matches at the start."""
    try:
        regex = compiled([pattern])
        spans = regex.search(to_bytes(text))
    except BadPattern as wrong:
        raise Usage(str(wrong)) from wrong
    data = to_bytes(text)
    if spans is None or spans[0][0] != 0:
        return "" if regex.groups else "0"
    if not regex.groups:
        return str(len(data[: spans[0][1]].decode("utf-8", "surrogateescape")))
    start, stop = spans[1]
    return data[start:stop].decode("utf-8", "surrogateescape") if start >= 0 else ""


def _part(text: str, position: str, length: str) -> str:
    start, size = _number(position), _number(length)
    if start is None or size is None or start < 1 or size < 1:
        return ""
    return text[start - 1 : start - 1 + size]


COMMAND = Command(
    "expr",
    "evaluate an expression",
    Args,
    run,
    group="Text",
    description=(
        "| & < <= = != >= > + - * / % and TEXT : PATTERN, with ( ), each a word of its own; also length "
        "TEXT, match TEXT PATTERN, substr TEXT POSITION LENGTH, index TEXT CHARS. The status is 1 for an "
        "empty or zero result, 2 for what is no expression."
    ),
    examples=[
        Example("expr 2 + 3", "arithmetic", "5\n"),
        Example("expr plan.md : '\\(.*\\)\\.md'", "what a group matches", "plan\n"),
    ],
)
