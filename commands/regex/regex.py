"""Regex: a POSIX regular expression, leftmost and longest, that no text can make slow.

RE2 decides in linear time wherever it can. What it cannot say (back-references, word boundaries
beside other than ASCII letters) is sieved by RE2 with a looser pattern, and only lines that pass are
put to Python's backtracking engine, with a bound on what that may cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from commands.regex.spelling import Dialect, bodies_of, boundaries_are_plain, nodes_of, spelled
from commands.regex.syntax import (
    NOT_WORD,
    At,
    Back,
    BadPattern,
    Char,
    Either,
    Repeat,
    Run,
    Tree,
    literal,
    parse,
)

if TYPE_CHECKING:
    import re2

Find = Callable[[bytes, int], int]
Spans = Sequence[tuple[int, int]]
"""Where the whole match and each group stand; (-1, -1) for a group that took no part."""

MEMORY = 64 * 1024 * 1024
STEPS = 200_000_000
"""What backtracking over one line may cost at worst."""


class TooCostly(BadPattern):
    """A line is too long for a pattern that needs backtracking."""


class Searcher(Protocol):
    """What finds matches, in whatever language its pattern is written."""

    literal: bytes | None
    groups: int

    def find(self, block: bytes, at: int = 0) -> int: ...
    def finder(self) -> Find: ...
    def search(self, text: bytes, at: int = 0) -> Spans | None: ...


class Regex:
    """A compiled pattern over bytes; `lines` says that texts are blocks of many lines.

    `words` wants no word character on either side of a match.
    """

    def __init__(
        self,
        tree: Tree,
        groups: int,
        *,
        ignore_case: bool = False,
        lines: bool = False,
        words: bool = False,
        latin: bool = False,
    ) -> None:
        self.groups = groups
        self.literal = None if ignore_case or words else _literal(tree, latin)
        """The very bytes, where the pattern is nothing but text."""
        self._tree = tree
        self._ignore_case = ignore_case
        self._lines = lines
        self._words = words
        self._latin = latin
        nodes = nodes_of(tree)
        self._backs = any(isinstance(node, Back) for node in nodes)
        self._bounded = any(isinstance(node, At) and node.what in "<>bB" for node in nodes)
        self._plain = not self._backs and (not self._bounded or boundaries_are_plain(tree))
        self._quick: re2._Regexp | None = None
        self._sieve: re2._Regexp | None = None
        self._capturing: re2._Regexp | None = None
        self._exact: re.Pattern[str] | None = None
        self._degree = _degree(tree) if self._backs or self._bounded else 0
        if self._degree is None and self._backs:
            raise BadPattern("a repetition inside a repeated group cannot stand beside a back-reference")
        if self.literal is None:
            self._find_engine()

    def find(self, block: bytes, at: int = 0) -> int:
        """A place in the next line at or after `at` that matches; -1 when none does.

        `block` is whole lines, `at` the start of one. Raises TooCostly.
        """
        if self.literal is not None:
            return block.find(self.literal, at) if self.literal or at < len(block) else -1
        if self._by_re2(block):
            found = self._find_engine().search(block, at)
            return -1 if found is None or behind_the_end(block, found.start()) else int(found.start())
        sieve = self._sieve_engine()
        while at < len(block):
            found = sieve.search(block, at)
            if found is None or behind_the_end(block, found.start()):
                return -1
            start = block.rfind(b"\n", 0, found.start()) + 1
            stop = block.find(b"\n", found.start())
            stop = len(block) if stop < 0 else stop
            if self._backtrack(block[start:stop], 0) is not None:
                return start
            at = stop + 1
        return -1

    def finder(self) -> Find:
        """`find`, as fast as it can be for this pattern; for many calls."""
        text = self.literal
        if text:
            return lambda block, at: block.find(text, at)
        if text is None and not self._backs and (not self._bounded or self._degree is None):
            return finder_of(self._find_engine().search)
        return self.find

    def search(self, text: bytes, at: int = 0) -> Spans | None:
        """The leftmost longest match in one line or text from `at` on. Raises TooCostly."""
        if self.literal is not None:
            start = text.find(self.literal, at)
            return None if start < 0 else ((start, start + len(self.literal)),)
        if not self._by_re2(text):
            if self._sieve_engine().search(text, at) is None:
                return None
            return self._backtrack(text, at)
        found = self._capture_engine().search(text, at)
        if found is None:
            return None
        if self._words:
            return [found.span(index) for index in range(1, self.groups + 2)]
        return [found.span(index) for index in range(self.groups + 1)]

    def _by_re2(self, text: bytes) -> bool:
        if self._backs:
            return False
        return not self._bounded or self._degree is None or (self._plain and text.isascii())

    def _find_engine(self) -> re2._Regexp:
        if self._quick is None:
            self._quick = self._compiled(self._wrapped(Dialect(lines=self._lines, sieve=self._backs)))
        return self._quick

    def _capture_engine(self) -> re2._Regexp:
        if self._capturing is None:
            self._capturing = self._compiled(self._wrapped(Dialect(lines=self._lines, groups=True)))
        return self._capturing

    def _sieve_engine(self) -> re2._Regexp:
        if self._sieve is None:
            dialect = Dialect(lines=self._lines, sieve=True)
            self._sieve = self._compiled(spelled(self._tree, dialect, bodies_of(self._tree)))
        return self._sieve

    def _wrapped(self, dialect: Dialect) -> str:
        inner = spelled(self._tree, dialect, bodies_of(self._tree) if dialect.sieve else None)
        if not self._words:
            return inner
        outside = spelled(NOT_WORD, dialect)
        start, stop = spelled(At("^"), dialect), spelled(At("$"), dialect)
        return f"(?:{start}|{outside})({inner})(?:{outside}|{stop})"

    def _compiled(self, pattern: str) -> re2._Regexp:
        engine = import_module("re2")
        options = engine.Options()
        options.longest_match = True
        options.log_errors = False
        options.max_mem = MEMORY
        options.case_sensitive = not self._ignore_case
        if self._latin:
            options.encoding = engine.Options.Encoding.LATIN1
        try:
            made: re2._Regexp = engine.compile(pattern.encode("ascii"), options)
        except engine.error as wrong:
            raise BadPattern("Regular expression too big") from wrong
        return made

    def _backtrack(self, text: bytes, at: int) -> Spans | None:
        if self._exact is None:
            tree = Run((At("["), self._tree, At("]"))) if self._words else self._tree
            pattern = spelled(tree, Dialect(re2=False, lines=self._lines))
            self._exact = re.compile(pattern, re.IGNORECASE if self._ignore_case else 0)
        if self._degree is None or max(len(text), 2) ** (self._degree + 1) > STEPS:
            raise TooCostly("line too long for a pattern with back-references")
        encoding = "latin-1" if self._latin else "utf-8"
        words = text.decode(encoding, "surrogateescape")
        plain = len(words) == len(text)
        found = self._exact.search(words, at if plain else len(text[:at].decode(encoding, "surrogateescape")))
        if found is None:
            return None
        spans = [found.span(index) for index in range(self.groups + 1)]
        if plain:
            return spans
        return [(_bytes_before(words, start), _bytes_before(words, stop)) for start, stop in spans]


def compiled(
    patterns: Sequence[str],
    *,
    extended: bool = False,
    fixed: bool = False,
    ignore_case: bool = False,
    lines: bool = False,
    words: bool = False,
    whole: bool = False,
    strict: bool = False,
) -> Regex:
    """One Regex for any of `patterns` (an empty list matches nothing). Raises BadPattern.

    `fixed` takes them as text; `whole` wants them to match whole lines.
    """
    latin = any("\udc80" <= char <= "\udcff" for pattern in patterns for char in pattern)
    if latin:
        patterns = [pattern.encode("utf-8", "surrogateescape").decode("latin-1") for pattern in patterns]
    trees: list[Tree] = []
    groups = 0
    for pattern in dict.fromkeys(patterns):
        if fixed:
            trees.append(literal(pattern))
            continue
        tree, groups = parse(pattern, extended=extended, strict=strict, groups=groups)
        trees.append(tree)
    tree = trees[0] if len(trees) == 1 else Either(tuple(trees))
    if whole:
        tree = Run((At("^"), tree, At("$")))
    return Regex(tree, groups, ignore_case=ignore_case, lines=lines, words=words and not whole, latin=latin)


def _literal(tree: Tree, latin: bool) -> bytes | None:
    parts = tree.parts if isinstance(tree, Run) else (tree,)
    text = ""
    for part in parts:
        if not isinstance(part, Char):
            return None
        text += part.text
    return text.encode("latin-1" if latin else "utf-8", "surrogateescape")


def finder_of(search: Callable[[bytes, int], re2._Match | None]) -> Find:
    """A `find` by an engine that decides alone."""

    def find(block: bytes, at: int) -> int:
        found = search(block, at)
        if found is None:
            return -1
        place = int(found.start())
        return -1 if place == len(block) and behind_the_end(block, place) else place

    return find


def behind_the_end(block: bytes, at: int) -> bool:
    """Whether a match is the empty one behind the last newline, where no line is."""
    return at == len(block) and (not at or block.endswith(b"\n"))


def _bytes_before(text: str, at: int) -> int:
    return -1 if at < 0 else len(text[:at].encode("utf-8", "surrogateescape"))


def _ambiguous(tree: Tree) -> bool:
    """Whether several choices may begin at one place."""
    if not isinstance(tree, Either):
        return False
    return not all(isinstance(choice, Char) for choice in tree.choices)


def _degree(tree: Tree) -> int | None:
    """How many loops backtracking may nest, or None when their number has no bound."""
    degree = 0
    for node in nodes_of(tree):
        if not isinstance(node, Repeat) or node.most == 1 or node.least == node.most:
            continue
        inside = nodes_of(node.body)
        if any(isinstance(inner, Repeat) or _ambiguous(inner) for inner in inside):
            return None
        degree += 1
    return degree
