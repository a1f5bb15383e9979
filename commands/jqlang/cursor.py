"""Cursor: a place among the words of a jq program."""

from __future__ import annotations

from collections.abc import Sequence

from commands.jqlang.tokens import BadProgram, Token


class Cursor:
    """Looks at words and takes them, one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def token(self) -> Token:
        """The next word; there must be one."""
        return self.tokens[self.place]

    def at_end(self) -> bool:
        return self.place == len(self.tokens)

    def expect_end(self) -> None:
        if not self.at_end():
            raise self.wrong()

    def wrong(self) -> BadProgram:
        if self.at_end():
            return BadProgram("syntax error: the program ends too early")
        token = self.token
        return BadProgram(f"syntax error: unexpected '{token.text}' at character {token.at + 1}")

    def peek(self, *texts: str) -> bool:
        """Whether one of these marks or keywords comes next."""
        if self.at_end():
            return False
        token = self.token
        return token.kind in ("mark", "keyword") and token.text in texts

    def take(self, *texts: str) -> bool:
        if self.peek(*texts):
            self.place += 1
            return True
        return False

    def expect(self, *texts: str) -> None:
        for text in texts:
            if not self.take(text):
                raise self.wrong()

    def kind(self, kind: str) -> Token | None:
        """The next word, taken, if it is of this kind."""
        if self.at_end() or self.token.kind != kind:
            return None
        self.place += 1
        return self.tokens[self.place - 1]

    def variable_name(self) -> str:
        token = self.kind("variable")
        if token is None:
            raise self.wrong()
        return token.text[1:]

    def after_dot(self, what: str) -> bool:
        token = self.tokens[self.place + 1] if self.place + 1 < len(self.tokens) else None
        return token is not None and (token.kind == what or (token.kind == "mark" and token.text == what))
