"""Interrupt: Ctrl-C for a task, also where its code keeps the event loop from running."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Any

PATIENCE = 0.1
"""Seconds that the loop may take to get to the cancellation, before the code that runs is stopped."""


class Interruptible:
    """`with Interruptible(task):` Ctrl-C cancels the task. In the main thread, under its loop."""

    def __init__(self, task: asyncio.Future[Any]) -> None:
        self._task = task
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        self._int = signal.signal(signal.SIGINT, self._pressed)
        self._alarm = signal.signal(signal.SIGALRM, self._late)

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, self._int or signal.default_int_handler)
        signal.signal(signal.SIGALRM, self._alarm or signal.SIG_DFL)

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE, PATIENCE)
        self._loop.call_soon_threadsafe(self._reached)

    def _reached(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._task.cancel()

    def _late(self, number: int, frame: FrameType | None) -> None:
        """The loop has not come round: what holds it is a step of some task, which ends here."""
        if asyncio.current_task(self._loop) is not None:
            raise asyncio.CancelledError
