"""Regular expressions in jq, on an engine in linear time: no look-around, no back-references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

from commands.jqlang.values import JqError, Value, described


class Flags:
    """The letters behind a pattern."""

    def __init__(self, letters: Value) -> None:
        if letters is not None and not isinstance(letters, str):
            raise JqError(f"{described(letters)} is not a string")
        unknown = set(letters or "") - set("gimnpslx")
        if unknown:
            raise JqError(f"{letters} is not a valid modifier string")
        self.everywhere = "g" in (letters or "")
        self.ignore_case = "i" in (letters or "")
        self.dot_is_newline = bool(set("sp") & set(letters or ""))
        self.not_empty = "n" in (letters or "")
        self.longest = "l" in (letters or "")
        self.spaced = "x" in (letters or "")


def compiled(pattern: Value, flags: Flags) -> Any:
    """The pattern for `search`. Raises JqError."""
    if not isinstance(pattern, str):
        raise JqError(f"{described(pattern)} cannot be matched, as it is not a string")
    text = "".join(pattern.split()) if flags.spaced else pattern
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not flags.ignore_case
    options.dot_nl = flags.dot_is_newline
    options.longest_match = flags.longest
    try:
        return re2.compile(text.replace("(?<", "(?P<"), options)
    except re2.error as wrong:
        reason = wrong.args[0]
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise JqError(f"{pattern} (at offset 0) is not a valid regex: {shown}") from None


def matches(text: Value, pattern: Value, flags: Flags) -> Iterator[Any]:
    """The matches of a pattern, one, or with `g` all. Raises JqError."""
    if not isinstance(text, str):
        raise JqError(f"{described(text)} cannot be matched, as it is not a string")
    regex = compiled(pattern, flags)
    at = 0
    while at <= len(text):
        found = regex.search(text, at)
        if found is None:
            return
        if not (flags.not_empty and found.end() == found.start()):
            yield found
            if not flags.everywhere:
                return
        at = found.end() + (found.end() == found.start())


def described_match(found: Any) -> dict[str, Any]:
    """A match as `match` gives it."""
    names = {number: name for name, number in found.re.groupindex.items()}
    captures = []
    for number in range(1, found.re.groups + 1):
        start, stop = found.span(number)
        absent = start < 0
        captures.append(
            {
                "offset": start,
                "length": 0 if absent else stop - start,
                "string": None if absent else found.group(number),
                "name": names.get(number),
            }
        )
    text = found.group(0)
    return {"offset": found.start(), "length": len(text), "string": text, "captures": captures}


def named(found: Any) -> dict[str, Any]:
    """What the named groups of a match hold."""
    return {name: found.group(number) for name, number in found.re.groupindex.items()}
