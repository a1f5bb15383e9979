"""What is kept of a service beside its items' nodes: rows of `replica`, `item` and `push`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from providers.mirror.remote import State
from providers.store import rows
from providers.store.many import together
from providers.store.rows import COLUMNS, NodeRow
from providers.store.schema import SPAN
from vfs.node import Value

if TYPE_CHECKING:
    from providers.store.store import Connection, Row

ACCOUNT = ""
"""The key of the row of `replica` that is the account itself."""

_FOLDER = "key, path, role, attrs, cursor, generation, listing, total, synced_at, tried_at, problem"
_ITEM = "node, key, href, etag, identity, state, digest, whole, generation"
_ITEMS_AT = f"SELECT {_ITEM} FROM item WHERE user_id = ? AND mount = ? AND key = ? AND href IN (%s)"
_ITEMS_LIKE = f"SELECT {_ITEM} FROM item WHERE user_id = ? AND mount = ? AND identity IN (%s)"
_ITEMS_OF = f"SELECT {_ITEM} FROM item WHERE user_id = ? AND node IN (%s)"
_LIVE = f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND deleted_at IS NULL AND seq IN (%s)"
_NODES = f"SELECT {COLUMNS} FROM node WHERE user_id = ? AND seq IN (%s)"
_PUSHES = "SELECT node FROM push WHERE user_id = ? AND node IN (%s)"
_PUT_FOLDER = (
    f"INSERT INTO replica (user_id, mount, {_FOLDER}, handled)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    " ON CONFLICT (user_id, mount, key) DO UPDATE SET path = excluded.path, role = excluded.role,"
    " attrs = excluded.attrs, cursor = excluded.cursor, generation = excluded.generation,"
    " listing = excluded.listing, total = excluded.total, synced_at = excluded.synced_at,"
    " tried_at = excluded.tried_at, problem = excluded.problem"
)
# What a first listing has brought is the past; what comes after it is news, whether or not a rule was on yet.
_PAST = (
    "UPDATE replica SET handled = coalesce("
    " (SELECT max(i.node) FROM item i WHERE i.user_id = replica.user_id AND i.mount = replica.mount),"
    f" (SELECT c.number * {SPAN} FROM collection c"
    " WHERE c.user_id = replica.user_id AND c.name = replica.mount), 0)"
    " WHERE user_id = ? AND mount = ? AND key = ? AND key <> '' AND handled = 0"
)
_PUT_ITEM = (
    f"INSERT INTO item (user_id, mount, {_ITEM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (user_id, node) DO UPDATE SET key = excluded.key, href = excluded.href,"
    " etag = excluded.etag, identity = excluded.identity, state = excluded.state,"
    " digest = excluded.digest, whole = excluded.whole, generation = excluded.generation"
)
_APART = "UPDATE item SET key = ?, href = ? WHERE user_id = ? AND node = ?"


class Folder(NamedTuple):
    """A row of `replica`: a collection of the service, or, with the key ACCOUNT, the account."""

    key: str
    path: str
    """Where it is shown, as rows hold paths."""
    role: str
    attrs: str
    cursor: str | None
    generation: int
    """Counts the whole listings; an item that the last one did not name has a lower one."""
    listing: bool
    """A whole listing is under way."""
    total: int | None
    synced_at: int | None
    tried_at: int | None
    problem: str

    @property
    def node(self) -> int:
        """The number of its folder."""
        number = rows.read_attrs(self.attrs).get(NODE)
        return number if isinstance(number, int) else -1


NODE = "node"
"""Where a folder's attributes keep the number of its node."""
FLOOR, NEXT = "floor", "next"
"""Where they keep which numbers are left for what a first listing brings, the newest first."""
OWN = (NODE, FLOOR, NEXT)
"""Attributes of a folder that are not its collection's."""


class ItemRow(NamedTuple):
    """A row of `item`."""

    node: int
    key: str
    href: str
    etag: str
    identity: str
    state: str
    digest: bytes
    """The content that the service has, as far as it is here."""
    whole: bool
    """Whether that is all of it."""
    generation: int

    @property
    def is_apart(self) -> bool:
        """Whether the service is not known to have it under any name."""
        return self.href == f"?{self.node}"


