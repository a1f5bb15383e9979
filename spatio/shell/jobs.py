"""Jobs: what runs in the background of a shell, by number."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Task

    from spatio.shell.draft import Draft
    from spatio.shell.ports import Ports

FIRST_ID = 1001
"""`$!` of the first job; jobs are no processes, so these are only names."""
KILLED = 143


class Job:
    """One line in the background. `status` is None while it runs."""

    def __init__(self, number: int, text: str, task: Task[int], ports: Ports) -> None:
        self.number = number
        self.id = FIRST_ID + number - 1
        self.text = text
        self.task = task
        self.ports = ports
        self.told = False
        self.killed = False

    @property
    def status(self) -> int | None:
        if not self.task.done():
            return None
        return KILLED if self.task.cancelled() else self.task.result()

    @property
    def state(self) -> str:
        """As `jobs` shows it."""
        status = self.status
        if status is None:
            return "Running"
        if self.killed:
            return "Terminated"
        return "Done" if status == 0 else f"Exit {status}"


class Jobs:
    """The jobs of one shell."""

    def __init__(self) -> None:
        self.all: dict[int, Job] = {}
        self.last: int | None = None
        self.past: dict[int, int] = {}
        self._count = 0

    def add(self, text: str, task: Task[int], ports: Ports) -> Job:
        self._count = 1 + max(self.all, default=0) if self.all else 1
        job = Job(self._count, text, task, ports)
        while job.id in self.past or any(job.id == other.id for other in self.all.values()):
            job.id += 1
        self.all[job.number] = job
        self.last = job.id
        return job

    def find(self, word: str) -> Job | None:
        """The job that `%1`, `%%`, `%text` or an id names."""
        if word.startswith("%"):
            rest = word[1:]
            if rest in {"", "%", "+"}:
                return self.all[max(self.all)] if self.all else None
            if rest.isdecimal():
                return self.all.get(int(rest))
            return next((job for job in self.all.values() if job.text.startswith(rest)), None)
        return next((job for job in self.all.values() if str(job.id) == word), None)

    def forget(self, job: Job) -> None:
        """Takes a finished job from the table; its status can still be asked for by id."""
        self.all.pop(job.number, None)
        self.past[job.id] = job.status or 0

    async def wait(self, job: Job) -> int:
        """The job's status, once it has ended."""
        if not job.task.done():
            await import_module("asyncio").wait([job.task])
        self.forget(job)
        return self.past[job.id]

    async def wait_all(self) -> None:
        for job in list(self.all.values()):
            await self.wait(job)

    async def let_go(self, drafts: Iterable[Draft]) -> None:
        """Waits for the jobs that still write one of these files."""
        held = {id(draft) for draft in drafts}
        if not held:
            return
        for job in list(self.all.values()):
            if held & {id(draft) for draft in job.ports.drafts.values()} and not job.task.done():
                await import_module("asyncio").wait([job.task])

    def kill(self, job: Job) -> None:
        job.killed = not job.task.done()
        job.task.cancel()

    async def aclose(self) -> None:
        """Ends every job."""
        running = [job.task for job in self.all.values() if not job.task.done()]
        for task in running:
            task.cancel()
        if running:
            await import_module("asyncio").wait(running)
        self.all.clear()
