"""Taking events back, within one transaction: what has changed since is left, and the reason given."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.store import pushes, rows
from providers.store.many import together
from providers.store.rows import FOLDER, NodeRow
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

_LOGGED = (
    "SELECT e.seq, e.at, e.command_id, c.line, e.actor, e.op, n.mount, n.path, n.target, e.node, e.before,"
    " e.after, n.detail FROM event e JOIN event_name n ON n.user_id = e.user_id AND n.seq = e.seq"
    " JOIN command c ON c.user_id = e.user_id AND c.id = e.command_id WHERE e.user_id = ?"
)


AT_ONCE = 500
"""Events whose nodes and contents are looked at together."""


class Logged(NamedTuple):
    """An event with its names, which were not purged."""

    seq: int
    at: int
    command_id: str
    line: str
    actor: str
    op: str
    mount: str
    """The collection; "" for a mount outside of the store, whose paths are the tree's own."""
    path: str
    target: str | None
    node: str | None
    before: bytes | None
    after: bytes | None
    detail: str

    def further(self) -> dict[str, Any]:
        """What else the event says."""
        found: dict[str, Any] = import_module("json").loads(self.detail) if self.detail else {}
        return found


# -- finding events


def logged(connection: Connection, user: str, numbers: Sequence[int]) -> list[Logged]:
    """These events, in the order of `numbers`; those whose names were purged are left out."""
    found: dict[int, Logged] = {}
    for sql, some in together(f"{_LOGGED} AND e.seq IN (%s)", numbers):
        found.update((row[0], Logged(*row)) for row in connection.execute(sql, [user, *some]))
    return [found[number] for number in numbers if number in found]


def logged_page(connection: Connection, user: str, last: int, size: int, newest_first: bool) -> list[Logged]:
    """The next events after (or, newest first, before) number `last`."""
    order = "AND e.seq < ? ORDER BY e.seq DESC" if newest_first else "AND e.seq > ? ORDER BY e.seq"
    found = connection.execute(f"{_LOGGED} {order} LIMIT ?", (user, last, size))
    return [Logged(*row) for row in found.fetchall()]


def removed_page(connection: Connection, user: str, last: int, size: int) -> list[Logged]:
    """Removals, newest first, whose node is still gone and can come back."""
    found = connection.execute(
        f"{_LOGGED} AND e.seq < ? AND e.op = 'remove' AND ("
        " EXISTS (SELECT 1 FROM node g WHERE g.id = e.node AND g.user_id = e.user_id AND g.mount = n.mount"
        "         AND g.deleted_at = e.at)"
        " OR (n.mount = '' AND NOT EXISTS"
        "     (SELECT 1 FROM event_name r WHERE r.user_id = e.user_id AND r.mount = '' AND r.path = n.path"
        "      AND r.seq > e.seq)))"
        " ORDER BY e.seq DESC LIMIT ?",
        (user, last, size),
    )
    return [Logged(*row) for row in found.fetchall()]


def of_command(connection: Connection, user: str, command: str) -> list[int]:
    """The numbers of a command's events, ascending."""
    found = connection.execute(
        "SELECT e.seq FROM command c"
        " JOIN event e ON e.user_id = c.user_id AND e.seq BETWEEN c.first AND c.last"
        " WHERE c.user_id = ? AND c.id = ? AND e.command_id = c.id ORDER BY e.seq",
        (user, command),
    )
    return [seq for (seq,) in found.fetchall()]


BY_ITSELF = " AND actor NOT LIKE 'sync:%' AND actor NOT LIKE 'rule:%'"
"""Leaves out what happened without a command, which nobody means by the last one."""


def last_done(connection: Connection, user: str) -> str | None:
    """The last command of a person or an agent that is not undone."""
    row = connection.execute(
        "SELECT id FROM command WHERE user_id = ? AND undone_by IS NULL AND undoes IS NULL"
        f" AND actor <> 'spatio'{BY_ITSELF} ORDER BY last DESC LIMIT 1",
        (user,),
    ).fetchone()
    return None if row is None else str(row[0])


def last_undone(connection: Connection, user: str) -> str | None:
    """The last undo that was not done again, if no other change has come after it."""
    row = connection.execute(
        "SELECT u.id, u.last FROM command u JOIN command c ON c.user_id = u.user_id AND c.id = u.undoes"
        " WHERE u.user_id = ? AND u.undone_by IS NULL AND c.undoes IS NULL ORDER BY u.last DESC LIMIT 1",
        (user,),
    ).fetchone()
    if row is None:
        return None
    newer = connection.execute(
        "SELECT 1 FROM command WHERE user_id = ? AND last > ? AND undoes IS NULL AND actor <> 'undo'"
        f"{BY_ITSELF} LIMIT 1",
        (user, row[1]),
    ).fetchone()
    return None if newer is not None else str(row[0])


def line_before(connection: Connection, user: str, undo: str) -> str:
    """The line of the command that an undo took back."""
    row = connection.execute(
        "SELECT c.line FROM command u JOIN command c ON c.user_id = u.user_id AND c.id = u.undoes"
        " WHERE u.user_id = ? AND u.id = ?",
        (user, undo),
    ).fetchone()
    return "" if row is None else str(row[0])