class Place(NamedTuple):
    """Whose account it is, in which collection of the store."""

    user: str
    mount: str


def state_text(state: State) -> str:
    """A state as rows hold it; equal states are equal texts."""
    return _state_text(tuple([(key, type(value), value) for key, value in sorted(state.items())]))


@lru_cache(maxsize=1000)
def _state_text(state: tuple[tuple[str, type, Value], ...]) -> str:
    # The type stands in it because True is 1.
    return rows.write_attrs({key: value for key, _, value in state})


# -- collections


def folders(connection: Connection, place: Place) -> dict[str, Folder]:
    """All rows of an account by key, the account's own among them."""
    found = connection.execute(f"SELECT {_FOLDER} FROM replica WHERE user_id = ? AND mount = ?", place)
    return {row[0]: _folder(row) for row in found}


def folder(connection: Connection, place: Place, key: str) -> Folder | None:
    """One row."""
    row = connection.execute(
        f"SELECT {_FOLDER} FROM replica WHERE user_id = ? AND mount = ? AND key = ?", (*place, key)
    ).fetchone()
    return None if row is None else _folder(row)


def _folder(row: Row) -> Folder:
    key, path, role, attrs, cursor, generation, listing, *rest = row
    return Folder(key, path, role, attrs, cursor, generation, bool(listing), *rest)


def put_folders(connection: Connection, place: Place, changed: Iterable[Folder]) -> None:
    """Writes rows, each whole but for the account's lease."""
    connection.executemany(_PUT_FOLDER, [(*place, *one) for one in changed])


def listed_first(connection: Connection, place: Place, key: str) -> None:
    """Notes that a collection was listed for the first time: what is there is no news."""
    connection.execute(_PAST, (*place, key))


def drop_folder(connection: Connection, place: Place, key: str) -> None:
    """Forgets a collection; its items are looked after before."""
    connection.execute("DELETE FROM replica WHERE user_id = ? AND mount = ? AND key = ?", (*place, key))


def rebind(connection: Connection, place: Place, old: str, new: str) -> None:
    """A collection has another key."""
    for table in ("replica", "item"):
        connection.execute(
            f"UPDATE {table} SET key = ? WHERE user_id = ? AND mount = ? AND key = ?", (new, *place, old)
        )


def begin_account(connection: Connection, place: Place) -> None:
    """Makes the account's row, with which its collection of the store counts as a mirror."""
    connection.execute(
        f"INSERT INTO replica (user_id, mount, {_FOLDER}, handled)"
        " VALUES (?, ?, '', '', '', '', NULL, 0, FALSE, NULL, NULL, NULL, '', 0) ON CONFLICT DO NOTHING",
        place,
    )


# -- items


def _items(found: Iterable[Row]) -> list[ItemRow]:
    return [_item(*row) for row in found]


def _item(
    node: int, key: str, href: str, etag: str, identity: str, state: str, digest: bytes, whole: int, at: int
) -> ItemRow:
    return ItemRow(node, key, href, etag, identity, state, digest, bool(whole), at)


def items_at(connection: Connection, place: Place, key: str, hrefs: Sequence[str]) -> dict[str, ItemRow]:
    """The items of a collection by what the service calls them; unknown ones are left out."""
    found: dict[str, ItemRow] = {}
    for sql, some in together(_ITEMS_AT, hrefs):
        found.update((row.href, row) for row in _items(connection.execute(sql, [*place, key, *some])))
    return found


def items_like(connection: Connection, place: Place, identities: Iterable[str]) -> dict[str, list[ItemRow]]:
    """The items of an account by identity, in whichever collection, those that are gone among them."""
    found: dict[str, dict[int, ItemRow]] = {}
    for sql, some in together(_ITEMS_LIKE, list(dict.fromkeys(filter(None, identities)))):
        for row in _items(connection.execute(sql, [*place, *some])):
            found.setdefault(row.identity, {})[row.node] = row
    return {identity: list(twins.values()) for identity, twins in found.items()}


