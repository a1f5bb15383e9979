"""Large contents: streamed in and out, whole or not there, swept when nothing names them."""

import os
import pathlib
import subprocess
import sys
import time

import pytest

from providers.store.objects import LocalObjects
from providers.store.purge import sweep
from providers.store.store import Store
from tests.engines import BOTH
from tests.store.desk import change, everything, files, make_store, names, path, put, read
from vfs.drive import drive
from vfs.errors import Corrupt
from vfs.provider import Mode

ENGINES = BOTH

BIG = b"0123456789abcdef" * 20_000


def kept(folder: pathlib.Path) -> list[pathlib.Path]:
    return [found for found in (folder / "objects").rglob("*") if found.is_file()]


def test_a_small_content_lies_in_the_database_and_a_large_one_beside_it(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/small", b"x" * 65_536))
    assert kept(tmp_path) == []
    drive(put(files(store), "/large", b"x" * 65_537))
    assert len(kept(tmp_path)) == 1
    drive(store.aclose())


def test_the_same_content_is_kept_once(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    for name in ("/a", "/b"):
        drive(put(files(store), name, BIG))
    drive(files(store).copy(path("/a"), path("/c"), change()))
    assert len(kept(tmp_path)) == 1
    assert drive(read(files(store), "/c")) == BIG
    drive(store.aclose())


@pytest.mark.parametrize(
    ("start", "stop"), [(0, None), (5, 9), (100_000, 200_001), (319_999, None), (400_000, None)]
)
def test_a_part_of_a_large_content_is_read_alone(
    tmp_path: pathlib.Path, start: int, stop: int | None
) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", BIG))

    async def part() -> bytes:
        async with files(store).open(path("/a"), start=start, stop=stop) as content:
            return b"".join([block async for block in content])

    assert drive(part()) == BIG[start:stop]
    drive(store.aclose())


def test_memory_does_not_grow_with_the_file(tmp_path: pathlib.Path) -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from tests.store.desk import make_store, files, path, change\n"
        "from vfs.drive import drive\n"
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "async def data(count):\n"
        "    for n in range(count): yield bytes([n % 251]) * 65536\n"
        "async def run(name, count):\n"
        "    await files(store).write(path(name), data(count), change())\n"
        "    async with files(store).open(path(name)) as blocks:\n"
        "        size = sum([len(block) async for block in blocks])\n"
        "    assert size == count * 65536\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "small, large = drive(run('/small', 160)), drive(run('/large', 1200))\n"
        "drive(store.aclose())\n"
        "print(large - small)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 8 * 1024, "kilobytes more for 75 MB than for 10 MB"


def test_data_that_fails_half_way_leaves_the_old_content_and_no_part(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", b"old"))

    async def failing():  # type: ignore[no-untyped-def]
        for _ in range(50):
            yield b"x" * 65_536
        raise RuntimeError("the producer failed")

    with pytest.raises(RuntimeError):
        drive(files(store).write(path("/a"), failing(), change()))
    assert drive(read(files(store), "/a")) == b"old"
    assert kept(tmp_path) == []
    drive(store.aclose())


def test_appending_to_a_large_file_makes_one_content_of_both(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", BIG))

    async def more():  # type: ignore[no-untyped-def]
        yield b"and more"

    drive(files(store).write(path("/a"), more(), change(), mode=Mode.APPEND))
    assert drive(read(files(store), "/a")) == BIG + b"and more"
    drive(store.aclose())


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_object_is_told_not_served(tmp_path: pathlib.Path, damage: str) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", BIG))
    (place,) = kept(tmp_path)
    if damage == "cut":
        os.truncate(place, len(BIG) - 1)
    else:
        place.unlink()
    with pytest.raises(Corrupt, match="an object of the store"):
        drive(read(files(store), "/a"))
    assert drive(names(files(store))) == ["a"]
    drive(store.aclose())


def test_verifying_an_object_finds_one_flipped_byte(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", BIG))
    (place,) = kept(tmp_path)
    digest = bytes.fromhex(place.parent.name + place.name)
    assert drive(store.objects.verify(digest, len(BIG)))
    data = bytearray(place.read_bytes())
    data[1000] ^= 1
    place.write_bytes(data)
    assert not drive(store.objects.verify(digest, len(BIG)))
    drive(store.aclose())


def test_what_no_row_names_is_swept_once_it_is_old(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/named", BIG))

    async def orphan() -> None:
        upload = await store.objects.begin()
        await upload.write(b"nobody's")
        await upload.finish(b"\x01" * 32)
        left = await store.objects.begin()
        await left.write(b"a part of a killed write")

    drive(orphan())
    assert len(kept(tmp_path)) == 3
    assert drive(sweep(store)) == 0
    old = time.time() - 90_000
    for found in kept(tmp_path):
        os.utime(found, (old, old))
    assert drive(sweep(store)) == 2
    assert drive(read(files(store), "/named")) == BIG
    drive(store.aclose())


def test_removed_files_keep_their_contents_for_undo(tmp_path: pathlib.Path) -> None:
    store = make_store(tmp_path)
    drive(put(files(store), "/a", BIG))
    drive(files(store).remove(path("/a"), change()))
    for found in kept(tmp_path):
        os.utime(found, (0, 0))
    assert drive(sweep(store)) == 0
    assert drive(everything(files(store))) == []
    drive(store.aclose())


def test_an_object_is_only_ever_seen_whole(tmp_path: pathlib.Path) -> None:
    store: Store = make_store(tmp_path)
    objects = store.objects
    assert isinstance(objects, LocalObjects)

    async def watch() -> list[str]:
        upload = await objects.begin()
        await upload.write(b"half")
        before = sorted(os.listdir(objects.folder))
        await upload.finish(b"\x02" * 32)
        return [name[:5] for name in before] + sorted(os.listdir(objects.folder))

    assert drive(watch()) == ["part-", "02"]
    drive(store.aclose())
