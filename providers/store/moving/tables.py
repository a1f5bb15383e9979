"""What a workspace consists of, table by table, in the order in which rows can be put.

The owner's name is no part of a row: who takes a workspace in says whose it is from then on. Neither
is what a store makes anew from the rest: the number of a content's row, and the search index with the
column that says what stands in it (every live file does).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from providers.store.store import Connection

Row = tuple[Any, ...]
Key = tuple[Any, ...]


class Table(NamedTuple):
    """A carried table."""

    name: str
    columns: tuple[str, ...]
    """In this order everywhere; those of the key first."""
    keys: int
    """How many columns make the key."""
    hashes: frozenset[str] = frozenset()
    """Columns that hold a hash or a salt."""
    packed: frozenset[str] = frozenset()
    """Columns that hold other bytes."""
    flags: frozenset[str] = frozenset()
    """Columns that are true or false, whatever number stands for it on an engine."""
    since: int = 1
    """The schema's version that brought it."""
    page: int = 1000
    """Rows that are read at once."""
    derived: str = ""
    """A column that is not carried: whether the search index has it."""
    trading: bool = False
    """Rows may have traded what another key keeps unique: changed ones are taken away before they are put."""

    @property
    def key(self) -> tuple[str, ...]:
        return self.columns[: self.keys]

    def key_of(self, row: Row) -> Key:
        return row[: self.keys]


def _table(
    name: str, columns: str, keys: int = 1, hashes: str = "", packed: str = "", flags: str = "", **more: Any
) -> Table:
    hashed, other, truths = (frozenset(names.split()) for names in (hashes, packed, flags))
    return Table(name, tuple(columns.split()), keys, hashed, other, truths, **more)


COLLECTION = _table("collection", "name number")
CONTENT = _table("content", "digest size crc place data excerpt created_at", 1, "digest", "data excerpt")
SPAN = _table("span", "digest first last form", hashes="digest", since=4)
NODE = _table(
    "node",
    "seq id mount parent name kind size mtime digest mime attrs created_at deleted_at",
    hashes="digest",
    derived="indexed",
    trading=True,
)
COMMAND = _table("command", "id line actor at first last undone_by undoes")
INTENT = _table("intent", "id at command_id line actor op path target before", hashes="before")
RUN = _table("run", "id agent actor line model status started_at ended_at input output", page=100)
STEP = _table(
    "step",
    "run_id seq kind name status started_at ended_at before after tokens_in tokens_out cost",
    2,
    page=100,
)
REPLICA = _table(
    "replica",
    "mount key path role attrs cursor generation listing total synced_at tried_at problem handled"
    " lease lease_until",
    2,
    flags="listing",
    since=3,
)
ITEM = _table(
    "item",
    "node mount key href etag identity state digest whole generation",
    hashes="digest",
    flags="whole",
    since=3,
    trading=True,
)
PUSH = _table("push", "node mount at due tries problem", since=3)
DEED = _table(
    "deed",
    "node account verb state key arguments summary command_id actor at due changed tries problem result"
    " lease lease_until",
    since=3,
    trading=True,
)
EVENT_NAME = _table("event_name", "seq mount path target detail salt", hashes="salt")
EVENT = _table(
    "event",
    "seq at command_id actor op node before after ref names chain",
    hashes="before after names chain",
)

_KIND = 1 + NODE.columns.index("kind")

TABLES = (
    COLLECTION,
    CONTENT,
    SPAN,
    NODE,
    COMMAND,
    INTENT,
    RUN,
    STEP,
    REPLICA,
    ITEM,
    PUSH,
    DEED,
    EVENT_NAME,
    EVENT,
)
"""The log comes last: a store without events is no workspace yet, whatever else lies in it."""


def named(name: str) -> Table | None:
    """The table of that name."""
    return next((table for table in TABLES if table.name == name), None)


def rows(
    connection: Connection, table: Table, user: str, without: Sequence[str] = ()
) -> Generator[Row, None, None]:
    """Every row, in the order of the keys, as they come from the store. `without` leaves columns out.

    To be closed by whoever may not come to the end, within the work that the connection was given to.
    """
    chosen, order = _chosen(table, without), ", ".join(table.key)
    cursor = connection.stream(
        f"SELECT {chosen} FROM {table.name} WHERE user_id = ? ORDER BY {order}", (user,)
    )
    try:
        for row in cursor:
            yield tuple(row)
    finally:
        cursor.close()


