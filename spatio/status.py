"""Result and the exit statuses that mean something of their own."""

from __future__ import annotations

FAILED = 1
MISUSED = 2
INCOMPLETE = 3
BUG = 70
TIMED_OUT = 124
REFUSED = 126
NO_SUCH_COMMAND = 127
CANCELLED = 130
READER_GONE = 141


class Result(int):
    """An exit status as a run returns it.

    `spoiled`: the command did not end by itself (cancelled, refused, timed out, a bug), so a redirect
    leaves the old content in place. `exited`: the shell was told to end.
    """

    spoiled: bool = False
    exited: bool = False

    @property
    def status(self) -> int:
        return int(self)


def spoiled(status: int) -> Result:
    """A status of something that did not end by itself."""
    result = Result(status)
    result.spoiled = True
    return result


def is_spoiled(status: int) -> bool:
    return isinstance(status, Result) and status.spoiled


def exhausted(error: RecursionError | MemoryError) -> str:
    """What ran out, for a person."""
    return "not enough memory" if isinstance(error, MemoryError) else "nested too deeply"
