"""What a unit of work has decided and not sent yet: few statements, however many nodes they change.

Removals are sent before moves, these before what appears, so that a name is free when it is taken. That
holds while a node is changed in one way only; before it is changed in another, all that waits is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from providers.store.contents import Content
from providers.store.nodes import below
from providers.store.rows import NodeRow
from providers.store.wordindex import Document

if TYPE_CHECKING:
    from providers.store.store import Connection

_CONTENT = (
    "INSERT INTO content (user_id, digest, size, crc, place, data, excerpt, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, digest) DO UPDATE"
    " SET place = excluded.place, size = excluded.size, crc = excluded.crc, data = excluded.data,"
    " excerpt = excluded.excerpt"
    " WHERE content.place = 'purged'"
)
_SPAN = (
    "INSERT INTO span (user_id, digest, first, last, form) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (user_id, digest) DO UPDATE SET first = excluded.first, last = excluded.last,"
    " form = excluded.form"
)
_REMOVE = "UPDATE node SET deleted_at = ?, indexed = FALSE WHERE user_id = ? AND seq = ?"
_MOVE = "UPDATE node SET parent = ?, name = ?, mime = ?, attrs = ? WHERE user_id = ? AND seq = ?"
_MOVE_BELOW = (
    "UPDATE node SET parent = ? || substr(parent, ?) WHERE user_id = ? AND mount = ?"
    " AND deleted_at IS NULL AND (parent = ? OR (parent >= ? AND parent < ?))"
)
_RESTORE = (
    "UPDATE node SET deleted_at = NULL, parent = ?, name = ?, indexed = ? WHERE user_id = ? AND seq = ?"
)
_INSERT = (
    "INSERT INTO node (seq, id, user_id, mount, parent, name, kind, size, mtime, digest, mime, attrs,"
    " indexed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE node SET size = ?, mtime = ?, digest = ?, mime = ?, attrs = ?, indexed = TRUE"
    " WHERE user_id = ? AND seq = ?"
)
_TOUCH = "UPDATE node SET mtime = ? WHERE user_id = ? AND seq = ?"

_ORDER = (_CONTENT, _SPAN, _REMOVE, _MOVE, _MOVE_BELOW, _RESTORE, _INSERT, _UPDATE, _TOUCH)

Values = Sequence[Any]


class Pending:
    """Changes to the nodes of one collection, with what they mean for the search index."""

    def __init__(self, connection: Connection, user: str, mount: str, now: int) -> None:
        self._connection = connection
        self._user = user
        self._mount = mount
        self._now = now
        self._rows: dict[str, list[Values]] = {}
        self._way: dict[int, str] = {}
        self._taken: list[NodeRow] = []
        self._renamed: list[tuple[NodeRow, NodeRow]] = []
        self._replaced: list[NodeRow] = []
        self._documents: list[Document] = []

    def keep(self, contents: Sequence[Content]) -> None:
        """Contents are to be stored, each once."""
        self._rows.setdefault(_CONTENT, []).extend(
            (self._user, one.digest, one.size, one.crc, one.place, one.data, one.excerpt, self._now)
            for one in contents
        )
        spans = [(self._user, one.digest, *one.span) for one in contents if one.span is not None]
        if spans:
            self._rows.setdefault(_SPAN, []).extend(spans)

    def make(self, row: NodeRow, document: Document | None = None) -> None:
        """A new node."""
        self._add(_INSERT, row.seq, (row.seq, row.id, self._user, self._mount, *row[2:], self._now))
        if document is not None:
            self._documents.append(document)

    def change(self, old: NodeRow, new: NodeRow, document: Document) -> None:
        """A file with another content."""
        values = (new.size, new.mtime, new.digest, new.mime, new.attrs, self._user, new.seq)
        self._add(_UPDATE, new.seq, values)
        if old.indexed:
            self._replaced.append(old)
        self._documents.append(document)

    def remove(self, row: NodeRow) -> None:
        """A node that goes; the row stays."""
        self._add(_REMOVE, row.seq, (self._now, self._user, row.seq))
        if row.indexed:
            self._taken.append(row)

    def move(self, old: NodeRow, new: NodeRow) -> None:
        """Another place, kind or attributes, the content as it was."""
        self._add(_MOVE, old.seq, (new.parent, new.name, new.mime, new.attrs, self._user, old.seq))
        if old.indexed and (old.name, old.attrs) != (new.name, new.attrs):
            self._renamed.append((old, new))

    def move_below(self, folder: str, target: str) -> None:
        """All that is below a folder lies below another one."""
        values = (target, len(folder) + 1, self._user, self._mount, *below(folder))
        self._rows.setdefault(_MOVE_BELOW, []).append(values)

    def restore(self, row: NodeRow, document: Document | None = None) -> None:
        """A removed node that is back, where `row` says."""
        indexed = document is not None
        self._add(_RESTORE, row.seq, (row.parent, row.name, indexed, self._user, row.seq))
        if document is not None:
            self._documents.append(document)

    def touch(self, row: NodeRow) -> None:
        """Another time."""
        self._add(_TOUCH, row.seq, (row.mtime, self._user, row.seq))

    def _add(self, way: str, number: int, values: Values) -> None:
        if self._way.setdefault(number, way) != way:
            self.send()
            self._way[number] = way
        self._rows.setdefault(way, []).append(values)

    @property
    def moves_folders(self) -> bool:
        """Whether what lies below a folder is not yet where it belongs."""
        return _MOVE_BELOW in self._rows

    def send(self) -> None:
        """Sends all that waits."""
        rows, self._rows, self._way = self._rows, {}, {}
        for statement in _ORDER:
            if statement in rows:
                self._connection.executemany(statement, rows[statement])
        if self._taken:
            self._connection.words.take(self._connection, self._user, self._taken)
            self._taken = []
        if self._renamed:
            self._connection.words.rename(self._connection, self._user, self._renamed)
            self._renamed = []
        if self._documents:
            self._connection.words.put(self._connection, self._user, self._documents, self._replaced)
            self._documents, self._replaced = [], []
