"""Chunks: material cut at natural borders into parts that fit a model's window.

A part ends, as far as possible, between files, else before a heading, between paragraphs, between
lines, between sentences, between words, and only then between characters. Nothing is left out: the
parts of a file, joined, are the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_BORDERS = (
    re.compile(r"\n(?=#{1,6} )"),
    re.compile(r"\n[ \t]*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])"),
    re.compile(r"\s+"),
)


class Piece(NamedTuple):
    """A text and where it came from; `part` of `parts`, from 1, when it is not the whole."""

    source: str
    text: str
    part: int = 1
    parts: int = 1


def tokens_of(text: str) -> int:
    """About how many tokens `text` is, rather too many: a quarter of ASCII's letters, each other one."""
    length = len(text)
    plain = length if text.isascii() else len(text.encode("ascii", "ignore"))
    return plain // 4 + (length - plain) + 1


def parts_of(pieces: Sequence[Piece], most: int) -> list[list[Piece]]:
    """The pieces in groups of at most `most` tokens each, in order, larger pieces cut."""
    groups: list[list[Piece]] = []
    room = 0
    for piece in pieces:
        for part in cut(piece, most):
            size = tokens_of(part.text) + OVERHEAD
            if not groups or size > room:
                groups.append([])
                room = most
            groups[-1].append(part)
            room -= size
    return groups


OVERHEAD = 40
"""Tokens that naming a piece costs."""


def cut(piece: Piece, most: int) -> list[Piece]:
    """The piece in parts of at most `most` tokens, their naming included; itself when it fits."""
    room = max(most - OVERHEAD, 16)
    if tokens_of(piece.text) <= room:
        return [piece]
    texts = list(_packed(_split(piece.text, room, 0), room))
    return [Piece(piece.source, text, at, len(texts)) for at, text in enumerate(texts, 1)]


def _split(text: str, room: int, border: int) -> Iterator[str]:
    """Pieces of at most `room` tokens, cut at the coarsest border that gives such."""
    if tokens_of(text) <= room:
        yield text
        return
    if border == len(_BORDERS):
        for at in range(0, len(text), room):
            yield text[at : at + room]
        return
    start = 0
    for found in _BORDERS[border].finditer(text):
        if found.end() > start:
            yield from _split(text[start : found.end()], room, border + 1)
            start = found.end()
    if start < len(text):
        yield from _split(text[start:], room, border + 1)


def _packed(texts: Iterator[str], room: int) -> Iterator[str]:
    """Neighbours joined as long as they fit together."""
    held: list[str] = []
    size = 0
    for text in texts:
        cost = tokens_of(text)
        if held and size + cost > room:
            yield "".join(held)
            held, size = [], 0
        held.append(text)
        size += cost
    if held:
        yield "".join(held)
