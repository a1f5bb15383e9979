"""Writable and WritableMany."""

from __future__ import annotations

from asyncio import CancelledError, gather
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from vfs.drive import event_loop
from vfs.errors import Conflict, Exists, IsADirectory, NoSpace, NotADirectory, NotFound
from vfs.path import ROOT, Path
from vfs.provider import Cap
from vfs.testing.ground import APPEND, CREATE, REPLACE, Ground, Suite, broken, contract

BOTH = Cap.READ | Cap.WRITE


class Writing(Suite):
    @contract(BOTH)
    async def test_what_is_written_is_read(self, ground: Ground) -> None:
        path = ground.file("new")
        written = await ground.put(path, "one")
        assert await ground.read(path) == self.filled("one")
        assert path.name in await ground.names()
        node = await ground.provider.stat(path)
        assert (written.name, written.size, written.etag) == (path.name, node.size, node.etag)

    @contract(BOTH)
    async def test_a_content_is_replaced_whole(self, ground: Ground) -> None:
        path = ground.file("new")
        await ground.put(path, "a long content that goes on")
        await ground.put(path, "short")
        assert await ground.read(path) == self.filled("short")

    @contract(BOTH)
    async def test_any_bytes_come_back(self, ground: Ground) -> None:
        if not self.any_content:
            pytest.skip("the provider does not take any content")
        for at, data in enumerate((b"", b"\0", bytes(range(256)), b"\xff\xfe", b"line\r\n\n", b"\n" * 3)):
            path = ground.file(f"bytes{at}")
            await ground.write(path, data)
            assert await ground.read(path) == data
            assert (await ground.provider.stat(path)).size in (len(data), None)

    @contract(BOTH)
    async def test_a_large_content_in_many_pieces_comes_back(self, ground: Ground) -> None:
        if not (self.any_content and self.any_size):
            pytest.skip("the provider does not take any content")
        blocks = [bytes([at % 251]) * (at % 7 * 9973) for at in range(120)]
        path = ground.file("large")
        await ground.write(path, *blocks)
        whole = b"".join(blocks)
        assert await ground.read(path) == whole
        assert await ground.read(path, start=1_000_003, stop=1_000_103) == whole[1_000_003:1_000_103]

    @contract(BOTH)
    async def test_create_keeps_what_is_there(self, ground: Ground) -> None:
        path = ground.file("one")
        await ground.put(path, "first", mode=CREATE)
        with pytest.raises(Exists):
            await ground.put(path, "second", mode=CREATE)
        assert await ground.read(path) == self.filled("first")

    @contract(BOTH)
    async def test_append_creates_and_adds(self, ground: Ground) -> None:
        path = ground.file("log")
        await ground.put(path, "first\n", mode=APPEND)
        await ground.write(path, b"second\n", b"third\n", mode=APPEND)
        assert await ground.read(path) == self.filled("first\n") + b"second\nthird\n"

    @contract(BOTH)
    async def test_appends_at_the_same_time_lose_and_mix_nothing(self, ground: Ground) -> None:
        await event_loop()
        path = ground.file("log")
        await ground.put(path, "start\n")
        lines = [f"{at:02} ".encode() + b"x" * 50 for at in range(20)]
        await gather(*[ground.write(path, line[:9], line[9:] + b"\n", mode=APPEND) for line in lines])
        got = (await ground.read(path)).removeprefix(self.filled("start\n")).splitlines()
        assert sorted(got) == lines

    @contract(BOTH)
    async def test_a_content_that_fails_on_the_way_changes_nothing(self, ground: Ground) -> None:
        path, new = ground.file("kept"), ground.file("never")
        before = await ground.put(path, "the old content")
        for error in (NoSpace(Path.parse("/elsewhere")), CancelledError(), ZeroDivisionError()):
            for mode in (REPLACE, APPEND):
                for target in (path, new):
                    data = broken(error, b"half of ", b"it")
                    with pytest.raises(type(error)):
                        await ground.provider.write(target, data, ground.change, mode=mode)
        assert await ground.read(path) == self.filled("the old content")
        assert (await ground.provider.stat(path)).etag == before.etag
        assert await ground.missing(new)

    @contract(BOTH)
    async def test_the_etag_changes_with_the_content(self, ground: Ground) -> None:
        path = ground.file("tagged")
        etags = [(await ground.put(path, text)).etag for text in ("one", "two", "six", "one")]
        if etags[0] is None:
            pytest.skip("the provider has no etags")
        assert all(one != two for one, two in pairwise(etags))
        added = await ground.write(path, b"x", mode=APPEND)
        assert added.etag not in (None, etags[-1])
        assert (await ground.provider.stat(path)).etag == added.etag

    @contract(BOTH)
    async def test_a_write_for_another_etag_is_a_conflict(self, ground: Ground) -> None:
        path = ground.file("tagged")
        old = (await ground.put(path, "one")).etag
        if old is None:
            pytest.skip("the provider has no etags")
        await ground.put(path, "two", etag=old)
        for mode in (REPLACE, APPEND):
            with pytest.raises(Conflict):
                await ground.put(path, "three", etag=old, mode=mode)
        assert await ground.read(path) == self.filled("two")
        with pytest.raises(Conflict):
            await ground.put(ground.file("missing"), "x", etag=old)

    @contract(Cap.WRITE)
    async def test_a_write_without_a_folder_is_not_found(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            await ground.put(ground.file("x", ground.folder("missing")))

    @contract(BOTH)
    async def test_a_write_below_a_file_is_no_directory(self, ground: Ground) -> None:
        path = await ground.some_file()
        before = await ground.read(path)
        with pytest.raises(NotADirectory):
            await ground.put(ground.file("x", path))
        assert await ground.read(path) == before

    @contract(Cap.WRITE | Cap.EDIT)
    async def test_a_folder_is_not_overwritten(self, ground: Ground) -> None:
        await ground.mkdir(ground.folder("folder"))
        for mode in (REPLACE, APPEND):
            with pytest.raises(IsADirectory):
                await ground.put(ground.folder("folder"), mode=mode)
        with pytest.raises(IsADirectory):
            await ground.put(ROOT)
        assert (await ground.provider.stat(ground.folder("folder"))).is_folder

    @contract(Cap.READ | Cap.WRITE_MANY)
    async def test_many_are_written_in_order_and_each_batch_can_be_read(self, ground: Ground) -> None:
        files = [(ground.file(f"{at:03}"), self.filled(f"text {at}")) for at in range(250)]
        written: list[str] = []
        async for nodes in ground.provider.write_many(_each(files), ground.change):
            written += [node.name for node in nodes]
            path, data = files[len(written) - 1]
            assert await ground.read(path) == data
        assert written == [path.name for path, _ in files]

    @contract(Cap.WRITE_MANY)
    async def test_many_without_their_folder_are_not_found(self, ground: Ground) -> None:
        files = [(ground.file("x", ground.folder("missing")), self.filled("x"))]
        with pytest.raises(NotFound):
            async for _ in ground.provider.write_many(_each(files), ground.change):
                pass


async def _each(files: list[tuple[Path, bytes]]) -> AsyncIterator[tuple[Path, bytes]]:
    for file in files:
        yield file
