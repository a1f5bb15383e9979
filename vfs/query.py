"""Query: what is searched for, the same for every index and for a plain scan.

The syntax: words (all must match), `"a phrase"`, `-not`, `prefix*`, and attribute terms
`from:ada`, `after:2024-01-01`, `tag:home`, `path:reports`, `-is:done`. Everything else is literal text.

Case, accents and compatibility forms make no difference (`fold`). A word matches whole words; one that
holds CJK characters, or no letter or digit at all, matches anywhere in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters that are written without spaces between words, as the inside of a regular expression's set."""

_MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\u00ad\u200b\u2060\ufeff]+"
)
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ς": "σ"}
)
_PLAIN_WORD = re.compile("[a-z0-9]+")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?=[^\s:])(?!//)")
_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?\Z")

ABOUT_THE_ENTRY = frozenset({"path", "name", "kind", "after", "before", "on"})
"""Keys that every entry answers to."""

_DATED = ("after", "before", "on")

KNOWN = ABOUT_THE_ENTRY | {
    "from",
    "to",
    "cc",
    "subject",
    "tag",
    "is",
    "has",
    "label",
    "status",
    "due",
    "title",
}
"""Keys that are conditions only. Any other `key:value` also fits where the text itself says so."""


class Term(NamedTuple):
    """A word, phrase or prefix that must, or must not, stand in the text."""

    text: str
    phrase: bool = False
    prefix: bool = False
    negated: bool = False

    @property
    def words(self) -> list[str]:
        """The folded words of the term, CJK runs apart; several stand one after the other."""
        return words(self.text)

    @property
    def anywhere(self) -> bool:
        """Whether it matches as a plain part of the text, not word by word."""
        return not self.words or (not self.text.isascii() and cjk().search(fold(self.text)) is not None)


class Attribute(NamedTuple):
    """A condition on an attribute: `key:value`. The key is in lower case."""

    key: str
    value: str
    negated: bool = False

    @property
    def also_text(self) -> bool:
        """Whether the text `key:value` itself fulfils the condition, too."""
        return self.key not in KNOWN


class Query(NamedTuple):
    """A conjunction. `text` is what the person typed."""

    text: str
    terms: tuple[Term, ...] = ()
    attributes: tuple[Attribute, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.terms and not self.attributes


@cache
def marks() -> re.Pattern[str]:
    """Finds what is left of accents. Large sets are slow to compile: plain text must do without."""
    return re.compile(_MARKS)


@cache
def words_or_cjk() -> re.Pattern[str]:
    """Finds words, and runs of CJK characters, in folded text."""
    return re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")


@cache
def cjk() -> re.Pattern[str]:
    """Finds a CJK character."""
    return re.compile(f"[{CJK}]")


def fold(text: str) -> str:
    """`text` without case, accents and compatibility forms. Folding twice changes nothing; lines stay."""
    if text.isascii():
        return text.lower()
    bare = marks().sub("", unicodedata.normalize("NFKD", text))
    plain = unicodedata.normalize("NFKD", bare.casefold()).translate(_PLAIN)
    return unicodedata.normalize("NFC", marks().sub("", plain))


def words(text: str) -> list[str]:
    """The folded words of `text` in order; runs of CJK characters are words of their own."""
    folded = fold(text)
    return (_PLAIN_WORD if folded.isascii() else words_or_cjk()).findall(folded)


def period(value: str, today: date | None = None) -> tuple[datetime, datetime] | None:
    """The time from the start to the end of a year, month or day, in the local zone; None when it is none.

    `2024`, `2024-03`, `2024-03-31`, `today`, `yesterday`, `tomorrow`; `2024-03-30..2024-03-31`, which
    ends with its last day; `2024-03-31T15:00+02:00`, a moment.
    """
    if value[10:11] == "T":
        return _moment(value)
    first, several, last = value.partition("..")
    if several:
        begins, ends = period(first, today), period(last, today)
        return (begins[0], ends[1]) if begins is not None and ends is not None else None
    day = today or date.today()
    offset = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(value.lower())
    if offset is not None:
        start = day + timedelta(days=offset)
        return _midnight(start), _midnight(start + timedelta(days=1))
    found = _PERIOD.match(value)
    if found is None:
        return None
    year, month, date_ = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        start = date(year, month or 1, date_ or 1)
        if date_ is not None:
            end = start + timedelta(days=1)
        elif month is not None:
            end = date(year + month // 12, month % 12 + 1, 1)
        else:
            end = date(year + 1, 1, 1)
        return _midnight(start), _midnight(end)
    except (ValueError, OverflowError):
        return None


def _moment(value: str) -> tuple[datetime, datetime] | None:
    try:
        moment = datetime.fromisoformat(value).astimezone()
    except (ValueError, OverflowError):
        return None
    return moment, moment


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone()


def parse_query(text: str, dates: Callable[[str], str | None] | None = None) -> Query:
    """The query that a person typed; nothing in it is an error.

    `dates` tells the period, as `period` reads it, that other words after `after:`, `before:` and `on:`
    stand for; None where they stand for none.
    """
    terms: list[Term] = []
    attributes: list[Attribute] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        begin = at + negated
        key = _KEY.match(text, begin)
        if key is not None:
            value, at, _ = _value(text, key.end())
            attribute = Attribute(key.group(1).lower(), value, negated)
            if dates is not None and value and attribute.key in _DATED and not period(value):
                attribute = attribute._replace(value=dates(value) or value)
            if value and (attribute.key not in _DATED or period(attribute.value)):
                attributes.append(attribute)
            else:
                terms.append(Term(text[begin:at], negated=negated))
            continue
        value, at, quoted = _value(text, begin)
        prefix = not quoted and len(value) > 1 and value.endswith("*") and bool(words(value))
        if value:
            terms.append(Term(value.removesuffix("*") if prefix else value, quoted, prefix, negated))
        elif quoted and text[begin:at].strip('"') == "" and at - begin == 1:
            terms.append(Term('"', negated=negated))
    return Query(text, tuple(terms), tuple(attributes))


def _value(text: str, at: int) -> tuple[str, int, bool]:
    """A word, or what stands in quotes, from `at`; where it ends; whether it was quoted."""
    if text[at] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            end = len(text)
        return text[at + 1 : end].strip(), min(end + 1, len(text)), True
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[at:end], end, False
