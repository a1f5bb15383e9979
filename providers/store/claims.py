"""Claiming: a place of objects belongs to one workspace, by a mark that stands there.

Two workspaces that share a place would each sweep away what only the other one names. Which workspace
it is, the first link of its log's chain says: it lies in the database, no two are alike, and it goes
along when a workspace is taken to another store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfs.errors import Conflict

if TYPE_CHECKING:
    from providers.store.objects import ObjectStore
    from providers.store.store import Store

_FIRST = "SELECT chain FROM event WHERE user_id = ? AND seq = 1"


async def claim(store: Store) -> str:
    """Marks the place of the store's objects as this workspace's; the mark, "" where there is no log yet.

    Raises Conflict when another workspace has it, Unavailable.
    """
    mine = await mark_of(store)
    if mine:
        await claim_as(store.objects, mine)
    return mine


async def mark_of(store: Store) -> str:
    """Stands for a workspace, wherever it lies; "" where there is no log yet."""
    rows = await store.read(lambda connection: connection.execute(_FIRST, (store.user,)).fetchall())
    return bytes(rows[0][0]).hex() if rows else ""


async def claim_as(objects: ObjectStore, mine: str) -> None:
    """Marks a place as the workspace's of that mark. Raises as `claim` does."""
    if await objects.owner(mine) != mine:
        raise Conflict(
            objects.name,
            f"another workspace keeps its large contents in {objects.name}",
            hint="give this one a folder or a prefix of its own: objects in [store], or --objects",
        )
