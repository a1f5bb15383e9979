"""The connections of one program, and the thread with the event loop that they live on.

The loop is the store's own: a caller crosses to it once a transaction, whether it has a loop itself or
not, and no transaction holds up the caller's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import asyncpg

from providers.store.postgres import errors
from providers.store.postgres.address import Address
from providers.store.postgres.session import Session
from vfs.errors import Unavailable

T = TypeVar("T")

CONNECTING = 10.0
"""Seconds until a server that does not answer counts as unreachable."""
WAITING = 30.0
"""Seconds that a free connection is waited for."""


class LoopThread:
    """A thread that runs an event loop, for whoever hands it a coroutine."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Runs a coroutine there; cancelling the future cancels it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        """Stops the loop and waits for the thread's end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class Pool:
    """At most so many connections; lives on one loop."""

    def __init__(self, address: Address, password: str | None) -> None:
        self.address = address
        self._password = address.password or password
        self._idle: list[Session] = []
        self._free = asyncio.Semaphore(address.pool)

    async def acquire(self) -> Session:
        """A connection that nobody uses. Raises Unavailable, and what asyncpg raises."""
        try:
            await asyncio.wait_for(self._free.acquire(), WAITING)
        except TimeoutError:
            raise Unavailable(self.address.name, "all connections of this program are in use") from None
        try:
            while self._idle:
                session = self._idle.pop()
                if not session.raw.is_closed():
                    return session
            return Session(await self.connect(), self.address.name)
        except BaseException:
            self._free.release()
            raise

    def release(self, session: Session, *, broken: bool = False) -> None:
        """Gives a connection back; a broken one is dropped, and with it those that lie idle."""
        if broken or session.raw.is_closed():
            self.drop_idle()
            session.raw.terminate()
        else:
            self._idle.append(session)
        self._free.release()

    def drop_idle(self) -> None:
        """After a restart of the server none of them is of use."""
        idle, self._idle = self._idle, []
        for session in idle:
            session.raw.terminate()

    async def connect(self) -> asyncpg.Connection[Any]:
        """A connection of its own, outside of the pool."""
        return await asyncpg.connect(
            self.address.dsn,
            password=self._password,
            timeout=CONNECTING,
            # Statements are kept by Session, which knows whether they may have names.
            statement_cache_size=0,
            server_settings={"application_name": "spatio"},
        )

    async def close(self) -> None:
        """Closes what lies idle."""
        idle, self._idle = self._idle, []
        for session in idle:
            try:
                await session.raw.close(timeout=2)
            except Exception as error:
                if not errors.is_lost(error):
                    raise
