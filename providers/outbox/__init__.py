"""What is about to leave: deeds that wait, are performed once, and are looked after when it is unclear."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.store.store import Connection

_OPEN = "SELECT 1 FROM deed WHERE user_id = ? AND state NOT IN ('done', 'cancelled') LIMIT 1"


def holds_something(connection: Connection, user: str) -> bool:
    """Whether anything is in the outbox; cheap enough to be asked by every command."""
    return connection.execute(_OPEN, (user,)).fetchone() is not None
