"""Searching a collection: the index proposes, `vfs.match` decides.

Ranked by bm25. A word that stands in more than CANDIDATES files is ranked among the newest of them
only, and the answer says so; when conditions beside the words leave too few of those, older ones
follow until there are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from providers.store import index, rows
from providers.store.nodes import below
from providers.store.rows import COLUMNS, NodeRow
from providers.store.wordindex import Candidates, Place, Span
from providers.store.words import LONGEST, is_exact
from vfs.match import Match, match, may_fit
from vfs.provider import Found, Hit
from vfs.query import Attribute, Query, Term, fold, period

if TYPE_CHECKING:
    from providers.store.store import Connection

CANDIDATES = 2000
"""Files that are ranked, the newest ones, however many a word stands in."""

FEW, CHUNK = 20, 400
"""Files that one statement asks for: a page of hits, and more."""

_NODE = ", ".join(f"n.{name}" for name in COLUMNS.split(", "))


def search(connection: Connection, place: Place, query: Query, limit: int) -> Found | None:
    """The best matches; None when only a scan can tell."""
    if query.is_empty or any(attribute.key == "path" for attribute in query.attributes):
        return None
    wanted = max(CANDIDATES, limit)
    words = connection.words
    if not words.knows(query):
        if not query.attributes or any(not term.negated for term in query.terms):
            return None
        return _by_attributes(connection, place, query, limit)
    hits: list[Hit] = []
    known: int | None = 0
    remark = ""
    before: int | None = None
    while True:
        missing = limit - len(hits)
        best = missing if is_exact(query) else None
        found = words.candidates(connection, place, query, before, wanted, best)
        part, total = _decided(connection, place, query, found, missing)
        if len(part) < missing and len(found.best) < found.total:
            found = words.candidates(connection, place, query, before, wanted, None)
            part, total = _decided(connection, place, query, found, missing)
        hits += part
        known = None if known is None or total is None or found.cut else known + total
        if found.cut:
            remark = f"ranked among the newest {wanted:,} files that hold these words; there are more"
        if not found.cut or len(hits) >= limit:
            break
        before = found.oldest
    if found.partial:
        note = f"of files larger than {LONGEST:,} bytes only the beginning was searched"
        remark = f"{remark}; {note}" if remark else note
    return Found(hits, known, remark)


def _decided(
    connection: Connection, place: Place, query: Query, found: Candidates, limit: int
) -> tuple[list[Hit], int | None]:
    """The best of the candidates that really match, and how many match in all, if that is known."""
    best = found.best
    if query.attributes:
        fitting = {
            row.seq
            for row in _rows(connection, [seq for seq, _ in best])
            if may_fit(query, rows.to_path(row.path), row.node())
        }
        best = [item for item in best if item[0] in fitting]
    hits: list[Hit] = []
    at = 0
    while len(hits) < limit and at < len(best):
        some = best[at : at + min(CHUNK, max(limit - len(hits), FEW))]
        at += len(some)
        nodes = _texts(connection, place.user, [seq for seq, _ in some])
        for seq, score in some:
            if seq in nodes and len(hits) < limit:
                hit = _hit(query, *nodes[seq], score)
                if hit is not None:
                    hits.append(hit)
    if at >= len(best) and len(hits) < limit:
        return hits, len(hits)
    return hits, found.total if is_exact(query) else None


def _hit(query: Query, row: NodeRow, text: str, score: float) -> Hit | None:
    path, node = rows.to_path(row.path), row.node()
    found: Match | None = match(query, path, node, text, scored=False)
    return None if found is None else Hit(path, node, score, found.snippet, found.spans)


def _rows(connection: Connection, numbers: Sequence[int]) -> Iterator[NodeRow]:
    for some in _lots(numbers):
        sql = f"SELECT {COLUMNS} FROM node WHERE seq IN ({_marks(some)}) AND deleted_at IS NULL"
        for row in connection.execute(sql, some):
            yield NodeRow(*row)


def _texts(connection: Connection, user: str, numbers: Sequence[int]) -> dict[int, tuple[NodeRow, str]]:
    """Live files with their texts, by number."""
    found = {}
    for some in _lots(numbers):
        sql = (
            f"SELECT {_NODE}, c.data, c.excerpt FROM node n"
            " LEFT JOIN content c ON c.user_id = ? AND c.digest = n.digest"
            f" WHERE n.seq IN ({_marks(some)}) AND n.deleted_at IS NULL"
        )
        for *columns, data, excerpt in connection.execute(sql, (user, *some)):
            row = NodeRow(*columns)
            found[row.seq] = row, index.unpacked(data, excerpt)
    return found


def _lots(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Numbers in lots of two sizes, so that their statements stay prepared; -1 is no file's."""
    for at in range(0, len(numbers), CHUNK):
        some = numbers[at : at + CHUNK]
        size = FEW if len(some) <= FEW else CHUNK
        yield [*some, *[-1] * (size - len(some))]


