"""What is stored in a collection of calendars: where an event lies by its UID, which names are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.calendar.shelf import Shelf
from providers.store import rows

if TYPE_CHECKING:
    from providers.store.store import Connection

_OF_UID = (
    "SELECT 1 FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL AND mime = 'text/calendar'"
    " AND attrs LIKE ? ESCAPE '\\' LIMIT 1"
)
_EVENTS = (
    "SELECT parent, name, attrs FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL"
    " AND mime = 'text/calendar'"
)
_NAMES = "SELECT name FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND deleted_at IS NULL"


def has_uid(connection: Connection, shelf: Shelf, uid: str) -> bool:
    """Whether an event of that UID is stored."""
    text = rows.write_attrs({"uid": uid})[1:-1]
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    found = connection.execute(_OF_UID, (shelf.user, shelf.mount, f"%{text}%")).fetchone()
    return found is not None


def files_by_uid(connection: Connection, shelf: Shelf, folder: str = "") -> dict[str, str]:
    """Where each stored event lies, or each of a folder, by its UID: a path as rows hold it."""
    found: dict[str, str] = {}
    for parent, name, attrs in connection.execute(_EVENTS, (shelf.user, shelf.mount)):
        uid = rows.attr_text(attrs, "uid") if folder in ("", parent) else ""
        if uid:
            found.setdefault(uid, f"{parent}/{name}")
    return found


def names_in(connection: Connection, shelf: Shelf, folder: str) -> set[str]:
    """The names that a folder has."""
    return {name for (name,) in connection.execute(_NAMES, (shelf.user, shelf.mount, folder))}
