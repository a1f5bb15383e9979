"""Readable, ReadableMany, ReadableBelow, Walkable, Rendered."""

from __future__ import annotations

import pytest

from vfs.errors import IsADirectory, NotADirectory, NotFound, Unsupported
from vfs.provider import Cap
from vfs.testing.ground import Ground, Suite, contract


class Reading(Suite):
    @contract(Cap.READ)
    async def test_the_size_is_what_reading_yields(self, ground: Ground) -> None:
        await ground.sample()
        for path, node in await ground.below(ground.base):
            if not node.is_folder and node.size is not None:
                assert len(await ground.read(path)) == node.size

    @contract(Cap.READ)
    async def test_a_part_can_be_read(self, ground: Ground) -> None:
        path = await ground.some_file()
        whole = await ground.read(path)
        size = len(whole)
        for start, stop in ((0, None), (0, 0), (1, 3), (2, None), (0, size), (size, None), (size + 9, None)):
            span = {"start": start} if stop is None else {"start": start, "stop": stop}
            assert await ground.read(path, **span) == whole[start:stop]

    @contract(Cap.READ)
    async def test_opening_says_at_once_what_is_wrong(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            async with ground.provider.open(ground.file("missing")):
                pytest.fail("a missing file was opened")
        with pytest.raises(IsADirectory):
            async with ground.provider.open(ground.base):
                pytest.fail("a folder was opened")

    @contract(Cap.READ)
    async def test_reading_may_stop_early(self, ground: Ground) -> None:
        path = await ground.some_file()
        async with ground.provider.open(path) as blocks:
            async for _ in blocks:
                break
        async with ground.provider.open(path):
            pass
        with pytest.raises(ZeroDivisionError):
            async with ground.provider.open(path):
                raise ZeroDivisionError

    @contract(Cap.READ | Cap.READ_MANY)
    async def test_many_come_in_the_order_asked(self, ground: Ground) -> None:
        await ground.sample()
        files = [path for path, node in await ground.below(ground.base) if not node.is_folder]
        asked = [*reversed(files), *files]
        got = [entry async for batch in ground.provider.read_many(asked, limit=1 << 20) for entry in batch]
        assert [path for path, _ in got] == asked
        for path, data in got:
            assert data == await ground.read(path)

    @contract(Cap.READ_MANY | Cap.WRITE | Cap.EDIT)
    async def test_many_leave_out_what_is_missing_a_folder_or_large(self, ground: Ground) -> None:
        small, large, folder = ground.file("small"), ground.file("large"), ground.folder("folder")
        await ground.put(small, "x")
        limit = len(ground.suite.filled("x"))
        await ground.put(large, "x" * (limit + 1))
        await ground.mkdir(folder)
        asked = [large, small, ground.file("none"), folder, small.child("below"), small]
        got = [entry async for batch in ground.provider.read_many(asked, limit=limit) for entry in batch]
        data = ground.suite.filled("x")
        assert got == list(zip(asked, [None, data, None, None, None, data], strict=True))

    @contract(Cap.READ_MANY)
    async def test_none_of_many_are_nothing(self, ground: Ground) -> None:
        assert [batch async for batch in ground.provider.read_many([], limit=9) if batch] == []

    @contract(Cap.READ | Cap.READ_BELOW)
    async def test_all_below_come_in_the_order_of_a_walk(self, ground: Ground) -> None:
        await ground.sample()
        files = [path for path, node in await ground.below(ground.base) if not node.is_folder]
        got = [
            entry async for batch in ground.provider.read_below(ground.base, limit=1 << 20) for entry in batch
        ]
        assert got == [(path, await ground.read(path)) for path in files]

    @contract(Cap.READ_BELOW | Cap.WRITE | Cap.EDIT)
    async def test_all_below_leave_out_what_is_large(self, ground: Ground) -> None:
        folder, limit = ground.folder("a"), len(ground.suite.filled("x"))
        await ground.mkdir(folder)
        for place in (ground.file("0"), ground.file("b", folder), ground.file("c")):
            await ground.put(place, "x")
        await ground.put(ground.file("large", folder), "x" * (limit + 1))
        got = [entry async for batch in ground.provider.read_below(folder, limit=limit) for entry in batch]
        data = ground.suite.filled("x")
        assert got == [(ground.file("b", folder), data), (ground.file("large", folder), None)]

    @contract(Cap.READ_BELOW)
    async def test_all_below_needs_a_folder(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            await anext(ground.provider.read_below(ground.folder("missing"), limit=9))
        path = await ground.some_file()
        with pytest.raises(NotADirectory):
            await anext(ground.provider.read_below(path, limit=9))

    @contract(Cap.WALK)
    async def test_a_walk_is_the_recursion_of_listings(self, ground: Ground) -> None:
        await ground.sample()
        walked = [entry async for page in ground.provider.walk(ground.base) for entry in page]
        assert [(path, node.kind) for path, node in walked] == [
            (path, node.kind) for path, node in await ground.below(ground.base)
        ]
        assert [path.parts for path, _ in walked] == sorted(path.parts for path, _ in walked)

    @contract(Cap.WALK)
    async def test_a_walk_needs_a_folder(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            await anext(ground.provider.walk(ground.folder("missing")))
        path = await ground.some_file()
        with pytest.raises(NotADirectory):
            await anext(ground.provider.walk(path))

    @contract(Cap.WALK | Cap.WRITE | Cap.EDIT)
    async def test_siblings_that_begin_like_a_folder_stay_outside_it(self, ground: Ground) -> None:
        folder = ground.folder("a")
        await ground.mkdir(folder)
        await ground.put(ground.file("x", folder))
        for stem in ("a!", "a0", "a-b", "a b", "A"):
            await ground.put(ground.file(stem))
        walked = [path async for page in ground.provider.walk(folder) for path, _ in page]
        assert walked == [ground.file("x", folder)]

    @contract(Cap.TEXT)
    async def test_rendered_text_is_utf_8(self, ground: Ground) -> None:
        await ground.sample()
        for path, node in await ground.below(ground.base):
            if not node.is_folder:
                try:
                    async with ground.provider.text(path) as blocks:
                        b"".join([block async for block in blocks]).decode()
                except Unsupported:
                    continue
