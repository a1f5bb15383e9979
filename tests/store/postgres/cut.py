"""Connections that are cut before, or after, a statement: what whoever comes after finds then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg


class Watched(asyncpg.Connection):  # type: ignore[type-arg, misc]
    """A connection that is cut before, or after, its n-th statement."""

    left = 1 << 30
    after = False
    cut: Callable[[], None] | None = None

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        type(self).left -= 1
        if self.left == 0 and not self.after:
            self._end()
        done = await super().execute(query, *args, timeout=timeout)
        if self.left == 0 and self.after:
            self._end()
        return str(done)

    def _end(self) -> None:
        if type(self).cut is not None:
            type(self).cut()
        self.terminate()
        raise ConnectionResetError("cut")


async def end(connection: asyncpg.Connection[Any]) -> None:
    """Ends a connection that may have been cut."""
    connection.terminate()
    await asyncio.sleep(0.01)
