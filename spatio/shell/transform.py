"""What `${x…}` makes of a value: parts, replacements, other case, quoted forms."""

from __future__ import annotations

from typing import TypeVar

from spatio.shell.flow import ShellError
from spatio.shell.patterns import fits, replaced, without_prefix, without_suffix
from spatio.shell.quoting import quote

Sliced = TypeVar("Sliced", str, list[str])


def substring(value: Sliced, offset: int, length: int | None) -> Sliced:
    """`${x:offset:length}`; negative numbers count from the end. Raises ShellError."""
    size = len(value)
    start = offset + size if offset < 0 else offset
    if start < 0 or start > size:
        return value[:0]
    if length is None:
        return value[start:]
    stop = start + length if length >= 0 else size + length
    if stop < start:
        raise ShellError(f"{length}: substring expression < 0")
    return value[start:stop]


def transformed(op: str, value: str, pattern: str, by: str) -> str:
    """The value after one of `# ## % %% / // /# /% ^ ^^ , ,, @X`. Raises ShellError."""
    if op[0] == "#":
        return without_prefix(pattern, value, longest=op == "##")
    if op[0] == "%":
        return without_suffix(pattern, value, longest=op == "%%")
    if op[0] == "/":
        if not pattern:
            return by + value if op == "/#" else value + by if op == "/%" else value
        return replaced(pattern, value, by, every=op == "//", anchor=op[1:] if op[1:] in {"#", "%"} else "")
    if op[0] in "^,":
        upper = op[0] == "^"
        places = len(value) if len(op) == 2 else min(len(value), 1)
        changed = [
            (char.upper() if upper else char.lower()) if not pattern or fits(pattern, char) else char
            for char in value[:places]
        ]
        return "".join(changed) + value[places:]
    if op == "@Q":
        return quote(value, always=True)
    if op in {"@U", "@L"}:
        return value.upper() if op == "@U" else value.lower()
    if op == "@u":
        return value[:1].upper() + value[1:]
    raise ShellError(f"{op}: bad substitution")
