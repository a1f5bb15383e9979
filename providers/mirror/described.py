"""What came from a service, made ready for the store outside of a transaction: hashed, packed, described."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from struct import pack
from typing import TYPE_CHECKING, NamedTuple

from providers.mirror.remote import Described, Item
from providers.rendering.kind import is_headed
from providers.store import rows
from providers.store.contents import CUT, RENDERED, Content
from providers.store.intake import SMALL, Intake, content_of
from providers.store.words import LONGEST
from vfs.drive import hop
from vfs.names import clean
from vfs.node import Value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from providers.store.objects import ObjectStore

Describe = Callable[[bytes, bool], Described]

QUICK = 1
"""How hard texts are packed: they are many, short, and come at the speed of a network."""
TINY = 4096
"""Bytes up to which a text stays as it is: to pack one takes longer than to store all else of it."""
SHORT = 16 * 1024
"""Bytes up to which a text is packed with little memory, most of whose cost is to lay that out."""


class Ready(NamedTuple):
    """A content with what it says of itself."""

    content: Content
    whole: bool
    described: Described
    text: str
    """What is searched."""


class Arrival(NamedTuple):
    """An item as its service listed it."""

    item: Item
    ready: Ready
    name: str
    mtime: int
    attrs: Mapping[str, Value]
    """What the service says of it, state included, and its content."""


def readied(data: bytes, whole: bool, described: Described, kept: Content | None = None) -> Ready:
    """A content with its text kept beside it, where that is another one; `kept` is it as an object."""
    content = kept if kept is not None else content_of(data)
    if not is_headed(data):
        return Ready(content, whole, described, _plain(data))
    text = described.text
    packed = text.encode("utf-8", "replace")
    if len(packed) >= LONGEST:
        end = CUT.encode()
        packed = packed[: LONGEST - len(end)].decode("utf-8", "ignore").encode() + end
        text = packed.decode()
    elif not text.isascii():
        text = packed.decode()
    return Ready(content._replace(excerpt=RENDERED + _packed(packed)), whole, described, text)


def _packed(text: bytes) -> bytes:
    if len(text) <= TINY:
        # As zlib spells what it does not compress. Its own calls let go of the interpreter's lock, and
        # have to wait for it again: that takes longer than all else that is done for a header.
        size = len(text)
        return b"x\x01\x01" + pack("<HH", size, size ^ 0xFFFF) + text + pack(">I", zlib.adler32(text))
    if len(text) > SHORT:
        return zlib.compress(text, QUICK)
    packer = zlib.compressobj(QUICK, zlib.DEFLATED, 13, 5)
    return packer.compress(text) + packer.flush()


def _plain(data: bytes) -> str:
    return "" if b"\0" in data[:8192] else data[:LONGEST].decode("utf-8", "replace")


async def objects_of(objects: ObjectStore, contents: Sequence[bytes]) -> dict[int, Content]:
    """The large ones among contents, safely kept as objects, by their places in the list."""
    kept = {}
    for at, data in enumerate(contents):
        if len(data) > SMALL:
            async with Intake(objects) as intake:
                await intake.take(_once(data))
                kept[at] = await intake.finish()
    return kept


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def arrivals_of(objects: ObjectStore, items: Sequence[Item], describe: Describe) -> list[Arrival]:
    """Items, ready for the store."""
    kept = await objects_of(objects, [item.content for item in items])
    return await hop(lambda: [_arrival(item, describe, kept.get(at)) for at, item in enumerate(items)])


def _arrival(item: Item, describe: Describe, kept: Content | None) -> Arrival:
    described = describe(item.content, item.whole)
    ready = readied(item.content, item.whole, described, kept)
    attrs = {**described.attrs, **item.attrs, **item.state}
    at = time.time_ns() // 1000 if item.at is None else rows.from_time(item.at)
    return Arrival(item, ready, clean(item.name), at, attrs)


async def ready_of(objects: ObjectStore, contents: Sequence[bytes], describe: Describe) -> list[Ready]:
    """Whole contents, ready for the store."""
    kept = await objects_of(objects, contents)
    return await hop(
        lambda: [readied(data, True, describe(data, True), kept.get(at)) for at, data in enumerate(contents)]
    )