def items_of(connection: Connection, user: str, nodes: Iterable[int]) -> dict[int, ItemRow]:
    """The items that nodes stand for, by number."""
    found: dict[int, ItemRow] = {}
    for sql, some in together(_ITEMS_OF, list(nodes)):
        found.update((row.node, row) for row in _items(connection.execute(sql, [user, *some])))
    return found


def items_before(connection: Connection, place: Place, key: str, generation: int) -> list[ItemRow]:
    """The items of a collection that the listing under way has not named."""
    return _items(
        connection.execute(
            f"SELECT {_ITEM} FROM item WHERE user_id = ? AND mount = ? AND key = ? AND generation < ?",
            (*place, key, generation),
        )
    )


def put_items(connection: Connection, place: Place, changed: Iterable[ItemRow]) -> None:
    """Writes rows. A name that another row has must have been freed before (`set_apart`)."""
    connection.executemany(_PUT_ITEM, [(*place, *row) for row in changed])


def fill_items(connection: Connection, user: str, filled: Iterable[tuple[int, bytes]]) -> None:
    """Items, by number, whose whole content is here from now on."""
    connection.executemany(
        "UPDATE item SET digest = ?, whole = TRUE WHERE user_id = ? AND node = ?",
        [(digest, user, node) for node, digest in filled],
    )


def set_apart(connection: Connection, place: Place, gone: Iterable[ItemRow], *, stays: bool = False) -> None:
    """Items that have no name at the service; unless one `stays`, it belongs to no collection either.

    What is known of its content serves whoever has the same identity.
    """
    connection.executemany(
        _APART, [(row.key if stays else ACCOUNT, f"?{row.node}", place.user, row.node) for row in gone]
    )


def live(connection: Connection, user: str, nodes: Iterable[int]) -> dict[int, NodeRow]:
    """The live nodes among these, by number."""
    found: dict[int, NodeRow] = {}
    for sql, some in together(_LIVE, list(nodes)):
        found.update((row[0], NodeRow(*row)) for row in connection.execute(sql, [user, *some]))
    return found


def any_nodes(connection: Connection, user: str, nodes: Iterable[int]) -> dict[int, NodeRow]:
    """The nodes among these, also those that were removed, by number."""
    found: dict[int, NodeRow] = {}
    for sql, some in together(_NODES, list(nodes)):
        found.update((row[0], NodeRow(*row)) for row in connection.execute(sql, [user, *some]))
    return found


def count_items(connection: Connection, place: Place, key: str) -> int:
    """How many items of a collection are known."""
    sql = "SELECT count(*) FROM item WHERE user_id = ? AND mount = ? AND key = ?"
    return int(connection.execute(sql, (*place, key)).fetchone()[0])


def hrefs(connection: Connection, place: Place, key: str) -> list[str]:
    """What the service calls the items of a collection."""
    sql = "SELECT href FROM item WHERE user_id = ? AND mount = ? AND key = ?"
    return [href for (href,) in connection.execute(sql, (*place, key))]


def etags(connection: Connection, place: Place, key: str) -> dict[str, str]:
    """The etags of the items of a collection whose whole contents have come, by href."""
    sql = "SELECT href, etag FROM item WHERE user_id = ? AND mount = ? AND key = ? AND whole"
    return dict(connection.execute(sql, (*place, key)))


# -- what waits


def waiting(connection: Connection, user: str, nodes: Iterable[int]) -> set[int]:
    """Those of these nodes that were changed here, which the service does not know yet."""
    found: set[int] = set()
    for sql, some in together(_PUSHES, list(nodes)):
        found.update(number for (number,) in connection.execute(sql, [user, *some]))
    return found


def hurry(connection: Connection, user: str, nodes: Iterable[int]) -> None:
    """What waits of these nodes is told at once, whatever came of it before."""
    connection.executemany(
        "UPDATE push SET due = at, tries = 0 WHERE user_id = ? AND node = ?", [(user, node) for node in nodes]
    )
