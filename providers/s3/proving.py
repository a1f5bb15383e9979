"""Proving: whether bytes are those that were put, by the etag that most services make of them.

It is their MD5 for whatever was put in one request, unless the service encrypts with keys of its own, or has
etags of another kind. So a mismatch proves damage only where etags are known to be hashes.
"""

from __future__ import annotations

import re
from hashlib import md5
from typing import TYPE_CHECKING

from providers.s3.client import PART, Facts

if TYPE_CHECKING:
    from providers.s3.bucket import Bucket

_HASH = re.compile(r"[0-9a-f]{32}")


class Proof:
    """The hash of an object while it is read; of one that is not read whole, or is large, nothing."""

    def __init__(self, facts: Facts, start: int, end: int) -> None:
        small = start == 0 and end == facts.size <= PART
        self.wanted = facts.etag if small and _HASH.fullmatch(facts.etag) else None
        self._hash = md5(usedforsecurity=False)

    def take(self, block: bytes) -> None:
        if self.wanted is not None:
            self._hash.update(block)

    def fits(self) -> bool:
        """Whether what was taken may be the object."""
        return self.wanted is None or self._hash.hexdigest() == self.wanted


async def is_damaged(bucket: Bucket, key: str) -> bool:
    """Whether a mismatch, seen twice, is damage: this service's etags are hashes, and this object's is."""
    if not bucket.hashes:
        return False
    return await bucket.ask(bucket.where(key), lambda: bucket.engines.parts().has_hash(key))
