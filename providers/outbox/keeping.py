"""Keeper: what a change of the outbox's files means for their deeds, in the transaction that makes it.

Removing a file cancels its deed, bringing it back makes it wait again, another content starts its
countdown again: by whatever command, `undo` and `redo` among them. What a worker holds is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from providers.outbox import table
from providers.outbox.deed import CANCELLED, DONE, FAILED, HELD, SETTLED, WAITING
from providers.store import rows
from vfs.errors import Conflict

if TYPE_CHECKING:
    from providers.store.rows import NodeRow
    from providers.store.store import Connection

HELD_WORDS = "is being sent at this moment"
SENT_WORDS = "was sent"


class Keeper:
    """The deeds behind the files that one unit of work changes."""

    def __init__(self, connection: Connection, user: str, now: int) -> None:
        self._connection = connection
        self._user = user
        self._now = now

    def _deed(self, row: NodeRow) -> table.DeedRow | None:
        return table.of_node(self._connection, self._user, row.seq)

    def removed(self, gone: Iterable[NodeRow]) -> None:
        """Cancels. Raises Conflict for what is on its way."""
        found = [(row, self._deed(row)) for row in gone]
        for row, deed in found:
            if deed is not None and deed.state in HELD:
                raise Conflict(rows.to_path(row.path), HELD_WORDS, hint="look again in a minute: ls /outbox")
        for _, deed in found:
            if deed is not None and deed.state not in SETTLED:
                cancelled = deed._replace(state=CANCELLED, changed=self._now, lease=None, lease_until=None)
                table.change(self._connection, self._user, deed, cancelled)

    def restored(self, row: NodeRow) -> NodeRow:
        """The node with its deed waiting again. Raises Conflict for what left, or was queued once more."""
        deed = self._deed(row)
        if deed is None or deed.state not in SETTLED:
            return row
        if deed.state == DONE:
            raise Conflict(rows.to_path(row.path), SENT_WORDS)
        anew = table.waits_anew(deed, self._now)._replace(key=table.own_key(deed))
        if anew.key != deed.key and table.of_key(self._connection, self._user, deed.account, anew.key):
            raise Conflict(rows.to_path(row.path), "the same was queued again since")
        waiting = table.change(self._connection, self._user, deed, anew)
        return row._replace(attrs=waiting.attrs)

    def rewritten(self, old: NodeRow, attrs: str) -> str:
        """The attributes of a file that gets another content. Raises Conflict for what may have left."""
        deed = self._deed(old)
        if deed is None:
            return attrs
        if deed.state not in (WAITING, FAILED):
            words = HELD_WORDS if deed.state in HELD else "may have been sent already"
            raise Conflict(rows.to_path(old.path), words, hint="run: ls -l /outbox")
        said = rows.read_attrs(attrs)
        anew = table.waits_anew(deed, self._now)._replace(summary=table.summary(said) or deed.summary)
        waiting = table.change(self._connection, self._user, deed, anew)
        return rows.write_attrs(table.attributes(said, waiting))

    def why_gone(self, id: str | None) -> str | None:
        """Why the file of a deed is there no more, when it left."""
        return SENT_WORDS if table.is_done(table.of_id(self._connection, self._user, id)) else None
