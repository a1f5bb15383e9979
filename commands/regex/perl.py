"""Patterns in Perl's syntax, as far as an engine in linear time has it."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from commands.regex.regex import Find, Spans, behind_the_end
from commands.regex.syntax import BadPattern


class Perl:
    """A compiled pattern over blocks of lines: a Searcher."""

    literal: bytes | None = None

    def __init__(self, pattern: str, *, ignore_case: bool, words: bool) -> None:
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not ignore_case
        options.never_nl = True
        inner = f"(?:^|\\W)({pattern})(?:\\W|$)" if words else f"({pattern})"
        try:
            self._regex = re2.compile(f"(?m){inner}".encode("utf-8", "surrogatepass"), options)
        except re2.error as wrong:
            reason = wrong.args[0]
            text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise BadPattern(text) from wrong
        self.groups = self._regex.groups - 1

    def find(self, block: bytes, at: int = 0) -> int:
        found = self._regex.search(block, at)
        return -1 if found is None or behind_the_end(block, found.start(1)) else int(found.start(1))

    def finder(self) -> Find:
        return self.find

    def search(self, text: bytes, at: int = 0) -> Spans | None:
        found = self._regex.search(text, at)
        return None if found is None else [found.span(index) for index in range(1, self.groups + 2)]


def perl(
    patterns: Sequence[str], *, ignore_case: bool = False, words: bool = False, whole: bool = False
) -> Perl:
    """One Searcher for any of `patterns`. Raises BadPattern for what needs backtracking."""
    either = "|".join([f"(?:{pattern})" for pattern in patterns])
    return Perl(f"^(?:{either})$" if whole else either, ignore_case=ignore_case, words=words)
