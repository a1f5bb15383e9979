"""The thread with the event loop that a store's connections live on, and the crossing to it.

A caller crosses once a transaction, whether it has a loop itself or not, and no transaction holds up the
caller's loop. Who is cancelled, or interrupted, first waits for what it began to be undone or committed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Generic, TypeVar

from vfs.errors import Unavailable

T = TypeVar("T")

ENDING = 5.0
"""Seconds that what was cancelled has to come to its end."""


class Crossing(Generic[T]):
    """A coroutine on its way, on the store's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> None:
        self._loop = loop
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False
        self.future: Future[T] = Future()
        """Done when the coroutine has really ended, however it did; not to be cancelled."""
        self.future.set_running_or_notify_cancel()
        try:
            loop.call_soon_threadsafe(self._start, coroutine)
        except RuntimeError:
            coroutine.close()
            raise

    def _start(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._task = self._loop.create_task(coroutine)
        self._task.add_done_callback(self._end)
        if self._cancelled:
            self._task.cancel()

    def _end(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self.future.set_exception(Unavailable(None, "the store was closed meanwhile"))
        elif (error := task.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(task.result())

    def cancel(self) -> None:
        """Asks the coroutine to end; `future` says when it has."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    async def wait(self) -> T:
        """The result, for a caller with a loop of its own."""
        result = asyncio.wrap_future(self.future)
        try:
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            self.cancel()
            result.add_done_callback(_looked_at)
            await asyncio.wait({result}, timeout=ENDING)
            raise

    def result(self) -> T:
        """The result, for a caller without a loop."""
        try:
            return self.future.result()
        except KeyboardInterrupt:
            self.cancel()
            with suppress(Exception):
                self.future.result(ENDING)
            raise


def _looked_at(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


class LoopThread:
    """A thread that runs an event loop, for whoever hands it a coroutine."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._loop.run_until_complete(asyncio.wait(left, timeout=ENDING))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            # asyncio resolves names on threads of its own.
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Crossing[T]:
        """Starts a coroutine there."""
        return Crossing(self._loop, coroutine)

    def close(self) -> None:
        """Ends what still runs, stops the loop and waits for the thread's end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2 * ENDING)
