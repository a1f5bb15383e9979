"""Finding nodes: by their paths, one or many, by number, and the bounds of what lies below a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from providers.store import rows, schema
from providers.store.many import flat, together
from providers.store.rows import COLUMNS, FOLDER, NodeRow
from vfs.errors import NotADirectory, NotFound
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

_ROW = (
    f"SELECT {COLUMNS} FROM node"
    " WHERE user_id = ? AND mount = ? AND parent = ? AND name = ? AND deleted_at IS NULL"
)
_PLACES = (
    "WITH asked (parent, name) AS (VALUES %s)"
    f" SELECT {', '.join('n.' + name for name in COLUMNS.split(', '))} FROM asked a CROSS JOIN node n"
    " WHERE n.user_id = ? AND n.mount = ? AND n.parent = a.parent AND n.name = a.name"
    " AND n.deleted_at IS NULL"
)
_REMOVED = f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND deleted_at IS NOT NULL AND seq IN (%s)"
_BELOW_MANY = (
    f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL AND parent IN (%s)"
)
_NUMBER = (
    "SELECT c.number, (SELECT max(n.seq) FROM node n WHERE n.user_id = c.user_id"
    f" AND n.seq >= c.number * {schema.SPAN} AND n.seq < (c.number + 1) * {schema.SPAN})"
    " FROM collection c WHERE c.user_id = ? AND c.name = ?"
)

Spot = tuple[str, str]
"""A folder and a name in it, as rows hold them."""


def lookup(connection: Connection, user: str, mount: str, parent: str, name: str) -> NodeRow | None:
    """The live node at a place."""
    row = connection.execute(_ROW, (user, mount, parent, name)).fetchone()
    return None if row is None else NodeRow(*row)


def lookup_many(connection: Connection, user: str, mount: str, spots: Iterable[Spot]) -> dict[Spot, NodeRow]:
    """The live nodes at many places, wherever they are; what is missing is left out."""
    found: dict[Spot, NodeRow] = {}
    for sql, some in together(_PLACES, list(spots), "(?, ?)"):
        for columns in connection.execute(sql, [*flat(some), user, mount]):
            row = NodeRow(*columns)
            found[row.parent, row.name] = row
    return found


def removed(connection: Connection, user: str, numbers: Iterable[int]) -> dict[int, NodeRow]:
    """The removed nodes with these numbers; what was purged is left out."""
    found: dict[int, NodeRow] = {}
    for sql, some in together(_REMOVED, list(numbers)):
        found.update((columns[0], NodeRow(*columns)) for columns in connection.execute(sql, [user, *some]))
    return found


def all_below(connection: Connection, user: str, mount: str, folders: Sequence[str]) -> Iterator[NodeRow]:
    """Every live node below folders, each after the folder that it is in."""
    if len(folders) == 1:
        found = connection.execute(
            f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL"
            " AND (parent = ? OR (parent >= ? AND parent < ?)) ORDER BY parent, name",
            (user, mount, *below(folders[0])),
        )
        yield from (NodeRow(*columns) for columns in found.fetchall())
        return
    level = list(folders)
    while level:
        rows = []
        for sql, some in together(_BELOW_MANY, level):
            rows += [NodeRow(*columns) for columns in connection.execute(sql, [user, mount, *some])]
        rows.sort(key=lambda row: (row.parent, row.name))
        yield from rows
        level = [row.path for row in rows if row.kind == FOLDER]


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


def last_number(connection: Connection, user: str, mount: str) -> tuple[int, int | None]:
    """The number of a collection, given to it by its first change, and the highest number of its nodes."""
    row = connection.execute(_NUMBER, (user, mount)).fetchone()
    return (number_of(connection, user, mount), None) if row is None else (row[0], row[1])


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
