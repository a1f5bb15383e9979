"""Tokens of a phrase: numbers, words, signs, and the shapes of ISO 8601 and of written dates and times.

Nothing is dropped: what has no token of its own is one of kind `?`, which no rule takes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from commands.phrases.words import KNOWN, SMALL, SMALL_ORDINALS, TENS, TENS_ORDINALS

LONGEST = 300
"""Characters of a phrase at most."""

_SPELLINGS = str.maketrans(
    {
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u2019": "'", "\u2018": "'", "\u02bc": "'",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\n": " ", "\r": " ",
    }
)  # fmt: skip

_TIME = r"(?P<h>\d\d):?(?P<m>\d\d)(?::?(?P<s>\d\d)(?:[.,]\d+)?)?"
_SHAPES = re.compile(
    rf"""
    (?P<instant>(?:\d{{4}}-\d\d-\d\d|\d{{8}}|\d{{4}}-w\d\d-\d|\d{{4}}w\d{{3}}|\d{{4}}-\d{{3}})t{_TIME}
        \s?(?:z|utc|[+-]\d\d(?::?\d\d)?)?(?![\w:]))
  | (?P<day>\d{{4}}-\d\d?-\d\d?(?![\w-])|\d{{4}}/\d\d?/\d\d?(?![\w/])|\d{{4}}\.\d\d?\.\d\d?(?![\w.])
        |(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\w))
  | (?P<week>\d{{4}}-?w\d\d(?:-?[1-7])?(?!\w))
  | (?P<ordinalday>\d{{4}}-\d{{3}}(?![\w-]))
  | (?P<month>\d{{4}}-(?:0[1-9]|1[0-2])(?![\w:-])|(?:0?[1-9]|1[0-2])[-/](?:19|20|21)\d\d(?![\w:/-]))
  | (?P<numeric>\d\d?/\d\d?/(?:\d{{4}}|\d\d)(?![\w/])|\d\d?-\d\d?-\d{{4}}(?![\w-])
        |\d\d?\.\d\d?\.(?:\d{{4}}|\d\d)(?!\w)|\d\d?\.\d\d?\.(?!\d)|\d\d?/\d\d?(?![\w/]))
  | (?P<clock>\d\d?[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?(?:\s?(?:am|pm)|[ap])(?![\w'])
        |\d\d?(?:\s?(?:am|pm)|[ap])(?![\w'])
        |\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?:(?![\w:])|(?=z(?!\w))|(?=utc|gmt)))
  | (?P<decimal>\d+[.,]\d+)
  | (?P<ordinal>\d+(?:st|nd|rd|th)(?![\w']))
  | (?P<number>\d+)
  | (?P<zone>[a-z_]+(?:/[a-z_]+(?:[+-]\w+|-[a-z]+)*)+)
  | (?P<word>o'clock|[^\W\d_]+(?:'[^\W\d_]+)*'?)
  | (?P<sign>[-+,@/&~.])
  | (?P<unknown>\S)
    """,
    re.X,
)
_DOTTED = re.compile(r"(?<![^\W\d_])([ap])\.m\.?(?!\w)")


class Token(NamedTuple):
    """A piece of a phrase: what it is, how it is written (in lower case), what it counts, where it stands."""

    kind: str
    text: str
    value: int
    at: int
    glued: bool
    """Whether it follows the one before it without a space."""

    @property
    def amount(self) -> Decimal:
        return Decimal(self.text.replace(",", ".")) if self.kind == "decimal" else Decimal(self.value)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, number words put together (`twenty-one`)."""
    plain = text.casefold().translate(_SPELLINGS)
    plain = _DOTTED.sub(r"\1m", plain)
    found: list[Token] = []
    end = -1
    for match in _SHAPES.finditer(plain):
        kind, written = match.lastgroup or "?", match[0]
        for name in ("instant", "day", "week", "ordinalday", "month", "numeric", "clock", "decimal"):
            if match.group(name):
                kind = name
        token = Token(kind, written, 0, match.start(), match.start() == end)
        end = match.end()
        if kind in ("number", "ordinal"):
            digits = written.rstrip("stndrh")
            token = token._replace(value=int(digits) if len(digits) < 10 else 10**10)
        elif kind == "word":
            token = _counted(token)
        if (
            kind == "sign"
            and written == "."
            and found
            and found[-1].kind in ("word", "month")
            and token.glued
        ):
            continue
        found.extend(_parted(token) if kind == "zone" else [token])
    return _joined(found)


def _parted(token: Token) -> list[Token]:
    """`tue/thu` is two words, `europe/berlin` one name."""
    words = token.text.split("/")
    if not all(word in KNOWN for word in words):
        return [token]
    parted: list[Token] = []
    at = token.at
    for word in words:
        parted.append(_counted(Token("word", word, 0, at, bool(parted))))
        parted.append(Token("sign", "/", 0, at + len(word), True))
        at += len(word) + 1
    return parted[:-1]


def _counted(token: Token) -> Token:
    word = token.text
    number = SMALL.get(word, TENS.get(word))
    if number is not None:
        return token._replace(kind="number", value=number)
    ordinal = SMALL_ORDINALS.get(word, TENS_ORDINALS.get(word))
    if ordinal is not None:
        return token._replace(kind="ordinal", value=ordinal)
    return token


def _joined(found: list[Token]) -> list[Token]:
    """Puts `twenty one`, `twenty-first` and `a hundred` together."""
    joined: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        after = at + 1
        if token.text in TENS:
            dash = after < len(found) and found[after].text == "-" and found[after].glued
            place = after + dash
            if place < len(found) and 0 < found[place].value < 10 and found[place].text.isalpha():
                unit = found[place]
                token = Token(
                    unit.kind, f"{token.text}-{unit.text}", token.value + unit.value, token.at, token.glued
                )
                after = place + 1
        elif token.text == "hundred" or (token.text in ("a", "one") and _text(found, after) == "hundred"):
            after += token.text != "hundred"
            token = Token("number", "hundred", 100, token.at, token.glued)
        joined.append(token)
        at = after
    return joined


def _text(found: list[Token], at: int) -> str:
    return found[at].text if at < len(found) else ""
