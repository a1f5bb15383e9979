"""Run a coroutine by hand, and start an event loop only when it asks for one.

A one-shot command on local data never really waits, so it needs no loop: importing asyncio alone
costs several times what the command does. `drive` sends the coroutine along by hand. Whatever
has to wait (a pipe between stages, a fan-out, a socket) awaits `event_loop()` first; `drive` then
starts asyncio once and goes on with the same coroutine, in the middle, under it.

Stages that only wait for each other need no loop either: `together` runs them in turns, each until it
says, by `until`, that another has to go on first.

Blocking work (SQLite, files) goes through `hop`: inline where there is no loop, on a thread where
there is one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import suppress
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


class _Until:
    """A coroutine waits for what another coroutine does."""

    __slots__ = ("ready",)

    def __init__(self, ready: Callable[[], bool]) -> None:
        self.ready = ready

    def __await__(self) -> Generator[Any, None, None]:
        yield self


async def until(ready: Callable[[], bool]) -> None:
    """Without a loop only: lets the others of `together` go on before this one does, until `ready()`.

    May return early, and under a loop that has started meanwhile: look again at both.
    """
    await _Until(ready)


def sharing() -> bool:
    """Whether coroutines run in turns, without a loop: what blocks now would block them all."""
    return _Turns.open > 0 and not looping()


async def breathe() -> None:
    """Lets others run, a cancellation among them: for work that goes on long without waiting."""
    if looping():
        await sys.modules["asyncio"].sleep(0)
    elif sharing():
        await until(lambda: True)


async def together(coroutines: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Runs all to their ends at once. Raises what one raises, the others being cancelled."""
    left = list(coroutines)
    if not looping():
        await _Turns(left)
    if not left:
        return
    try:
        async with import_module("asyncio").TaskGroup() as group:
            for coroutine in left:
                group.create_task(_go_on(coroutine))
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


class _Turns:
    """Runs coroutines in turns; those that are `left` when a loop starts have their ends under it."""

    open = 0

    def __init__(self, left: list[Coroutine[Any, Any, None]]) -> None:
        self.left = left
        self.waiting: dict[Coroutine[Any, Any, None], Callable[[], bool]] = {}

    def __await__(self) -> Generator[Any, None, None]:
        _Turns.open += 1
        try:
            while self.left and not looping():
                for coroutine in list(self.left):
                    if self._may_go_on(coroutine) and self._wants_loop(coroutine):
                        yield _WANTED
                        return
                if self.left:
                    yield _Until(self._any_may_go_on)
        except BaseException:
            for coroutine in self.left:
                # One that waits while it cleans up is left to the collector.
                with suppress(RuntimeError):
                    coroutine.close()
            raise
        finally:
            _Turns.open -= 1

    def _may_go_on(self, coroutine: Coroutine[Any, Any, None]) -> bool:
        ready = self.waiting.get(coroutine)
        return ready is None or ready()

    def _any_may_go_on(self) -> bool:
        return any(map(self._may_go_on, self.left))

    def _wants_loop(self, coroutine: Coroutine[Any, Any, None]) -> bool:
        """One turn; True when nothing but a loop takes this coroutine further."""
        try:
            asked = coroutine.send(None)
        except StopIteration:
            self.left.remove(coroutine)
            return False
        except BaseException:
            self.left.remove(coroutine)
            raise
        if isinstance(asked, _Until):
            self.waiting[coroutine] = asked.ready
        return asked is _WANTED


class _Resumed:
    """Awaits a coroutine that has been started already."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self.coroutine = coroutine

    def __await__(self) -> Generator[Any, None, Any]:
        return (yield from self.coroutine.__await__())


async def _go_on(coroutine: Coroutine[Any, Any, T]) -> T:
    result: T = await _Resumed(coroutine)
    return result


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs `coroutine` to its end and returns its result.

    Raises what it raises; RuntimeError when it waits without having awaited `event_loop()`.
    """
    try:
        wanted = coroutine.send(None)
        while isinstance(wanted, _Until) and wanted.ready():
            wanted = coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    if wanted is not _WANTED and not isinstance(wanted, _Until):
        coroutine.close()
        raise RuntimeError("a coroutine waited without an event loop: await event_loop() first")
    under_loop: T = import_module("asyncio").run(_go_on(coroutine))
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
