"""Performing: takes deeds that are due, has their services do them, and notes what came of it.

Whatever is cut off where, each deed ends done once, failed, unknown, or waits: a lease fences off whoever
comes late, and what may have left is looked up before anything is done again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from providers.mirror.remote import Throttled
from providers.outbox import claims, table
from providers.outbox.claims import LeaseLost
from providers.outbox.deed import DONE, FAILED, LEAVING, UNKNOWN, WAITING, Performs
from providers.outbox.holder import RENEWED, let_go, new_lease
from providers.outbox.table import DeedRow
from providers.store import contents
from vfs.drive import event_loop
from vfs.errors import BadName, LoginNeeded, Refused, TooLarge, Unavailable, VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0
LAST_WORDS = 20.0
"""Seconds that what is leaving has to end in, when the program is told to stop."""

OWN_WORD = (Throttled, Refused, BadName, TooLarge)
"""Errors by which a service says that it took nothing, whenever it says it."""

Services = Callable[[str], Performs | None]
Told = Callable[[DeedRow], Awaitable[None]]


def pause(tries: int) -> float:
    """Seconds until the next try, a little different each time."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 10))
    return float(seconds * random.uniform(0.9, 1.1))  # noqa: S311 (nothing secret)


class Performing:
    """The deeds of one store."""

    def __init__(self, store: Store, service: Services, told: Told) -> None:
        """`service` finds what performs for an account; `told` hears how each deed ended."""
        self.store = store
        self._service = service
        self._told = told
        self._resting: dict[str, float] = {}
        """Accounts that could not be reached, and until when (monotonic) they are left alone."""
        self.wrong: dict[int, BaseException] = {}
        """What went wrong last with a deed that is not done."""

    async def turn(self) -> float | None:
        """Does all that is due; seconds until there is more to do, None when nothing is left."""
        await event_loop()
        user = self.store.user
        ready, _ = await self.store.read(lambda connection: claims.claimable(connection, user, _now()))
        accounts: dict[str, list[DeedRow]] = {}
        for row in ready:
            if self._rests(row.account) <= 0:
                accounts.setdefault(row.account, []).append(row)
        ways = [self._one_after_the_other(some) for some in accounts.values()]
        for wrong in await asyncio.gather(*ways, return_exceptions=True):
            if wrong is not None:
                raise wrong
        ready, later = await self.store.read(lambda connection: claims.claimable(connection, user, _now()))
        waits = [max(self._rests(row.account), 0.1) for row in ready]
        if later is not None:
            waits.append(max((later - _now()) / 1_000_000, 0.1))
        return min(waits, default=None)

    def _rests(self, account: str) -> float:
        return self._resting.get(account, 0.0) - time.monotonic()

    async def _one_after_the_other(self, some: Sequence[DeedRow]) -> None:
        for row in some:
            if self._rests(row.account) > 0:
                return
            await self.perform(row.node)

    async def perform(self, node: int) -> DeedRow | None:
        """Does one deed that is due; how it stands then, None when somebody else has it."""
        await event_loop()
        lease = new_lease()
        try:
            return await self._under(lease, node)
        finally:
            let_go(lease)

    async def _under(self, lease: str, node: int) -> DeedRow | None:
        user = self.store.user
        row = await self.store.write(lambda connection: claims.claim(connection, user, node, lease, _now()))
        if row is None:
            return None
        async with self._renewing(row, lease):
            after = await self._attempt(row, lease)
        if after is None:
            return None
        settled = await self.store.write(
            lambda connection: claims.settle(connection, user, after, lease, _now())
        )
        if settled is not None:
            await self._told(settled)
        return settled

    @asynccontextmanager
    async def _renewing(self, row: DeedRow, lease: str) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEWED)
                try:
                    await self.store.write(
                        lambda connection: claims.renew(connection, self.store.user, row.node, lease, _now())
                    )
                except VfsError:
                    continue

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _attempt(self, row: DeedRow, lease: str) -> DeedRow | None:
        """How the deed is to stand after a try; None when it is somebody else's by now."""
        try:
            service = self._service(row.account)
            if service is None:
                raise Unavailable(None, f"nothing is mounted that sends for {row.account}")
        except VfsError as error:
            self.wrong[row.node] = error
            return self._again(row, error.reason, None)._replace(
                state=LEAVING if row.state == LEAVING else WAITING
            )
        try:
            content = await self._content(row)
        except Exception as error:
            return row._replace(state=UNKNOWN if row.state == LEAVING else FAILED, problem=_reason(error))
        if row.state == LEAVING:
            return await self._look(row, service, content)
        return await self._perform(row, lease, service, content)

    async def _content(self, row: DeedRow) -> bytes:
        def kept(connection: Connection) -> contents.Content:
            path = row.deed().path
            return contents.kept(connection, self.store.user, row.digest or b"", path)

        content = await self.store.read(kept)
        blocks = contents.blocks(self.store.objects, content, 0, content.size)
        return b"".join([block async for block in blocks])

    async def _perform(self, row: DeedRow, lease: str, service: Performs, content: bytes) -> DeedRow | None:
        left = False

        async def leaving() -> None:
            nonlocal left
            await self.store.write(
                lambda connection: claims.leave(connection, self.store.user, row.node, lease, _now())
            )
            left = True

        doing = asyncio.create_task(service.perform(row.deed(), content, leaving))
        try:
            await asyncio.wait([doing])
        except asyncio.CancelledError:
            await self._stopped(row, lease, doing, left)
            raise
        error = _error_of(doing)
        if error is None:
            return row._replace(state=DONE, result=doing.result(), problem="")
        if isinstance(error, LeaseLost):
            return None
        if left and not isinstance(error, OWN_WORD):
            return await self._look(row._replace(problem=_reason(error)), service, content)
        return self._judged(row, error)

    async def _stopped(self, row: DeedRow, lease: str, doing: asyncio.Task[str], left: bool) -> None:
        """The program is to stop: what has not left waits again, what is leaving may come to its end."""
        if left:
            await asyncio.wait([doing], timeout=LAST_WORDS)
        ended = doing.done() and not doing.cancelled()
        if not ended:
            doing.cancel()
            await asyncio.wait([doing], timeout=LAST_WORDS)
        error = _error_of(doing) if ended else None
        if ended and error is None:
            after = row._replace(state=DONE, result=doing.result(), problem="")
        elif left and not isinstance(error, OWN_WORD):
            after = row._replace(state=LEAVING, due=_now(), problem="" if error is None else _reason(error))
        else:
            after = row._replace(state=WAITING)
        await asyncio.shield(
            self.store.write(
                lambda connection: claims.settle(connection, self.store.user, after, lease, _now())
            )
        )

    async def _look(self, row: DeedRow, service: Performs, content: bytes) -> DeedRow:
        """How it stands with what may have left, by the service's own account."""
        try:
            happened = await service.look(row.deed(), content)
        except VfsError as error:
            if not error.retryable and not isinstance(error, LoginNeeded):
                return row._replace(state=UNKNOWN, problem=error.reason)
            again = self._again(row, error.reason, getattr(error, "seconds", None))
            return again._replace(state=LEAVING)
        except Exception as error:
            return row._replace(state=UNKNOWN, problem=_reason(error))
        if happened:
            return row._replace(state=DONE, result="found at the service", problem="")
        if happened is None:
            problem = row.problem or "the connection broke off while it was handed over"
            return row._replace(state=UNKNOWN, problem=problem)
        return self._again(row, row.problem or "it did not arrive", None)

    def _judged(self, row: DeedRow, error: BaseException) -> DeedRow:
        """What an error means for a deed of which nothing has left."""
        self.wrong[row.node] = error
        if isinstance(error, VfsError) and (error.retryable or isinstance(error, LoginNeeded)):
            self._resting[row.account] = time.monotonic() + (getattr(error, "seconds", None) or FIRST_PAUSE)
            return self._again(row, _reason(error), getattr(error, "seconds", None))
        return row._replace(state=FAILED, tries=row.tries + 1, problem=_reason(error))

    def _again(self, row: DeedRow, problem: str, seconds: float | None) -> DeedRow:
        tries = row.tries + 1
        wait = max(pause(tries), seconds or 0.0)
        return row._replace(state=WAITING, tries=tries, problem=problem, due=_now() + int(wait * 1_000_000))


async def deliver(performing: Performing, path: Path, patience: float) -> DeedRow | None:
    """How a deed stands once it is settled, or is to be tried later; does it here unless a worker has it.

    None for what is no deed. Gives up waiting for another worker after `patience` seconds.
    """
    await event_loop()
    store, end = performing.store, time.monotonic() + patience
    node = await store.read(lambda connection: table.number_at(connection, store.user, path))
    if node is None:
        return None
    while True:
        row = await store.read(lambda connection: table.of_node(connection, store.user, node))
        if row is not None and claims.may_claim(row, _now()):
            done = await performing.perform(node)
            if done is not None:
                return done
        elif row is None or row.lease is None or time.monotonic() > end:
            return row
        await asyncio.sleep(0.2)


def _error_of(doing: asyncio.Task[str]) -> BaseException | None:
    return asyncio.CancelledError() if doing.cancelled() else doing.exception()


def _reason(error: BaseException) -> str:
    if isinstance(error, VfsError):
        return error.reason
    return f"a bug in Spatio: {type(error).__name__}: {error}"


def _now() -> int:
    return time.time_ns() // 1000
