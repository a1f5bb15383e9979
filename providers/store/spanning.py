"""Spans made anew: of calendar files that came in before there were any, or whose form is an older one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from providers.rendering.kind import LARGEST
from providers.store import contents
from providers.store.contents import Content
from providers.store.intake import is_calendar, span_of
from vfs.drive import hop
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

# Kept beside each other: what is called a calendar file, live or not, and what begins as one does.
_CALENDARS = (
    "SELECT digest FROM node WHERE user_id = ? AND mime = 'text/calendar' AND digest IS NOT NULL"
    " UNION SELECT digest FROM content"
    " WHERE user_id = ? AND place <> 'purged' AND substr(data, 1, 5) IN (?, ?)"
)
_SPAN = "INSERT INTO span (user_id, digest, first, last, form) VALUES (?, ?, ?, ?, ?)"

Made = tuple[bytes, tuple[int, int, str]]


async def remade(store: Store) -> list[Made]:
    """The span of every content that is a calendar file in which something happens."""
    user = store.user

    def calendars(connection: Connection) -> list[bytes]:
        return [one for (one,) in connection.execute(_CALENDARS, (user, user, b"BEGIN", b"begin")).fetchall()]

    made = []
    for digest in await store.read(calendars):
        with suppress(VfsError):
            content = await store.read(
                lambda connection, digest=digest: contents.kept(connection, user, digest, Path())  # type: ignore[misc]
            )
            data = await _whole(store, content)
            span = await hop(lambda data=data: span_of(data) if is_calendar(data) else None)  # type: ignore[misc]
            if span is not None:
                made.append((digest, span))
    return made


async def _whole(store: Store, content: Content) -> bytes:
    size = content.size if content.size <= LARGEST else 0
    return b"".join([block async for block in contents.blocks(store.objects, content, 0, size)])


def replace(connection: Connection, user: str, made: list[Made]) -> None:
    """These spans, and no others."""
    connection.execute("DELETE FROM span WHERE user_id = ?", (user,))
    connection.executemany(_SPAN, [(user, digest, *span) for digest, span in made])
