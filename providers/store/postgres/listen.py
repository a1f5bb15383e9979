"""Notices of changes, by LISTEN: over the direct address, since a pooling proxy forwards none."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from providers.store.postgres import errors
from providers.store.postgres.pool import Pool
from vfs.drive import event_loop
from vfs.errors import Unsupported

if TYPE_CHECKING:
    from providers.store.postgres.store import PostgresStore

CHANNEL = "spatio"
LONGEST = 30.0
"""Seconds between two attempts at most, while the server is away."""


async def changes(store: PostgresStore) -> AsyncIterator[None]:
    """Ticks once it listens, whenever the user's rows were changed, and after each time it could not listen.

    Several changes may be one tick. Raises Unsupported behind a proxy without a direct address.
    """
    await event_loop()
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def tick() -> None:
        with contextlib.suppress(RuntimeError):  # the caller's loop may have ended
            loop.call_soon_threadsafe(changed.set)

    listening = store.submit(_listen(store, tick))
    listening.future.add_done_callback(lambda _: tick())
    try:
        while True:
            await changed.wait()
            changed.clear()
            if listening.future.done():
                listening.future.result()
            yield None
    finally:
        listening.cancel()


async def _listen(store: PostgresStore, tick: Callable[[], None]) -> None:
    """Listens until it is cancelled, again and again."""
    pool = Pool(store.direct, store.password)
    wait = 0.1
    while True:
        try:
            await _once(pool, store.topic, tick)
            wait = 0.1
        except Exception as error:
            if not errors.is_lost(error):
                raise errors.from_postgres(error, store.direct.name) from error
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)
            wait = min(LONGEST, 2 * wait)


async def _once(pool: Pool, topic: str, tick: Callable[[], None]) -> None:
    """Listens over one connection, to its end."""
    raw = await pool.connect()
    ended = asyncio.Event()

    def heard(connection: Any, process: int, channel: str, payload: Any) -> None:
        if str(payload).startswith(topic):
            tick()

    try:
        if await _process(raw) != raw.get_server_pid():
            raise Unsupported(
                pool.address.name,
                "a proxy, which forwards no notices of changes",
                hint="name the server itself: direct = … under [store]",
            )
        raw.add_termination_listener(lambda _: ended.set())
        await raw.add_listener(CHANNEL, heard)
        tick()
        await ended.wait()
    finally:
        raw.terminate()


async def _process(raw: Any) -> int:
    await raw.execute("BEGIN")
    try:
        return int((await (await raw.prepare("SELECT pg_backend_pid()", name="")).fetch())[0][0])
    finally:
        await raw.execute("COMMIT")
