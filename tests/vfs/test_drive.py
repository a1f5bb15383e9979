"""vfs.drive: coroutines by hand, a loop in the middle when one is needed."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine

import pytest

from vfs.drive import drive, event_loop, hop, looping, sharing, together, until


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


Waiting = Coroutine[None, None, None]


def by_turns(log: list[str], full: int = 1) -> tuple[Waiting, Waiting]:
    """A writer and a reader with room for `full` items between them."""
    held: list[int] = []

    async def writer() -> None:
        for number in range(3):
            while len(held) >= full:
                await until(lambda: len(held) < full)
            held.append(number)
            log.append(f"wrote {number}")

    async def reader() -> None:
        for _ in range(3):
            while not held:
                await until(lambda: bool(held))
            log.append(f"read {held.pop(0)}")

    return writer(), reader()


def test_what_waits_for_each_other_runs_in_turns_without_a_loop() -> None:
    log: list[str] = []

    async def main() -> bool:
        await together(by_turns(log))
        return looping()

    assert drive(main()) is False
    assert log == ["wrote 0", "read 0", "wrote 1", "read 1", "wrote 2", "read 2"]


def test_turns_inside_of_turns_reach_the_outer_ones() -> None:
    log: list[str] = []

    async def nested() -> None:
        await together(by_turns(log))

    async def main() -> None:
        await together([nested(), nested()])

    drive(main())
    assert log.count("read 2") == 2
    assert log[:2] == ["wrote 0", "read 0"]


def test_turns_go_on_under_the_loop_that_one_of_them_asks_for() -> None:
    log: list[str] = []

    async def asks() -> None:
        log.append(f"sharing {sharing()}")
        await event_loop()
        await asyncio.sleep(0)
        log.append(f"sharing {sharing()}")

    async def waits() -> None:
        while "sharing False" not in log:
            await (asyncio.sleep(0) if looping() else until(lambda: "sharing False" in log))
        log.append("went on")

    async def main() -> None:
        await together([waits(), asks()])
        assert looping()

    drive(main())
    assert log == ["sharing True", "sharing False", "went on"]


def test_an_error_of_one_comes_through_and_ends_the_others() -> None:
    for late in (False, True):
        ended: list[str] = []

        async def waits(ended: list[str] = ended) -> None:
            try:
                while True:
                    await (asyncio.sleep(60) if looping() else until(lambda: False))
            finally:
                ended.append("cleaned")

        async def fails(late: bool = late) -> None:
            if late:
                await event_loop()
                await asyncio.sleep(0)
            raise KeyError("x")

        with pytest.raises(KeyError):
            drive(together([waits(), fails()]))
        assert ended == ["cleaned"]
        assert not sharing()


def test_what_waits_for_nobody_here_waits_under_a_loop() -> None:
    async def main() -> bool:
        while not looping():
            await until(lambda: False)
        return True

    assert drive(main()) is True


def test_together_is_a_task_group_under_a_loop() -> None:
    seen: list[int] = []

    async def one(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)

    asyncio.run(together([one(1), one(2)]))
    assert sorted(seen) == [1, 2]
