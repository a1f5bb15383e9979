"""The words of a jq program."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|\#[^\n]*)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<format>@[a-zA-Z0-9_]+)
    |(?P<field>\.[a-zA-Z_][a-zA-Z0-9_]*)
    |(?P<variable>\$(?:__loc__|(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*))
    |(?P<word>(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*)
    |(?P<mark>\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[][{}().,:;=<>|+*/%?$-])
    |(?P<quote>")""",
    re.VERBOSE,
)
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"',
}  # fmt: skip
KEYWORDS = frozenset(
    [
        "def",
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
        "import",
        "include",
        "and",
        "or",
        "__loc__",
    ]
)


class BadProgram(ValueError):
    """The text is no jq program."""


class Token(NamedTuple):
    """One word; for a string, `parts` are its texts and the tokens of what is interpolated."""

    kind: str
    text: str
    at: int
    parts: tuple[str | tuple[Token, ...], ...] = ()


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of a program. Raises BadProgram."""
    found, _ = _read(text, 0, nested=False)
    return tuple(found)


def _read(text: str, at: int, *, nested: bool) -> tuple[list[Token], int]:
    tokens: list[Token] = []
    depth = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadProgram(f"unexpected character '{text[at]}'")
        kind = match.lastgroup or ""
        if kind == "quote":
            token, at = _string(text, at)
            tokens.append(token)
            continue
        word = match[0]
        if nested and kind == "mark":
            if word == "(":
                depth += 1
            elif word == ")":
                if not depth:
                    return tokens, match.end()
                depth -= 1
        if kind == "word" and word in KEYWORDS:
            kind = "keyword"
        if kind != "space":
            tokens.append(Token(kind, word, at))
        at = match.end()
    if nested:
        raise BadProgram("unterminated \\( in a string")
    return tokens, at


def _string(text: str, start: int) -> tuple[Token, int]:
    parts: list[str | tuple[Token, ...]] = []
    plain = ""
    at = start + 1
    while at < len(text) and text[at] != '"':
        if text[at] != "\\":
            plain += text[at]
            at += 1
            continue
        letter = text[at + 1 : at + 2]
        if letter == "(":
            inner, at = _read(text, at + 2, nested=True)
            parts += [plain, tuple(inner)]
            plain = ""
        elif letter == "u" and re.match(r"[0-9a-fA-F]{4}", text[at + 2 : at + 6]):
            char, at = _unicode(text, at)
            plain += char
        elif letter in _ESCAPES and letter:
            plain += _ESCAPES[letter]
            at += 2
        else:
            raise BadProgram(f"invalid escape '\\{letter}' in a string")
    if at >= len(text):
        raise BadProgram("unterminated string")
    return Token("string", text[start : at + 1], start, (*parts, plain)), at + 1


def _unicode(text: str, at: int) -> tuple[str, int]:
    """The character of `\\uXXXX`, two of them for what lies beyond the first plane."""
    code = int(text[at + 2 : at + 6], 16)
    pair = re.match(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})", text[at + 6 : at + 12])
    if 0xD800 <= code < 0xDC00 and pair:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(pair[1], 16) - 0xDC00), at + 12
    return ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), at + 6


def number_of(text: str) -> int | float:
    """The value of a number as it is written."""
    return int(text[:4000]) if text.isdecimal() else float(text)
