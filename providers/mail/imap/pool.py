"""Pool: a few connections of an account, shared by calls; what blocks runs off the event loop."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from providers.mail.imap.errors import translated
from providers.mail.imap.login import Address, Credentials, connect
from providers.mail.imap.session import Session
from vfs.drive import hop, looping
from vfs.errors import LoginNeeded, TimedOut, Unavailable, VfsError

if TYPE_CHECKING:
    from asyncio import Future

T = TypeVar("T")

STALE = 240.0
"""Seconds after which an idle connection is not trusted: what is between may have dropped it silently."""


class Pool:
    """Connections that are made when they are needed, at most `width` at once."""

    def __init__(self, address: Address, credentials: Credentials, width: int) -> None:
        self.address = address
        self.credentials = credentials
        self.width = width
        self._validities: dict[str, int] = {}
        self._idle: list[tuple[Session, float]] = []
        self._busy: set[Session] = set()
        self._opening = 0
        self._waiting: deque[Future[None]] = deque()
        self._threads: ThreadPoolExecutor | None = None

    async def call(
        self, work: Callable[[Session], T], *, mailbox: str | None = None, again: bool = True
    ) -> T:
        """What `work` returns, run on a connection, one that has `mailbox` open rather than another.

        A connection that was there before and turns out to be cut is replaced, and the work done `again`. A
        cancelled call cuts its connection, so that no thread stays behind.
        """
        while True:
            session, fresh = await self._take(mailbox)
            try:
                return await self._on(session, work)
            except TimedOut:
                raise
            except Unavailable:
                if fresh or not again or not session.broken:
                    raise
            finally:
                self._give(session)

    async def _on(self, session: Session, work: Callable[[Session], T]) -> T:
        def guarded() -> T:
            with translated(session.server, session.secret):
                return work(session)

        try:
            return await hop(guarded, self._executor())
        except VfsError:
            raise
        except BaseException:
            session.cut()
            raise

    async def _take(self, mailbox: str | None) -> tuple[Session, bool]:
        """A connection, and whether it is new."""
        while True:
            now = monotonic()
            for session, since in [*self._idle]:
                if session.broken or now - since > STALE:
                    self._idle.remove((session, since))
                    session.wire.quit()
            if self._idle:
                fitting = [one for one in self._idle if one[0].mailbox == mailbox]
                entry = (fitting or self._idle)[-1]
                self._idle.remove(entry)
                self._busy.add(entry[0])
                return entry[0], False
            if not looping() or len(self._busy) + self._opening < self.width:
                opened = await self._open()
                if opened is not None:
                    return opened, True
                if self._idle:
                    continue
            await self._turn()

    async def _open(self) -> Session | None:
        """A new connection; None when the server gives no further one, so that others are waited for."""
        self._opening += 1
        try:
            session = await self._connected()
        except LoginNeeded:
            raise
        except (Unavailable, TimedOut):
            others = len(self._busy) + len(self._idle)
            if not others or not looping():
                raise
            self.width = others
            return None
        finally:
            self._opening -= 1
            self._wake()
        self._busy.add(session)
        return session

    async def _connected(self) -> Session:
        secret = await self.credentials.secret()
        try:
            return await self._logged_in(secret)
        except LoginNeeded:
            another = await self.credentials.renewed(secret)
            if another is None:
                raise
            return await self._logged_in(another)

    async def _logged_in(self, secret: str) -> Session:
        wanted = True

        def connected() -> Session:
            session = connect(self.address, secret)
            session.validities = self._validities
            if not wanted:
                session.wire.quit()
            return session

        try:
            return await hop(connected, self._executor())
        except BaseException:
            wanted = False
            raise

    async def _turn(self) -> None:
        asyncio = sys.modules["asyncio"]
        waiter: Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _give(self, session: Session) -> None:
        self._busy.discard(session)
        if session.broken:
            session.wire.quit()
        else:
            self._idle.append((session, monotonic()))
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    def _executor(self) -> ThreadPoolExecutor | None:
        if not looping():
            return None
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.width + 2, thread_name_prefix="imap")
        return self._threads

    async def aclose(self) -> None:
        """Ends all connections; those in use, too. Safe to call twice."""
        for session, _ in self._idle:
            session.wire.quit()
        self._idle.clear()
        for session in list(self._busy):
            session.cut()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None
