"""The alphabet of the search index, the same on every engine: words, pairs and symbols.

What matches is for `vfs.query` and `vfs.match` to say; the index must find every entry that they
would find, and may find more. Words are those of `vfs.query.words`. Characters that are written
without spaces become overlapping pairs, each character starting one (`会议室` → `会议 议室 室`), so that a
text of any length is a phrase of pairs and a single character a prefix. Symbols such as emoji are
apart from words: a phrase may have some between its words.
"""

from __future__ import annotations

import re
from functools import cache

from vfs.query import Query

LONGEST = 1024 * 1024
"""Bytes of a content that are searchable."""


@cache
def symbols() -> re.Pattern[str]:
    """Finds symbols in folded text: what is no word, space, or plain punctuation."""
    return re.compile("[^\\w\\s\u0000-\u00a0\u2010-\u2027\u2030-\u205e\u3000-\u3003]")


def pairs(run: str) -> list[str]:
    """A run of characters that are written without spaces, as what the index holds of it."""
    return [run[at : at + 2] for at in range(len(run))]


def is_exact(query: Query) -> bool:
    """Whether what the index finds needs no second look: plain words, nothing excluded."""
    return not query.attributes and all(
        not term.negated and not term.anywhere and term.text.isalnum() for term in query.terms
    )
