"""The syntax of POSIX regular expressions, basic and extended with GNU's additions, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

CLASSES = (
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
    "xdigit",
)  # fmt: skip
MOST = 32767
"""The largest count of `x{N}`, as GNU has it."""


class BadPattern(ValueError):
    """The pattern is not a regular expression, or too large to be one."""


class Char(NamedTuple):
    """One character that stands for itself."""

    text: str


class Any(NamedTuple):
    """`.`"""


class Set(NamedTuple):
    """A bracket expression, `\\w`, `\\s` and their negations: ranges of characters and class names."""

    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...] = ()
    negated: bool = False


class At(NamedTuple):
    """A condition on a place: `^ $ < > b B` as in the pattern, `` ` `` and `'` for the whole text,
    `[` and `]` for a place before and after which no word character stands."""

    what: str


class Back(NamedTuple):
    """What a group matched, again."""

    group: int


class Group(NamedTuple):
    number: int
    body: Tree


class Repeat(NamedTuple):
    body: Tree
    least: int
    most: int | None


class Run(NamedTuple):
    """One thing after the other."""

    parts: tuple[Tree, ...]


class Either(NamedTuple):
    choices: tuple[Tree, ...]


Tree = Char | Any | Set | At | Back | Group | Repeat | Run | Either

WORD = Set((("_", "_"),), ("alnum",))
NOT_WORD = WORD._replace(negated=True)
SPACE = Set((), ("space",))
NOT_SPACE = SPACE._replace(negated=True)

_LETTERS: dict[str, Tree] = {
    "w": WORD, "W": NOT_WORD, "s": SPACE, "S": NOT_SPACE, "<": At("<"), ">": At(">"), "b": At("b"),
    "B": At("B"), "`": At("`"), "'": At("'"),
}  # fmt: skip


_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NUMBERED = {"d": (10, 3), "o": (8, 3), "x": (16, 2)}


def control(text: str, at: int) -> tuple[str, int] | None:
    """The character that sed's escape at `at` stands for, and where it ends; None when it is none.

    A byte beyond ASCII comes as a lone surrogate, as text that is not UTF-8 does.
    """
    letter = text[at + 1 : at + 2]
    if letter in _CONTROLS and letter:
        return _CONTROLS[letter], at + 2
    if letter == "c" and at + 2 < len(text):
        return chr(ord(text[at + 2].upper()) ^ 0x40), at + 3
    if letter not in _NUMBERED or not letter:
        return None
    base, most = _NUMBERED[letter]
    digits = ""
    for char in text[at + 2 : at + 2 + most]:
        if char not in "0123456789abcdefABCDEF"[: base if base < 16 else 22]:
            break
        digits += char
    if not digits:
        return None
    code = int(digits, base) & 0xFF
    return chr(code) if code < 128 else chr(0xDC00 + code), at + 2 + len(digits)


def literal(text: str) -> Tree:
    """Text that stands for itself."""
    return Run(tuple(Char(char) for char in text))


class Parser:
    """One pattern; `groups` is the number of the last group afterwards.

    `strict` is sed: it refuses a repetition of nothing, which grep takes literally, and reads escapes
    such as `\\n`, `\\t` and `\\x41`, in bracket expressions too.
    """

    def __init__(self, pattern: str, *, extended: bool, strict: bool = False, groups: int = 0) -> None:
        self.text = pattern
        self.at = 0
        self.extended = extended
        self.strict = strict
        self.groups = groups
        self._offset = groups
        self._closed: set[int] = set()
        self._depth = 0

    def parse(self) -> Tree:
        """The tree. Raises BadPattern."""
        tree = self._either()
        if self.at < len(self.text):
            raise BadPattern("Unmatched ) or \\)")
        return tree

    def _looking(self, operator: str) -> bool:
        """Whether the operator stands here, spelled as this flavour spells it."""
        if self.extended:
            return self.text.startswith(operator, self.at)
        return self.text.startswith("\\" + operator, self.at)

    def _take(self, operator: str) -> bool:
        if not self._looking(operator):
            return False
        self.at += len(operator) + (not self.extended)
        return True

    def _either(self) -> Tree:
        choices = [self._run()]
        while self._take("|"):
            choices.append(self._run())
        return choices[0] if len(choices) == 1 else Either(tuple(choices))

    def _run(self) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.text) and not self._looking("|"):
            if self._looking(")") and (self._depth or not self.extended or self.strict):
                break
            parts.append(self._repeated(self._atom(parts)))
        return parts[0] if len(parts) == 1 else Run(tuple(parts))

    def _repeated(self, atom: Tree) -> Tree:
        """`atom` with the repetitions behind it."""
        if isinstance(atom, At) and not self.extended and atom.what == "^":
            return atom
        while self.at < len(self.text):
            if self.text[self.at] == "*":
                self.at += 1
                if self.strict and not self.extended and isinstance(atom, Repeat):
                    raise BadPattern("Invalid preceding regular expression")
                atom = Repeat(atom, 0, None)
            elif self._take("+"):
                atom = Repeat(atom, 1, None)
            elif self._take("?"):
                atom = Repeat(atom, 0, 1)
            elif self._looking("{"):
                counts = self._counts()
                if counts is None:
                    return atom
                atom = Repeat(atom, *counts)
            else:
                return atom
        return atom

    def _counts(self) -> tuple[int, int | None] | None:
        """`{N}`, `{N,}`, `{,M}`, `{N,M}`; None, nothing consumed, where `{` is itself."""
        start = self.at + 1 + (not self.extended)
        close = "}" if self.extended else "\\}"
        stop = self.text.find(close, start)
        low, comma, high = self.text[start:stop].partition(",") if stop >= 0 else ("", "", "?")
        if not all(part.isdecimal() or not part for part in (low, high)) or not (low or comma):
            if self.extended and not self.strict:
                return None
            raise BadPattern("Unmatched \\{" if stop < 0 else "Invalid content of \\{\\}")
        least = int(low or 0)
        most = (int(high) if high else None) if comma else least
        if most is not None and least > most:
            raise BadPattern("Invalid content of \\{\\}")
        if max(least, most or 0) > MOST:
            raise BadPattern("Regular expression too big")
        self.at = stop + len(close)
        return least, most

    def _atom(self, before: list[Tree]) -> Tree:
        first = not before
        text = self.text
        if self._take("("):
            return self._group()
        char = text[self.at]
        if char == "[":
            self.at += 1
            return self._bracket()
        if char == "\\":
            return self._escaped()
        if char == "^" and (self.extended or first):
            self.at += 1
            return At("^")
        if char == "$" and (self.extended or self._at_end(self.at + 1)):
            self.at += 1
            return At("$")
        if first:
            nothing = self._repetition_of_nothing()
            if nothing is not None:
                return nothing
        self.at += 1
        return Any() if char == "." else Char(char)

    def _repetition_of_nothing(self) -> Tree | None:
        """What a repetition at the start means, or None when there is none."""
        char = self.text[self.at]
        if not self.extended:
            return None
        if char in "*+?" or (char == "{" and not self.strict and self._valid_counts()):
            if self.strict:
                raise BadPattern("Invalid preceding regular expression")
            return Run(())
        if char == "{" and self.strict:
            raise BadPattern("Invalid preceding regular expression")
        return None

    def _valid_counts(self) -> bool:
        at = self.at
        valid = self._counts() is not None
        self.at = at
        return valid

    def _at_end(self, at: int) -> bool:
        return at == len(self.text) or self.text.startswith(("\\)", "\\|"), at)

    def _group(self) -> Tree:
        self.groups += 1
        index = self.groups
        self._depth += 1
        if self._depth > 200:
            raise BadPattern("Regular expression too big")
        body = self._either()
        self._depth -= 1
        if not self._take(")"):
            raise BadPattern("Unmatched ( or \\(")
        self._closed.add(index)
        return Group(index, body)

    def _escaped(self) -> Tree:
        if self.at + 1 == len(self.text):
            raise BadPattern("Trailing backslash")
        char = self.text[self.at + 1]
        if not self.extended and char in "+?{" and self.strict:
            raise BadPattern("Invalid preceding regular expression")
        if self.strict:
            found = control(self.text, self.at)
            if found is not None:
                self.at = found[1]
                return Char(found[0])
        self.at += 2
        if char.isdecimal() and char != "0":
            group = int(char) + self._offset
            if group not in self._closed:
                raise BadPattern("Invalid back reference")
            return Back(group)
        return _LETTERS.get(char) or Char(char)

    def _bracket(self) -> Tree:
        negated = self.text.startswith("^", self.at)
        self.at += negated
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            if self.text.startswith("[:", self.at):
                classes.append(self._class())
                continue
            low = self._member()
            high = low
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                high = self._member()
                if high < low:
                    raise BadPattern("Invalid range end")
            ranges.append((low, high))
        self.at += 1
        return Set(tuple(ranges), tuple(classes), negated)

    def _class(self) -> str:
        stop = self.text.find(":]", self.at + 2)
        if stop < 0:
            raise BadPattern("Unmatched [, [^, [:, [., or [=")
        name = self.text[self.at + 2 : stop]
        if name not in CLASSES:
            raise BadPattern("Invalid character class name")
        self.at = stop + 2
        return name

    def _member(self) -> str:
        """One character of a bracket expression, also as `[.x.]` and `[=x=]`."""
        if self.at >= len(self.text):
            raise BadPattern("Unmatched [, [^, [:, [., or [=")
        for opening, closing in (("[.", ".]"), ("[=", "=]")):
            if not self.text.startswith(opening, self.at):
                continue
            stop = self.text.find(closing, self.at + 3)
            if stop != self.at + 3:
                raise BadPattern("Invalid collation character")
            self.at = stop + 2
            return self.text[stop - 1]
        found = control(self.text, self.at) if self.strict and self.text[self.at] == "\\" else None
        if found is not None:
            self.at = found[1]
            return found[0]
        self.at += 1
        return self.text[self.at - 1]


def parse(pattern: str, *, extended: bool, strict: bool = False, groups: int = 0) -> tuple[Tree, int]:
    """The tree of `pattern`, its groups counted from `groups`, and the number of the last one."""
    parser = Parser(pattern, extended=extended, strict=strict, groups=groups)
    return parser.parse(), parser.groups


def parts_of(tree: Tree) -> Sequence[Tree]:
    """What a tree is directly made of."""
    match tree:
        case Group(_, body) | Repeat(body, _, _):
            return (body,)
        case Run(parts):
            return parts
        case Either(choices):
            return choices
        case _:
            return ()
