"""Rows of `deed`: reading them, and the one way in which their state changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from providers.outbox.deed import DONE, SETTLED, WAITING, Deed
from providers.store import rows
from vfs.node import Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

OUTBOX = "outbox"
"""The collection whose files are deeds."""

COUNTDOWN = "countdown"
"""Among a deed's arguments: the seconds for which it waits whenever it begins to wait."""

_COLUMNS = (
    "node, account, verb, state, key, arguments, summary, command_id, actor, at, due, changed, tries,"
    " problem, result, lease, lease_until"
)
_DEEDS = (
    f"SELECT {', '.join('d.' + name for name in _COLUMNS.split(', '))},"
    " n.parent, n.name, n.attrs, n.digest, n.mime"
    " FROM deed d JOIN node n ON n.user_id = d.user_id AND n.seq = d.node WHERE d.user_id = ?"
)
_INSERT = (
    f"INSERT INTO deed (user_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_AT = (
    "SELECT seq FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND name = ?"
    " ORDER BY deleted_at IS NOT NULL, seq DESC LIMIT 1"
)
_OPEN = "d.state NOT IN ('done', 'cancelled')"
_STANDING = ("state", "due", "account", "actor", "tries", "problem")
_AGED = (
    "UPDATE replica SET synced_at = ? WHERE user_id = ? AND mount = ? AND (key = '' OR role = 'sent')"
    " AND synced_at > ?"
)
_CHANGE = "UPDATE deed SET %s WHERE user_id = ? AND node = ?"
_ATTRS = "UPDATE node SET attrs = ? WHERE user_id = ? AND seq = ?"


class DeedRow(NamedTuple):
    """A row of `deed`, and what its node says."""

    node: int
    account: str
    verb: str
    state: str
    key: str
    arguments: str
    summary: str
    command_id: str
    actor: str
    at: int
    due: int
    changed: int
    tries: int
    problem: str
    result: str
    lease: str | None
    lease_until: int | None
    parent: str = ""
    name: str = ""
    attrs: str = ""
    digest: bytes | None = None
    mime: str | None = None

    @property
    def countdown(self) -> int:
        """Microseconds."""
        seconds = rows.read_attrs(self.arguments).get(COUNTDOWN)
        return int(seconds * 1_000_000) if isinstance(seconds, int | float) else 0

    def deed(self) -> Deed:
        """What a service is told of it."""
        return Deed(
            self.node,
            rows.to_path(f"{self.parent}/{self.name}"),
            self.account,
            self.verb,
            self.state,
            self.key,
            rows.read_attrs(self.arguments),
            self.summary,
            self.command_id,
            self.actor,
            rows.to_time(self.at),
            rows.to_time(self.due),
            rows.to_time(self.changed),
            self.tries,
            self.problem,
            self.result,
        )


def insert(connection: Connection, user: str, row: DeedRow) -> None:
    """A new deed."""
    connection.execute(_INSERT, (user, *row[:17]))


def open_deeds(connection: Connection, user: str) -> list[DeedRow]:
    """All that is not settled, what is due first at the top."""
    return _rows(connection, f"{_DEEDS} AND {_OPEN} ORDER BY d.due, d.node", (user,))


def of_node(connection: Connection, user: str, node: int) -> DeedRow | None:
    """The deed of a node, live or gone."""
    found = _rows(connection, f"{_DEEDS} AND d.node = ?", (user, node))
    return found[0] if found else None


def number_at(connection: Connection, user: str, path: Path) -> int | None:
    """The number of the file at a path of the outbox, or of the last one that was there."""
    place = (user, OUTBOX, *rows.split_text(rows.path_text(path)))
    row = connection.execute(_AT, place).fetchone()
    return None if row is None else int(row[0])


def of_key(connection: Connection, user: str, account: str, key: str) -> DeedRow | None:
    """The deed that has this key at its service."""
    found = _rows(connection, f"{_DEEDS} AND d.account = ? AND d.key = ?", (user, account, key))
    return found[0] if found else None


def of_id(connection: Connection, user: str, id: str | None) -> DeedRow | None:
    """The deed of the node with this id."""
    found = _rows(connection, f"{_DEEDS} AND n.id = ?", (user, id))
    return found[0] if found else None


def _rows(connection: Connection, sql: str, values: tuple[str | int | None, ...]) -> list[DeedRow]:
    return [DeedRow(*row) for row in connection.execute(sql, values).fetchall()]


def change(connection: Connection, user: str, old: DeedRow, new: DeedRow) -> DeedRow:
    """Writes what differs; the file's attributes follow. Returns the row as it is then."""
    names = [name for name in _COLUMNS.split(", ") if getattr(old, name) != getattr(new, name)]
    if names:
        sets = ", ".join(f"{name} = ?" for name in names)
        connection.execute(_CHANGE % sets, (*(getattr(new, name) for name in names), user, new.node))
    attrs = _attrs(new._replace(attrs=old.attrs))
    if attrs != old.attrs:
        # The index holds the title of these attributes alone, and that one stays.
        connection.execute(_ATTRS, (attrs, user, new.node))
    return new._replace(attrs=attrs)


def attributes(said: Mapping[str, Value], row: DeedRow) -> dict[str, Value]:
    """The attributes of a deed's file: what its content says, and how it stands with the deed."""
    attrs: dict[str, Value] = {"state": row.state}
    if row.state == WAITING:
        attrs["due"] = rows.to_time(row.due)
    if row.problem and row.state not in SETTLED:
        attrs["problem"] = row.problem
    attrs.update({name: value for name, value in said.items() if name not in _STANDING})
    attrs["account"] = row.account
    attrs["actor"] = row.actor
    if row.tries:
        attrs["tries"] = row.tries
    return attrs


def without_key(row: DeedRow) -> DeedRow:
    """A cancelled deed whose key another one may have."""
    return row._replace(key=f"{row.key} {row.node}")


def own_key(row: DeedRow) -> str:
    """The key that a deed was queued with."""
    return row.key.removesuffix(f" {row.node}")


def strays(connection: Connection, user: str) -> list[DeedRow]:
    """Open deeds whose files say something else of them: what a backup brought back waits for a person."""
    return [row for row in open_deeds(connection, user) if _attrs(row) != row.attrs]


def mend(connection: Connection, user: str) -> None:
    """The files of all open deeds say how it stands with them."""
    for row in strays(connection, user):
        change(connection, user, row, row)


def _attrs(row: DeedRow) -> str:
    return rows.write_attrs(attributes(rows.read_attrs(row.attrs), row))


def summary(said: Mapping[str, Value]) -> str:
    """What would leave, and to whom, by the attributes of its file; "" where these do not say."""
    people = [str(one) for name in ("to", "cc", "bcc") for one in _listed(said.get(name))]
    if not people:
        return ""
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    return f"{said.get('title') or '(no subject)'} to {', '.join(people[:3])}{more}"


def _listed(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def let_age(connection: Connection, user: str, account: str, at: int) -> None:
    """What is here of an account's sent mail counts as being from `at`: there is more by now."""
    connection.execute(_AGED, (at, user, account, at))


def waits_anew(row: DeedRow, now: int) -> DeedRow:
    """The deed as it begins to wait again, its countdown whole."""
    return row._replace(
        state=WAITING, due=now + row.countdown, changed=now, tries=0, problem="", lease=None, lease_until=None
    )


def is_done(row: DeedRow | None) -> bool:
    return row is not None and row.state == DONE
