"""Undo for mounts that keep no history themselves: the intent and the old content before a change,
the outcome after it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from providers.store import outside
from providers.store.contents import Content
from providers.store.intake import Intake
from providers.store.unit import Unit
from vfs.action import Change
from vfs.ids import uuid7
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks

if TYPE_CHECKING:
    from providers.store.store import Connection, Store


class StoreJournal:
    """The journal of a workspace's other mounts. Its paths are the tree's."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._settled = False

    async def intend(
        self, change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        """Keeps the content that is about to be overwritten or removed, and what is about to happen."""
        if not self._settled:
            self._settled = True
            await outside.settle_left(self.store)
        async with Intake(self.store.objects) as intake:
            content: Content | None = None
            if before is not None:
                await intake.take(before)
                content = await intake.finish()
            key = uuid7()
            row = (
                self.store.user, key, time.time_ns() // 1000, change.command_id, change.command, change.actor,
                op, outside.spelt(path), None if target is None else outside.spelt(target),
                None if content is None else content.digest,
            )  # fmt: skip
            await self.store.write(lambda connection: self._add(connection, change, content, row))
        return key

    def _add(
        self,
        connection: Connection,
        change: Change,
        content: Content | None,
        row: tuple[str | int | bytes | None, ...],
    ) -> None:
        if content is not None:
            unit = Unit(connection, self.store.user, "", change)
            unit.keep([content])
            unit.finish()
        connection.execute(
            "INSERT INTO intent (user_id, id, at, command_id, line, actor, op, path, target, before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    async def settle(self, key: str, *, done: bool, after: Node | None = None) -> None:
        """The change has happened, and becomes an event; or it has not, and leaves no trace."""
        tag = "" if after is None or after.etag is None else after.etag
        await self.store.write(lambda connection: outside.settle(connection, self.store.user, key, done, tag))
