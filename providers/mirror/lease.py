"""Lease: who syncs an account at this moment, so that no two do."""

from __future__ import annotations

import os
import time
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mirror import records
from providers.mirror.records import Place
from vfs.errors import Conflict, Unavailable
from vfs.ids import uuid7

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

LASTS = 60_000_000
"""Microseconds for which a lease holds unless it is renewed."""
RENEWED = 15.0
"""Seconds after which one is renewed while nothing is written."""
LOOKED = 0.1
"""Seconds between two looks at a lease that somebody else has."""

_ROW = "user_id = ? AND mount = ? AND key = ''"


class Lease:
    """One sync's hold on an account."""

    def __init__(self, store: Store, place: Place) -> None:
        self.store = store
        self.place = place
        self.name = f"{os.uname().nodename}:{os.getpid()}:{uuid7()}"

    async def take(self, seconds: float) -> None:
        """Waits so long for who has it. Raises Unavailable with the holder's name."""
        asyncio = import_module("asyncio")
        until = time.monotonic() + seconds
        while True:
            holder = await self.store.write(self._take)
            if holder is None:
                return
            if time.monotonic() >= until:
                host, pid, _ = holder.split(":", 2)
                raise Unavailable(None, f"is being synced by process {pid} on {host}", hint="run: sync")
            await asyncio.sleep(LOOKED)

    def _take(self, connection: Connection) -> str | None:
        """The one who has it; None once it is this one."""
        records.begin_account(connection, self.place)
        now = time.time_ns() // 1000
        holder, until = connection.execute(
            f"SELECT lease, lease_until FROM replica WHERE {_ROW}", self.place
        ).fetchone()
        if holder is not None and until is not None and until > now and _is_alive(holder):
            return str(holder)
        connection.execute(
            f"UPDATE replica SET lease = ?, lease_until = ? WHERE {_ROW}",
            (self.name, now + LASTS, *self.place),
        )
        return None

    def hold(self, connection: Connection) -> None:
        """Renews it, within the transaction that needs it. Raises Conflict when somebody else has it."""
        until = time.time_ns() // 1000 + LASTS
        done = connection.execute(
            f"UPDATE replica SET lease_until = ? WHERE {_ROW} AND lease = ? RETURNING 1",
            (until, *self.place, self.name),
        )
        if done.fetchone() is None:
            raise Conflict(None, "another program syncs this account")

    async def keep(self) -> None:
        """Renews it again and again, until it is cancelled, or lost."""
        sleep = import_module("asyncio").sleep
        while True:
            await sleep(RENEWED)
            await self.store.write(self.hold)

    async def give_up(self) -> None:
        """Others may have it."""
        await self.store.write(
            lambda connection: connection.execute(
                f"UPDATE replica SET lease = NULL, lease_until = NULL WHERE {_ROW} AND lease = ?",
                (*self.place, self.name),
            )
        )


def _is_alive(holder: str) -> bool:
    """False for a process of this computer that is there no more."""
    host, pid, _ = holder.split(":", 2)
    if host != os.uname().nodename:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True
