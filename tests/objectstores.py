"""What every object store must do, in one suite; each place that contents are kept in runs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Protocol

import pytest

from providers.s3.client import PART
from providers.store.objects import ObjectStore
from tests.s3.world import noise
from vfs.drive import drive
from vfs.errors import Corrupt

BIG = noise(2 * PART + 12_345)


class Place(Protocol):
    """An object store, and a look behind it."""

    objects: ObjectStore

    def contents(self) -> dict[bytes, bytes]:
        """What is kept, by digest."""
        ...

    def damage(self, digest: bytes, change: Callable[[bytes], bytes | None]) -> None:
        """Changes the bytes of an object behind the store's back; None removes it."""
        ...

    def age(self, seconds: float) -> None:
        """Makes all that is kept and all that is unfinished so much older."""
        ...

    def unfinished(self) -> int:
        """How many writes have left something."""
        ...

    def leave(self) -> None:
        """Leaves a write unfinished, as a killed process does."""
        ...


async def keep(objects: ObjectStore, data: bytes, block: int = 300_000) -> bytes:
    """Keeps a content and returns its digest."""
    upload = await objects.begin()
    for first in range(0, len(data), block):
        await upload.write(data[first : first + block])
    digest = sha256(data).digest()
    await upload.finish(digest)
    await upload.abort()
    return digest


async def got(objects: ObjectStore, digest: bytes, size: int, *span: int) -> bytes:
    start, stop = span or (0, size)
    return b"".join([block async for block in objects.read(digest, size, start, stop)])


async def digests(objects: ObjectStore) -> dict[bytes, float]:
    return {digest: kept async for batch in objects.all() for digest, kept in batch}


class ObjectStoreSuite:
    """A subclass has a fixture `place`."""

    @pytest.mark.parametrize("size", [1, 65_537, PART, PART + 1, len(BIG)])
    def test_what_is_kept_comes_back(self, place: Any, size: int) -> None:
        async def go() -> bytes:
            return await got(place.objects, await keep(place.objects, BIG[:size]), size)

        assert drive(go()) == BIG[:size]
        assert list(place.contents()) == [sha256(BIG[:size]).digest()]
        assert place.unfinished() == 0

    @pytest.mark.parametrize(
        "span", [(0, 1), (5, 9), (PART - 1, PART + 1), (100, 2 * PART + 5), (len(BIG) - 1, len(BIG))]
    )
    def test_a_part_is_read_alone(self, place: Any, span: tuple[int, int]) -> None:
        async def go() -> bytes:
            return await got(place.objects, await keep(place.objects, BIG), len(BIG), *span)

        assert drive(go()) == BIG[span[0] : span[1]]

    @pytest.mark.parametrize("size", [70_000, len(BIG)])
    def test_the_same_content_is_kept_once(self, place: Any, size: int) -> None:
        for _ in range(2):
            drive(keep(place.objects, BIG[:size]))
        assert len(place.contents()) == 1

    @pytest.mark.parametrize("size", [70_000, len(BIG)])
    def test_an_object_is_only_ever_seen_whole(self, place: Any, size: int) -> None:
        async def go() -> None:
            upload = await place.objects.begin()
            await upload.write(BIG[:size])
            assert await digests(place.objects) == {}
            await upload.finish(sha256(BIG[:size]).digest())
            assert len(await digests(place.objects)) == 1

        drive(go())

    @pytest.mark.parametrize("size", [70_000, len(BIG)])
    def test_what_is_aborted_leaves_nothing(self, place: Any, size: int) -> None:
        async def go() -> None:
            upload = await place.objects.begin()
            await upload.write(BIG[:size])
            await upload.abort()
            await upload.abort()
            assert await digests(place.objects) == {}

        drive(go())
        assert place.contents() == {}
        assert place.unfinished() == 0

    def test_what_is_missing_is_told_not_served(self, place: Any) -> None:
        with pytest.raises(Corrupt, match="missing"):
            drive(got(place.objects, bytes(32), 5))
        assert not drive(place.objects.verify(bytes(32), 5))

    @pytest.mark.parametrize("span", [(0, 100_000), (3, 50)])
    @pytest.mark.parametrize("longer", [-1, 1])
    def test_another_size_is_told_not_served(self, place: Any, span: tuple[int, int], longer: int) -> None:
        digest = drive(keep(place.objects, BIG[:100_000]))
        place.damage(digest, lambda data: (data + b"x")[: len(data) + longer])
        with pytest.raises(Corrupt, match="wrong size"):
            drive(got(place.objects, digest, 100_000, *span))

    def test_verifying_finds_one_flipped_bit(self, place: Any) -> None:
        digest = drive(keep(place.objects, BIG))
        assert drive(place.objects.verify(digest, len(BIG)))
        place.damage(digest, lambda data: data[:1000] + bytes([data[1000] ^ 1]) + data[1001:])
        assert not drive(place.objects.verify(digest, len(BIG)))

    def test_all_are_told_with_the_time_they_were_kept(self, place: Any) -> None:
        kept = {drive(keep(place.objects, BIG[:size])) for size in (1, 2, 3)}
        found = drive(digests(place.objects))
        assert set(found) == kept
        assert all(abs(moment - time.time()) < 60 for moment in found.values())

    def test_removing_takes_what_is_there_and_does_not_mind_what_is_not(self, place: Any) -> None:
        first, second = (drive(keep(place.objects, BIG[:size])) for size in (1, 2))
        drive(place.objects.delete([first, bytes(32)]))
        drive(place.objects.delete([]))
        assert set(place.contents()) == {second}

    def test_what_killed_writes_left_is_swept_once_it_is_old(self, place: Any) -> None:
        drive(keep(place.objects, BIG[:1000]))
        place.leave()
        assert place.unfinished() == 1
        assert drive(place.objects.sweep_parts(3600)) == 0
        place.age(7200)
        assert drive(place.objects.sweep_parts(3600)) == 1
        assert place.unfinished() == 0
        assert len(place.contents()) == 1

    def test_an_object_that_is_kept_again_is_young_again(self, place: Any) -> None:
        digest = drive(keep(place.objects, BIG))
        place.age(80_000)
        assert drive(digests(place.objects))[digest] < time.time() - 70_000
        drive(keep(place.objects, BIG))
        assert drive(digests(place.objects))[digest] > time.time() - 70_000
