"""Closing: leave an iteration at once, its source told so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Closing(Generic[T]):
    """`async with Closing(pages()) as pages:` closes the iterator on the way out, whatever the way."""

    __slots__ = ("iterator",)

    def __init__(self, iterator: AsyncIterator[T]) -> None:
        self.iterator = iterator

    async def __aenter__(self) -> AsyncIterator[T]:
        return self.iterator

    async def __aexit__(self, kind: object, *error: object) -> None:
        aclose = getattr(self.iterator, "aclose", None)
        if aclose is None:
            return
        try:
            await aclose()
        except RuntimeError:
            # A generator that was left while it waited counts as running, before Python 3.12.
            if kind is not GeneratorExit:
                raise
