"""stepped: a blocking generator, one hop a step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from threading import Lock
from typing import TypeVar

from vfs.drive import hop

T = TypeVar("T")


async def stepped(steps: Generator[T, None, None]) -> AsyncIterator[T]:
    """What `steps` yields. Leaving early closes it, once the step under way has ended."""
    lock = Lock()

    def step() -> T | None:
        with lock:
            return next(steps, None)

    try:
        while (item := await hop(step)) is not None:
            yield item
    finally:
        with lock:
            steps.close()
