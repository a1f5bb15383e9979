"""match: whether an entry fits a query, how well, and the passage that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from vfs.node import Node, Value
from vfs.path import Path
from vfs.query import ABOUT_THE_ENTRY, CJK, Attribute, Query, Term, fold, period

AROUND = 60
"""Characters shown before the first match in a snippet."""

WIDTH = 160
"""Characters in a snippet."""

_ALIASES = {"tag": ("tags", "labels"), "label": ("labels", "tags"), "due": ("due",)}
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


class Match(NamedTuple):
    """How an entry fits: higher scores fit better; `spans` are character ranges of `snippet`."""

    score: float
    snippet: str
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=256)
def _expression(term: Term, plain: bool) -> re.Pattern[str]:
    """Finds a term in folded text; `plain` in ASCII."""
    if term.anywhere:
        return re.compile(re.escape(fold(term.text)))
    letter = "[a-z0-9]" if plain else f"[^\\W_{CJK}]"
    body = "[\\W_]+".join(re.escape(word) for word in term.words)
    return re.compile(f"(?<!{letter}){body}" + ("" if term.prefix else f"(?!{letter})"))


@lru_cache(maxsize=256)
def _beginning(term: Term) -> str:
    """The plain text that every match of a term begins with."""
    return fold(term.text) if term.anywhere else term.words[0]


def _spots(term: Term, folded: str) -> Iterator[tuple[int, int]]:
    """Where a term stands in folded text, from and to."""
    # Plain search finds the places, the expression decides there: 20 times as fast as to look for it.
    first, expression = _beginning(term), _expression(term, folded.isascii())
    at = folded.find(first)
    while at >= 0:
        found = expression.match(folded, at)
        if found is not None:
            yield found.span()
        at = folded.find(first, at + 1 if found is None else max(found.end(), at + 1))


def _found(term: Term, folded: str, most: int | None = None) -> int:
    """How often a term stands in folded text; counting ends at `most`."""
    return sum(1 for _ in islice(_spots(term, folded), most))


def may_fit(query: Query, path: Path, node: Node) -> bool:
    """False when the attributes alone rule the entry out, whatever its text."""
    return not query.is_empty and all(
        attribute.also_text or fits(attribute, path, node) is not attribute.negated
        for attribute in query.attributes
    )


def match(query: Query, path: Path, node: Node, text: str, *, scored: bool = True) -> Match | None:
    """How `query` fits an entry with this text; None when it does not. The name counts as text.

    Where an index has ranked the entry already, `scored` off leaves out the counting.
    """
    if not may_fit(query, path, node):
        return None
    name, folded = fold(path.name), fold(text)
    score = 0.0
    for attribute in query.attributes:
        if attribute.also_text:
            spelt = Term(f"{attribute.key}:{attribute.value}", phrase=True)
            there = fits(attribute, path, node) or _found(spelt, folded) > 0
            if there is attribute.negated:
                return None
    for term in query.terms:
        most = None if scored else 1
        in_name, in_text = _found(term, name, most), _found(term, folded, most)
        if (in_name + in_text > 0) is term.negated:
            return None
        if not term.negated:
            length = 0.25 + 0.75 * len(folded) / 2000
            score += 2.2 * in_text / (in_text + 1.2 * length) + (2.0 if in_name else 0.0)
    wanted = [term for term in query.terms if not term.negated]
    snippet, spans = _snippet(text, folded, wanted)
    return Match(score, snippet, spans)


def matches(query: Query, path: Path, node: Node, text: str) -> bool:
    """Whether an entry with this text fits."""
    return match(query, path, node, text) is not None


def fits(attribute: Attribute, path: Path, node: Node) -> bool:
    """Whether an entry fulfils a condition, its negation left aside."""
    value = fold(attribute.value)
    if attribute.key not in ABOUT_THE_ENTRY:
        return _fits_attrs(attribute.key, attribute.value, node)
    if attribute.key == "path":
        return value in fold(str(path))
    if attribute.key == "name":
        return value in fold(path.name)
    if attribute.key == "kind":
        return value in (node.kind.value, path.suffix.removeprefix("."), fold(node.mime or ""))
    wanted = period(attribute.value)
    when = _when(node)
    if wanted is None or when is None:
        return False
    start, end = wanted
    if attribute.key == "after":
        return when >= start
    return when < start if attribute.key == "before" else start <= when < end


def _when(node: Node) -> datetime | None:
    """The time that an entry is about: its own date or start where it has one, else its last change."""
    for key in ("date", "start"):
        value = node.attrs.get(key)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.astimezone()
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day).astimezone()
    return node.mtime


def _fits_attrs(key: str, wanted: str, node: Node) -> bool:
    if key == "has":
        return node.attrs.get(wanted.lower()) not in (None, "", (), False)
    if key == "is":
        flag = node.attrs.get(wanted.lower())
        if isinstance(flag, bool):
            return flag
        return any(_equals(node.attrs.get(name), wanted) for name in ("status", "state", "flags", "tags"))
    return any(_equals(node.attrs.get(name), wanted) for name in _ALIASES.get(key, (key,)))


def _equals(value: Value, wanted: str) -> bool:
    """Whether an attribute's value answers to the word: text by any part, a date by its beginning."""
    if value is None:
        return False
    if isinstance(value, bool):
        return wanted.lower() in (_YES if value else _NO)
    if isinstance(value, str):
        return fold(wanted) in fold(value)
    if isinstance(value, tuple):
        return any(_equals(item, wanted) for item in value)
    if isinstance(value, (datetime, date)):
        span = period(wanted)
        if span is None:
            return value.isoformat().startswith(wanted)
        return span[0].date() <= (value.date() if isinstance(value, datetime) else value) < span[1].date()
    try:
        return Decimal(str(value)) == Decimal(wanted)
    except InvalidOperation:
        return False


