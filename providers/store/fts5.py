"""SQLite's word index: FTS5, which keeps no copy of the text (contents are kept by hash already).

So a document is taken out by the same words that went in. FTS5 splits plain text into the words of
`vfs.query.words`; other text is split here. Pairs, rare scripts and symbols are spelt in ASCII,
since SQLite's own tables know Unicode 6 only. Symbols stand in a column of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from providers.store import index, rows
from providers.store.contents import CUT, RENDERED
from providers.store.nodes import below
from providers.store.rows import NodeRow
from providers.store.wordindex import Candidates, Document, Place, Span, WordIndex
from providers.store.words import pairs, symbols
from vfs.query import Query, Term, cjk, fold, words_or_cjk

if TYPE_CHECKING:
    from providers.store.store import Connection

_ADD = "INSERT INTO words (rowid, title, body, marks) VALUES (?, ?, ?, ?)"
_TAKE = "INSERT INTO words (words, rowid, title, body, marks) VALUES ('delete', ?, ?, ?, ?)"
_SPELT = "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ?"

_COMMON = "\u06ff"
"""The last character that SQLite's tables surely know."""


def _spelt(text: str) -> str:
    return "".join([f"x{ord(char):05x}" for char in text])


def _pairs(run: str) -> list[str]:
    return [_spelt(pair) for pair in pairs(run)]


def _word(word: str) -> str:
    return _spelt(word) if max(word) > _COMMON else word


def indexed(text: str) -> tuple[str, str]:
    """The words and the symbols of `text`, as they go into the index."""
    if text.isascii():
        return text, ""
    folded = fold(text)
    words: list[str] = []
    for word in words_or_cjk().findall(folded):
        if word.isascii():
            words.append(word)
        elif cjk().match(word):
            words += _pairs(word)
        else:
            words.append(_word(word))
    return " ".join(words), " ".join([_spelt(symbol) for symbol in symbols().findall(folded)])


def _columns(document: Document) -> tuple[int, str, str, str]:
    """Number, title, body, symbols."""
    title, title_marks = indexed(document.title)
    body, marks = indexed(document.text)
    return document.seq, title, body, f"{title_marks} {marks}" if title_marks else marks


# -- queries


def phrase_of(term: Term) -> str | None:
    """The FTS5 expression for a term; None when the index knows nothing of what it holds.

    Nothing of the term can be taken for FTS5's own language: only words in quotes come out.
    """
    folded = fold(term.text)
    if not term.anywhere:
        text = " ".join([_word(word) for word in term.words])
        return f'"{text}"*' if term.prefix else f'"{text}"'
    parts = []
    for run in words_or_cjk().findall(folded):
        # Beside characters without spaces, letters may be a part of a longer word.
        if cjk().match(run):
            parts.append(f'"{_spelt(run)}"*' if len(run) == 1 else f'"{" ".join(_pairs(run)[:-1])}"')
    marks = [f'marks:"{_spelt(symbol)}"' for symbol in dict.fromkeys(symbols().findall(folded))]
    if not parts and not marks:
        return None
    return " AND ".join(parts + marks)


def expression(query: Query) -> str | None:
    """What FTS5 is asked for all that must stand in the text; None when only a scan can tell."""
    parts = []
    for term in query.terms:
        if not term.negated:
            phrase = phrase_of(term)
            if phrase is None:
                return None
            parts.append(f"({phrase})")
    return " AND ".join(parts) or None


