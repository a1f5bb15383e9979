"""Text as the search index sees it, and queries in its language.

What matches is for `vfs.query` and `vfs.match` to say; the index must find every entry that they
would find, and may find more. Words are those of `vfs.query.words`. FTS5 splits plain text into the
same ones; other text is split here. Characters that are written without spaces become overlapping
pairs, each character starting one (`会议室` → `会议 议室 室`), so that a text of any length is a phrase
of pairs and a single character a prefix. Pairs, rare scripts and symbols are spelt in ASCII, since
SQLite's own tables know Unicode 6 only. Symbols such as emoji stand in a column of their own: a
phrase may have some between its words.
"""

from __future__ import annotations

import re
from functools import cache

from vfs.query import Query, Term, cjk, fold, words_or_cjk

LONGEST = 1024 * 1024
"""Bytes of a content that are searchable."""

CUT = "\U0010fffd"
"""Ends the searchable part of a rendered text that is longer; in the index, a symbol like any other."""

_COMMON = "\u06ff"
"""The last character that SQLite's tables surely know."""


@cache
def _symbol() -> re.Pattern[str]:
    return re.compile("[^\\w\\s\u0000-\u00a0\u2010-\u2027\u2030-\u205e\u3000-\u3003]")


def _spelt(text: str) -> str:
    return "".join([f"x{ord(char):05x}" for char in text])


def _pairs(run: str) -> list[str]:
    return [_spelt(run[at : at + 2]) for at in range(len(run))]


def _word(word: str) -> str:
    return _spelt(word) if max(word) > _COMMON else word


def indexed(text: str) -> tuple[str, str]:
    """The words and the symbols of `text`, as they go into the index."""
    if text.isascii():
        return text, ""
    folded = fold(text)
    words: list[str] = []
    for word in words_or_cjk().findall(folded):
        if word.isascii():
            words.append(word)
        elif cjk().match(word):
            words += _pairs(word)
        else:
            words.append(_word(word))
    return " ".join(words), " ".join([_spelt(symbol) for symbol in _symbol().findall(folded)])


def phrase_of(term: Term) -> str | None:
    """The FTS5 expression for a term; None when the index knows nothing of what it holds.

    Nothing of the term can be taken for FTS5's own language: only words in quotes come out.
    """
    folded = fold(term.text)
    if not term.anywhere:
        text = " ".join([_word(word) for word in term.words])
        return f'"{text}"*' if term.prefix else f'"{text}"'
    parts = []
    for run in words_or_cjk().findall(folded):
        # Beside characters without spaces, letters may be a part of a longer word.
        if cjk().match(run):
            parts.append(f'"{_spelt(run)}"*' if len(run) == 1 else f'"{" ".join(_pairs(run)[:-1])}"')
    symbols = [f'marks:"{_spelt(symbol)}"' for symbol in dict.fromkeys(_symbol().findall(folded))]
    if not parts and not symbols:
        return None
    return " AND ".join(parts + symbols)


def expression(query: Query) -> str | None:
    """What FTS5 is asked for all that must stand in the text; None when only a scan can tell."""
    parts = []
    for term in query.terms:
        if not term.negated:
            phrase = phrase_of(term)
            if phrase is None:
                return None
            parts.append(f"({phrase})")
    return " AND ".join(parts) or None


def cut_short() -> str:
    """What FTS5 is asked for the files whose rendered text is not searchable to its end."""
    return f'marks:"{_spelt(CUT)}"'


def is_exact(query: Query) -> bool:
    """Whether what the index finds needs no second look: plain words, nothing excluded."""
    return not query.attributes and all(
        not term.negated and not term.anywhere and term.text.isalnum() for term in query.terms
    )
