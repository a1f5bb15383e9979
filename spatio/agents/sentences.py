"""Sentences: a text as the units that a summary can quote, each verbatim but for its line breaks.

Front matter, code, tables and the head of a mail are no units; a heading belongs to the units below it,
as the subject of a mail does; a list item is one unit when it is one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Unit(NamedTuple):
    """A sentence or list item."""

    text: str
    heading: str
    """The heading that it stands under, or what stands in bold before it."""
    at: int
    """Its place among the units, from 0."""
    lead: bool
    """The first of its paragraph or item."""
    item: bool
    quoted: bool
    """Somebody else's words, after `>`."""
    checked: bool | None = None
    """A ticked or an open box; None where there is none."""


_FRONT = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LETTER = re.compile(
    r"\AFrom: .*\n(?:[A-Z][A-Za-z-]*: .*\n)*?Subject: (.*)\n(?:[A-Z][A-Za-z-]*: .*\n)*(?:\n|\Z)"
)
_FENCE = re.compile(r"^[ \t]*(```|~~~)")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*#*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[([ xX])\][ \t]+)?(.*)$")
_BOLD = re.compile(r"^\*\*([^*]{1,60}?)[.:]?\*\*[ \t]*[.:]?[ \t]*")
_END = re.compile(
    r"(?<=[.!?…])[\"'»”’)\]*_]*(?=\s+[\"'«„“‘(\[*_]*[^\W_a-zà-öø-ÿα-ωа-я])"
    r"|(?<=[。！？])[」』”]*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Nr|No|vs|etc|e\.g|i\.e|z\.B|d\.h|bzw|ca|approx|Jan|Feb|Mar|Apr|Jun|Jul|Aug"
    r"|Sep|Sept|Oct|Nov|Dec|Fig|Vol|p|pp|Inc|Ltd|Co|Str)|\b[A-ZÀ-Þ])\.$"
)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")
_MONTH = re.compile(
    r"\s*(?:Jan|Feb|März|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|De[zc]|Jahrhundert|Stock)", re.I
)


def units_of(text: str) -> list[Unit]:
    """The units of `text`, in order."""
    found: list[Unit] = []
    for heading, raw, item, quoted, checked in _blocks(text):
        for at, sentence in enumerate(sentences(raw)):
            if any(char.isalnum() for char in sentence):
                found.append(Unit(sentence, heading, len(found), at == 0, item, quoted, checked))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph, their line breaks turned into spaces."""
    joined = " ".join(text.split())
    parts: list[str] = []
    start = 0
    for found in _END.finditer(joined):
        before, after = joined[start : found.start()], joined[found.end() :]
        if (after and _ABBREVIATION.search(before)) or (_ORDINAL.search(before) and _MONTH.match(after)):
            continue
        parts.append(joined[start : found.end()].strip())
        start = found.end()
    parts.append(joined[start:].strip())
    return [part for part in parts if part]


def title_of(text: str) -> str:
    """The subject of a mail, else the first heading or line."""
    letter = _LETTER.match(text)
    if letter is not None and letter[1].strip():
        return letter[1].strip()
    for line in _FRONT.sub("", text, count=1).splitlines():
        if line.strip():
            return line.strip().lstrip("#").strip()
    return ""


Block = tuple[str, str, bool, bool, bool | None]


def _blocks(text: str) -> Iterator[Block]:
    """Paragraphs and items: heading, text, whether an item, whether quoted, its box."""
    heading, item, quoted = "", False, False
    held: list[str] = []
    checked: bool | None = None
    fence = ""

    def block() -> Iterator[Block]:
        nonlocal checked, item, quoted
        if held:
            yield heading, "\n".join(held), item, quoted, checked
            held.clear()
        item, quoted, checked = False, False, None

    letter = _LETTER.match(text)
    if letter is not None:
        heading, text = letter[1], text[letter.end() :]
    for line in _FRONT.sub("", text, count=1).splitlines():
        mark = _FENCE.match(line)
        if mark or fence:
            yield from block()
            fence = "" if fence and mark and mark[1] == fence else fence or (mark[1] if mark else "")
            continue
        title, entry = _HEADING.match(line), _ITEM.match(line)
        if not line.strip() or title or line.lstrip().startswith(("|", "---", "===", "***", "![")):
            yield from block()
            heading = title[1] if title else heading
            continue
        if entry:
            yield from block()
            item, checked = True, None if entry[1] is None else entry[1] != " "
            held.append(entry[2])
            continue
        if line.lstrip().startswith(">"):
            line = line.lstrip("> \t")
            entry = _ITEM.match(line)
            if not quoted or entry or not line:
                yield from block()
            quoted, item = True, bool(entry) or item
            held += [entry[2] if entry else line] if line else []
            continue
        bold = _BOLD.match(line)
        if bold and not held:
            heading, line = bold[1], line[bold.end() :]
            if not line.strip():
                continue
        held.append(line)
    yield from block()
