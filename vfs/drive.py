"""Run a coroutine by hand, and start an event loop only when it asks for one.

A one-shot command on local data never really waits, so it needs no loop: importing asyncio alone
costs several times what the command does. `drive` sends the coroutine along by hand. Whatever
has to wait (a pipe between stages, a fan-out, a socket) awaits `event_loop()` first; `drive` then
starts asyncio once and goes on with the same coroutine, in the middle, under it.

Blocking work (SQLite, files) goes through `hop`: inline where there is no loop, on a thread where
there is one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Generator
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

T = TypeVar("T")

_WANTED = object()


def looping() -> bool:
    """Whether an event loop runs in this thread."""
    asyncio = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None


class _Ask:
    def __await__(self) -> Generator[Any, None, None]:
        if not looping():
            yield _WANTED


async def event_loop() -> None:
    """Returns with an asyncio event loop running; call it before anything that may wait."""
    await _Ask()


class _Resumed:
    """Awaits a coroutine that has been started already."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine

    def __await__(self) -> Generator[Any, None, Any]:
        return (yield from self.coroutine.__await__())


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs `coroutine` to its end and returns its result.

    Raises what it raises; RuntimeError when it waits without having awaited `event_loop()`.
    """
    try:
        wanted = coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    if wanted is not _WANTED:
        coroutine.close()
        raise RuntimeError("a coroutine waited without an event loop: await event_loop() first")

    async def go_on() -> T:
        resumed: T = await _Resumed(coroutine)
        return resumed

    under_loop: T = import_module("asyncio").run(go_on())
    return under_loop


async def hop(call: Callable[[], T], executor: Executor | None = None) -> T:
    """The result of blocking `call()`: inline without a loop, else on a thread of `executor`.

    Cross once a batch, never once a row. A cancelled hop lets the thread finish its call.
    """
    if not looping():
        return call()
    loop = sys.modules["asyncio.events"].get_running_loop()
    result: T = await loop.run_in_executor(executor, call)
    return result
