"""Taking a content in: hashed as it comes, kept in memory while small, an object from then on."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib import import_module

from providers.rendering.kind import LARGEST
from providers.store.contents import Content, blocks
from providers.store.index import text_of
from providers.store.objects import ObjectStore, Upload
from providers.store.words import LONGEST
from vfs.drive import hop
from vfs.provider import Blocks

SMALL = 64 * 1024
"""Bytes up to which a content lies in the database; a larger one is an object."""

GATHERED = 1024 * 1024
"""Bytes that are collected before they are handed to the object store."""


def content_of(data: bytes) -> Content:
    """A small content."""
    span = span_of(data) if is_calendar(data) else None
    return Content(sha256(data).digest(), len(data), zlib.crc32(data), data, None, span)


def is_calendar(head: bytes) -> bool:
    """Whether a content that begins so may be a calendar file."""
    if head[:1] not in _BEGINNINGS:
        return False
    beginning = head[:80].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").upper()
    return beginning.startswith((b"BEGIN:VCALENDAR", b"BEGIN:VEVENT"))


_BEGINNINGS = frozenset(b[:1] for b in (b"B", b"b", b"\xef", b"\xff", b"\xfe", b" ", b"\t", b"\r", b"\n"))


def span_of(data: bytes) -> tuple[int, int, str] | None:
    """When a calendar file may say something, and its form; None where nothing happens in it."""
    packing = import_module("providers.calendar.packing")
    reach: tuple[int, int, str] | None = packing.reach_of(
        import_module("providers.calendar.reading").read_calendar(data)
    )
    return reach


class Intake:
    """A content on its way in. Use as `async with`: what was begun and not finished is dropped."""

    def __init__(self, objects: ObjectStore, before: Callable[[], Awaitable[None]] | None = None) -> None:
        """`before` is awaited once it is clear that the content is a large one; what it raises ends it."""
        self.objects = objects
        self._before = before
        self.head = b""
        """The beginning, up to what is searchable; all of a small content."""
        self._upload: Upload | None = None
        self._parts: list[bytes] = []
        self._held = 0
        self._hash = sha256()
        self._crc = 0
        self._size = 0

    async def __aenter__(self) -> Intake:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._upload is not None:
            await self._upload.abort()

    async def take(self, data: Blocks) -> None:
        """Reads `data` to its end. Raises what it raises, and NoSpace."""
        async for block in data:
            if block:
                self._parts.append(bytes(block))
                self._held += len(block)
                if self._held >= (GATHERED if self._upload is not None else SMALL + 1):
                    await self._flush()

    async def finish(self) -> Content:
        """The content: its object, if it is one, is safely kept."""
        if self._upload is None:
            self.head = b"".join(self._parts)
            return content_of(self.head)
        await self._flush()
        digest = self._hash.digest()
        await self._upload.finish(digest)
        excerpt = zlib.compress(self.head, 6) if text_of(self.head) else None
        content = Content(digest, self._size, self._crc, None, excerpt)
        if self._size > LARGEST or not is_calendar(self.head):
            return content
        data = b"".join([block async for block in blocks(self.objects, content, 0, self._size)])
        return content._replace(span=await hop(lambda: span_of(data)))

    async def _flush(self) -> None:
        if self._upload is None:
            if self._before is not None:
                await self._before()
            self._upload = await self.objects.begin()
        block = b"".join(self._parts)
        self._parts, self._held = [], 0
        if len(self.head) < LONGEST:
            self.head += block[: LONGEST - len(self.head)]
        await hop(lambda: self._digest(block))
        await self._upload.write(block)

    def _digest(self, block: bytes) -> None:
        self._hash.update(block)
        self._crc = zlib.crc32(block, self._crc)
        self._size += len(block)
