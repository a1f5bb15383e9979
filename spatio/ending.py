"""Long work that is broken off: what was begun is cleared away, and the exit status says how it ended."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from spatio.start import say

CANCELLED = 130


@contextmanager
def ending_well() -> Iterator[None]:
    """Ctrl-C is one line and 130; being told to end clears away what was begun, too."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        say("cancelled; nothing was changed")
        raise typer.Exit(CANCELLED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
