"""fan_out: many calls at once, bounded, answered in order."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from vfs.closing import Closing
from vfs.drive import event_loop

if TYPE_CHECKING:
    from asyncio import Task

T = TypeVar("T")
R = TypeVar("R")

WIDTH = 16
"""Calls under way at once."""


async def fan_out(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], width: int = WIDTH
) -> AsyncIterator[tuple[T, R]]:
    """Each item with the result of `work(item)`, in order, at most `width` of them under way.

    Raises what a call raises, when its turn comes; the rest is cancelled then, and on closing.
    """
    await event_loop()
    asyncio = import_module("asyncio")
    waiting: deque[tuple[T, Task[R]]] = deque()
    source = iter(items)
    try:
        while True:
            while len(waiting) < width:
                try:
                    item = next(source)
                except StopIteration:
                    break
                waiting.append((item, asyncio.ensure_future(work(item))))
            if not waiting:
                return
            item, task = waiting[0]
            result = await task
            waiting.popleft()
            yield item, result
    finally:
        for _, task in waiting:
            task.cancel()
        if waiting:
            await asyncio.gather(*[task for _, task in waiting], return_exceptions=True)


async def in_order(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], *, at_once: bool
) -> AsyncIterator[tuple[T, R]]:
    """Each item with the result of `work(item)`, in order: by `fan_out`, or one after the other."""
    if at_once:
        async with Closing(fan_out(items, work)) as calls:
            async for item, result in calls:
                yield item, result
        return
    for item in items:
        yield item, await work(item)
