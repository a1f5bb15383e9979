"""Unfinished: the command that the cursor stands in, as far as it has been typed.

No parser of the language: it only has to find where the command under the cursor began, what its
words mean so far, and where the last of them starts, in text that is wrong and incomplete by nature.
"""

from __future__ import annotations

from typing import NamedTuple

_ENDS = ("&&", "||", "|&", "$(", ";;", "|", ";", "&", "(", ")", "\n", "`")
_REDIRECTS = ("&>>", "&>", "<<<", "<<", ">>", ">|", ">&", "<&", "<>", ">", "<")
_OPENERS = ("if", "then", "elif", "else", "while", "until", "do", "!", "{", "time")


class Unfinished(NamedTuple):
    """The command around the cursor."""

    words: tuple[str, ...]
    """The words before the last, without their quotes."""
    word: str
    """The last word, as far as it is typed, without its quotes; "" after a space."""
    start: int
    """Where the last word begins in the text, its quote included."""
    quote: str = ""
    """The quote that is still open."""
    redirected: bool = False
    """The word is where a redirect goes."""
    variable: bool = False
    """The word ends in an unfinished `$NAME`."""


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.words: list[str] = []
        self.current: list[str] | None = None
        self.start = 0
        self.quote = ""
        self.redirected = False

    def add(self, piece: str) -> None:
        if self.current is None:
            self.current, self.start = [], self.at
        self.current.append(piece)

    def end_word(self) -> None:
        if self.current is not None and not self.redirected:
            self.words.append("".join(self.current))
        if self.current is not None:
            self.redirected = False
        self.current = None
        if self.words in ([opener] for opener in _OPENERS):
            self.words.clear()

    def end_command(self) -> None:
        self.current = None
        self.redirected = False
        self.words.clear()


def unfinished(text: str) -> Unfinished:
    """The command in which `text` ends."""
    scan = _Scan(text)
    while scan.at < len(text):
        scan.at += _quoted(scan) if scan.quote else _plain(scan)
    word = "".join(scan.current) if scan.current is not None else ""
    start = scan.start if scan.current is not None else len(text)
    tail = text[start:]
    dollar = tail.rfind("$")
    variable = (
        dollar >= 0
        and scan.quote != "'"
        and all(char.isalnum() or char == "_" for char in tail[dollar + 1 :].removeprefix("{"))
    )
    words = tuple(word for word in scan.words)
    return Unfinished(_without_assignments(words), word, start, scan.quote, scan.redirected, variable)


def _quoted(scan: _Scan) -> int:
    char = scan.text[scan.at]
    if char == scan.quote:
        scan.quote = ""
        return 1
    if char == "\\" and scan.quote == '"' and scan.text[scan.at + 1 : scan.at + 2] in ('"', "\\", "$", "`"):
        scan.add(scan.text[scan.at + 1 : scan.at + 2])
        return 2
    scan.add(char)
    return 1


def _plain(scan: _Scan) -> int:
    text, at = scan.text, scan.at
    char = text[at]
    if char in "'\"":
        scan.add("")
        scan.quote = char
        return 1
    if char == "\\":
        scan.add(text[at + 1 : at + 2])
        return 2
    if char in " \t":
        scan.end_word()
        return 1
    for operator in _REDIRECTS:
        if text.startswith(operator, at):
            if scan.current is not None and "".join(scan.current).isdigit():
                scan.current = None
            scan.end_word()
            scan.redirected = True
            return len(operator)
    for operator in _ENDS:
        if text.startswith(operator, at):
            scan.end_word()
            scan.end_command()
            return len(operator)
    if char == "#" and scan.current is None:
        end = text.find("\n", at)
        scan.end_command()
        return (len(text) if end < 0 else end) - at
    scan.add(char)
    return 1


def _without_assignments(words: tuple[str, ...]) -> tuple[str, ...]:
    at = 0
    while at < len(words) and "=" in words[at] and words[at].partition("=")[0].isidentifier():
        at += 1
    return words[at:]
