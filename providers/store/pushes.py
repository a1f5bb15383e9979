"""What was changed here of a service's items: noted with the change, pushed by the mirror's next sync.

Only that a node is another one is kept. What it is to become is what it is, and what it was for the
service stands in its `item`; so a change that was taken back is none, and one that is done twice is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vfs.action import Change

if TYPE_CHECKING:
    from providers.store.store import Connection

SYNC = "sync:"
"""Begins the name of who does what the service said: nothing to tell it."""

_MARK = (
    "INSERT INTO push (user_id, node, mount, at, due, tries, problem) VALUES (?, ?, ?, ?, ?, 0, '')"
    " ON CONFLICT (user_id, node) DO UPDATE SET mount = excluded.mount, at = excluded.at,"
    " due = excluded.due, tries = 0, problem = ''"
)


def is_told(change: Change) -> bool:
    """Whether a service is to hear of a change: not of what it has said itself."""
    return not change.actor.startswith(SYNC)


def is_mirror(connection: Connection, user: str, mount: str) -> bool:
    """Whether a collection is the replica of an account."""
    found = connection.execute(
        "SELECT 1 FROM replica WHERE user_id = ? AND mount = ? AND key = ''", (user, mount)
    ).fetchone()
    return found is not None


def mark(connection: Connection, user: str, mount: str, nodes: Iterable[int], now: int) -> None:
    """Nodes of a mirror are to be told of, from `now` on."""
    connection.executemany(_MARK, [(user, node, mount, now, now) for node in sorted(nodes)])
