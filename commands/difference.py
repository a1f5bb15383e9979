"""difference: what changed between two lists of lines, in the forms that diff prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

NO_NEWLINE = b"\\ No newline at end of file\n"

MANY = 20_000
"""Beyond this many lines, lines that repeat a lot no longer anchor a match, so that time stays bounded."""


class Block(NamedTuple):
    """Lines `left[a:b]` became `right[c:d]`; equal where `same`."""

    same: bool
    a: int
    b: int
    c: int
    d: int


def blocks(left: Sequence[bytes], right: Sequence[bytes]) -> list[Block]:
    """How `left` becomes `right`, alternating between equal and different blocks."""
    head = 0
    while head < len(left) and head < len(right) and left[head] == right[head]:
        head += 1
    tail = 0
    most = min(len(left), len(right)) - head
    while tail < most and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    end, stop = len(left) - tail, len(right) - tail
    found = [Block(True, 0, head, 0, head)] if head else []
    junk = len(left) + len(right) > MANY
    matcher = SequenceMatcher(None, left[head:end], right[head:stop], autojunk=junk)
    for tag, a, b, c, d in matcher.get_opcodes():
        found.append(Block(tag == "equal", a + head, b + head, c + head, d + head))
    if tail:
        found.append(Block(True, end, len(left), stop, len(right)))
    return found


def normal(changes: Sequence[Block], left: Sequence[bytes], right: Sequence[bytes]) -> Iterator[bytes]:
    """The default form: `2c2`, `< old`, `---`, `> new`."""
    for one in changes:
        if one.same:
            continue
        kind = "a" if one.a == one.b else "d" if one.c == one.d else "c"
        yield f"{_span(one.a, one.b)}{kind}{_span(one.c, one.d)}\n".encode()
        for line in left[one.a : one.b]:
            yield from _line(b"< ", line)
        if kind == "c":
            yield b"---\n"
        for line in right[one.c : one.d]:
            yield from _line(b"> ", line)


def unified(
    changes: Sequence[Block], left: Sequence[bytes], right: Sequence[bytes], context: int
) -> Iterator[bytes]:
    """The form of -u: hunks with `context` equal lines around."""
    for hunk in _hunks(changes, context):
        first, last = hunk[0], hunk[-1]
        yield f"@@ -{_range(first.a, last.b)} +{_range(first.c, last.d)} @@\n".encode()
        for one in hunk:
            if one.same:
                for line in left[one.a : one.b]:
                    yield from _line(b" ", line)
                continue
            for line in left[one.a : one.b]:
                yield from _line(b"-", line)
            for line in right[one.c : one.d]:
                yield from _line(b"+", line)


def _hunks(changes: Sequence[Block], context: int) -> Iterator[list[Block]]:
    hunk: list[Block] = []
    for at, one in enumerate(changes):
        if not one.same:
            hunk.append(one)
            continue
        length = one.b - one.a
        if hunk:
            if length <= 2 * context and at + 1 < len(changes):
                hunk.append(one)
                continue
            after = min(context, length)
            if after:
                hunk.append(one._replace(b=one.a + after, d=one.c + after))
            yield hunk
            hunk = []
        before = min(context, length)
        if before and at + 1 < len(changes):
            hunk.append(one._replace(a=one.b - before, c=one.d - before))
    if any(not one.same for one in hunk):
        yield hunk


def _line(mark: bytes, line: bytes) -> Iterator[bytes]:
    yield mark + line
    if not line.endswith(b"\n"):
        yield b"\n" + NO_NEWLINE


def _span(start: int, stop: int) -> str:
    if stop - start <= 1:
        return str(stop)
    return f"{start + 1},{stop}"


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start if not length else start + 1},{length}"
