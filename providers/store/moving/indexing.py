"""The search index of rows that were put all at once, made in the transaction that puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.store import index

if TYPE_CHECKING:
    from providers.store.moving.backup import Progress
    from providers.store.store import Connection


def build(connection: Connection, user: str, progress: Progress | None = None) -> None:
    """Indexes every live file; documents with the text that was kept for them."""
    connection.words.clear(connection, user)
    done = 0
    for batch in index.batches(connection, user):
        connection.words.put(connection, user, batch)
        done += len(batch)
        if progress is not None:
            progress("indexing", done, 0)
