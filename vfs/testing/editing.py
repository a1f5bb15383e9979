"""Editable, Movable, Copyable, Touchable; and names that nobody should use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vfs.errors import BadName, Exists, IsADirectory, NotADirectory, NotEmpty, NotFound, VfsError
from vfs.names import problem
from vfs.provider import Cap
from vfs.testing.ground import Ground, Suite, contract

HOSTILE = (
    " ", "a b", "trail ", " lead", "-rf", "--", "~", "*", "?", "[x]", "{a,b}", "$HOME", "`id`", "a;b", "a&b",
    "a|b", "a>b", "(x)", "#x", "!x", "a%2fb", "..%2f", "a:b", "CON", "NUL.txt", "a.", "...", ".hidden", "'",
    '"', "\\", "a\\b", "new\nline", "tab\t", "esc\x1b[31m", "c1\x9b2J", "del\x7f", "nul\0", "\udcff",
    "\u202eevil", "e\u0301", "\u00e9", "ｆｕｌｌ", "．．", "∕", "日本語", "🙂", "👨\u200d👩", "x" * 255,
    "é" * 127, "x" * 256, "é" * 128, ".", "..", "%", "_", "' OR 1=1 --", "[TODO] plan", "=1+1",
)  # fmt: skip


class Editing(Suite):
    @contract(Cap.EDIT)
    async def test_a_folder_is_made_once(self, ground: Ground) -> None:
        made = await ground.mkdir(ground.folder("new"))
        assert made.is_folder
        assert made.name == "new"
        assert (await ground.provider.stat(ground.folder("new"))).is_folder
        with pytest.raises(Exists):
            await ground.mkdir(ground.folder("new"))

    @contract(Cap.EDIT | Cap.WRITE)
    async def test_a_folder_needs_its_parent_and_a_free_name(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            await ground.mkdir(ground.folder("missing").child("below"))
        path = await ground.some_file()
        with pytest.raises(Exists):
            await ground.mkdir(path)
        with pytest.raises(NotADirectory):
            await ground.mkdir(path.child("below"))

    @contract(Cap.EDIT | Cap.WRITE)
    async def test_what_is_removed_is_gone_and_can_be_made_again(self, ground: Ground) -> None:
        path = await ground.some_file()
        await ground.provider.remove(path, ground.change)
        assert await ground.missing(path)
        with pytest.raises(NotFound):
            await ground.provider.remove(path, ground.change)
        await ground.put(path, "again")
        assert path.name in await ground.names()

    @contract(Cap.EDIT | Cap.WRITE)
    async def test_a_folder_that_holds_something_goes_only_recursively(self, ground: Ground) -> None:
        await ground.sample()
        folder = ground.folder("inner")
        others = [name for name in await ground.names() if name != "inner"]
        with pytest.raises(NotEmpty):
            await ground.provider.remove(folder, ground.change)
        await ground.provider.remove(folder, ground.change, recursive=True)
        assert await ground.missing(folder)
        assert list(await ground.names()) == others
        await ground.mkdir(folder)
        assert not await ground.names(folder)
        await ground.provider.remove(folder, ground.change)
        assert await ground.missing(folder)

    @contract(Cap.EDIT | Cap.READ | Cap.WRITE)
    async def test_a_hostile_name_is_refused_or_means_itself(self, ground: Ground) -> None:
        for stem in HOSTILE:
            path = ground.base.child(stem if problem(stem) else ground.suite.named(stem))
            around = await ground.names(path.parent.parent)
            try:
                await ground.put(path, stem.encode("utf-8", "replace").decode())
            except VfsError:
                assert path.name not in await ground.names(), f"{stem!r} was refused, and is there"
            else:
                assert problem(path.name) is None, f"{stem!r} should have been refused"
                assert list(await ground.names()) == [path.name]
                assert await ground.read(path) == self.filled(stem)
                await ground.provider.remove(path, ground.change)
            assert not await ground.names()
            assert await ground.names(path.parent.parent) == around

    @contract(Cap.EDIT)
    async def test_a_folder_may_not_have_a_hostile_name_either(self, ground: Ground) -> None:
        for name in ("new\nline", "esc\x1b[31m", "c1\x9b2J", "nul\0", "\udcff", "x" * 256, ".", ".."):
            with pytest.raises(VfsError):
                await ground.mkdir(ground.base.child(name))
        assert not await ground.names()

    @contract(Cap.MOVE | Cap.READ | Cap.WRITE)
    async def test_a_file_is_renamed_with_its_content(self, ground: Ground) -> None:
        old, new = ground.file("old"), ground.file("new")
        await ground.put(old, "one")
        moved = await ground.provider.move(old, new, ground.change)
        assert moved.name == new.name
        assert await ground.read(new) == self.filled("one")
        assert await ground.missing(old)
        await ground.put(old, "two")
        await ground.provider.move(old, new, ground.change)
        assert await ground.read(new) == self.filled("two")
        assert await ground.missing(old)

    @contract(Cap.MOVE | Cap.EDIT | Cap.READ | Cap.WRITE)
    async def test_a_folder_moves_with_all_that_it_holds(self, ground: Ground) -> None:
        await ground.sample()
        source, target = ground.folder("inner"), ground.folder("zone").child("moved")
        before = [path.below(source) for path, _ in await ground.below(source)]
        await ground.provider.move(source, target, ground.change)
        assert await ground.missing(source)
        assert [path.below(target) for path, _ in await ground.below(target)] == before
        assert await ground.read(ground.file("c", target.child("deep"))) == self.filled("deep text")
        await ground.mkdir(source)
        assert not await ground.names(source)
        await ground.provider.remove(source, ground.change)

    @contract(Cap.MOVE | Cap.EDIT | Cap.READ | Cap.WRITE)
    async def test_a_move_that_cannot_be_leaves_all_as_it_was(self, ground: Ground) -> None:
        await ground.sample()
        file, folder, full = ground.file("a"), ground.folder("inner"), ground.folder("zone")
        before = [path for path, _ in await ground.below(ground.base)]
        for source, target, error in (
            (file, full, IsADirectory),
            (folder, file, NotADirectory),
            (folder, full, NotEmpty),
            (folder, folder.child("deep").child("x"), BadName),
            (ground.file("missing"), ground.file("x"), NotFound),
            (file, ground.file("x", ground.folder("missing")), NotFound),
            (file, ground.file("x", ground.file("b")), NotADirectory),
        ):
            with pytest.raises(error):
                await ground.provider.move(source, target, ground.change)
            assert [path for path, _ in await ground.below(ground.base)] == before
        await ground.provider.move(file, file, ground.change)
        assert await ground.read(file) == self.filled("the text of a")

    @contract(Cap.MOVE | Cap.EDIT)
    async def test_an_empty_folder_may_be_replaced_by_a_folder(self, ground: Ground) -> None:
        for name in ("one", "one/in", "two"):
            await ground.mkdir(ground.base.join(type(ground.base).parse(name)))
        await ground.provider.move(ground.folder("one"), ground.folder("two"), ground.change)
        assert list(await ground.names()) == ["two"]
        assert list(await ground.names(ground.folder("two"))) == ["in"]

    @contract(Cap.COPY | Cap.READ | Cap.WRITE | Cap.EDIT)
    async def test_a_copy_is_a_file_of_its_own(self, ground: Ground) -> None:
        await ground.sample()
        source, target = ground.file("a"), ground.file("copy", ground.folder("zone"))
        await ground.put(target, "what was there")
        copied = await ground.provider.copy(source, target, ground.change)
        assert copied.name == target.name
        assert await ground.read(target) == self.filled("the text of a")
        await ground.put(source, "changed")
        assert await ground.read(target) == self.filled("the text of a")

    @contract(Cap.COPY | Cap.WRITE | Cap.EDIT)
    async def test_a_copy_needs_a_file_and_a_place(self, ground: Ground) -> None:
        await ground.sample()
        file = ground.file("a")
        for source, target, error in (
            (ground.folder("inner"), ground.file("x"), IsADirectory),
            (file, ground.folder("inner"), IsADirectory),
            (ground.file("missing"), ground.file("x"), NotFound),
            (file, ground.file("x", ground.folder("missing")), NotFound),
        ):
            with pytest.raises(error):
                await ground.provider.copy(source, target, ground.change)

    @contract(Cap.TOUCH | Cap.WRITE)
    async def test_a_time_can_be_set(self, ground: Ground) -> None:
        path = await ground.some_file()
        when = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
        await ground.provider.set_mtime(path, when, ground.change)
        mtime = (await ground.provider.stat(path)).mtime
        assert mtime is not None
        assert abs(mtime - when) < timedelta(seconds=1)
        with pytest.raises(NotFound):
            await ground.provider.set_mtime(ground.file("missing"), when, ground.change)
