"""How running leaves its place: errors of the language, and break, continue, return, exit."""

from __future__ import annotations


class ShellError(Exception):
    """The language itself was misused while running; the rest of the line is dropped, status 1."""

    status = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Unset(ShellError):
    """`${x:?}`, or `set -u` met a variable that is not set: the script ends."""


class TooMuch(ShellError):
    """Calls nest too deep, or too much runs at once: the whole line ends, subshells and all."""


class NoMatch(Exception):
    """A pattern of a command's words matches nothing: that command fails."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern


class Leaving(Exception):
    """Control leaves the place where it is. Not an error."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Exit(Leaving):
    """`exit`, or an error under `set -e`: ends the shell or the subshell."""


class Return(Leaving):
    """`return`: ends the function or the sourced file."""


class LoopLeaving(Leaving):
    """`break N` or `continue N`: `levels` loops are concerned."""

    def __init__(self, status: int, levels: int) -> None:
        super().__init__(status)
        self.levels = levels


class Break(LoopLeaving):
    """Ends loops."""


class Continue(LoopLeaving):
    """Begins the next round of the outermost of the loops."""
