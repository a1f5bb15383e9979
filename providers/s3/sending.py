"""Sending: an object in one request, or in parts that are gone on with when they were left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import md5
from importlib import import_module
from typing import TYPE_CHECKING, Any

from providers.s3.client import PART, Facts
from providers.s3.engine import Kept, Terms
from vfs.closing import Closing
from vfs.errors import Conflict, Corrupt, NotFound, TooLarge, Unavailable, VfsError
from vfs.fan import fan_out

if TYPE_CHECKING:
    from providers.s3.bucket import Bucket

AHEAD = 4
"""Parts under way at once."""

MOST_PARTS = 10_000
COPIED_PART = 512 * 1024 * 1024
IDLE = timedelta(seconds=60)
"""An upload that got no part for so long was left behind; a slower one that is under way fails whole."""

_GRACE = 5.0


async def whole(bucket: Bucket, key: str, data: bytes, terms: Terms) -> Facts:
    """One request. Raises Conflict when a condition was lost, and not to an earlier attempt of its own."""
    made: list[None] = []

    def request() -> str:
        made.append(None)
        return bucket.engines.of(key).store(key, data, terms)

    try:
        etag = await bucket.ask(bucket.where(key), request)
    except Conflict:
        if len(made) > 1 and (same := await _same(bucket, key, data)) is not None:
            return same
        raise
    if bucket.hashes is None:
        bucket.hashes = etag == md5(data, usedforsecurity=False).hexdigest()
    return Facts(key, len(data), None, etag, terms.mime, terms.metadata)


async def _same(bucket: Bucket, key: str, data: bytes) -> Facts | None:
    """The facts of what lies there, when that is `data`."""
    with suppress(NotFound, Conflict):
        facts = await bucket.head(key)
        if facts.size == len(data):
            async with Closing(bucket.get(key, etag=facts.etag)) as blocks:
                if b"".join([block async for block in blocks]) == data:
                    return facts
    return None


async def streamed(bucket: Bucket, key: str, data: AsyncIterable[bytes], terms: Terms) -> Facts:
    """A content of any length: one request when it is one part."""
    async with Closing(_cut(data)) as parts:
        first = await anext(parts, b"")
        second = await anext(parts, None)
        if second is None:
            return await whole(bucket, key, first, terms)
        async with Closing(_rejoined(first, second, parts)) as all_parts:
            return await _in_parts(bucket, key, all_parts, terms)


async def _cut(data: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in parts, all of one length but the last."""
    waiting: list[bytes] = []
    size = 0
    async with Closing(aiter(data)) as blocks:
        async for block in blocks:
            waiting.append(block)
            size += len(block)
            if size < PART:
                continue
            joined = b"".join(waiting)
            for first in range(0, size - size % PART, PART):
                yield joined[first : first + PART]
            waiting = [joined[size - size % PART :]]
            size %= PART
    if size:
        yield b"".join(waiting)


