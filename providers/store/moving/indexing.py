"""The search index of rows that were put all at once, made in the transaction that puts them.

A server knows nothing yet of how many rows a transaction has put: each statement here can only be answered
by the one key that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from providers.store.index import document, unpacked
from providers.store.rows import COLUMNS, FILE, NodeRow

if TYPE_CHECKING:
    from providers.store.moving.backup import Progress
    from providers.store.store import Connection

PAGE = 500


def build(connection: Connection, user: str, progress: Progress | None = None) -> None:
    """Indexes every live file; documents with the text that was kept for them."""
    connection.words.clear(connection, user)
    done = 0
    for files in _pages(connection, user):
        texts = _texts(connection, user, files)
        documents = [
            document(row.seq, row.name, row.attrs, texts.get(row.digest or b"", "")) for row in files
        ]
        connection.words.put(connection, user, documents)
        done += len(documents)
        if progress is not None:
            progress("indexing", done, 0)


def _pages(connection: Connection, user: str) -> Iterator[list[NodeRow]]:
    after = -1
    while True:
        found = connection.execute(
            f"SELECT deleted_at, {COLUMNS} FROM node WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (user, after, PAGE),
        ).fetchall()
        if not found:
            return
        after = found[-1][1]
        live = [NodeRow(*columns) for deleted, *columns in found if deleted is None]
        yield [row for row in live if row.kind == FILE]


def _texts(connection: Connection, user: str, files: Sequence[NodeRow]) -> dict[bytes, str]:
    """The searchable text of each content."""
    digests = list({row.digest for row in files if row.digest is not None})
    if not digests:
        return {}
    found = connection.execute(
        f"SELECT digest, data, excerpt FROM content WHERE user_id = ? AND digest IN ({_marks(len(digests))})",
        (user, *digests),
    )
    return {bytes(digest): unpacked(data, excerpt) for digest, data, excerpt in found}


def _marks(count: int) -> str:
    return ", ".join("?" * count)
