from __future__ import annotations

import asyncio

import pytest

from vfs.closing import Closing
from vfs.drive import drive
from vfs.fan import fan_out


def test_answers_come_in_the_order_asked_and_never_too_many_at_once() -> None:
    running = most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (item % 3))
        running -= 1
        return item * item

    async def check() -> None:
        got = [pair async for pair in fan_out(range(40), work, 5)]
        assert got == [(item, item * item) for item in range(40)]
        assert most == 5

    drive(check())


def test_leaving_early_cancels_what_is_under_way() -> None:
    cancelled: list[int] = []

    async def work(item: int) -> int:
        try:
            await asyncio.sleep(0 if item == 0 else 100)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise
        return item

    async def check() -> None:
        async with Closing(fan_out(range(9), work, 3)) as answers:
            assert await anext(answers) == (0, 0)
        assert cancelled == [1, 2]

    drive(check())


def test_a_failure_is_raised_in_its_turn() -> None:
    async def work(item: int) -> int:
        if item == 1:
            raise ZeroDivisionError
        await asyncio.sleep(0.001)
        return item

    async def check() -> list[int]:
        seen: list[int] = []
        with pytest.raises(ZeroDivisionError):  # noqa: PT012
            async for item, _ in fan_out(range(5), work, 3):
                seen.append(item)
        return seen

    assert drive(check()) == [0]


def test_nothing_to_do_is_nothing() -> None:
    async def work(item: int) -> int:
        return item

    async def check() -> None:
        assert [pair async for pair in fan_out([], work)] == []

    drive(check())
