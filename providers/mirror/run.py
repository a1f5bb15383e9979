"""Run: one sync of one account: what it works with, how it writes, waits and reports."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from providers.mirror.arriving import Counts
from providers.mirror.records import Place
from providers.mirror.remote import Remote, Throttled
from providers.mirror.settings import MirrorSettings
from providers.store.unit import Unit
from vfs.action import Change
from vfs.ids import uuid7

if TYPE_CHECKING:
    from providers.mirror.lease import Lease
    from providers.store.store import Connection, Store

T = TypeVar("T")

TRIES = 6
LONGEST = 300.0
"""Seconds that a service is waited for at most, at its own wish."""

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how many are, and of how many if that is known."""


class Report(NamedTuple):
    """What a sync did."""

    counts: Counts = Counts()
    bodies: int = 0
    pushed: int = 0
    problems: tuple[str, ...] = ()


class Run:
    """One sync under way."""

    def __init__(
        self,
        store: Store,
        place: Place,
        settings: MirrorSettings,
        remote: Remote,
        lease: Lease | None,
        *,
        full: bool = False,
        accept: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """`full` lists everything again; `accept` lets go what the service says is gone, however much."""
        self.store = store
        self.place = place
        self.settings = settings
        self.remote = remote
        self.lease = lease
        self.full = full
        self.accept = accept
        self.progress = progress
        self.change = Change(uuid7(), "sync", f"sync:{place.mount}")
        self.problems: list[str] = []

    async def write(self, work: Callable[[Unit], T]) -> T:
        """What `work` does, as one transaction that the lease stands over."""

        def transaction(connection: Connection) -> T:
            if self.lease is not None:
                self.lease.hold(connection)
            unit = Unit(connection, self.place.user, self.place.mount, self.change)
            result = work(unit)
            unit.finish()
            return result

        return await self.store.write(transaction)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """`call()`, again after the service wanted to be left alone for a while. Raises Throttled at last."""
        for tried in range(TRIES):
            try:
                return await call()
            except Throttled as error:
                await self.rest(error, tried)
        return await call()

    async def rest(self, error: Throttled, tried: int) -> None:
        """Waits as the service said, or longer each time. Raises `error` when that is too long."""
        seconds = error.seconds if error.seconds is not None else min(60.0, 2.0**tried) * _jitter()
        if seconds > LONGEST or tried >= TRIES:
            raise error
        self.say("waiting as the service asked", 0, None)
        await import_module("asyncio").sleep(max(0.0, seconds))

    def say(self, what: str, done: int, total: int | None) -> None:
        if self.progress is not None:
            self.progress(what, done, total)


def _jitter() -> float:
    # How long programs wait, so that they do not all come back at once, is no secret.
    return 0.5 + random.random()  # noqa: S311


class _End:
    """Nothing more comes."""


async def ahead(source: AsyncIterator[T]) -> AsyncIterator[T]:
    """`source`, its next one asked for while this one is worked on; closed on the way out."""
    asyncio = import_module("asyncio")

    async def step() -> T | _End:
        try:
            return await anext(source)
        except StopAsyncIteration:
            return _End()

    task = asyncio.ensure_future(step())
    try:
        while True:
            item: T | _End = await task
            if isinstance(item, _End):
                return
            task = asyncio.ensure_future(step())
            yield item
    finally:
        if not task.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
