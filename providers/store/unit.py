"""A unit of work: changes to one collection, their events and their index entries, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from providers.rendering.kind import may_have_text
from providers.store import contents, index, log, nodes, pushes, rows, schema
from providers.store.contents import Content, ContentRow
from providers.store.known import Known, spots_of
from providers.store.pending import Pending
from providers.store.rows import FILE, FOLDER, NodeRow
from providers.store.wordindex import Document
from vfs.action import Change
from vfs.errors import BadName, IsADirectory, NotADirectory, NotEmpty
from vfs.ids import uuid7
from vfs.names import check as check_name
from vfs.names import marked
from vfs.path import Path

if TYPE_CHECKING:
    from providers.outbox.keeping import Keeper
    from providers.store.store import Connection

_TOUCH_FOLDER = (
    "UPDATE node SET mtime = ? WHERE user_id = ? AND mount = ? AND parent = ? AND name = ?"
    " AND deleted_at IS NULL"
)

_KEEPERS = {"outbox": "providers.outbox.keeping"}


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
    kept: bool = False
    """The content comes from the store itself."""


class Unit:
    """Changes under way: looked at here, sent together, and finished by their events.

    What is asked for beforehand (`look`, `look_into`, `look_for`) costs one statement for many.
    """

    def __init__(
        self,
        connection: Connection,
        user: str,
        mount: str,
        change: Change,
        undoes: str | None = None,
        *,
        mirrored: bool = False,
    ) -> None:
        """With `mirrored`, what changes is noted for the service whose replica the collection is."""
        self.connection = connection
        self.user = user
        self.mount = mount
        self.change = change
        self.now = time.time_ns() // 1000
        self.undoes = undoes
        self.entries: list[log.Entry] = []
        self._known = Known(connection, user, mount)
        self._pending = Pending(connection, user, mount, self.now)
        self._next = 0
        self._touched: set[str] = set()
        self._contents: dict[bytes, ContentRow] = {}
        self._removed: dict[int, NodeRow] = {}
        self._told: set[int] | None = set() if mirrored and pushes.is_told(change) else None
        self.keeper: Keeper | None = None
        """What a change of these files means beyond them."""
        if mount in _KEEPERS:
            self.keeper = import_module(_KEEPERS[mount]).Keeper(connection, user, self.now)

    # -- looking

    def look(self, paths: Iterable[str]) -> None:
        """Asks at once what is at many paths, and in the places of their folders."""
        self._settle_folders()
        self._known.look(spot for path in paths for spot in spots_of(path))

    def look_into(self, digests: Iterable[bytes | None]) -> None:
        """Asks at once for many contents; those that were asked for before are let go."""
        self._contents = contents.find_many(self.connection, self.user, filter(None, digests))

    def look_for(self, numbers: Iterable[int], folders: Iterable[str]) -> Sequence[NodeRow]:
        """Asks at once for many removed nodes, and how many entries folders have."""
        self._pending.send()
        self._removed = nodes.removed(self.connection, self.user, numbers)
        self._known.count(folders)
        return list(self._removed.values())

    def _settle_folders(self) -> None:
        if self._pending.moves_folders:
            self._pending.send()

    def row(self, parent: str, name: str) -> NodeRow | None:
        """The live node at a place, as it is after all that was done."""
        if not self._known.has((parent, name)):
            self._settle_folders()
        return self._known.row(parent, name)

    def at(self, path: Path) -> NodeRow:
        """The node at `path`. Raises NotFound, NotADirectory."""
        self._settle_folders()
        return self._known.at(rows.path_text(path), path)

    def need_folder(self, folder: str, path: Path) -> None:
        """Raises NotFound or NotADirectory, about `path`, unless `folder` is a folder."""
        self._settle_folders()
        self._known.need_folder(folder, path)

    def is_folder(self, path: str) -> bool:
        """Whether a folder is at a path, as rows hold it."""
        row = self.row(*rows.split_text(path))
        return row is not None and row.kind == FOLDER

    def is_empty(self, folder: str) -> bool:
        """Whether nothing live is in a folder."""
        count = self._known.entries(folder)
        if count is not None:
            return count == 0
        self._pending.send()
        found = self.connection.execute(
            "SELECT 1 FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND deleted_at IS NULL"
            " LIMIT 1",
            (self.user, self.mount, folder),
        ).fetchone()
        return found is None

    def removed(self, number: int | None) -> NodeRow | None:
        """A removed node that was looked for, unless it was brought back since."""
        return None if number is None else self._removed.get(number)

    def content(self, digest: bytes | None, path: Path) -> Content:
        """A content as it is kept. Raises IsADirectory, Corrupt, NotFound when it was purged."""
        if digest is None:
            raise IsADirectory(path)
        if digest in self._contents:
            return contents.checked(self._contents[digest], path)
        self._pending.send()
        return contents.kept(self.connection, self.user, digest, path)

    # -- changing

    def put(self, files: Sequence[Put]) -> list[NodeRow]:
        """Creates files or replaces their content. Paths must differ from each other.

        Raises NotFound, NotADirectory, IsADirectory, BadName.
        """
        self.look([f"{file.parent}/{file.name}" for file in files])
        texts = self.texts([file.content for file in files if not file.kept])
        result = []
        for file in files:
            content = file.content
            text = texts.get(content.digest)
            if text is None:
                text = index.unpacked(content.data, content.excerpt)
            result.append(self._put(file, text))
        self.keep([file.content for file in files if not file.kept])
        return result

    def _put(self, file: Put, text: str) -> NodeRow:
        path = f"{file.parent}/{file.name}"
        old = self.row(file.parent, file.name)
        content = file.content
        mtime = self.now if file.mtime is None else file.mtime
        if old is None:
            self.need_folder(file.parent, rows.to_path(path))
            check_name(file.name, rows.to_path(path))
            row = NodeRow(
                self.number(), uuid7(), file.parent, file.name, FILE, content.size, mtime,
                content.digest, file.mime, file.attrs, True,
            )  # fmt: skip
            self._pending.make(row, index.document(row.seq, row.name, row.attrs, text))
            self._known.appeared(row)
        else:
            if old.kind == FOLDER:
                raise IsADirectory(rows.to_path(path))
            if self.keeper is not None:
                file = file._replace(attrs=self.keeper.rewritten(old, file.attrs))
            row = old._replace(
                size=old.size if old.digest == content.digest else content.size,
                mtime=mtime,
                digest=content.digest,
                mime=file.mime,
                attrs=file.attrs,
                indexed=True,
            )
            self._pending.change(old, row, index.document(row.seq, row.name, row.attrs, text))
            self._known.changed(row)
        before = None if old is None else old.digest
        detail = "" if old is None else log.before(old, row)
        self.entries.append(
            log.Entry(file.op, self.mount, path, None, row.id, before, content.digest, detail, file.ref)
        )
        self._touched.add(file.parent)
        self._note(row)
        return row

    def texts(self, new: Sequence[Content]) -> dict[bytes, str]:
        """The searchable texts of those contents that may be kept already, with a text that stays."""
        unsure = [one for one in new if one.data is None or one.excerpt or may_have_text(one.data)]
        if not unsure:
            return {}
        self._pending.send()
        return index.kept_texts(self.connection, self.user, unsure)

    def keep(self, new: Sequence[Content]) -> None:
        """Stores contents, each once. Raises Conflict for an object that was purged a moment ago."""
        if new:
            objects = [one.digest for one in new if one.data is None]
            if objects:
                contents.need_settled(self.connection, self.user, objects, self.now)
            self._pending.keep(new)

    def make_folder(self, parent: str, name: str, *, ref: int | None = None) -> NodeRow:
        """Makes a folder; nothing may stand there. Raises NotFound, NotADirectory, BadName."""
        path = f"{parent}/{name}"
        self.need_folder(parent, rows.to_path(path))
        check_name(name, rows.to_path(path))
        row = NodeRow(self.number(), uuid7(), parent, name, FOLDER, 0, self.now, None, None, "", False)
        self._pending.make(row)
        self._known.appeared(row)
        self.entries.append(log.Entry("mkdir", self.mount, path, None, row.id, ref=ref))
        self._touched.add(parent)
        return row

    def remove(self, row: NodeRow, *, ref: int | None = None) -> None:
        """Takes a node, and all below it, out of the tree; the rows stay, for `undo`."""
        self.remove_all([row], ref=ref)

    def remove_all(self, gone: Sequence[NodeRow], *, ref: int | None = None, op: str = "remove") -> None:
        """Takes nodes, none of which is below another, and all below them, out of the tree."""
        if self.keeper is not None:
            self.keeper.removed(gone)
        folders = [row.path for row in gone if row.kind == FOLDER and self._known.entries(row.path) != 0]
        below: list[NodeRow] = []
        if folders:
            self._pending.send()
            below = list(nodes.all_below(self.connection, self.user, self.mount, folders))
        for row in (*reversed(below), *gone):
            detail = f'{{"seq":{row.seq}}}'
            self.entries.append(
                log.Entry(op, self.mount, row.path, None, row.id, row.digest, None, detail, ref)
            )
            self._pending.remove(row)
            self._known.vanished(row)
            self._note(row)
        self._touched |= {row.parent for row in gone}

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
            replaced = f'{{"replaced":{there.seq}}}'
        check_name(name, path)
        if there is not None:
            self._pending.remove(there)
            self._known.vanished(there)
            self._note(there)
        moved = row._replace(parent=parent, name=name)
        self._pending.move(row, moved)
        self._known.vanished(row)
        if row.kind == FOLDER:
            self._pending.move_below(row.path, target)
            self._known.forget_below(row.path)
            self._known.forget_below(target)
        self._known.appeared(moved)
        before = there.digest if there is not None else None
        self.entries.append(
            log.Entry("move", self.mount, row.path, target, row.id, before, row.digest, replaced, ref)
        )
        self._touched |= {row.parent, parent}
        self._note(moved)
        return moved

    def restore(self, row: NodeRow, parent: str, name: str, *, ref: int | None = None) -> NodeRow:
        """Brings a removed node back, to a place that must be free. Raises Corrupt, NotFound when purged."""
        row = row._replace(parent=parent, name=name, indexed=row.kind == FILE)
        if self.keeper is not None:
            row = self.keeper.restored(row)
        document: Document | None = None
        if row.kind == FILE:
            content = self.content(row.digest, rows.to_path(row.path))
            text = index.unpacked(content.data, content.excerpt)
            document = index.document(row.seq, row.name, row.attrs, text)
        self._pending.restore(row, document)
        self._removed.pop(row.seq, None)
        self._known.appeared(row)
        op = "write" if row.kind == FILE else "mkdir"
        self.entries.append(
            log.Entry(op, self.mount, row.path, None, row.id, None, row.digest, f'{{"seq":{row.seq}}}', ref)
        )
        self._touched.add(row.parent)
        self._note(row)
        return row

    def touch(self, row: NodeRow, mtime: int, *, ref: int | None = None) -> NodeRow:
        """Sets the time of the last change."""
        touched = row._replace(mtime=mtime)
        self._pending.touch(touched)
        self._known.changed(touched)
        detail = f'{{"mtime":{row.mtime},"to":{mtime}}}'
        self.entries.append(
            log.Entry("touch", self.mount, row.path, None, row.id, row.digest, row.digest, detail, ref)
        )
        return touched

    def describe(self, row: NodeRow, mime: str | None, attrs: str) -> NodeRow:
        """What a file is said to be, when it is read anew; the content stays."""
        if (mime, attrs) == (row.mime, row.attrs):
            return row
        new = row._replace(mime=mime, attrs=attrs)
        self._pending.move(row, new)
        self._known.changed(new)
        return new

    def mark(self, row: NodeRow, attrs: str, detail: str, *, ref: int | None = None) -> NodeRow:
        """Other attributes beside the same content; `detail` says which, and what they were."""
        new = self.describe(row, row.mime, attrs)
        self.entries.append(
            log.Entry("attrs", self.mount, row.path, None, row.id, row.digest, row.digest, detail, ref)
        )
        self._note(row)
        return new

    def add(self, made: Sequence[tuple[NodeRow, Document]]) -> None:
        """New files in free places, their contents kept, of which an event of the caller's tells."""
        for row, document in made:
            self._pending.make(row, document)
            self._known.appeared(row)

    def fill(self, old: NodeRow, new: NodeRow, document: Document) -> None:
        """Another content, kept already, of which an event of the caller's tells."""
        self._pending.change(old, new, document)
        self._known.changed(new)

    def free_name(self, parent: str, name: str) -> str:
        """`name`, with a mark when something has it already in that folder."""
        chosen, number = name, 0
        while self.row(parent, chosen) is not None:
            number += 1
            chosen = marked(name, f"{self.change.command_id}#{number}")
        return chosen

    def finish(self) -> None:
        """Sends what waits, and writes the folders' times and the events of all that was done."""
        self._pending.send()
        touched = [
            (self.now, self.user, self.mount, *rows.split_text(folder)) for folder in self._touched if folder
        ]
        if touched:
            self.connection.executemany(_TOUCH_FOLDER, touched)
        if self._told:
            pushes.mark(self.connection, self.user, self.mount, self._told, self.now)
        if self.entries:
            log.append(self.connection, self.user, self.change, self.now, self.entries, self.undoes)

    def _note(self, row: NodeRow) -> None:
        if self._told is not None and row.kind == FILE:
            self._told.add(row.seq)

    def number(self, count: int = 1) -> int:
        """The first of the next free numbers of the collection's range."""
        if not self._next:
            number, last = nodes.last_number(self.connection, self.user, self.mount)
            self._next = number * schema.SPAN if last is None else last + 1
        self._next += count
        return self._next - count
