"""PostgreSQL's word index: what a file's words are there, and how queries ask for them.

See `wordtable` for the rows. Words and pairs stand as they are; symbols and, unlike on SQLite, plain
punctuation too, so that every term is answered by the server and no content has to come over the network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from providers.store import index, rows
from providers.store.contents import CUT, RENDERED
from providers.store.rows import NodeRow
from providers.store.schema import SPAN
from providers.store.wordindex import Candidates, Document, Place, Span, WordIndex
from providers.store.words import pairs, symbols
from vfs.query import Query, Term, cjk, fold, words_or_cjk
from vfs.query import words as words_of

if TYPE_CHECKING:
    from providers.store.store import Connection

LONGEST_WORD = 250
"""Characters of a word that count; a tsvector takes 2,046 bytes."""

STATEMENT = 4 * 1024 * 1024
"""Characters of text that one statement carries."""

_PUT = """
WITH gone AS (
    SELECT count(*) AS documents, coalesce(sum(length), 0) AS length FROM words
    WHERE user_id = ? AND seq = ANY (?::bigint[])
), made AS (
    INSERT INTO words (user_id, seq, length, name, title, body, often)
    SELECT ?, made.*
    FROM unnest(?::bigint[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[]) AS made
    ON CONFLICT (user_id, seq) DO UPDATE SET length = excluded.length, name = excluded.name,
    title = excluded.title, body = excluded.body, often = excluded.often
    RETURNING length
), added AS (SELECT count(*) AS documents, sum(length) AS length FROM made)
INSERT INTO words_total (user_id, documents, length)
SELECT ?, added.documents - gone.documents, added.length - gone.length FROM added, gone
ON CONFLICT (user_id) DO UPDATE
SET documents = words_total.documents + excluded.documents, length = words_total.length + excluded.length
"""
_TAKE = """
WITH gone AS (
    DELETE FROM words WHERE user_id = ? AND seq = ANY (?::bigint[]) RETURNING length
)
UPDATE words_total
SET documents = words_total.documents - gone.documents, length = words_total.length - gone.length
FROM (SELECT count(*) AS documents, coalesce(sum(length), 0) AS length FROM gone) AS gone WHERE user_id = ?
"""
_RENAME = """
WITH renamed AS (
    UPDATE words SET name = new.name, title = new.title, length = words.length + new.growth
    FROM unnest(?::bigint[], ?::text[], ?::text[], ?::integer[]) AS new (seq, name, title, growth)
    WHERE user_id = ? AND words.seq = new.seq RETURNING new.growth
)
UPDATE words_total SET length = length + (SELECT coalesce(sum(growth), 0) FROM renamed) WHERE user_id = ?
"""
_FOUND = f"""
WITH span AS (
    SELECT number * {SPAN}::bigint AS first, (number + 1) * {SPAN}::bigint AS last
    FROM collection WHERE user_id = ? AND name = ?
), known AS (
    SELECT EXISTS ({index.LARGE}) OR EXISTS (
        SELECT FROM words_spelt(?::text::tsquery, ARRAY[]::text[], true, span.first, span.last)
    ) AS partial FROM span
)
SELECT f.number, f.score, f.total, f.oldest, partial FROM span, known LEFT JOIN words_found(
    ?::text::tsquery, ?::text[]::tsquery[], ?::text[], ?::boolean, ?::text, ?::text, ?::text,
    (SELECT first FROM span), coalesce(?::bigint, (SELECT last FROM span)), ?::integer, ?::integer
) AS f ON true
"""
"""Without any candidate one row tells what is known of the collection, and none without a collection."""
_SPELT = (
    "SELECT * FROM words_spelt(?::text::tsquery, ?::text[], ?::boolean, ?::bigint, ?::bigint) AS spelt (seq)"
)
_NAMED = "SELECT * FROM words_named(?::text, ?::bigint, ?::bigint) AS named (seq)"


@cache
def punctuation() -> re.Pattern[str]:
    """Finds runs of plain punctuation in folded text: all that is no word, space, symbol or control."""
    return re.compile("[!-/:-@\\[-`{-~\u2010-\u2027\u2030-\u205e\u3001-\u3003]+")


# -- documents


def tokens(text: str) -> tuple[list[str], set[str]]:
    """The words of a text, in order, with its symbols after them; and what it has of punctuation."""
    folded = fold(text)
    if folded.isascii():
        found = words_of(folded)
    else:
        found = []
        for word in words_or_cjk().findall(folded):
            found += pairs(word) if cjk().match(word) else (word,)
        found += _whole(symbols().findall(folded))
    return found, {pair for run in set(punctuation().findall(folded)) for pair in pairs(run)}


def _whole(marks: list[str]) -> list[str]:
    """Symbols without lone surrogates, which no database holds."""
    return [mark for mark in marks if not "\ud800" <= mark <= "\udfff"]


def spelt(found: Sequence[str]) -> str:
    """Words as a row holds them, a space before and after each."""
    if not found:
        return ""
    return f"  {'  '.join([word[:LONGEST_WORD] for word in found])}  "


class Entry(NamedTuple):
    """A row of `words`, but for whose it is."""

    seq: int
    length: int
    name: str
    title: str
    body: str
    often: str


def entry(document: Document) -> Entry:
    """A document as its row is to be. Punctuation stands behind the words, where it is in no phrase."""
    title, title_marks = tokens(document.title)
    body, marks = tokens(document.text)
    return Entry(
        document.seq,
        len(title) + len(body),
        fold(document.name),
        spelt(title) + spelt(sorted(title_marks)),
        spelt(body) + spelt(sorted(marks)),
        "".join([f" {word[:LONGEST_WORD]} {times}\n" for word, times in Counter(body).items() if times > 1]),
    )


# -- queries


class Part(NamedTuple):
    """Something that must stand in the text."""

    words: tuple[str, ...]
    open: bool = False
    """Whether the last word may go on."""

    @property
    def text(self) -> str:
        """As it stands in a row's text."""
        return f" {'  '.join(self.words)}{'' if self.open else ' '}"

    @property
    def query(self) -> str:
        """As a tsquery; nothing of it can be taken for an operator: only words in quotes come out."""
        quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in self.words]
        return " & ".join(quoted) + (":*" if self.open else "")


