"""A unit of work: changes to one collection, their events and their index entries, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from providers.rendering.kind import kind_of
from providers.store import index, log, rows, schema
from providers.store.contents import Content
from providers.store.nodes import below, lookup, number_of
from providers.store.rows import COLUMNS, FILE, FOLDER, NodeRow
from vfs.action import Change
from vfs.errors import BadName, IsADirectory, NotADirectory, NotEmpty, NotFound
from vfs.ids import uuid7
from vfs.names import check as check_name
from vfs.names import marked
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

_INSERT = (
    "INSERT INTO node (seq, id, user_id, mount, parent, name, kind, size, mtime, digest, mime, attrs,"
    " indexed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = "UPDATE node SET size = ?, mtime = ?, digest = ?, mime = ?, attrs = ?, indexed = TRUE WHERE seq = ?"
_REMOVE = "UPDATE node SET deleted_at = ?, indexed = FALSE WHERE seq = ?"
_CONTENT = (
    "INSERT INTO content (user_id, digest, size, crc, place, data, excerpt, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, digest) DO UPDATE"
    " SET place = excluded.place, size = excluded.size, crc = excluded.crc, data = excluded.data,"
    " excerpt = excluded.excerpt"
    " WHERE content.place = 'purged'"
)


class Put(NamedTuple):
    """A file as it is to be."""

    parent: str
    name: str
    content: Content
    mime: str | None = None
    attrs: str = ""
    mtime: int | None = None
    """When it was changed; None for the time of the unit."""
    op: str = "write"
    ref: int | None = None


class Unit:
    """Changes under way. `finish` writes their events; the store's transaction commits it all."""

    def __init__(
        self, connection: Connection, user: str, mount: str, change: Change, undoes: str | None = None
    ) -> None:
        self.connection = connection
        self.user = user
        self.mount = mount
        self.change = change
        self.now = time.time_ns() // 1000
        self.undoes = undoes
        self.entries: list[log.Entry] = []
        self._next = 0
        self._folders: set[str] = {""}
        self._touched: set[str] = set()

    # -- looking

    def row(self, parent: str, name: str) -> NodeRow | None:
        return lookup(self.connection, self.user, self.mount, parent, name)

    def at(self, path: Path) -> NodeRow:
        """The node at `path`. Raises NotFound, NotADirectory."""
        parent, name = rows.split_text(rows.path_text(path))
        row = self.row(parent, name)
        if row is None:
            self.need_folder(parent, path)
            raise NotFound(path)
        return row

    def need_folder(self, folder: str, path: Path) -> None:
        """Raises NotFound or NotADirectory, about `path`, unless `folder` is a folder."""
        if folder in self._folders:
            return
        parent, name = rows.split_text(folder)
        row = self.row(parent, name)
        if row is None:
            self.need_folder(parent, path)
            raise NotFound(path)
        if row.kind != FOLDER:
            raise NotADirectory(path)
        self._folders.add(folder)

    def is_empty(self, folder: str) -> bool:
        found = self.connection.execute(
            "SELECT 1 FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND deleted_at IS NULL"
            " LIMIT 1",
            (self.user, self.mount, folder),
        ).fetchone()
        return found is None

    def all_below(self, folder: str) -> Iterator[NodeRow]:
        """Every live node below a folder, in the order of their folders."""
        found = self.connection.execute(
            f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL"
            " AND (parent = ? OR (parent >= ? AND parent < ?)) ORDER BY parent, name",
            (self.user, self.mount, *below(folder)),
        )
        return (NodeRow(*row) for row in found.fetchall())

    # -- changing

    def put(self, files: Sequence[Put]) -> list[NodeRow]:
        """Creates files or replaces their content. Paths must differ from each other.

        Raises NotFound, NotADirectory, IsADirectory, BadName.
        """
        made, changed, replaced, documents, result = [], [], [], [], []
        for file in files:
            index.render(self.connection, self.user, file.content)
        for file in files:
            path = f"{file.parent}/{file.name}"
            old = self.row(file.parent, file.name)
            content = file.content
            mtime = self.now if file.mtime is None else file.mtime
            if old is None:
                self.need_folder(file.parent, rows.to_path(path))
                check_name(file.name, rows.to_path(path))
                row = NodeRow(
                    self._number(), uuid7(), file.parent, file.name, FILE, content.size, mtime,
                    content.digest, file.mime, file.attrs, True,
                )  # fmt: skip
                made.append((row.seq, row.id, self.user, self.mount, *row[2:], self.now))
            else:
                if old.kind == FOLDER:
                    raise IsADirectory(rows.to_path(path))
                row = old._replace(
                    size=content.size,
                    mtime=mtime,
                    digest=content.digest,
                    mime=file.mime,
                    attrs=file.attrs,
                    indexed=True,
                )
                if old.indexed:
                    replaced.append(old)
                changed.append((row.size, row.mtime, row.digest, row.mime, row.attrs, row.seq))
            documents.append(index.document(row.seq, row.name, row.attrs, self._text(content)))
            before = None if old is None else old.digest
            detail = "" if old is None else _before(old, row)
            self.entries.append(
                log.Entry(file.op, self.mount, path, None, row.id, before, content.digest, detail, file.ref)
            )
            self._touched.add(file.parent)
            result.append(row)
        self.keep([file.content for file in files])
        if made:
            self.connection.executemany(_INSERT, made)
        if changed:
            self.connection.executemany(_UPDATE, changed)
        self.connection.words.put(self.connection, self.user, documents, replaced)
        return result

    def _text(self, content: Content) -> str:
        """The searchable text of a content that is about to be kept."""
        if content.data is None or kind_of(content.data) is not None:
            return index.text_once_kept(self.connection, self.user, content)
        return index.text_of(content.data)

    def keep(self, contents: Sequence[Content]) -> None:
        """Stores contents, each once."""
        self.connection.executemany(
            _CONTENT,
            [
                (self.user, one.digest, one.size, one.crc, one.place, one.data, one.excerpt, self.now)
                for one in contents
            ],
        )

    def make_folder(self, parent: str, name: str, *, ref: int | None = None) -> NodeRow:
        """Makes a folder; nothing may stand there. Raises NotFound, NotADirectory, BadName."""
        path = f"{parent}/{name}"
        self.need_folder(parent, rows.to_path(path))
        check_name(name, rows.to_path(path))
        row = NodeRow(self._number(), uuid7(), parent, name, FOLDER, 0, self.now, None, None, "", False)
        self.connection.execute(_INSERT, (row.seq, row.id, self.user, self.mount, *row[2:], self.now))
        self.entries.append(log.Entry("mkdir", self.mount, path, None, row.id, ref=ref))
        self._touched.add(parent)
        return row

    def remove(self, row: NodeRow, *, ref: int | None = None) -> None:
        """Takes a node, and all below it, out of the tree; the rows stay, for `undo`."""
        gone = [*reversed(list(self.all_below(row.path))), row] if row.kind == FOLDER else [row]
        for one in gone:
            self.entries.append(
                log.Entry(
                    "remove",
                    self.mount,
                    one.path,
                    None,
                    one.id,
                    one.digest,
                    None,
                    f'{{"seq":{one.seq}}}',
                    ref,
                )
            )
        self.connection.words.take(self.connection, self.user, [one for one in gone if one.indexed])
        self.connection.executemany(_REMOVE, [(self.now, one.seq) for one in gone])
        self._folders -= {one.path for one in gone}
        self._touched.add(row.parent)

    def move(self, row: NodeRow, parent: str, name: str, *, ref: int | None = None) -> NodeRow:
        """Renames a node, replacing a file or an empty folder of its kind.

        Raises NotFound, NotADirectory, IsADirectory, NotEmpty, BadName.
        """
        target = f"{parent}/{name}"
        path = rows.to_path(target)
        self.need_folder(parent, path)
        if target == row.path:
            return row
        if row.kind == FOLDER and f"{target}/".startswith(f"{row.path}/"):
            raise BadName(path, f"lies inside {row.path} itself")
        there = self.row(parent, name)
        replaced = ""
        if there is not None:
            if there.kind == FOLDER and row.kind == FILE:
                raise IsADirectory(path)
            if there.kind == FILE and row.kind == FOLDER:
                raise NotADirectory(path)
            if there.kind == FOLDER and not self.is_empty(there.path):
                raise NotEmpty(path)
            self._drop_replaced(there)
            replaced = f'{{"replaced":{there.seq}}}'
        check_name(name, path)
        moved = row._replace(parent=parent, name=name)
        if row.indexed:
            self.connection.words.rename(self.connection, self.user, [(row, moved)])
        self.connection.execute("UPDATE node SET parent = ?, name = ? WHERE seq = ?", (parent, name, row.seq))
        if row.kind == FOLDER:
            self.connection.execute(
                "UPDATE node SET parent = ? || substr(parent, ?) WHERE user_id = ? AND mount = ?"
                " AND deleted_at IS NULL AND (parent = ? OR (parent >= ? AND parent < ?))",
                (target, len(row.path) + 1, self.user, self.mount, *below(row.path)),
            )
            self._folders = {""}
        before = there.digest if there is not None else None
        self.entries.append(
            log.Entry("move", self.mount, row.path, target, row.id, before, row.digest, replaced, ref)
        )
        self._touched |= {row.parent, parent}
        return moved

    def _drop_replaced(self, row: NodeRow) -> None:
        if row.indexed:
            self.connection.words.take(self.connection, self.user, [row])
        self.connection.execute(_REMOVE, (self.now, row.seq))

    def restore(self, row: NodeRow, *, ref: int | None = None) -> NodeRow:
        """Brings a removed node back to where it was; its place must be free."""
        self.connection.execute("UPDATE node SET deleted_at = NULL WHERE seq = ?", (row.seq,))
        if row.kind == FILE:
            index.put_back(self.connection, self.user, row)
        op = "write" if row.kind == FILE else "mkdir"
        self.entries.append(
            log.Entry(op, self.mount, row.path, None, row.id, None, row.digest, f'{{"seq":{row.seq}}}', ref)
        )
        self._touched.add(row.parent)
        return row

    def touch(self, row: NodeRow, mtime: int, *, ref: int | None = None) -> NodeRow:
        """Sets the time of the last change."""
        self.connection.execute("UPDATE node SET mtime = ? WHERE seq = ?", (mtime, row.seq))
        detail = f'{{"mtime":{row.mtime},"to":{mtime}}}'
        self.entries.append(
            log.Entry("touch", self.mount, row.path, None, row.id, row.digest, row.digest, detail, ref)
        )
        return row._replace(mtime=mtime)

    def describe(self, row: NodeRow, mime: str | None, attrs: str) -> NodeRow:
        """What a file is said to be, when it is read anew; the content stays."""
        if (mime, attrs) == (row.mime, row.attrs):
            return row
        new = row._replace(mime=mime, attrs=attrs)
        if attrs != row.attrs and row.indexed:
            self.connection.words.rename(self.connection, self.user, [(row, new)])
        self.connection.execute("UPDATE node SET mime = ?, attrs = ? WHERE seq = ?", (mime, attrs, row.seq))
        return new

    def free_name(self, parent: str, name: str) -> str:
        """`name`, with a mark when something has it already in that folder."""
        chosen, number = name, 0
        while self.row(parent, chosen) is not None:
            number += 1
            chosen = marked(name, f"{self.change.command_id}#{number}")
        return chosen

    def finish(self) -> None:
        """Writes the events of all that was done, and the folders' times."""
        touched = [
            (self.now, self.user, self.mount, *rows.split_text(folder)) for folder in self._touched if folder
        ]
        if touched:
            self.connection.executemany(
                "UPDATE node SET mtime = ? WHERE user_id = ? AND mount = ? AND parent = ? AND name = ?"
                " AND deleted_at IS NULL",
                touched,
            )
        if self.entries:
            log.append(self.connection, self.user, self.change, self.now, self.entries, self.undoes)

    def _number(self) -> int:
        """The next free number of the collection's range."""
        if not self._next:
            first = number_of(self.connection, self.user, self.mount) * schema.SPAN
            last = self.connection.execute(
                "SELECT max(seq) FROM node WHERE seq >= ? AND seq < ?", (first, first + schema.SPAN)
            ).fetchone()[0]
            self._next = first if last is None else last + 1
        self._next += 1
        return self._next - 1


def _before(old: NodeRow, new: NodeRow) -> str:
    """What else taking back a new content needs: the time, and the attributes where they differ."""
    if (old.mime, old.attrs) == (new.mime, new.attrs):
        return f'{{"mtime":{old.mtime}}}'
    was = {"mtime": old.mtime, "mime": old.mime, "attrs": old.attrs}
    text: str = import_module("json").dumps(was, ensure_ascii=False)
    return text
