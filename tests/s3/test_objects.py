"""The store's contents in a bucket: what every object store must do, and what a distant one must besides."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from providers.s3.bucket import Bucket
from providers.s3.client import PART
from providers.s3.objects import S3Objects
from providers.store.purge import sweep
from providers.store.sqlite import SqliteStore
from tests.objectstores import BIG, ObjectStoreSuite, digests, got, keep
from tests.s3.world import LIBRARIES, client, collected, keys_of
from tests.servers.s3 import S3Service
from tests.servers.stub import Begun, Kept, Stub, etag_of
from tests.store.desk import files, put, read
from vfs.drive import drive
from vfs.errors import Corrupt, NoSpace, NotFound, Unavailable, VfsError


class Behind:
    """S3Objects on the stub."""

    def __init__(self, stub: Stub, bucket: Bucket) -> None:
        self.stub = stub
        self.objects = S3Objects(bucket, "me/")

    def contents(self) -> dict[bytes, bytes]:
        return {
            bytes.fromhex(key.removeprefix("me/objects/").replace("/", "")): kept.data
            for key, kept in self.stub.objects.items()
        }

    def damage(self, digest: bytes, change: Callable[[bytes], bytes | None]) -> None:
        kept = self.stub.objects[self.objects.place(digest)]
        changed = change(kept.data)
        assert changed is not None
        kept.data = changed

    def age(self, seconds: float) -> None:
        for kept in self.stub.objects.values():
            kept.mtime -= timedelta(seconds=seconds)
        for begun in self.stub.uploads.values():
            begun.begun -= timedelta(seconds=seconds)

    def unfinished(self) -> int:
        return len(self.stub.uploads)

    def leave(self) -> None:
        self.stub.uploads["left"] = Begun("me/objects/ab/cd", "", {})


@pytest.fixture(params=LIBRARIES)
def bucket_on_stub(request: pytest.FixtureRequest, stub: Stub) -> Iterator[Bucket]:
    made = client(stub.endpoint, library=str(request.param))
    yield made
    drive(made.aclose())


@pytest.fixture
def place(stub: Stub, bucket_on_stub: Bucket) -> Behind:
    return Behind(stub, bucket_on_stub)


class TestS3Objects(ObjectStoreSuite):
    """On the stub, by either library."""


@pytest.mark.parametrize("size", [70_000, len(BIG)])
def test_a_real_service_keeps_contents(s3_service: S3Service, bucket: str, size: int) -> None:
    real = client(s3_service.endpoint, bucket)
    objects = S3Objects(real, "a/b/")

    async def go() -> None:
        for _ in range(2):
            digest = await keep(objects, BIG[:size])
        assert await got(objects, digest, size) == BIG[:size]
        assert await got(objects, digest, size, 5, 60_000) == BIG[5:60_000]
        assert list(await digests(objects)) == [digest]
        assert await keys_of(real.list()) == [f"a/b/objects/{digest.hex()[:2]}/{digest.hex()[2:]}"]
        assert await objects.verify(digest, size)
        await objects.delete([digest])
        assert await digests(objects) == {}

    drive(go())
    drive(real.aclose())


@pytest.mark.parametrize("size", [70_000, len(BIG)])
def test_what_is_there_is_not_sent_again(place: Behind, size: int) -> None:
    drive(keep(place.objects, BIG[:size]))
    place.stub.seen.clear()
    drive(keep(place.objects, BIG[:size]))
    assert place.stub.count("PUT") == (1 if size < PART else 0)
    assert place.stub.count("POST") == 0


@pytest.mark.parametrize("size", [70_000, len(BIG)])
def test_a_lost_answer_of_an_upload_is_no_error(place: Behind, size: int) -> None:
    place.stub.fail("lost", method="PUT")
    place.stub.fail("lost", method="POST", about="uploadId")
    digest = drive(keep(place.objects, BIG[:size]))
    assert place.contents() == {digest: BIG[:size]}
    assert place.unfinished() == 0


def test_something_wrong_that_stands_under_the_hash_is_replaced(place: Behind) -> None:
    digest = sha256(BIG[:70_000]).digest()
    place.stub.objects[place.objects.place(digest)] = Kept(b"wrong", etag=etag_of(b"wrong"))
    drive(keep(place.objects, BIG[:70_000]))
    assert place.contents() == {digest: BIG[:70_000]}


@pytest.mark.parametrize("size", [70_000, len(BIG)])
def test_a_content_that_does_not_fit_its_hash_is_never_kept(place: Behind, size: int) -> None:
    async def go() -> None:
        upload = await place.objects.begin()
        await upload.write(BIG[:size])
        with pytest.raises(Corrupt, match="does not fit its hash"):
            await upload.finish(bytes(32))

    drive(go())
    assert place.contents() == {}
    assert place.unfinished() == 0


@pytest.mark.parametrize("size", [70_000, len(BIG)])
def test_wrong_bytes_are_never_served_as_a_whole(place: Behind, size: int) -> None:
    digest = drive(keep(place.objects, BIG[:size]))
    place.damage(digest, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    served: list[bytes] = []

    async def go() -> None:
        async for block in place.objects.read(digest, size, 0, size):
            served.append(block)

    with pytest.raises(Corrupt, match="damaged"):
        drive(go())
    assert len(b"".join(served)) < size


def test_a_service_that_is_away_is_no_damage(place: Behind) -> None:
    digest = drive(keep(place.objects, BIG[:1000]))
    place.stub.fail("answer", times=1000)
    with pytest.raises(Unavailable):
        drive(got(place.objects, digest, 1000))
    with pytest.raises(Unavailable):
        drive(place.objects.verify(digest, 1000))


def test_a_bucket_that_is_not_there_is_no_damage(stub: Stub) -> None:
    wrong = client(stub.endpoint, "another")
    with pytest.raises(NotFound, match="no such bucket"):
        drive(got(S3Objects(wrong), bytes(32), 5))
    drive(wrong.aclose())


def test_what_others_put_beside_the_objects_is_left_alone(place: Behind) -> None:
    digest = drive(keep(place.objects, b"x"))
    for key in ("me/objects/readme.txt", "me/objects/ab/zz", "me/objects/abc/d", "me/other"):
        place.stub.objects[key] = Kept(b"", etag=etag_of(b""))
    assert list(drive(digests(place.objects))) == [digest]


def test_a_large_upload_that_was_cut_off_goes_on_where_it_was(place: Behind) -> None:
    place.stub.fail("answer", times=1000, method="PUT", about="partNumber=3")
    with pytest.raises(Unavailable):
        drive(keep(place.objects, BIG))
    place.stub.faults.clear()
    (left,) = place.stub.uploads.values()
    for number, (data, moment) in left.parts.items():
        left.parts[number] = (data, moment - timedelta(minutes=5))
    place.stub.seen.clear()
    digest = drive(keep(place.objects, BIG))
    assert place.contents() == {digest: BIG}
    assert place.stub.count("PUT", "partNumber") == 1


def test_a_full_disk_here_is_told_with_a_next_step(place: Behind) -> None:
    place.objects.spool = "/dev/full/none"
    with pytest.raises(NoSpace, match="/dev/full/none: cannot be written") as caught:
        drive(keep(place.objects, BIG))
    assert "TMPDIR" in str(caught.value.hint)
    assert place.contents() == {}


def test_nothing_of_a_large_content_stays_on_this_machine(place: Behind, tmp_path: pathlib.Path) -> None:
    place.objects.spool = str(tmp_path)

    async def go() -> None:
        upload = await place.objects.begin()
        await upload.write(BIG)
        assert os.listdir(tmp_path) == []
        await upload.finish(sha256(BIG).digest())

    drive(go())
    assert os.listdir(tmp_path) == []


def test_a_store_keeps_its_large_contents_in_the_bucket(place: Behind, tmp_path: pathlib.Path) -> None:
    store = SqliteStore(tmp_path / "spatio.db", place.objects, keep_copy=False)

    async def go() -> None:
        await put(files(store), "/small", b"x" * 1000)
        assert place.contents() == {}
        await put(files(store), "/large", BIG)
        assert await read(files(store), "/large") == BIG
        orphan = await keep(place.objects, b"nobody's")
        assert await sweep(store) == 0
        place.age(90_000)
        assert await sweep(store) == 1
        assert list(place.contents()) == [sha256(BIG).digest()]
        assert orphan not in place.contents()

    drive(go())
    drive(store.aclose())


def test_a_write_whose_object_does_not_arrive_changes_nothing(place: Behind, tmp_path: pathlib.Path) -> None:
    store = SqliteStore(tmp_path / "spatio.db", place.objects, keep_copy=False)

    async def go() -> None:
        await put(files(store), "/a", b"old")
        place.stub.fail("answer", times=1000, method="PUT")
        with pytest.raises(VfsError):
            await put(files(store), "/a", BIG)
        assert await read(files(store), "/a") == b"old"

    drive(go())
    drive(store.aclose())


MEMORY = """
import resource, sys
from hashlib import sha256
from providers.s3.objects import S3Objects
from tests.s3.world import client
from vfs.drive import drive

async def moved(objects, megabytes):
    upload, hashed = await objects.begin(), sha256()
    for number in range(megabytes):
        block = bytes([number % 251]) * (1 << 20)
        hashed.update(block)
        await upload.write(block)
    await upload.finish(hashed.digest())
    size = megabytes << 20
    assert sum([len(block) async for block in objects.read(hashed.digest(), size, 0, size)]) == size
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

bucket = client(sys.argv[1], sys.argv[2], sys.argv[3])
objects = S3Objects(bucket)
async def both():
    return await moved(objects, 60), await moved(objects, 160)
small, large = drive(both())
print(large - small)
sys.stdout.flush()
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_memory_does_not_grow_with_the_content(s3_service: S3Service, bucket: str, library: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, s3_service.endpoint, bucket, library], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 16 * 1024, "kilobytes more for 160 MB than for 60 MB"


def test_contents_come_back_through_the_other_library(stub: Stub) -> None:
    first, second = (client(stub.endpoint, library=library) for library in LIBRARIES)
    digest = drive(keep(S3Objects(first), BIG))
    assert drive(collected(S3Objects(second).read(digest, len(BIG), 0, len(BIG)))) == BIG
    for one in (first, second):
        drive(one.aclose())