def parts_of(term: Term) -> list[Part]:
    """What must stand in the text for a term to be there; nothing where the index cannot tell."""
    if not term.anywhere:
        return [Part(tuple([word[:LONGEST_WORD] for word in term.words]), term.prefix)]
    folded = fold(term.text)
    found = []
    for run in words_or_cjk().findall(folded):
        # Beside characters without spaces, letters may be a part of a longer word.
        if cjk().match(run):
            found.append(Part((run,), True) if len(run) == 1 else Part(tuple(pairs(run)[:-1])))
    found += [Part((symbol,)) for symbol in _whole(symbols().findall(folded))]
    for run in punctuation().findall(folded):
        found += [Part((run,), True)] if len(run) == 1 else [Part((pair,)) for pair in pairs(run)[:-1]]
    return found


class Asked(NamedTuple):
    """What the server is asked for."""

    query: str
    parts: list[str]
    spelt: list[str]
    exact: bool
    """Whether the words' mere presence settles it: no phrase among them."""


def asked(found: Sequence[Part]) -> Asked:
    """Several parts as one question."""
    different = list(dict.fromkeys(found))
    queries = [part.query for part in different]
    return Asked(
        " & ".join(queries),
        queries,
        [part.text for part in different],
        all(len(part.words) == 1 for part in different),
    )


def _parts(query: Query) -> list[Part]:
    return [part for term in query.terms if not term.negated for part in parts_of(term)]


