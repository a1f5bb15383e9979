"""The head of an agent's file: `key: value` lines between two lines of `---`, with line numbers.

A small part of YAML: text, `[a, b]`, lists of `- item` lines, and one level of keys below a key.
Whatever it cannot read is an error that names its line; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from commands.command import Failure
from vfs.visible import visible_line

MOST_BYTES = 256 * 1024
MOST_ITEMS = 200

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,40})[ \t]*:(?:[ \t]+(.*)|)$")


class BadAgent(Failure):
    """An agent's file cannot be used: where, and why."""

    def __init__(self, file: str, line: int, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{visible_line(file)}:{line}: {visible_line(reason)}", hint=hint)
        self.line = line


class Entry(NamedTuple):
    """One key with its value: a list of texts, or keys of its own."""

    key: str
    values: Sequence[str]
    below: Sequence[Entry]
    line: int


def split_head(file: str, data: bytes) -> tuple[list[tuple[int, str]], str]:
    """The head's lines with their numbers, and the text after it. Raises BadAgent."""
    if len(data) > MOST_BYTES:
        raise BadAgent(file, 1, f"an agent's file must be {MOST_BYTES // 1024} KiB or less")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadAgent(file, data[: error.start].count(b"\n") + 1, "not UTF-8 text") from error
    lines = text.replace("\r\n", "\n").split("\n")
    if "\0" in text:
        at = next(number for number, line in enumerate(lines, 1) if "\0" in line)
        raise BadAgent(file, at, "not text: it holds a NUL character")
    if lines[0].rstrip() != "---":
        return [], text
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return list(enumerate(lines[1 : number - 1], 2)), "\n".join(lines[number:])
    raise BadAgent(file, 1, "the head that begins here is never closed", "end it with a line of ---")


def read_head(file: str, lines: Sequence[tuple[int, str]]) -> list[Entry]:
    """The entries of a head, each key once. Raises BadAgent."""
    entries: list[Entry] = []
    for number, block in _blocks(file, lines):
        entry = _entry(file, number, block)
        if any(entry.key == other.key for other in entries):
            raise BadAgent(file, number, f"{entry.key} is given twice")
        entries.append(entry)
    return entries


def _blocks(file: str, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Each key's lines: its own, and the indented or `- ` ones after it."""
    block: list[tuple[int, str]] = []
    for number, raw in lines:
        line = _bare(raw)
        if not line.strip():
            continue
        if line[0] in " \t-":
            if not block:
                raise BadAgent(file, number, "this line belongs to no key", "such as: reads: /notes/**")
            block.append((number, line))
            continue
        if block:
            yield block[0][0], block
        block = [(number, line)]
    if block:
        yield block[0][0], block


def _bare(line: str) -> str:
    """`line` without its comment; a `#` inside quotes is none."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (at == 0 or line[at - 1] in " \t[,"):
            quote = char
        elif char == "#" and (at == 0 or line[at - 1] in " \t"):
            return line[:at].rstrip()
    return line.rstrip()


def _entry(file: str, number: int, block: Sequence[tuple[int, str]]) -> Entry:
    found = _KEY.match(block[0][1].strip())
    if found is None:
        reason = f"expected `key: value`, but found {block[0][1].strip()[:60]}"
        raise BadAgent(file, number, reason)
    key, value = found[1], (found[2] or "").strip()
    rest = [(at, line.strip()) for at, line in block[1:]]
    if value:
        if rest:
            raise BadAgent(file, rest[0][0], f"{key} has its value on its own line already")
        return Entry(key, _values(file, number, value), (), number)
    if rest and not rest[0][1].startswith("-"):
        return Entry(key, (), tuple(_entry(file, at, [(at, line)]) for at, line in rest), number)
    values: list[str] = []
    for at, line in rest:
        if not line.startswith("- "):
            raise BadAgent(file, at, f"expected `- item`, but found {line[:60]}")
        values.append(_unquoted(file, at, line[2:].strip()))
    return Entry(key, _bounded(file, number, values), (), number)


def _values(file: str, number: int, value: str) -> Sequence[str]:
    if not value.startswith("["):
        return (_unquoted(file, number, value),)
    if not value.endswith("]"):
        raise BadAgent(file, number, "a list that begins with [ must end with ] on the same line")
    parts = _split(value[1:-1])
    return _bounded(file, number, [_unquoted(file, number, part) for part in parts if part])


def _split(text: str) -> list[str]:
    """`text` at its commas, but not at those inside quotes."""
    parts, quote = [""], ""
    for char in text:
        if char == "," and not quote:
            parts.append("")
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not parts[-1].strip():
            quote = char
        parts[-1] += char
    return [part.strip() for part in parts]


def _bounded(file: str, number: int, values: Sequence[str]) -> Sequence[str]:
    if len(values) > MOST_ITEMS:
        raise BadAgent(file, number, f"a list must hold {MOST_ITEMS} items or fewer, but has {len(values)}")
    return tuple(values)


def _unquoted(file: str, number: int, value: str) -> str:
    if value[:1] in ("'", '"'):
        if len(value) < 2 or value[-1] != value[0]:
            raise BadAgent(file, number, f"the quote {value[0]} is never closed")
        return value[1:-1]
    return value
