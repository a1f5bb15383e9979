"""hide_argument: takes a password out of what other users of the machine see of this process (`ps`)."""

from __future__ import annotations

from contextlib import suppress

_BEFORE, _START, _END = 3, 48, 49
"""Fields of `/proc/self/stat`: the first behind the name, and where in memory the arguments begin and end."""


def hide_argument(text: str, secret: str) -> None:
    """Makes `secret` unreadable in the argument `text`; does nothing where the system has no way to."""
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", "rb") as stat:
            # The program's name stands in brackets, and may hold blanks.
            fields = stat.read().rpartition(b")")[2].split()
        start, end = (int(fields[number - _BEFORE]) for number in (_START, _END))
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            arguments = memory.read(end - start)
            whole, hidden = text.encode(), secret.encode()
            at = arguments.find(whole)
            while at >= 0:
                inside = at + whole.find(hidden)
                memory.seek(start + inside)
                memory.write(b"*" * len(hidden))
                at = arguments.find(whole, at + len(whole))