async def _rejoined(first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for part in rest:
        yield part


async def _in_parts(bucket: Bucket, key: str, parts: AsyncIterator[bytes], terms: Terms) -> Facts:
    upload, kept = await _begun(bucket, key, terms)
    sending = _Sending(bucket, key, upload, kept)
    try:
        async for part in parts:
            await sending.send(part)
        sending.away = True
        etags = await sending.ends()
        return await _completed(bucket, key, upload, etags, sending.size, terms)
    except BaseException as error:
        await sending.stop()
        # When the service is away, what has arrived is gone on with by the next attempt, or swept.
        if not (sending.away and isinstance(error, Unavailable)):
            await _dropped(bucket, key, upload)
        raise


class _Sending:
    """Parts of one upload on their way, a few at once."""

    def __init__(self, bucket: Bucket, key: str, upload: str, kept: Mapping[int, Kept]) -> None:
        self.bucket, self.key, self.upload, self.kept = bucket, key, upload, kept
        self.size = 0
        self.away = False
        """Whether an Unavailable is the service's, not that of whoever gives the data."""
        self._number = 0
        self._etags: list[str] = []
        self._waiting: deque[Any] = deque()

    async def send(self, data: bytes) -> None:
        """Begins to send the next part; waits while too many are under way."""
        if len(self._waiting) == AHEAD:
            self.away = True
            self._etags.append(await self._waiting.popleft())
            self.away = False
        self._number += 1
        self.size += len(data)
        if self._number > MOST_PARTS:
            raise TooLarge(self.bucket.where(self.key), f"larger than {MOST_PARTS:,} parts of {PART:,} bytes")
        self._waiting.append(import_module("asyncio").ensure_future(self._sent(self._number, data)))

    async def ends(self) -> list[str]:
        """The etags of all parts, once they have arrived."""
        while self._waiting:
            self._etags.append(await self._waiting.popleft())
        return self._etags

    async def stop(self) -> None:
        """Lets those under way end, for a moment; then leaves them."""
        if self._waiting:
            asyncio = import_module("asyncio")
            await asyncio.wait(self._waiting, timeout=_GRACE)
            for task in self._waiting:
                task.cancel()
            await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _sent(self, number: int, data: bytes) -> str:
        def request() -> str:
            there = self.kept.get(number)
            if there is not None and there.size == len(data):
                digest = md5(data, usedforsecurity=False).hexdigest()
                if digest == there.etag:
                    return digest
            return self.bucket.engines.parts().part(self.key, self.upload, number, data)

        return await self.bucket.ask(self.bucket.where(self.key), request)


async def _begun(bucket: Bucket, key: str, terms: Terms) -> tuple[str, Mapping[int, Kept]]:
    """An upload that was left behind, with its parts, or a new one."""
    if not terms.metadata:
        with suppress(VfsError):
            found = await _left_behind(bucket, key)
            if found is not None:
                return found
    engines = bucket.engines
    return await bucket.ask(bucket.where(key), lambda: engines.parts().begin(key, terms)), {}


async def _left_behind(bucket: Bucket, key: str) -> tuple[str, Mapping[int, Kept]] | None:
    async with Closing(bucket.uploads(key)) as pages:
        async for page in pages:
            for upload in page:
                if upload.key != key:
                    return None
                kept = await bucket.ask(
                    bucket.where(key),
                    lambda upload=upload.id: bucket.engines.parts().kept(key, upload),  # type: ignore[misc]
                )
                if kept and max(part.mtime for part in kept.values()) < datetime.now(UTC) - IDLE:
                    return upload.id, kept
    return None


async def _completed(
    bucket: Bucket, key: str, upload: str, etags: Sequence[str], size: int | None, terms: Terms
) -> Facts:
    made: list[None] = []

    def request() -> str:
        made.append(None)
        return bucket.engines.parts().complete(key, upload, etags, terms)

    try:
        etag = await bucket.ask(bucket.where(key), request)
    except (Conflict, NotFound):
        # An upload that an earlier attempt completed is gone, and its object is there.
        if len(made) < 2 or not await _is_made_of(bucket, key, etags):
            raise
        etag = _made_of(etags)
    facts = await bucket.head(key)
    if facts.etag != etag:
        return Facts(key, size or facts.size, None, etag, terms.mime, terms.metadata)
    if size not in (None, facts.size):
        raise Corrupt(bucket.where(key), "the service put the parts together wrongly")
    return facts


async def _is_made_of(bucket: Bucket, key: str, etags: Sequence[str]) -> bool:
    with suppress(NotFound, ValueError):
        return (await bucket.head(key)).etag == _made_of(etags)
    return False


def _made_of(etags: Sequence[str]) -> str:
    """The etag that services give to an object of parts. Raises ValueError when theirs are no hashes."""
    digests = b"".join(map(bytes.fromhex, etags))
    return f"{md5(digests, usedforsecurity=False).hexdigest()}-{len(etags)}"


async def _dropped(bucket: Bucket, key: str, upload: str) -> None:
    """Aborts as far as that goes soon; what stays is swept."""
    with suppress(VfsError, TimeoutError):
        async with import_module("asyncio").timeout(_GRACE):
            await bucket.ask(bucket.where(key), lambda: bucket.engines.parts().abort(key, upload))


async def copied(bucket: Bucket, source: Facts, target: str, *, only_new: bool) -> Facts:
    """A copy in parts, all of the version that `source` tells."""
    terms = Terms(only_new, None, source.mime, source.metadata)
    engines = bucket.engines
    upload = await bucket.ask(bucket.where(target), lambda: engines.parts().begin(target, terms))
    step = max(COPIED_PART, -(-source.size // MOST_PARTS))
    spans = [(at, min(at + step, source.size)) for at in range(0, source.size, step)]

    def asked(number: int) -> Callable[[], str]:
        span, etag = spans[number - 1], source.etag
        return lambda: engines.parts().copied_part(source.key, target, upload, number, span, etag)

    async def part(number: int) -> str:
        return await bucket.ask(bucket.where(source.key), asked(number))

    try:
        async with Closing(fan_out(range(1, len(spans) + 1), part, AHEAD)) as done:
            etags = [etag async for _, etag in done]
        return await _completed(bucket, target, upload, etags, source.size, terms)
    except BaseException:
        await _dropped(bucket, target, upload)
        raise
