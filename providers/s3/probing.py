"""Probing: what a service does, seen on an object of its own."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from providers.s3.client import Abilities, Facts
from vfs.errors import Conflict, Unsupported

if TYPE_CHECKING:
    from providers.s3.bucket import Bucket


async def probed(bucket: Bucket, prefix: str) -> Abilities:
    """Tries it on an object below `prefix`, which is gone afterwards."""
    key = f"{prefix}.spatio-probe-{os.urandom(8).hex()}"
    try:
        await bucket.put(key, b"first")
        create_only = await _lost(bucket.put(key, b"second", only_new=True))
        compare = await _lost(bucket.put(key, b"third", etag="0" * 32))
        checksums = await bucket.ask(
            bucket.where(key), lambda: bucket.engines.parts().turns_down(key, b"sent", b"meant")
        )
    finally:
        await bucket.delete([key])
    return Abilities(create_only, compare, checksums)


async def _lost(put: Awaitable[Facts]) -> bool:
    try:
        await put
    except Conflict:
        return True
    except Unsupported:
        return False
    return False
