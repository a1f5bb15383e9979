"""Ctrl-C at the prompt reaches what waits, and what never lets the event loop run."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from spatio.repl.interrupt import Interruptible


async def waits() -> None:
    await asyncio.sleep(60)


async def never_waits() -> None:
    while True:
        pass


async def never_waits_in_a_stage() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(never_waits())
        group.create_task(waits())


@pytest.mark.parametrize("work", [waits, never_waits, never_waits_in_a_stage])
def test_ctrl_c_cancels_the_task_and_leaves_the_loop_alive(work: object) -> None:
    async def at_the_prompt() -> str:
        task = asyncio.ensure_future(work())  # type: ignore[operator]
        presses = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        presses.start()
        try:
            with Interruptible(task):
                await task
        except asyncio.CancelledError:
            await asyncio.sleep(0.3)
            return "cancelled"
        finally:
            presses.join()
        return "ended"

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    assert asyncio.run(at_the_prompt()) == "cancelled"
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
