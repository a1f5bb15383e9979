"""Receiving: an object's bytes, in ranges that are fetched ahead, all of one version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from providers.s3.client import PART, Facts
from providers.s3.engine import PastEnd
from providers.s3.proving import Proof, is_damaged
from vfs.closing import Closing
from vfs.errors import Conflict, Corrupt
from vfs.fan import fan_out

if TYPE_CHECKING:
    from providers.s3.bucket import Bucket

FIRST = 1024 * 1024
"""Bytes asked for first when nobody says how many are wanted: of a large object the beginning may do."""

AHEAD = 4
"""Ranges under way at once."""


async def blocks(
    bucket: Bucket, key: str, start: int, stop: int | None, etag: str | None, size: int | None
) -> AsyncIterator[bytes]:
    """What `Client.get` yields."""
    if stop is not None and stop <= start:
        return
    step = FIRST if stop is None else min(stop - start, PART)
    try:
        facts, found = await _fetched(bucket, key, start, start + step, etag)
    except PastEnd:
        facts = await bucket.head(key)
        _check_size(bucket, facts, size)
        if facts.size > start or etag not in (None, facts.etag):
            raise Conflict(bucket.where(key), "replaced while it was read") from None
        return
    _check_size(bucket, facts, size)
    end = facts.size if stop is None else min(stop, facts.size)
    proof = Proof(facts, start, end)
    if size is None and start + step >= end:
        found = await _proven(bucket, key, found, proof, (start, start + step))
    for block in found:
        yield block
    spans = [(at, min(at + PART, end)) for at in range(start + step, end, PART)]
    if not spans:
        return

    async def further(span: tuple[int, int]) -> list[bytes]:
        return (await _fetched(bucket, key, *span, facts.etag))[1]

    async with Closing(fan_out(spans, further, AHEAD)) as ranges:
        async for _, found in ranges:
            for block in found:
                yield block


async def _proven(
    bucket: Bucket, key: str, found: list[bytes], proof: Proof, span: tuple[int, int]
) -> list[bytes]:
    """All of a small object. What does not fit is fetched once more. Raises Corrupt."""
    for block in found:
        proof.take(block)
    if proof.fits():
        bucket.hashes = bucket.hashes or proof.wanted is not None
        return found
    facts, again = await _fetched(bucket, key, *span, proof.wanted)
    second = Proof(facts, *span[:1], facts.size)
    for block in again:
        second.take(block)
    if not second.fits() and (again != found or await is_damaged(bucket, key)):
        raise Corrupt(bucket.where(key), "its bytes do not fit its checksum")
    return again


def _check_size(bucket: Bucket, facts: Facts, size: int | None) -> None:
    if size not in (None, facts.size):
        raise Corrupt(bucket.where(facts.key), f"has {facts.size} bytes, but should have {size}")


async def _fetched(
    bucket: Bucket, key: str, start: int, stop: int, etag: str | None
) -> tuple[Facts, list[bytes]]:
    def request() -> tuple[Facts, list[bytes]] | None:
        try:
            return bucket.engines.of(key).fetch(key, start, stop, etag)
        except PastEnd:
            return None

    found = await bucket.ask(bucket.where(key), request)
    if found is None:
        raise PastEnd
    # A service that does not know the condition sends what is there.
    if etag not in (None, found[0].etag):
        raise Conflict(bucket.where(key), "replaced while it was read")
    return found
