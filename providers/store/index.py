"""The search index: a document for each file, written in the transaction that writes the file.

FTS5 keeps no copy of the text (contents are kept by hash already), so that a document is taken out
by the same words that went in.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.contents import RENDERED, Content
from providers.store.rows import COLUMNS, NodeRow
from providers.store.words import LONGEST, indexed

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_ADD = "INSERT INTO words (rowid, title, body, marks) VALUES (?, ?, ?, ?)"
_TAKE = "INSERT INTO words (words, rowid, title, body, marks) VALUES ('delete', ?, ?, ?, ?)"
_SET_EXCERPT = "UPDATE content SET excerpt = ? WHERE user_id = ? AND digest = ? AND place <> 'purged'"

Document = tuple[int, str, str, str]
"""Number, title, body, symbols."""

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

BATCH = 1000


def text_of(data: bytes) -> str:
    """The searchable text of a content's beginning; "" when it is not text."""
    if b"\0" in data[:8192]:
        return ""
    return data[:LONGEST].decode("utf-8", "replace")


def document(seq: int, name: str, attrs: str, text: str) -> Document:
    """What the index holds of a file."""
    title = name
    if attrs:
        heading = rows.read_attrs(attrs).get("title")
        title = f"{name} {heading}" if isinstance(heading, str) else name
    title_words, title_marks = indexed(title)
    body, marks = indexed(text)
    return seq, title_words, body, f"{title_marks} {marks}" if title_marks else marks


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


def _document_of(connection: Connection, user: str, row: NodeRow) -> Document:
    return document(row.seq, row.name, row.attrs, stored_text(connection, user, row.digest))


def add(connection: Connection, documents: Sequence[Document]) -> None:
    """Puts documents into the index."""
    connection.executemany(_ADD, documents)


def take(connection: Connection, user: str, row: NodeRow) -> None:
    """Takes the document of a file, as it stands in its row, out of the index."""
    if row.indexed:
        connection.execute(_TAKE, _document_of(connection, user, row))


def text_once_kept(connection: Connection, user: str, content: Content) -> str:
    """The searchable text that a document will have: what is kept already stays as it is."""
    row = connection.execute(
        "SELECT data, excerpt FROM content WHERE user_id = ? AND digest = ? AND place <> 'purged'",
        (user, content.digest),
    ).fetchone()
    return unpacked(content.data, content.excerpt) if row is None else unpacked(*row)


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
    for file in files:
        take(connection, user, file)
    connection.execute(_SET_EXCERPT, (content.excerpt, user, content.digest))
    add(connection, [_document_of(connection, user, file) for file in files])


def rename(connection: Connection, user: str, old: NodeRow, new: NodeRow) -> None:
    """A file has another name, or other attributes, and the same content."""
    text = stored_text(connection, user, old.digest)
    connection.execute(_TAKE, document(old.seq, old.name, old.attrs, text))
    connection.execute(_ADD, document(new.seq, new.name, new.attrs, text))


def put_back(connection: Connection, user: str, row: NodeRow) -> None:
    """A removed file is there again."""
    connection.execute(_ADD, _document_of(connection, user, row))
    connection.execute("UPDATE node SET indexed = 1 WHERE seq = ?", (row.seq,))


class StoreIndexing:
    """Rebuilding the index, and the proof that it says what the data says."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def rebuild(self, progress: Progress | None = None) -> int:
        """Indexes every file again, in one transaction; returns how many there are.

        Documents that were kept without their text have it from then on.
        """
        made: list[Content] = await import_module("providers.store.rendered").missing(self.store)
        return await self.store.write(lambda connection: self._rebuild(connection, made, progress))

    def _rebuild(self, connection: Connection, made: Sequence[Content], progress: Progress | None) -> int:
        user = self.store.user
        connection.executemany(_SET_EXCERPT, [(one.excerpt, user, one.digest) for one in made])
        live = "user_id = ? AND kind = 'file' AND deleted_at IS NULL"
        total = connection.execute(f"SELECT count(*) FROM node WHERE {live}", (user,)).fetchone()[0]
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        done = 0
        for batch in _batches(connection, user):
            add(connection, batch)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        connection.execute("UPDATE node SET indexed = (kind = 'file' AND deleted_at IS NULL)")
        return done

    async def check(self) -> Sequence[str]:
        """What disagrees between index and data, as sentences; empty when all is well."""
        return await self.store.write(self._check)

    def _check(self, connection: Connection) -> list[str]:
        found = []
        try:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            return [f"the index is damaged: {error}"]
        user = self.store.user
        for sql, what in _STRAYS.items():
            for name, mount in connection.execute(sql, (user,)):
                found.append(f"{mount}{name}: {what}")
        return found or _compare(connection, user)


_STRAYS = {
    "SELECT parent || '/' || name, mount FROM node WHERE user_id = ? AND kind = 'file' AND deleted_at IS NULL"
    " AND seq NOT IN (SELECT id FROM words_docsize) LIMIT 20": "stands in no index",
    "SELECT parent || '/' || name, mount FROM node WHERE user_id = ? AND (kind <> 'file'"
    " OR deleted_at IS NOT NULL) AND seq IN (SELECT id FROM words_docsize) LIMIT 20": "is gone, yet indexed",
}


def _compare(connection: Connection, user: str) -> list[str]:
    """Indexes everything beside the index, and compares word by word."""
    connection.execute("DROP TABLE IF EXISTS temp.fresh")
    connection.execute(
        "CREATE VIRTUAL TABLE temp.fresh USING"
        " fts5(title, body, marks, content='', tokenize=\"unicode61 remove_diacritics 0\")"
    )
    try:
        for batch in _batches(connection, user):
            connection.executemany(_ADD.replace("words", "temp.fresh", 1), batch)
        connection.execute("CREATE VIRTUAL TABLE temp.fresh_row USING fts5vocab(temp, fresh, row)")
        connection.execute("CREATE VIRTUAL TABLE temp.words_row USING fts5vocab(main, words, row)")
        counts = [
            {
                term: (documents, hits)
                for term, documents, hits in connection.execute(f"SELECT * FROM temp.{name}")
            }
            for name in ("words_row", "fresh_row")
        ]
    finally:
        for name in ("fresh_row", "words_row", "fresh"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return [
        f"the word {term!r} stands in {counts[1].get(term, (0, 0))[0]} files,"
        f" but the index says {counts[0].get(term, (0, 0))[0]}"
        for term in sorted(counts[0].keys() | counts[1].keys())
        if counts[0].get(term) != counts[1].get(term)
    ][:20]


def _batches(connection: Connection, user: str) -> Iterator[list[Document]]:
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
