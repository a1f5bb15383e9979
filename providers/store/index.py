"""The search index: a document for each file, written in the transaction that writes the file.

What a document is, and when it changes, is said here; the engine's index (`wordindex`) keeps it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.contents import RENDERED, Content, find_many
from providers.store.many import WIDTHS, together
from providers.store.nodes import number_of
from providers.store.rows import COLUMNS, NodeRow
from providers.store.schema import SPAN
from providers.store.wordindex import Document, Place, Span
from providers.store.words import LONGEST

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_TEXTS = "SELECT digest, data, excerpt FROM content WHERE user_id = ? AND digest IN (%s)"
_SET_EXCERPT = "UPDATE content SET excerpt = ? WHERE user_id = ? AND digest = ? AND place <> 'purged'"

LARGE = (
    "SELECT 1 FROM node n JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
    " WHERE n.user_id = ? AND n.mount = ? AND n.deleted_at IS NULL AND n.indexed"
    f" AND n.size > {LONGEST} AND substr(c.excerpt, 1, 1) <> ? LIMIT 1"
)
"""Finds a file of a collection of which only the beginning is searchable; the last value is RENDERED."""

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

BATCH = 1000


def span_of(connection: Connection, place: Place) -> Span | None:
    """The numbers of a collection's files; None when it has none yet."""
    number = number_of(connection, place.user, place.mount, make=False)
    return None if number < 0 else Span(number * SPAN, (number + 1) * SPAN)


def text_of(data: bytes) -> str:
    """The searchable text of a content's beginning; "" when it is not text."""
    if b"\0" in data[:8192]:
        return ""
    return data[:LONGEST].decode("utf-8", "replace")


def document(seq: int, name: str, attrs: str, text: str) -> Document:
    """What the index holds of a file."""
    heading = rows.attr_text(attrs, "title")
    return Document(seq, name, f"{name} {heading}" if heading is not None else name, text)


def stored_text(connection: Connection, user: str, digest: bytes | None) -> str:
    """The searchable text of a kept content; "" for what is no text, or was purged."""
    row = connection.execute(
        "SELECT data, excerpt FROM content WHERE user_id = ? AND digest = ?", (user, digest)
    ).fetchone()
    if row is None:
        return ""
    return unpacked(row[0], row[1])


def unpacked(data: bytes | None, excerpt: bytes | None) -> str:
    """The searchable text of a row of `content`."""
    if excerpt and excerpt.startswith(RENDERED):
        return zlib.decompress(excerpt[len(RENDERED) :]).decode("utf-8", "replace")
    if data is not None:
        return text_of(data)
    return text_of(zlib.decompress(excerpt)) if excerpt else ""


def document_of(connection: Connection, user: str, row: NodeRow) -> Document:
    """What the index holds of a file as it stands in its row."""
    return document(row.seq, row.name, row.attrs, stored_text(connection, user, row.digest))


def documents_of(connection: Connection, user: str, files: Sequence[NodeRow]) -> Iterator[Document]:
    """The same of many files, whose contents are asked for together."""
    for at in range(0, len(files), WIDTHS[-1]):
        some = files[at : at + WIDTHS[-1]]
        texts = {}
        digests = dict.fromkeys(row.digest for row in some if row.digest is not None)
        for sql, few in together(_TEXTS, list(digests)):
            for digest, data, excerpt in connection.execute(sql, [user, *few]):
                texts[digest] = unpacked(data, excerpt)
        for row in some:
            yield document(row.seq, row.name, row.attrs, texts.get(row.digest, ""))


def render(connection: Connection, user: str, content: Content) -> None:
    """A content that may be kept already has its rendered text from now on, in all its files."""
    if not content.excerpt or not content.excerpt.startswith(RENDERED):
        return
    row = connection.execute(
        "SELECT substr(excerpt, 1, 1) FROM content WHERE user_id = ? AND digest = ? AND place <> 'purged'",
        (user, content.digest),
    ).fetchone()
    if row is None or row[0] == RENDERED:
        return
    found = connection.execute(
        f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND digest = ? AND indexed", (user, content.digest)
    )
    files = [NodeRow(*columns) for columns in found]
    connection.words.take(connection, user, files)
    connection.execute(_SET_EXCERPT, (content.excerpt, user, content.digest))
    connection.words.put(connection, user, [document_of(connection, user, file) for file in files])


def kept_texts(connection: Connection, user: str, contents: Sequence[Content]) -> dict[bytes, str]:
    """The searchable texts of those contents that are kept already; a text that one brings along stays."""
    there = find_many(connection, user, [one.digest for one in contents])
    texts = {}
    for one in contents:
        row = there.get(one.digest)
        if row is None or row.place == "purged":
            continue
        rendered = one.excerpt is not None and one.excerpt.startswith(RENDERED)
        if rendered and not (row.excerpt or b"").startswith(RENDERED):
            render(connection, user, one)
            row = row._replace(excerpt=one.excerpt)
        texts[one.digest] = unpacked(row.data, row.excerpt)
    return texts


class StoreIndexing:
    """Rebuilding the index, and the proof that it says what the data says."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def rebuild(self, progress: Progress | None = None) -> int:
        """Indexes every file again, in one transaction; returns how many there are.

        Documents that were kept without their text have it from then on, and calendar files their spans.
        """
        made: list[Content] = await import_module("providers.store.rendered").missing(self.store)
        spanning = import_module("providers.store.spanning")
        spans = await spanning.remade(self.store)

        def work(connection: Connection) -> int:
            spanning.replace(connection, self.store.user, spans)
            return self._rebuild(connection, made, progress)

        return await self.store.write(work)

    def _rebuild(self, connection: Connection, made: Sequence[Content], progress: Progress | None) -> int:
        user = self.store.user
        connection.executemany(_SET_EXCERPT, [(one.excerpt, user, one.digest) for one in made])
        live = "user_id = ? AND kind = 'file' AND deleted_at IS NULL"
        total = connection.execute(f"SELECT count(*) FROM node WHERE {live}", (user,)).fetchone()[0]
        connection.words.clear(connection, user)
        done = 0
        for batch in batches(connection, user):
            connection.words.put(connection, user, batch)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        connection.execute("UPDATE node SET indexed = (kind = 'file' AND deleted_at IS NULL)")
        return done

    async def check(self) -> Sequence[str]:
        """What disagrees between index and data, as sentences; empty when all is well."""
        return await self.store.write(lambda connection: connection.words.check(connection, self.store.user))


def batches(connection: Connection, user: str) -> Iterator[list[Document]]:
    """The document of every live file."""
    after = -1
    while True:
        found = connection.execute(
            f"SELECT {', '.join('n.' + name for name in COLUMNS.split(', '))}, c.data, c.excerpt"
            " FROM node n LEFT JOIN content c ON c.user_id = n.user_id AND c.digest = n.digest"
            " WHERE n.seq > ? AND n.user_id = ? AND n.kind = 'file' AND n.deleted_at IS NULL"
            " ORDER BY n.seq LIMIT ?",
            (after, user, BATCH),
        ).fetchall()
        if not found:
            return
        batch = []
        for *columns, data, excerpt in found:
            row = NodeRow(*columns)
            batch.append(document(row.seq, row.name, row.attrs, unpacked(data, excerpt)))
        after = found[-1][0]
        yield batch