def _marks(numbers: Sequence[int]) -> str:
    return ", ".join("?" * len(numbers))


def _by_attributes(connection: Connection, place: Place, query: Query, limit: int) -> Found | None:
    """For queries without words: every file whose attributes may fit, the newest change first."""
    span = index.span_of(connection, place)
    if span is None:
        return Found((), 0)
    spelt: dict[Attribute, set[int]] = {}
    for attribute in query.attributes:
        if attribute.also_text and not attribute.negated:
            term = Term(f"{attribute.key}:{attribute.value}", phrase=True)
            there = connection.words.spelt(connection, place.user, term, span)
            if there is None:
                return None
            spelt[attribute] = there
    fitting = []
    for row in _eligible(connection, place, query, span):
        may = all(row.seq in there or f'"{a.key}":' in row.attrs for a, there in spelt.items())
        if may and may_fit(query, rows.to_path(row.path), row.node()):
            fitting.append((row.mtime, row.seq))
    fitting.sort(reverse=True)
    hits = []
    for at in range(0, len(fitting), CHUNK):
        some = [seq for _, seq in fitting[at : at + CHUNK]]
        nodes = _texts(connection, place.user, some)
        for seq in some:
            hit = _hit(query, *nodes[seq], 0.0) if seq in nodes else None
            if hit is not None:
                hits.append(hit)
        if len(hits) >= limit:
            sure = not query.terms and not any(attribute.also_text for attribute in query.attributes)
            return Found(hits[:limit], len(fitting) if sure else None)
    return Found(hits, len(hits))


def _eligible(connection: Connection, place: Place, query: Query, span: Span) -> Iterator[NodeRow]:
    """The files of a place that the database alone cannot tell to be out."""
    wanted = [a.value for a in query.attributes if a.key == "name" and not a.negated]
    named = [connection.words.named(connection, place.user, fold(part), span) for part in wanted]
    known = [numbers for numbers in named if numbers is not None]
    if not known:
        return (NodeRow(*columns) for columns in connection.execute(*_prefiltered(place, query, span)))
    found = _rows(connection, sorted(set.intersection(*known)))
    return (row for row in found if f"{row.path}/".startswith(f"{place.folder}/"))


def _prefiltered(place: Place, query: Query, span: Span) -> tuple[str, list[str | int]]:
    """The files of a place, without those that SQL alone can tell to be out."""
    sql = f"SELECT {COLUMNS} FROM node WHERE seq >= ? AND seq < ? AND kind = 'file' AND deleted_at IS NULL"
    values: list[str | int] = [*span]
    if place.folder:
        sql += " AND (parent = ? OR (parent >= ? AND parent < ?) OR (parent = ? AND name = ?))"
        values += [*below(place.folder), *rows.split_text(place.folder)]
    for attribute in query.attributes:
        time = period(attribute.value) if attribute.key in ("after", "before", "on") else None
        if time is None or attribute.negated:
            continue
        own = "attrs LIKE '%\"date\"%' OR attrs LIKE '%\"start\"%'"
        start, end = rows.from_time(time[0]), rows.from_time(time[1])
        if attribute.key != "before":
            sql += f" AND (mtime >= ? OR {own})"
            values.append(start)
        if attribute.key != "after":
            sql += f" AND (mtime < ? OR {own})"
            values.append(start if attribute.key == "before" else end)
    return sql, values
