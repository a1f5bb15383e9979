"""What can be wrong with a text that should be shell: ShellSyntax, and Incomplete when more may come."""

from __future__ import annotations


class ShellSyntax(Exception):
    """The text is not shell. `position` is where, as a character index; exit status 2."""

    status = 2

    def __init__(self, message: str, position: int, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint


class Incomplete(ShellSyntax):
    """The text may become shell when more follows; `wants` is what would end it, such as `'` or `done`."""

    def __init__(self, wants: str, position: int) -> None:
        super().__init__(f"unexpected end: {wants} is missing", position)
        self.wants = wants


def line_of(text: str, position: int) -> int:
    """The line, from 1, that holds a position."""
    return text.count("\n", 0, position) + 1