class TextSearch:
    """See WordIndex."""

    def put(
        self,
        connection: Connection,
        user: str,
        documents: Sequence[Document],
        replaced: Sequence[NodeRow] = (),
    ) -> None:
        # What stands there under the same number is replaced by the statement itself.
        for batch in _batches(documents):
            columns = [list(column) for column in zip(*batch, strict=True)]
            connection.execute(_PUT, (user, columns[0], user, *columns, user))

    def take(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        if files:
            connection.execute(_TAKE, (user, [file.seq for file in files], user))

    def purge(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        # When freed rows are overwritten is for the server's vacuum to say.
        self.take(connection, user, files)

    def rename(self, connection: Connection, user: str, renamed: Sequence[tuple[NodeRow, NodeRow]]) -> None:
        changes: dict[int, tuple[str, str, int]] = {}
        for old, new in renamed:
            before = entry(index.document(old.seq, old.name, old.attrs, ""))
            after = entry(index.document(new.seq, new.name, new.attrs, ""))
            growth = changes.get(new.seq, ("", "", 0))[2] + after.length - before.length
            changes[new.seq] = (after.name, after.title, growth)
        if changes:
            columns = [list(column) for column in zip(*changes.values(), strict=True)]
            connection.execute(_RENAME, (list(changes), *columns, user, user))

    def clear(self, connection: Connection, user: str) -> None:
        connection.execute("DELETE FROM words WHERE user_id = ?", (user,))
        connection.execute("DELETE FROM words_total WHERE user_id = ?", (user,))

    def check(self, connection: Connection, user: str) -> list[str]:
        return _strays(connection, user) or _compare(connection, user)

    def knows(self, query: Query) -> bool:
        return bool(_parts(query))

    def candidates(
        self,
        connection: Connection,
        place: Place,
        query: Query,
        before: int | None,
        wanted: int,
        best: int | None,
    ) -> Candidates:
        collection = (place.user, place.mount, place.user, place.mount, RENDERED, Part((CUT,)).query)
        folder = (place.folder, *rows.split_text(place.folder))
        # One more of each, to tell whether there are more.
        most = (wanted + 1, wanted + 1 if best is None else best + 1)
        question = asked(_parts(query))
        found = connection.execute(_FOUND, (*collection, *question, *folder, before, *most)).fetchall()
        if not found or found[0][0] is None:
            return Candidates((), 0, 0, False, bool(found and found[0][4]))
        total, oldest, partial = found[0][2:]
        cut = total > wanted
        named = [(seq, score) for seq, score, *_ in found if not cut or seq != oldest]
        return Candidates(named, min(total, wanted), oldest + 1 if cut else oldest, cut, partial)

    def spelt(self, connection: Connection, user: str, term: Term, span: Span) -> set[int] | None:
        found = parts_of(term)
        if not found:
            return None
        question = asked(found)
        values = (question.query, question.spelt, question.exact, *span)
        return {seq for (seq,) in connection.execute(_SPELT, values)}

    def named(self, connection: Connection, user: str, part: str, span: Span) -> set[int] | None:
        try:
            part.encode()
        except UnicodeEncodeError:
            return set()
        if "\0" in part:
            return set()
        return {seq for (seq,) in connection.execute(_NAMED, (part, *span))}


INDEX: WordIndex = TextSearch()


def _batches(documents: Sequence[Document]) -> Iterator[list[Entry]]:
    """Rows for one statement at a time."""
    batch: list[Entry] = []
    size = 0
    for document in documents:
        if batch and size + len(document.text) > STATEMENT:
            yield batch
            batch, size = [], 0
        batch.append(entry(document))
        size += len(document.text)
    if batch:
        yield batch


# -- the proof that the index says what the data says

_MISSING = (
    "SELECT n.parent || '/' || n.name, n.mount FROM node n LEFT JOIN words w"
    " ON w.user_id = n.user_id AND w.seq = n.seq WHERE n.user_id = ? AND n.kind = 'file'"
    " AND n.deleted_at IS NULL AND w.seq IS NULL LIMIT 20"
)
_GONE = (
    "SELECT w.seq, n.parent || '/' || n.name, n.mount FROM words w LEFT JOIN node n"
    " ON n.user_id = w.user_id AND n.seq = w.seq WHERE w.user_id = ?"
    " AND (n.seq IS NULL OR n.kind <> 'file' OR n.deleted_at IS NOT NULL) LIMIT 20"
)
_TOLD = (
    "SELECT coalesce(max(documents), 0), coalesce(max(length), 0) FROM words_total WHERE user_id = ?",
    "SELECT count(*), coalesce(sum(length), 0) FROM words WHERE user_id = ?",
)
_DIFFERING = (
    "SELECT n.mount || n.parent || '/' || n.name"
    " FROM unnest(?::bigint[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[])"
    " AS fresh (seq, length, name, title, body, often) JOIN words w ON w.user_id = ? AND w.seq = fresh.seq"
    " JOIN node n ON n.user_id = w.user_id AND n.seq = w.seq"
    " WHERE (w.length, w.name, w.title, w.body, w.often)"
    " IS DISTINCT FROM (fresh.length, fresh.name, fresh.title, fresh.body, fresh.often) LIMIT 20"
)


def _strays(connection: Connection, user: str) -> list[str]:
    found = [f"{mount}{name}: stands in no index" for name, mount in connection.execute(_MISSING, (user,))]
    for seq, name, mount in connection.execute(_GONE, (user,)):
        found.append(
            f"number {seq}: indexed, and no file" if name is None else f"{mount}{name}: is gone, yet indexed"
        )
    return found


def _compare(connection: Connection, user: str) -> list[str]:
    """Makes every row again, and compares."""
    found = []
    for batch in index.batches(connection, user):
        for part in _batches(batch):
            columns = (list(column) for column in zip(*part, strict=True))
            for (name,) in connection.execute(_DIFFERING, (*columns, user)):
                found.append(f"{name}: the index holds other words than the file")
        if len(found) >= 20:
            return found[:20]
    told, counted = (tuple(connection.execute(sql, (user,)).fetchone()) for sql in _TOLD)
    if not found and told != counted:
        found.append(
            f"the index holds {counted[0]} files of {counted[1]} words, and says {told[0]} of {told[1]}"
        )
    return found