class Fts5:
    """See WordIndex."""

    def put(
        self,
        connection: Connection,
        user: str,
        documents: Sequence[Document],
        replaced: Sequence[NodeRow] = (),
    ) -> None:
        self.take(connection, user, replaced)
        connection.executemany(_ADD, [_columns(document) for document in documents])

    def take(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        if files:
            connection.executemany(_TAKE, map(_columns, index.documents_of(connection, user, files)))

    def purge(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        connection.execute("PRAGMA secure_delete=ON")
        self.take(connection, user, files)
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")

    def rename(self, connection: Connection, user: str, renamed: Sequence[tuple[NodeRow, NodeRow]]) -> None:
        for old, new in renamed:
            before, after = (index.document(one.seq, one.name, one.attrs, "") for one in (old, new))
            if before == after:
                continue
            text = index.stored_text(connection, user, old.digest)
            connection.execute(_TAKE, _columns(before._replace(text=text)))
            connection.execute(_ADD, _columns(after._replace(text=text)))

    def clear(self, connection: Connection, user: str) -> None:
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")

    def check(self, connection: Connection, user: str) -> list[str]:
        found = []
        try:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            return [f"the index is damaged: {error}"]
        for sql, what in _STRAYS.items():
            for name, mount in connection.execute(sql, (user,)):
                found.append(f"{mount}{name}: {what}")
        return found or _compare(connection, user)

    def knows(self, query: Query) -> bool:
        return expression(query) is not None

    def candidates(
        self,
        connection: Connection,
        place: Place,
        query: Query,
        before: int | None,
        wanted: int,
        best: int | None,
    ) -> Candidates:
        words = expression(query)
        assert words is not None
        span = index.span_of(connection, place)
        if span is None:
            return Candidates((), 0, 0, False, False)
        values: list[str | int] = [words, span.first, span.last if before is None else before]
        if not place.folder:
            found = (
                "SELECT rowid AS seq, -bm25(words, 4.0, 1.0, 1.0) AS score FROM words"
                " WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
            )
        else:
            found = (
                "SELECT w.rowid AS seq, -bm25(words, 4.0, 1.0, 1.0) AS score"
                " FROM words w CROSS JOIN node n ON n.seq = w.rowid"
                " WHERE w.words MATCH ? AND w.rowid >= ? AND w.rowid < ?"
                " AND (n.parent = ? OR (n.parent >= ? AND n.parent < ?) OR (n.parent = ? AND n.name = ?))"
                " ORDER BY w.rowid DESC LIMIT ?"
            )
            values += [*below(place.folder), *rows.split_text(place.folder)]
        # Ranked by SQLite: each row that comes out costs a turn of the interpreter's lock.
        sql = (
            f"WITH found AS ({found}) SELECT seq, score, (SELECT count(*) FROM found),"
            " (SELECT min(seq) FROM found) FROM found ORDER BY score DESC, seq DESC LIMIT ?"
        )
        ranked = connection.execute(
            sql, (*values, wanted + 1, wanted + 1 if best is None else best + 1)
        ).fetchall()
        partial = _is_partial(connection, place, span)
        if not ranked:
            return Candidates((), 0, span.first, False, partial)
        count, oldest = ranked[0][2:]
        cut = count > wanted
        named = [(seq, score) for seq, score, *_ in ranked if not cut or seq != oldest]
        return Candidates(named, min(count, wanted), oldest + 1 if cut else oldest, cut, partial)

    def spelt(self, connection: Connection, user: str, term: Term, span: Span) -> set[int] | None:
        text = phrase_of(term)
        return None if text is None else {seq for (seq,) in connection.execute(_SPELT, (text, *span))}

    def named(self, connection: Connection, user: str, part: str, span: Span) -> set[int] | None:
        return None


INDEX: WordIndex = Fts5()


def _is_partial(connection: Connection, place: Place, span: Span) -> bool:
    if connection.execute(index.LARGE, (place.user, place.mount, RENDERED)).fetchone() is not None:
        return True
    cut = connection.execute(f"{_SPELT} LIMIT 1", (f'marks:"{_spelt(CUT)}"', *span))
    return cut.fetchone() is not None


# -- the proof that the index says what the data says

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
        for batch in index.batches(connection, user):
            connection.executemany(_ADD.replace("words", "temp.fresh", 1), map(_columns, batch))
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
