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
    " AND kind = 'file' ORDER BY seq {order} LIMIT ?"
)


async def recent_attrs(store: Store, mount: str, most: int) -> Sequence[Mapping[str, Value]]:
    """The attributes of about the newest `most` items.

    A first listing comes newest first, and what comes later is newer still: both ends of the numbers are new.
    """
    user = store.user

    def read(connection: Connection) -> Sequence[str]:
        row = connection.execute(
            "SELECT number FROM collection WHERE user_id = ? AND name = ?", (user, mount)
        ).fetchone()
        if row is None:
            return []
        first = int(row[0]) * SPAN
        values = (user, first, first + SPAN, most // 2)
        texts = {}
        for order in ("DESC", "ASC"):
            texts.update(
                dict.fromkeys(text for (text,) in connection.execute(_RECENT.format(order=order), values))
            )
        return list(texts)

    return [rows.read_attrs(text) for text in await store.read(read)]
