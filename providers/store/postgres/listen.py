"""Notices of changes, by LISTEN: over the direct address, since a pooling proxy forwards none."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from providers.store.postgres import errors
from providers.store.postgres.pool import Pool, is_proxied
from vfs.drive import event_loop
from vfs.errors import Unsupported

if TYPE_CHECKING:
    from providers.store.postgres.store import PostgresStore
    from providers.store.postgres.thread import Crossing

Tick = Callable[[], None]

CHANNEL = "spatio"
LONGEST = 30.0
"""Seconds between two attempts at most, while the server is away."""


class Listening:
    """One connection that listens for all who want to hear of a store's changes, while anybody does."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._ears: set[Tick] = set()
        self._listener: Crossing[None] | None = None
        self._hears = False

    def join(self, ear: Tick) -> None:
        """Calls `ear` once it hears, and at every change; from any thread."""
        with self._lock:
            self._ears.add(ear)
            if self._listener is None or self._listener.future.done():
                self._listener = self._store.submit(self._listen())
                self._listener.future.add_done_callback(lambda _: self._tell())
            elif self._hears:
                ear()

    def leave(self, ear: Tick) -> None:
        with self._lock:
            self._ears.discard(ear)
            if not self._ears and self._listener is not None:
                self._listener.cancel()
                self._listener = None

    def check(self) -> None:
        """Raises why it listens no more, if that is so."""
        listener = self._listener
        if listener is not None and listener.future.done():
            listener.future.result()

    def _tell(self) -> None:
        for ear in list(self._ears):
            ear()

    async def _listen(self) -> None:
        """Listens until it is cancelled, again and again."""
        store = self._store
        pool = Pool(store.direct, store.password, store.times)
        wait = 0.1
        while True:
            try:
                await self._once(pool)
                wait = 0.1
            except Exception as error:
                if not errors.is_lost(error):
                    raise errors.from_postgres(error, store.direct.name) from error
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)
                wait = min(LONGEST, 2 * wait)

    async def _once(self, pool: Pool) -> None:
        """Listens over one connection, to its end."""
        raw = await pool.connect()
        ended = asyncio.Event()
        topic = self._store.topic

        def heard(connection: Any, process: int, channel: str, payload: Any) -> None:
            if str(payload).startswith(topic):
                self._tell()

        try:
            if await is_proxied(raw):
                raise Unsupported(
                    pool.address.name,
                    "a proxy, which forwards no notices of changes",
                    hint="name the server itself: direct = … under [store]",
                )
            raw.add_termination_listener(lambda _: ended.set())
            await raw.add_listener(CHANNEL, heard)
            self._hears = True
            self._tell()
            await ended.wait()
        finally:
            self._hears = False
            raw.terminate()


async def changes(listening: Listening) -> AsyncIterator[None]:
    """Ticks once it listens, whenever the user's rows were changed, and after each time it could not listen.

    Several changes may be one tick. Raises Unsupported behind a proxy without a direct address.
    """
    await event_loop()
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def tick() -> None:
        with contextlib.suppress(RuntimeError):  # the caller's loop may have ended
            loop.call_soon_threadsafe(changed.set)

    listening.join(tick)
    try:
        while True:
            await changed.wait()
            changed.clear()
            listening.check()
            yield None
    finally:
        listening.leave(tick)
