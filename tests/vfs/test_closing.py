"""Leaving an iteration tells its source, whatever the way out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from typing import Any

from vfs.closing import Closing
from vfs.drive import drive


class _Stop:
    def __await__(self) -> Generator[Any, None, None]:
        yield self


def test_a_source_is_closed_when_its_reader_breaks_off() -> None:
    closed: list[str] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("closed")

    async def read() -> None:
        async with Closing(numbers()) as each:
            async for _ in each:
                break
        assert closed == ["closed"]

    drive(read())


def test_a_reader_that_is_thrown_away_while_its_source_waits_ends_quietly() -> None:
    closed: list[str] = []

    async def waiting() -> AsyncIterator[int]:
        try:
            await _Stop()
            yield 1
        finally:
            closed.append("closed")

    async def read() -> None:
        async with Closing(waiting()) as each:
            async for _ in each:
                pass

    reader = read()
    assert isinstance(reader.send(None), _Stop)
    reader.close()
    assert closed == ["closed"]
