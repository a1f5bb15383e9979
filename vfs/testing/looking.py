"""What every provider must do: stat and list."""

from __future__ import annotations

import pytest

from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.node import Kind, Node
from vfs.path import ROOT, Path
from vfs.provider import Cap
from vfs.testing.ground import Ground, Suite, contract


class Looking(Suite):
    @contract()
    async def test_the_root_is_a_folder_without_a_name(self, ground: Ground) -> None:
        node = await ground.provider.stat(ROOT)
        assert (node.name, node.kind) == ("", Kind.FOLDER)

    @contract()
    async def test_stat_agrees_with_the_listing(self, ground: Ground) -> None:
        await ground.sample()
        for path, listed in await ground.below(ground.base):
            node = await ground.provider.stat(path)
            assert isinstance(node, Node)
            assert node.name == path.name == listed.name
            assert (node.kind, node.size, node.etag) == (listed.kind, listed.size, listed.etag)

    @contract()
    async def test_times_know_their_zone(self, ground: Ground) -> None:
        await ground.sample()
        for _, node in await ground.below(ground.base):
            assert node.mtime is None or node.mtime.utcoffset() is not None

    @contract()
    async def test_a_listing_is_in_order_and_names_each_entry_once(self, ground: Ground) -> None:
        await ground.sample()
        names = await ground.names()
        assert list(names) == sorted(set(names))

    @contract(Cap.WRITE)
    async def test_a_long_listing_comes_in_order_whatever_the_order_of_writing(self, ground: Ground) -> None:
        made = {ground.file(f"{(at * 7919) % self.many:03}").name for at in range(self.many)}
        made |= {ground.file(stem).name for stem in ("Z", "a b", "é", "日本", "🙂", "~")}
        for name in sorted(made, key=hash):
            await ground.put(ground.base.child(name))
        before = {node.name for node in await ground.list() if node.name not in made}
        assert list(await ground.names()) == sorted(made | before)

    @contract(Cap.WRITE)
    async def test_a_listing_may_be_left_early_and_begun_again(self, ground: Ground) -> None:
        for at in range(self.many):
            await ground.put(ground.file(f"{at:03}"))
        pages = ground.provider.list(ground.base)
        first = await anext(pages)
        await pages.aclose()
        assert 0 < len(first) <= len(await ground.names())

    @contract(Cap.EDIT)
    async def test_an_empty_folder_lists_nothing(self, ground: Ground) -> None:
        await ground.mkdir(ground.folder("empty"))
        assert not await ground.names(ground.folder("empty"))

    @contract()
    async def test_what_is_missing_is_not_found(self, ground: Ground) -> None:
        path = ground.file("missing")
        with pytest.raises(NotFound):
            await ground.provider.stat(path)
        with pytest.raises(NotFound):
            await ground.names(ground.folder("missing"))
        with pytest.raises(NotFound):
            await ground.provider.stat(ground.folder("missing").child("below"))

    @contract()
    async def test_errors_name_the_providers_own_path(self, ground: Ground) -> None:
        path = ground.file("missing")
        with pytest.raises(VfsError) as caught:
            await ground.provider.stat(path)
        assert caught.value.path in (path, None)

    @contract()
    async def test_a_path_through_a_file_is_no_directory(self, ground: Ground) -> None:
        path = await ground.some_file()
        with pytest.raises(NotADirectory):
            await ground.names(path)
        with pytest.raises(NotADirectory):
            await ground.provider.stat(path.child("below"))

    @contract()
    async def test_names_that_could_not_be_created_are_merely_not_found(self, ground: Ground) -> None:
        for name in ("x" * 300, "line\nbreak", "\x1b[31m", "\udcff", "%", "*", "' or 1=1 --"):
            with pytest.raises(VfsError):
                await ground.provider.stat(ground.base.child(name))

    @contract()
    async def test_closing_twice_is_safe(self, ground: Ground) -> None:
        await ground.provider.stat(Path())
        await ground.provider.aclose()
