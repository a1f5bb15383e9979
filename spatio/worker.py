"""Worker: what goes on in the background: sending what is due, keeping replicas in step.

`spatio worker` is one by itself; the prompt runs one inside while it is open. Work is leased in the
store, so that any number of workers does everything once. Each job sleeps until its next moment, and is
woken when the store changes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from providers.outbox import standing
from providers.outbox.holder import let_go, new_lease
from providers.spec import Reach
from spatio import instep
from spatio.login.unlock import unlock
from spatio.outbox import Sending, WorkspaceOutbox
from spatio.start import Start, say
from spatio.workspace import Workspace, open_workspace
from vfs.drive import event_loop
from vfs.errors import Unsupported, VfsError
from vfs.visible import visible_line

LOOKS = 5.0
"""Seconds between two looks at a store that sends no notices."""

CONFIG_LOOKS = 3.0
"""Seconds between two looks whether the config is another one."""

PAUSES = (5.0, 30.0, 300.0)
"""Seconds until a job that failed is tried again: the first time, the second, from then on."""


class Job(Protocol):
    """Something that a worker does again and again."""

    name: str

    async def turn(self) -> float | None:
        """Does what there is to do; seconds until there is more, None when only a change brings more.

        Raises VfsError; it is called again later. May be cancelled at any moment.
        """
        ...


class Worker:
    """The jobs of a workspace."""

    def __init__(self, workspace: Workspace, tell: Callable[[str], None]) -> None:
        """`tell` is given lines for a person."""
        self._workspace = workspace
        self._tell = tell
        self._wakes: dict[str, asyncio.Event] = {}

    def jobs(self) -> Sequence[Job]:
        """What this workspace has to be done."""
        outbox = self._workspace.services.outbox
        assert isinstance(outbox, WorkspaceOutbox)
        sending: Job = Sending(outbox, self._tell)
        return [sending, *instep.jobs(self._workspace, self._tell, self._wake_one)]

    async def once(self) -> bool:
        """Does what is due at this moment, each job once; whether all of them could."""
        await event_loop()
        well = True
        for job in self.jobs():
            if isinstance(job, instep.Listening):
                continue
            try:
                await job.turn()
            except VfsError as error:
                well = False
                self._tell(_told(job, error))
            if isinstance(job, Sending) and job.again:
                well = False
        return well

    async def run(self) -> None:
        """Works until it is cancelled. Raises VfsError when the store cannot be opened at all."""
        await event_loop()
        store, lease = self._workspace.store(), new_lease()
        await store.write(lambda connection: standing.beat(connection, store.user, lease, _now()))
        jobs = self.jobs()
        self._wakes = {job.name: asyncio.Event() for job in jobs}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beat(lease))
                group.create_task(self._watch())
                for job in jobs:
                    group.create_task(self._keep(job))
        finally:
            with suppress(VfsError):
                await store.write(lambda connection: standing.leave(connection, store.user, lease))
            let_go(lease)

    async def _keep(self, job: Job) -> None:
        """Does a job again and again, whatever goes wrong."""
        wake, failures, said = self._wakes[job.name], 0, ""
        pause: float | None
        while True:
            wake.clear()
            try:
                pause = await job.turn()
                failures, said = 0, ""
            except VfsError as error:
                pause, failures = PAUSES[min(failures, len(PAUSES) - 1)], failures + 1
                line = _told(job, error)
                if line != said:
                    said = line
                    self._tell(line)
            except Exception as error:
                pause = PAUSES[-1]
                self._tell(f"{job.name}: a bug in Spatio: {type(error).__name__}: {visible_line(str(error))}")
            if failures and pause is not None:
                await asyncio.sleep(pause)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), pause)

    async def _watch(self) -> None:
        """Wakes all jobs whenever the store changes."""
        try:
            async for _ in self._workspace.store().changes():
                self._wake()
        except Unsupported:
            while True:
                await asyncio.sleep(LOOKS)
                self._wake()

    def _wake_one(self, name: str) -> None:
        if name in self._wakes:
            self._wakes[name].set()

    def _wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    async def _beat(self, lease: str) -> None:
        store = self._workspace.store()
        while True:
            await asyncio.sleep(standing.BEAT)
            with suppress(VfsError):
                await store.write(lambda connection: standing.beat(connection, store.user, lease, _now()))


def _told(job: Job, error: VfsError) -> str:
    return visible_line(f"{job.name}: {error}" + (f" ({error.hint})" if error.hint else ""))


def _now() -> int:
    return time.time_ns() // 1000


# -- spatio worker


def work(begun: Start, *, once: bool) -> int:
    """Runs a worker until it is told to stop; with `once` until what is due is done. The exit status."""
    return asyncio.run(_once(begun) if once else _until_told(begun))


def _open(begun: Start) -> Workspace:
    reach = begun.reach or ("" if os.environ.get("SPATIO_OFFLINE") else Reach.BACKGROUND.value)
    return open_workspace(begun.home, address=begun.store, objects=begun.objects, reach=reach)


async def _once(begun: Start) -> int:
    workspace = _open(begun)
    try:
        await unlock(workspace)
        return 0 if await Worker(workspace, _line).once() else 75
    finally:
        await workspace.aclose()


async def _until_told(begun: Start) -> int:
    """Works until SIGTERM or SIGINT, with the mounts that the config names at each time.

    What is leaving when it is stopped comes to its end. Raises VfsError when the workspace cannot be opened.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        workspace = _open(begun)
        try:
            if workspace.reach is Reach.OFFLINE:
                raise Unsupported(None, "a worker has nothing to do offline")
            await unlock(workspace)
            say("the worker runs; Ctrl-C stops it")
            await _work(Worker(workspace, _line), stop, workspace.where.config_file)
        finally:
            await workspace.aclose()
    say("the worker has stopped")
    return 0


async def _work(worker: Worker, stop: asyncio.Event, config: str) -> None:
    """Works until `stop` is set, or the config is another one."""
    working = asyncio.create_task(worker.run())
    ends = [asyncio.create_task(stop.wait()), asyncio.create_task(_changed(config))]
    await asyncio.wait({working, *ends}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*ends, working):
        task.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


async def _changed(config: str) -> None:
    """Returns once the config is another one than at the call."""
    before = _stamp(config)
    while _stamp(config) == before:  # noqa: ASYNC110 (a file sends no events)
        await asyncio.sleep(CONFIG_LOOKS)


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        facts = os.stat(file)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size


def _line(text: str) -> None:
    """A line on standard output; nobody reading it does not end the work."""
    with suppress(OSError):
        os.write(1, f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {text}\n".encode())
