"""Scanner: where a parser stands in the text, blanks, comments, operators, depth."""

from __future__ import annotations

import re
import sys

from spatio.shell.ast import HereText
from spatio.shell.syntax import Incomplete, ShellSyntax

DEEPEST = 150
"""How deep commands, substitutions and parentheses may nest."""

FRAMES = 8000
"""Python frames that DEEPEST levels, read and then run, stay well below."""

_BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_COMMENT = re.compile(r"[^\n]*")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r";;&|;;|;&|&&|\|\||\|&|[;&|()<>\n]")

sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES))


class Scanner:
    """A position in a text. `final`: no more text will come, so a here-document may end with it."""

    def __init__(self, text: str, *, final: bool = True, depth: int = 0) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.final = final
        self.depth = depth
        self.pending: list[HereText] = []

    def skip_blanks(self, *, comments: bool = True) -> None:
        """Goes over blanks, continued line ends and a comment (where `#` is no plain text)."""
        found = _BLANKS.match(self.text, self.at)
        if found:
            self.at = found.end()
        if comments and self.at < self.end and self.text[self.at] == "#":
            comment = _COMMENT.match(self.text, self.at)
            if comment:
                self.at = comment.end()

    def peek(self) -> str:
        """The operator that stands here, or ""."""
        found = _OPERATOR.match(self.text, self.at)
        return found.group() if found else ""

    def starts(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def deeper(self) -> None:
        """Counts one more level. Raises ShellSyntax beyond DEEPEST."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellSyntax(f"nested more than {DEEPEST} deep", self.at)

    def unexpected(self, wants: str = "") -> ShellSyntax:
        """The error for what stands here where something else must."""
        if self.at >= self.end:
            return Incomplete(wants or "a command", self.at)
        operator = self.peek()
        shown = operator or re.split(r"[\s;&|()<>]", self.text[self.at : self.at + 40], maxsplit=1)[0]
        shown = "the end of the line" if shown == "\n" else f"`{shown or self.text[self.at]}`"
        return ShellSyntax(f"syntax error at {shown}" + (f", {wants} is missing" if wants else ""), self.at)
