"""How it stands with the outbox: what waits, what needs a person, and whether anybody sends.

A worker shows that it is there by a row of `replica` that it renews: the outbox's own, with the key WORKER.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from providers.outbox.holder import has_ended

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

OUTBOX, WORKER = "outbox", "worker"

BEAT = 30.0
"""Seconds between two signs of life."""

BELIEVED = 100.0
"""Seconds for which a sign of life is believed."""

_HELD = "SELECT lease, lease_until FROM replica WHERE user_id = ? AND mount = ? AND key = ?"
_BEAT = (
    "INSERT INTO replica (user_id, mount, key, path, role, attrs, generation, listing, problem, handled,"
    " lease, lease_until) VALUES (?, ?, ?, '', '', '', 0, FALSE, '', 0, ?, ?)"
    " ON CONFLICT (user_id, mount, key) DO UPDATE SET lease = excluded.lease,"
    " lease_until = excluded.lease_until"
)
_LEAVE = "DELETE FROM replica WHERE user_id = ? AND mount = ? AND key = ? AND lease = ?"
_STATES = (
    "SELECT state, count(*), min(due) FROM deed WHERE user_id = ? AND state NOT IN ('done', 'cancelled')"
    " GROUP BY state"
)


class Standing(NamedTuple):
    """What is in the outbox."""

    waiting: int
    """Deeds that need nobody but a worker."""
    due: int | None
    """When the next of them may leave."""
    failed: int
    unknown: int
    works: bool
    """Whether a worker runs."""


def beat(connection: Connection, user: str, lease: str, now: int) -> None:
    """A worker says that it is there."""
    connection.execute(_BEAT, (user, OUTBOX, WORKER, lease, now + int(BELIEVED * 1_000_000)))


def leave(connection: Connection, user: str, lease: str) -> None:
    """A worker says that it is going."""
    connection.execute(_LEAVE, (user, OUTBOX, WORKER, lease))


def works(connection: Connection, user: str, now: int) -> bool:
    """Whether a worker has shown itself lately, and still runs as far as that can be told."""
    row = connection.execute(_HELD, (user, OUTBOX, WORKER)).fetchone()
    return row is not None and not has_ended(row[0], row[1], now)


def standing(connection: Connection, user: str, now: int) -> Standing:
    """Counts, by one statement of an index over what is open; and one that looks for a worker."""
    counts = {state: (count, due) for state, count, due in connection.execute(_STATES, (user,)).fetchall()}
    failed, unknown = (counts.pop(state, (0, 0))[0] for state in ("failed", "unknown"))
    due = counts.get("waiting", (0, None))[1]
    waiting = sum(count for count, _ in counts.values())
    return Standing(waiting, due, failed, unknown, works(connection, user, now))


async def standing_of(store: Store) -> Standing:
    """`standing` of a store, at this moment."""
    return await store.read(lambda connection: standing(connection, store.user, time.time_ns() // 1000))