def _snippet(text: str, folded: str, terms: list[Term]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The line of the first match, as far as WIDTH reaches, and where the matches stand in it.

    A match in the front matter counts where there is no other.
    """
    start, stop = _first(folded, terms)
    at, last = _original(text, folded, start), _original(text, folded, stop)
    line = text.rfind("\n", 0, at) + 1
    begin = max(line, at - AROUND)
    if begin > line:
        begin = max(text.rfind(" ", begin - 20, begin), begin - 1) + 1
    end = text.find("\n", max(at, last - 1))
    piece = " ".join(text[begin : min(len(text) if end < 0 else end, begin + WIDTH + 40)].split())
    cut = len(piece) > WIDTH
    shown = piece[:WIDTH].rstrip() if cut else piece
    spans = _spans(shown, terms)
    shown += "…" if cut else ""
    if begin > line:
        return "…" + shown, tuple([(start + 1, stop + 1) for start, stop in spans])
    return shown, spans


def _first(folded: str, terms: list[Term]) -> tuple[int, int]:
    """Where in the folded text the first match stands; without any, the first line with text."""
    head = _head(folded)
    first: list[tuple[int, int]] = []
    for after in (head, 0) if head else (0,):
        for term in terms:
            spot = next((spot for spot in _spots(term, folded) if spot[0] >= after), None)
            if spot is not None:
                first.append(spot)
        if first:
            return min(first)
    at = head + len(folded[head:]) - len(folded[head:].lstrip())
    return (at, at) if at < len(folded) else (0, 0)


def _head(folded: str) -> int:
    """The length of the front matter."""
    if not folded.startswith(("---\n", "---\r\n")):
        return 0
    end = folded.find("\n---", 3)
    return 0 if end < 0 else folded.find("\n", end + 1) + 1


def _original(text: str, folded: str, at: int) -> int:
    """The place in `text` of the place `at` in its folded form."""
    if text.isascii():
        return at
    line = folded.count("\n", 0, at)
    column = at - (folded.rfind("\n", 0, at) + 1)
    start = 0
    for _ in range(line):
        start = text.index("\n", start) + 1
    end = text.find("\n", start)
    places = _places(text[start:] if end < 0 else text[start:end])
    return start + places[min(column, len(places) - 1)]


def _places(line: str) -> list[int]:
    """For each character of the folded line, and its end, the character of `line` that it came from."""
    places: list[int] = []
    for index, char in enumerate(line):
        places.extend([index] * len(fold(char)))
    places.append(len(line))
    return places


def _spans(shown: str, terms: list[Term]) -> tuple[tuple[int, int], ...]:
    folded = fold(shown)
    places = range(len(shown) + 1) if shown.isascii() else _places(shown)
    last = len(places) - 1
    found = sorted(
        (places[min(start, last)], places[min(stop, last)])
        for term in terms
        for start, stop in _spots(term, folded)
    )
    spans: list[tuple[int, int]] = []
    for start, stop in found:
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        elif stop > start:
            spans.append((start, stop))
    return tuple(spans)
