"""Finding nodes: one by its path, and the bounds of what lies below a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.store import rows
from providers.store.rows import COLUMNS, FOLDER, NodeRow
from vfs.errors import NotADirectory, NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

_ROW = (
    f"SELECT {COLUMNS} FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND name = ? AND deleted_at IS NULL"
)


def lookup(connection: Connection, user: str, mount: str, parent: str, name: str) -> NodeRow | None:
    """The live node at a place."""
    row = connection.execute(_ROW, (user, mount, parent, name)).fetchone()
    return None if row is None else NodeRow(*row)


def below(folder: str) -> tuple[str, str, str]:
    """Bounds for `parent = ? OR (parent >= ? AND parent < ?)`: everything below a folder."""
    return folder, f"{folder}/", f"{folder}0"


def find_or_none(connection: Connection, user: str, mount: str, path: Path) -> NodeRow | None:
    """The node at `path`; None where its folder holds no such name. Raises NotFound, NotADirectory."""
    parent, name = rows.split_text(rows.path_text(path))
    row = lookup(connection, user, mount, parent, name)
    if row is None:
        need_folder(connection, user, mount, parent, path)
    return row


def find(connection: Connection, user: str, mount: str, path: Path) -> NodeRow:
    """The node at `path`. Raises NotFound, NotADirectory."""
    row = find_or_none(connection, user, mount, path)
    if row is None:
        raise NotFound(path)
    return row


def need_folder(connection: Connection, user: str, mount: str, folder: str, path: Path) -> None:
    """Raises NotFound or NotADirectory, about `path`, unless `folder` is a folder."""
    if not folder:
        return
    parent, name = rows.split_text(folder)
    row = lookup(connection, user, mount, parent, name)
    if row is None:
        need_folder(connection, user, mount, parent, path)
        raise NotFound(path)
    if row.kind != FOLDER:
        raise NotADirectory(path)


def number_of(connection: Connection, user: str, mount: str, *, make: bool = True) -> int:
    """The number of a collection, given to it by its first change; -1 when it has none and `make` is off."""
    row = connection.execute(
        "SELECT number FROM collection WHERE user_id = ? AND name = ?", (user, mount)
    ).fetchone()
    if row is not None:
        return int(row[0])
    if not make:
        return -1
    number = int(connection.execute("SELECT coalesce(max(number), 0) + 1 FROM collection").fetchone()[0])
    connection.execute(
        "INSERT INTO collection (user_id, name, number) VALUES (?, ?, ?)", (user, mount, number)
    )
    return number
