"""Background: the worker of an open prompt, and what it has to say, a line above the line being typed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal

from providers.outbox import holds_something
from providers.spec import Reach
from spatio.start import say
from vfs.drive import hop
from vfs.errors import VfsError

if TYPE_CHECKING:
    from spatio.workspace import Workspace

AGAIN = 30.0
"""Seconds until a worker that could not begin is tried again."""


class Background:
    """Runs a worker while there is something for it: accounts to keep in step, deeds that wait."""

    def __init__(self, workspace: Workspace, prompt: PromptSession[str]) -> None:
        self._workspace = workspace
        self._prompt = prompt
        self._task: asyncio.Task[None] | None = None
        self._shows: asyncio.Task[None] | None = None
        self._looks: asyncio.Task[None] | None = None
        self._accounts: frozenset[str] = frozenset()
        self._held: list[str] = []

    def look(self) -> None:
        """Starts the worker when there is something for it; another one when accounts came or went.

        Returns at once: a store that is slow to answer keeps nobody from typing.
        """
        if self._looks is None or self._looks.done():
            self._looks = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        if self._workspace.reach is Reach.OFFLINE:
            return
        accounts = await hop(self._replicas)
        if self._task is not None and accounts != self._accounts:
            await _ended(self._task)
            self._task = None
        if self._task is None and (accounts or await self._waits()):
            self._accounts = accounts
            if accounts and self._workspace.reach is Reach.WAIT:
                self._workspace.reach = Reach.BACKGROUND
            self._task = asyncio.create_task(self._run())

    def _replicas(self) -> frozenset[str]:
        """The mounts that are replicas, by what their providers say of themselves."""
        known = import_module("spatio.replicas").is_replica
        return frozenset(str(mount.path) for mount in self._workspace.mounts if known(mount))

    async def _waits(self) -> bool:
        """Whether anything is in the outbox; a workspace that is not there yet is not made for that."""
        workspace = self._workspace
        if not workspace.is_founded:
            return False
        try:
            store = workspace.store()
            return await store.read(lambda connection: holds_something(connection, store.user))
        except VfsError:
            return False

    async def _run(self) -> None:
        module = await hop(lambda: import_module("spatio.worker"))
        while True:
            with suppress(VfsError):
                await module.Worker(self._workspace, self.tell).run()
            await asyncio.sleep(AGAIN)

    def tell(self, line: str) -> None:
        """Shows a line above the prompt, or before the next one while a command runs."""
        self._held.append(line)
        if self._prompt.app.is_running and (self._shows is None or self._shows.done()):
            self._shows = asyncio.ensure_future(self._show())

    async def _show(self) -> None:
        await run_in_terminal(self.flush)

    def flush(self) -> None:
        """Writes what was held back."""
        held, self._held = self._held, []
        for line in held:
            say(line)

    async def stop(self) -> None:
        """Ends the worker; what is leaving comes to its end."""
        if self._looks is not None:
            await _ended(self._looks)
        if self._task is not None:
            await _ended(self._task)
        self._looks = self._task = None


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
