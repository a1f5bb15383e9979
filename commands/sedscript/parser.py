"""Reads the text of a sed script into a Program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from commands.command import Usage
from commands.regex.regex import Searcher, compiled
from commands.regex.syntax import BadPattern, control
from commands.sedscript.program import (
    Address,
    After,
    Last,
    Line,
    Match,
    Program,
    Step,
    Substitution,
    acts_on_matches_only,
)
from commands.sedscript.replacement import letters_of, parts_of
from commands.stream import to_bytes

T = TypeVar("T")

_PLAIN = frozenset("=dDgGhHnNpPxzF")
_BRANCHES = frozenset("btT")
_FILES = frozenset("rRwW")
_TEXTS = frozenset("aic")


class Parser:
    """One script. Raises Usage with the place where it goes wrong."""

    def __init__(self, text: str, *, extended: bool) -> None:
        self.text = text
        self.at = 0
        self.extended = extended
        self.steps: list[Step] = []
        self.labels: dict[str, int] = {}
        self.open: list[int] = []
        self.patterns: list[str] = []
        """Every regex of the script."""
        self.folding: set[bool] = set()
        self.line_finder: Searcher | None = None
        """Finds the lines of a block that the program does anything to; None when that may be any line."""
        self.doing: dict[str, Callable[[Step], None]] = {
            "{": self._open, "}": self._close, ":": self._label, "s": self._substitute,
            "y": self._transliterate, "v": self._to_line_end,
        }  # fmt: skip

    def parse(self) -> Program:
        """The program of the whole script."""
        silent = self.text[:2] == "#n" and self.text[2:3] in ("", "\n")
        while self._skip(" \t\n\r\f\v;"):
            if self.text[self.at] == "#":
                self._to_line_end(Step("#"))
            else:
                self._step()
        if self.open:
            raise self.wrong("unmatched `{'")
        for at, step in enumerate(self.steps):
            if step.letter != "{":
                step.skip = at + 1
            if step.letter in _BRANCHES:
                step.target = self._place(step.text.decode("utf-8", "surrogateescape"))
            step.reset()
        if self.patterns and len(self.folding) == 1 and acts_on_matches_only(self.steps):
            self.line_finder = compiled(
                self.patterns,
                extended=self.extended,
                strict=True,
                lines=True,
                ignore_case=True in self.folding,
            )
        return Program(tuple(self.steps), silent)

    def wrong(self, reason: str) -> Usage:
        return Usage(f"script, character {min(self.at, len(self.text))}: {reason}")

    def _read(self, read: Callable[[], T]) -> T:
        """What `read` returns; its ValueError becomes an error of this script."""
        try:
            return read()
        except ValueError as wrong:
            raise self.wrong(str(wrong)) from None

    def _skip(self, chars: str) -> bool:
        """Passes over characters; whether anything is left."""
        while self.at < len(self.text) and self.text[self.at] in chars:
            self.at += 1
        return self.at < len(self.text)

    def _next(self) -> str:
        """The next character, or "" at the end."""
        char = self.text[self.at : self.at + 1]
        self.at += 1
        return char

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _step(self) -> None:
        step = Step("")
        step.first = self._address()
        if step.first is not None and self._skip(" \t") and self._peek() == ",":
            self.at += 1
            self._skip(" \t")
            step.second = self._address(ends_range=True)
            if step.second is None:
                raise self.wrong("unexpected `,'")
        if step.first == Line(0) and not isinstance(step.second, Match):
            raise self.wrong("invalid usage of line address 0")
        while self._skip(" \t") and self._peek() == "!":
            self.at += 1
            step.negated = True
        self._skip(" \t")
        letter = self._next()
        if not letter:
            raise self.wrong("missing command")
        step.letter = letter
        self._command(step)

    def _command(self, step: Step) -> None:
        letter = step.letter
        doing = self.doing.get(letter)
        if doing is not None:
            doing(step)
        elif letter in _PLAIN:
            self._end()
        elif letter in "qQlL":
            self._skip(" \t")
            step.number = self._number()
            self._end()
        elif letter in _BRANCHES:
            self._skip(" \t")
            step.text = to_bytes(self._word(";}\n" if letter != ":" else ";\n").strip())
            self._end()
        elif letter in _FILES:
            self._skip(" \t")
            step.text = to_bytes(self._line())
            if not step.text:
                raise self.wrong("missing filename in r/R/w/W commands")
        elif letter in _TEXTS:
            step.text = self._block()
        else:
            raise self.wrong(f"unknown command: `{letter}'")
        if letter not in "{}:v#":
            self.steps.append(step)

    def _end(self) -> None:
        """Nothing but the end of a command may follow."""
        self._skip(" \t\r")
        if self.at >= len(self.text) or self._peek() in "#}":
            return
        if self._next() not in ";\n":
            raise self.wrong("extra characters after command")

    def _number(self) -> int | None:
        start = self.at
        self._skip("0123456789")
        return int(self.text[start : self.at][:18]) if self.at > start else None

    def _line(self) -> str:
        stop = self.text.find("\n", self.at)
        stop = len(self.text) if stop < 0 else stop
        line, self.at = self.text[self.at : stop], stop + 1
        return line

    def _to_line_end(self, step: Step) -> None:
        self._line()

    def _word(self, ends: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            self.at += 1
        return self.text[start : self.at]

    def _open(self, step: Step) -> None:
        self.open.append(len(self.steps))
        self.steps.append(step)

    def _close(self, step: Step) -> None:
        if step.first is not None:
            raise self.wrong("} doesn't want any addresses")
        if not self.open:
            raise self.wrong("unexpected `}'")
        self.steps[self.open.pop()].skip = len(self.steps)
        self._end()

    def _label(self, step: Step) -> None:
        if step.first is not None:
            raise self.wrong(": doesn't want any addresses")
        self._skip(" \t")
        name = self._word(";\n").strip()
        if not name:
            raise self.wrong('":" lacks a label')
        self.labels[name] = len(self.steps)

    def _place(self, label: str) -> int:
        if not label:
            return len(self.steps)
        if label not in self.labels:
            raise Usage(f"can't find label for jump to `{label}'", status=4)
        return self.labels[label]

    def _address(self, *, ends_range: bool = False) -> Address | None:
        char = self._peek()
        if char == "$":
            self.at += 1
            return Last()
        if char.isdecimal() and char.isascii():
            number = self._number() or 0
            if self._peek() != "~":
                return Line(number)
            self.at += 1
            return Line(number, self._number() or 0)
        if ends_range and char and char in "+~":
            self.at += 1
            count = self._number()
            if count is None:
                raise self.wrong("expected a number")
            return After(count, char == "~")
        if char == "/" or (char == "\\" and self.at + 1 < len(self.text)):
            self.at += 1 if char == "/" else 2
            pattern = self._delimited(self.text[self.at - 1], regex=True)
            if pattern is None:
                raise self.wrong("unterminated address regex")
            start = self.at
            self._skip("IM")
            flags = self.text[start : self.at]
            return Match(self._regex(pattern, ignore_case="I" in flags, lines="M" in flags))
        return None

    def _delimited(self, delimiter: str, *, regex: bool) -> str | None:
        """The text up to the delimiter, `\\DELIMITER` standing for it; None when it never comes."""
        out: list[str] = []
        while (char := self._next()) and char != delimiter:
            if char == "\n" and regex:
                return None
            if char == "\\":
                following = self._next()
                if following == delimiter:
                    out.append(following if regex or following not in "&" else "\\" + following)
                elif following == "\n" and regex:
                    continue
                else:
                    out.append(char + following)
                continue
            if char == "[" and regex:
                stop = _bracket_end(self.text, self.at)
                char, self.at = self.text[self.at - 1 : stop], stop
            out.append(char)
        return "".join(out) if char else None

    def _regex(self, pattern: str, *, ignore_case: bool = False, lines: bool = False) -> Searcher | None:
        if not pattern:
            return None
        self.patterns.append(pattern)
        self.folding.add(ignore_case)
        if lines or "\\`" in pattern or "\\'" in pattern:
            self.folding.update((True, False))
        try:
            return compiled(
                [pattern], extended=self.extended, strict=True, ignore_case=ignore_case, lines=lines
            )
        except BadPattern as wrong:
            raise self.wrong(str(wrong)) from wrong

    def _substitute(self, step: Step) -> None:
        delimiter = self._next()
        if not delimiter or delimiter in "\n\\":
            raise self.wrong("unterminated `s' command")
        pattern = self._delimited(delimiter, regex=True)
        replacement = self._delimited(delimiter, regex=False) if pattern is not None else None
        if pattern is None or replacement is None:
            raise self.wrong("unterminated `s' command")
        flags, number, file = self._flags()
        regex = self._regex(
            pattern, ignore_case="i" in flags or "I" in flags, lines="m" in flags or "M" in flags
        )
        parts = self._read(lambda: parts_of(replacement, None if regex is None else regex.groups))
        step.substitution = Substitution(regex, parts, number or 1, "g" in flags, flags.count("p"), file)

    def _flags(self) -> tuple[str, int | None, str | None]:
        """Letters, number and file behind `s///`."""
        flags = ""
        number: int | None = None
        while (char := self._peek()) and char in "gpiIMm0123456789w":
            if char == "w":
                self.at += 1
                self._skip(" \t")
                return flags, number, self._line()
            if char.isdecimal():
                number = self._number()
                if number == 0:
                    raise self.wrong("number option to `s' command may not be zero")
                continue
            if char in flags and char in "gp":
                raise self.wrong(f"multiple `{char}' options to `s' command")
            flags += char
            self.at += 1
        if char == "e":
            raise self.wrong("the `e' option would run a command of the host, which sed may not")
        try:
            self._end()
        except Usage:
            raise self.wrong("unknown option to `s'") from None
        return flags, number, None

    def _transliterate(self, step: Step) -> None:
        delimiter = self._next()
        source = self._delimited(delimiter, regex=False) if delimiter else None
        target = self._delimited(delimiter, regex=False) if source is not None else None
        if source is None or target is None:
            raise self.wrong("unterminated `y' command")
        first, second = self._read(lambda: letters_of(source)), self._read(lambda: letters_of(target))
        if len(first) != len(second):
            raise self.wrong("strings for `y' command are different lengths")
        for char, other in zip(first, second, strict=True):
            step.table.setdefault(ord(char), other)
        self._end()

    def _block(self) -> bytes:
        """The text of a, i and c: the rest of the line, or the lines behind a backslash."""
        self._skip(" \t")
        if self.at >= len(self.text) or self._peek() == "\n":
            raise self.wrong("expected \\ after `a', `c' or `i'")
        if self._peek() == "\\":
            self.at += 1
            start = self.at
            self._skip(" \t")
            if self._peek() == "\n":
                self.at += 1
            else:
                self.at = start
            if self.at >= len(self.text):
                return b""
        out: list[str] = []
        while (char := self._next()) and char != "\n":
            if char == "\\":
                found = control(self.text, self.at - 1)
                if found is not None:
                    out.append(found[0])
                    self.at = found[1]
                    continue
                char = self._next()
            out.append(char)
        return to_bytes("".join(out) + "\n")


def _bracket_end(text: str, at: int) -> int:
    """Where the bracket expression ends whose `[` stands before `at`; `at` when it never does."""
    place = at + text.startswith("^", at)
    place += text.startswith("]", place)
    while place < len(text) and text[place] != "]":
        if text[place] == "[" and text[place + 1 : place + 2] in (":", ".", "="):
            stop = text.find(text[place + 1] + "]", place + 2)
            place = stop + 1 if stop >= 0 else place
        place += 1
    return place + 1 if place < len(text) and "\n" not in text[at:place] else at