def mark(connection: Connection, user: str, command: str, change: Change, did: bool) -> None:
    """Notes that a command was taken back by `change`, and what that one may be taken back to."""
    row = connection.execute(
        "SELECT undoes FROM command WHERE user_id = ? AND id = ?", (user, command)
    ).fetchone()
    connection.execute(
        "UPDATE command SET undone_by = ? WHERE user_id = ? AND id = ?", (change.command_id, user, command)
    )
    if did:
        connection.execute(
            "UPDATE command SET undoes = ? WHERE user_id = ? AND id = ?", (command, user, change.command_id)
        )
    if row is not None and row[0] is not None:
        connection.execute("UPDATE command SET undone_by = NULL WHERE user_id = ? AND id = ?", (user, row[0]))


# -- taking back


def take_back(
    connection: Connection, user: str, events: Sequence[Logged], change: Change
) -> list[str | None]:
    """Takes events back in the order given; for each the reason why not, or None when it was done."""
    units: dict[str, Unit] = {}
    reasons: list[str | None] = []
    for mount, run in groupby(events, attrgetter("mount")):
        if mount not in units:
            mirrored = pushes.is_mirror(connection, user, mount)
            units[mount] = Unit(connection, user, mount, change, mirrored=mirrored)
        together = list(run)
        for at in range(0, len(together), AT_ONCE):
            some = together[at : at + AT_ONCE]
            _look(units[mount], some)
            reasons += [_one(units[mount], event) for event in some]
    for unit in units.values():
        unit.finish()
    return reasons


def _look(unit: Unit, events: Sequence[Logged]) -> None:
    """Asks for all that taking these back looks at, by few statements."""
    unit.look(text for event in events for text in (event.path, event.target) if text)
    back = [number for event in events for number in (_gone(event),) if number is not None]
    gone = unit.look_for(back, [event.path for event in events if event.op == "mkdir"])
    olds = [event.before for event in events if event.op in ("write", "attrs")]
    unit.look_into([*olds, *(row.digest for row in gone)])


def _gone(event: Logged) -> int | None:
    """The number of the node that comes back with the event."""
    if event.op not in ("remove", "move"):
        return None
    number: int | None = event.further().get("seq" if event.op == "remove" else "replaced")
    return number


def _one(unit: Unit, event: Logged) -> str | None:
    if event.op not in _WAYS:
        return "cannot be taken back"
    try:
        return _WAYS[event.op](unit, event)
    except VfsError as error:
        return error.reason


def _there(unit: Unit, text: str) -> NodeRow | None:
    return unit.row(*rows.split_text(text))


def _write(unit: Unit, event: Logged) -> str | None:
    row = _there(unit, event.path)
    if row is None:
        left = unit.keeper.why_gone(event.node) if unit.keeper is not None else None
        return left or ("is gone already" if event.before is None else "was removed or renamed since")
    if row.digest != event.after:
        return "was changed since"
    if event.before is None:
        unit.remove(row, ref=event.seq)
        return None
    content = unit.content(event.before, Path())
    old = event.further()
    mime, attrs = old.get("mime", row.mime), old.get("attrs", row.attrs)
    put = Put(row.parent, row.name, content, mime, attrs, old.get("mtime"), event.op, event.seq, True)
    unit.put([put])
    return None


def _mkdir(unit: Unit, event: Logged) -> str | None:
    row = _there(unit, event.path)
    if row is None or row.kind != FOLDER:
        return "is gone already"
    if not unit.is_empty(row.path):
        return "is not empty any more"
    unit.remove(row, ref=event.seq)
    return None


def _remove(unit: Unit, event: Logged) -> str | None:
    return _bring_back(unit, _gone(event), event.path, event.seq)


def _bring_back(unit: Unit, number: int | None, path: str, ref: int) -> str | None:
    """A removed node, back to `path`."""
    if _there(unit, path) is not None:
        return "something else has this name now"
    parent, name = rows.split_text(path)
    unit.need_folder(parent, rows.to_path(path))
    row = unit.removed(number)
    if row is None:
        return "was purged"
    unit.restore(row, parent, name, ref=ref)
    return None


def _move(unit: Unit, event: Logged) -> str | None:
    row = _there(unit, event.target or "")
    if row is None or row.id != event.node:
        return "was removed or renamed since"
    if _there(unit, event.path) is not None:
        return "something else has its former name now"
    unit.move(row, *rows.split_text(event.path), ref=event.seq)
    replaced = _gone(event)
    return None if replaced is None else _bring_back(unit, replaced, event.target or "", event.seq)


def _touch(unit: Unit, event: Logged) -> str | None:
    row = _there(unit, event.path)
    times = event.further()
    if row is None or row.mtime != times.get("to"):
        return "was changed since"
    unit.touch(row, times["mtime"], ref=event.seq)
    return None


def _attrs(unit: Unit, event: Logged) -> str | None:
    """Attributes that stand beside the content; of those that do not, the content tells."""
    further = event.further()
    if "to" not in further:
        return _write(unit, event)
    row = _there(unit, event.path)
    if row is None or row.id != event.node:
        return "was removed or renamed since"
    was, to = rows.read_attrs(further["was"]), rows.read_attrs(further["to"])
    attrs = rows.read_attrs(row.attrs)
    if any(attrs.get(key) != value for key, value in to.items()):
        return "was changed since"
    attrs.update(was)
    kept = {key: value for key, value in attrs.items() if value is not None}
    detail = import_module("json").dumps({"was": further["to"], "to": further["was"]}, ensure_ascii=False)
    unit.mark(row, rows.write_attrs(kept), detail, ref=event.seq)
    return None


_WAYS = {
    "write": _write,
    "attrs": _attrs,
    "mkdir": _mkdir,
    "remove": _remove,
    "move": _move,
    "touch": _touch,
}
