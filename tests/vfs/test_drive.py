"""vfs.drive: coroutines by hand, a loop in the middle when one is needed."""

import asyncio
import subprocess
import sys

import pytest

from vfs.drive import drive, event_loop, hop, looping


async def answer() -> int:
    return await hop(lambda: 42)


def test_a_coroutine_that_never_waits_needs_no_event_loop() -> None:
    code = "import sys\nfrom vfs.drive import drive, hop\n"
    code += "async def f(): return await hop(lambda: 7)\n"
    code += "print(drive(f()), 'asyncio' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == "7 False\n"


def test_the_loop_starts_in_the_middle_and_the_coroutine_goes_on() -> None:
    async def middle() -> list[bool]:
        seen = [looping()]
        await event_loop()
        seen.append(looping())
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            slow = group.create_task(asyncio.sleep(0.001, 42))
        assert slow.result() == 42
        await event_loop()
        return seen

    assert drive(middle()) == [False, True]


def test_results_and_exceptions_come_through() -> None:
    async def fails(late: bool) -> None:
        if late:
            await event_loop()
            await asyncio.sleep(0)
        raise KeyError("x")

    assert drive(answer()) == 42
    for late in (False, True):
        with pytest.raises(KeyError):
            drive(fails(late))


def test_cancelling_reaches_a_coroutine_that_was_started_by_hand() -> None:
    cleaned = []

    async def waits() -> None:
        await event_loop()
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    with pytest.raises(TimeoutError):
        drive(waits())
    assert cleaned == [True]


def test_waiting_without_asking_for_a_loop_is_an_error() -> None:
    class Stray:
        def __await__(self):  # type: ignore[no-untyped-def]
            yield "something else"

    async def stray() -> None:
        await Stray()

    with pytest.raises(RuntimeError, match="event_loop"):
        drive(stray())


def test_hop_leaves_the_thread_only_under_a_loop() -> None:
    import threading

    here = threading.get_ident()
    assert drive(hop(threading.get_ident)) == here
    assert asyncio.run(hop(threading.get_ident)) != here
