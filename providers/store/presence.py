"""absent: are the large contents that the database names where they are looked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfs.closing import Closing
from vfs.errors import Corrupt

if TYPE_CHECKING:
    from providers.store.store import Store

SAMPLE = 3
"""How many are looked for; a wrong place lacks them all."""

_NEWEST = """
SELECT digest, size FROM content WHERE user_id = ? AND place = 'objects' ORDER BY created_at DESC LIMIT ?
"""


async def absent(store: Store) -> int:
    """How many of the newest large contents are missing from the store's objects. Raises Unavailable …"""
    rows = await store.read(lambda connection: connection.execute(_NEWEST, (store.user, SAMPLE)).fetchall())
    missing = 0
    for digest, size in rows:
        try:
            async with Closing(store.objects.read(bytes(digest), size, 0, 1)) as blocks:
                async for _ in blocks:
                    break
        except Corrupt:
            missing += 1
    return missing