def page(
    connection: Connection, table: Table, user: str, after: Key | None, without: Sequence[str] = ()
) -> list[Row]:
    """The next rows, in the order of the keys."""
    values: list[Any] = [user]
    beyond = ""
    if after is not None:
        beyond = f" AND ({', '.join(table.key)}) > ({', '.join('?' * table.keys)})"
        values += after
    found = connection.execute(
        f"SELECT {_chosen(table, without)} FROM {table.name} WHERE user_id = ?{beyond}"
        f" ORDER BY {', '.join(table.key)} LIMIT ?",
        (*values, table.page),
    )
    return [tuple(row) for row in found.fetchall()]


def one(connection: Connection, table: Table, user: str, key: Key) -> Row | None:
    """A row by its key."""
    row = connection.execute(
        f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {_where(table)}", (user, *key)
    ).fetchone()
    return None if row is None else tuple(row)


def between(connection: Connection, table: Table, user: str, first: Key, last: Key) -> list[Row]:
    """The rows of a table with a key of one column from `first` to `last`."""
    key = table.key[0]
    found = connection.execute(
        f"SELECT {', '.join(table.columns)} FROM {table.name}"
        f" WHERE user_id = ? AND {key} >= ? AND {key} <= ? ORDER BY {key}",
        (user, *first, *last),
    )
    return [tuple(row) for row in found.fetchall()]


def put(connection: Connection, table: Table, user: str, new: Iterable[Row], *, over: bool = False) -> None:
    """Adds rows that are not there; `over`: or replaces what rows of the same keys say."""
    columns = ["user_id", *table.columns]
    values = [(user, *_flagged(table, row)) for row in new]
    if table.derived:
        columns.append(table.derived)
        values = [(*row, row[_KIND] == "file" and row[-1] is None) for row in values]
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    if over:
        setting = ", ".join(f"{column} = excluded.{column}" for column in table.columns[table.keys :])
        sql += f" ON CONFLICT ({', '.join(('user_id', *table.key))}) DO UPDATE SET {setting}"
    connection.executemany(sql, values)


def change(connection: Connection, table: Table, user: str, changed: Iterable[Row]) -> None:
    """Replaces what rows that are there say."""
    setting = ", ".join(f"{column} = ?" for column in table.columns[table.keys :])
    connection.executemany(
        f"UPDATE {table.name} SET {setting} WHERE {_where(table)}",
        [(*_flagged(table, row)[table.keys :], user, *table.key_of(row)) for row in changed],
    )


def drop(connection: Connection, table: Table, user: str, keys: Iterable[Key]) -> None:
    """Removes rows."""
    connection.executemany(f"DELETE FROM {table.name} WHERE {_where(table)}", [(user, *key) for key in keys])


def purge(connection: Connection, user: str, keys: Iterable[Key] | None = None) -> None:
    """Takes what contents hold away; their rows stay, since a log may name them. None: all contents."""
    nothing = "place = 'purged', data = NULL, excerpt = NULL, size = 0, crc = 0"
    sql = f"UPDATE content SET {nothing} WHERE user_id = ?"
    if keys is None:
        connection.execute(sql, (user,))
    else:
        connection.executemany(f"{sql} AND digest = ?", [(user, *key) for key in keys])


def is_purged(table: Table, row: Row) -> bool:
    """Whether a content holds nothing any more."""
    return table is CONTENT and row[CONTENT.columns.index("place")] == "purged"


def batches(new: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows in lists of at most `size`."""
    batch: list[Row] = []
    for row in new:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _flagged(table: Table, row: Row) -> Row:
    if not table.flags:
        return row
    named = zip(table.columns, row, strict=True)
    return tuple(bool(value) if column in table.flags else value for column, value in named)


def _chosen(table: Table, without: Sequence[str]) -> str:
    return ", ".join(column for column in table.columns if column not in without)


def _where(table: Table) -> str:
    return " AND ".join(f"{column} = ?" for column in ("user_id", *table.key))
