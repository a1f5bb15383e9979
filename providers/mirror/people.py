"""People: whom the replica of an account has seen, from the newest of its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.schema import SPAN
from vfs.node import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.store.store import Connection, Store

_RECENT = (
    "SELECT attrs FROM node WHERE user_id = ? AND seq >= ? AND seq < ? AND deleted_at IS NULL"
    " AND kind = 'file' ORDER BY seq DESC LIMIT ?"
)


async def recent_attrs(store: Store, mount: str, most: int) -> Sequence[Mapping[str, Value]]:
    """The attributes of the newest `most` items, newest first."""
    user = store.user

    def read(connection: Connection) -> Sequence[str]:
        row = connection.execute(
            "SELECT number FROM collection WHERE user_id = ? AND name = ?", (user, mount)
        ).fetchone()
        if row is None:
            return []
        first = int(row[0]) * SPAN
        found = connection.execute(_RECENT, (user, first, first + SPAN, most))
        return [text for (text,) in found]

    return [rows.read_attrs(text) for text in await store.read(read)]
