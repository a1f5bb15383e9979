from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from providers.memory import Memory
from tests.vfs.trees import Closed, P, Plain, fill, names, read, tree_of, walked
from vfs.drive import drive
from vfs.errors import (
    BadName,
    Exists,
    Incomplete,
    IsADirectory,
    LoginNeeded,
    NoSpace,
    NotADirectory,
    NotFound,
    ReadOnly,
    Refused,
    TooLarge,
    Unsupported,
)
from vfs.mount import Mount
from vfs.path import ROOT, Path
from vfs.provider import Cap, Mode
from vfs.tree import Tree


def test_mounts_are_listed_in_a_root_that_nobody_serves() -> None:
    assert drive(names(tree_of("/notes", "/files", "/mcp/one"), "/")) == ["files", "mcp", "notes"]


def test_a_mount_inside_another_is_listed_in_its_place() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/notes/m", "/notes/zz/deep")
        for name in ("a.md", "q.md"):
            await tree.write(P(f"/notes/{name}"), b"")
        assert await names(tree, "/notes") == ["a.md", "m", "q.md", "zz"]
        assert await names(tree, "/notes/zz") == ["deep"]

    drive(check())


def test_a_mount_hides_the_entry_of_its_name_and_is_listed_once() -> None:
    async def check() -> None:
        tree = tree_of("/notes")
        await tree.mkdir(P("/notes/m/hidden"), parents=True)
        tree.mounts.add(Mount(P("/notes/m"), "memory", Memory))
        assert await names(tree, "/notes") == ["m"]
        assert await names(tree, "/notes/m") == []
        assert await walked(tree, "/") == ["/notes", "/notes/m"]

    drive(check())


def test_listing_the_root_opens_no_mount() -> None:
    tree = tree_of("/notes", "/files")
    drive(names(tree, "/"))
    drive(tree.stat(P("/notes")))
    assert [mount.opened for mount in tree.mounts] == [None, None]


def test_a_mount_opens_once() -> None:
    opened: list[Memory] = []

    def open_() -> Memory:
        opened.append(Memory())
        return opened[-1]

    tree = tree_of()
    tree.mounts.add(Mount(P("/m"), "memory", open_))
    drive(tree.write(P("/m/a"), b"1"))
    drive(tree.read(P("/m/a")))
    assert len(opened) == 1


def test_an_error_names_the_path_as_the_caller_knows_it() -> None:
    tree = tree_of("/notes")
    for error, path, call in (
        (NotFound, "/notes/none", tree.stat),
        (NotFound, "/notes/none/x", tree.stat),
        (NotFound, "/none", tree.stat),
        (NotFound, "/notes/none", tree.read),
        (IsADirectory, "/notes", tree.read),
        (IsADirectory, "/", tree.read),
        (NotFound, "/notes/none", tree.remove),
        (Exists, "/notes", tree.mkdir),
        (NotFound, "/notes/none/x", tree.mkdir),
    ):
        with pytest.raises(error) as caught:
            drive(call(P(path)))
        assert caught.value.path == P(path)


def test_an_error_of_the_data_keeps_the_path_of_its_own_mount() -> None:
    async def data() -> AsyncIterator[bytes]:
        yield b"some"
        raise NoSpace(P("/files/elsewhere"))

    tree = tree_of("/notes", "/files")
    with pytest.raises(NoSpace) as caught:
        drive(tree.write(P("/notes/a"), data()))
    assert caught.value.path == P("/files/elsewhere")
    assert not drive(tree.exists(P("/notes/a")))


def test_an_error_inside_an_open_file_is_not_taken_for_its_own() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await tree.write(P("/notes/a"), b"x")
        async with tree.open(P("/notes/a")):
            raise NotFound(P("/files/b"))

    with pytest.raises(NotFound) as caught:
        drive(check())
    assert caught.value.path == P("/files/b")


def test_a_path_through_a_file_is_no_directory() -> None:
    async def check() -> None:
        tree = tree_of("/notes")
        await tree.write(P("/notes/a"), b"x")
        for call in (tree.stat, tree.read, tree.mkdir, tree.remove):
            with pytest.raises(NotADirectory):
                await call(P("/notes/a/b"))
        with pytest.raises(NotADirectory):
            await tree.write(P("/notes/a/b"), b"y")
        with pytest.raises(NotADirectory):
            await names(tree, "/notes/a")
        with pytest.raises(NotADirectory):
            await tree.mkdir(P("/notes/a/b/c"), parents=True)
        assert not await tree.exists(P("/notes/a/b"))

    drive(check())


def test_the_root_and_mount_points_stay() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/notes/in/inner", "/files")
        await tree.write(P("/notes/a"), b"x")
        await tree.mkdir(P("/notes/in"), parents=True)
        for path in ("/", "/notes", "/notes/in/inner", "/notes/in"):
            with pytest.raises(Refused):
                await tree.remove(P(path), recursive=True)
            with pytest.raises(Refused):
                await tree.move(P(path), P("/files/x"))
        with pytest.raises(IsADirectory):
            await tree.write(P("/notes"), b"x")
        with pytest.raises(IsADirectory):
            await tree.move(P("/notes/a"), P("/files"))
        with pytest.raises(IsADirectory):
            await tree.write(P("/notes/in"), b"x")
        assert await read(tree, "/notes/a") == "x"

    drive(check())


def test_nothing_is_created_where_nothing_is_mounted() -> None:
    tree = tree_of("/mcp/one")
    for path in ("/x", "/mcp/two"):
        with pytest.raises(ReadOnly):
            drive(tree.write(P(path), b""))
        with pytest.raises(ReadOnly):
            drive(tree.mkdir(P(path)))
    with pytest.raises(Exists):
        drive(tree.mkdir(P("/mcp")))


def test_a_read_only_mount_can_be_read_and_not_changed() -> None:
    async def check() -> None:
        memory = Memory()
        tree = tree_of(m=memory, files=Memory())
        await tree.write(P("/m/a"), b"x")
        tree.mounts.take(P("/m"))
        tree.mounts.add(Mount(P("/m"), "memory", lambda: memory, read_only=True))
        assert await read(tree, "/m/a") == "x"
        assert tree.caps(P("/m")) & (Cap.WRITE | Cap.EDIT | Cap.MOVE) == Cap(0)
        for call in (
            tree.write(P("/m/a"), b"y"),
            tree.mkdir(P("/m/d")),
            tree.remove(P("/m/a")),
            tree.move(P("/m/a"), P("/files/a")),
            tree.copy(P("/m/a"), P("/m/b")),
            tree.set_attrs(P("/m/a"), {}),
        ):
            with pytest.raises(ReadOnly):
                await call
        await tree.copy(P("/m/a"), P("/files/a"))
        assert await read(tree, "/files/a") == "x"

    drive(check())


def test_a_provider_without_an_ability_says_so() -> None:
    async def check() -> None:
        tree = tree_of(p=Plain(Memory()))
        await fill(tree)
        with pytest.raises(ReadOnly):
            await tree.write(P("/p/a"), b"")
        with pytest.raises(ReadOnly):
            await tree.mkdir(P("/p/a"))
        with pytest.raises(Unsupported):
            await tree.act(P("/p"), "send", {})
        assert await tree.verbs(P("/p")) == {}
        assert tree.caps(P("/p")) == Cap.READ
        assert tree.caps(P("/none")) == Cap(0)

    drive(check())


def test_hostile_names_are_refused_by_the_tree_whatever_the_provider_thinks() -> None:
    async def check() -> None:
        tree = tree_of("/m")
        for name in ("a\x1b[31m", "a\nb", "\x9b", "nul\0", "\udcff", "x" * 256):
            path = P("/m").child(name)
            for call in (
                tree.write(path, b""),
                tree.mkdir(path),
                tree.copy(P("/m/ok"), path),
                tree.move(P("/m/ok"), path),
            ):
                await tree.write(P("/m/ok"), b"x")
                with pytest.raises(BadName):
                    await call
        assert await names(tree, "/m") == ["ok"]

    drive(check())


def test_making_folders_with_their_parents_accepts_what_is_there() -> None:
    async def check() -> None:
        tree = tree_of("/m", "/m/in/x")
        await tree.mkdir(P("/m/in/x/a/b"), parents=True)
        await tree.mkdir(P("/m/in/x/a/b"), parents=True)
        assert (await tree.stat(P("/m/in/x/a/b"))).is_folder
        await tree.write(P("/m/file"), b"")
        with pytest.raises(Exists):
            await tree.mkdir(P("/m/file"), parents=True)

    drive(check())


def test_a_walk_puts_nested_mounts_in_their_places() -> None:
    async def check() -> None:
        tree = tree_of("/n", "/n/b/deep", "/n/d")
        for path in ("/n/a", "/n/c", "/n/e", "/n/b/deep/x", "/n/d/y"):
            await tree.write(P(path), b"")
        expected = ["/n/a", "/n/b", "/n/b/deep", "/n/b/deep/x", "/n/c", "/n/d", "/n/d/y", "/n/e"]
        assert await walked(tree, "/n") == expected
        assert await walked(tree, "/") == ["/n", *expected]
        await tree.mkdir(P("/n/b"), parents=True)
        await tree.write(P("/n/b/zz"), b"")
        expected.insert(4, "/n/b/zz")
        assert await walked(tree, "/n") == expected
        assert await walked(tree, "/n/b") == ["/n/b/deep", "/n/b/deep/x", "/n/b/zz"]

    drive(check())


def test_a_walk_without_the_ability_is_the_same_walk() -> None:
    async def check() -> None:
        memory = Memory()
        tree = tree_of(m=memory)
        for at in range(150):
            await tree.mkdir(P(f"/m/d{at % 3}/s{at % 2}"), parents=True)
            await tree.write(P(f"/m/d{at % 3}/s{at % 2}/f{at}"), b"")
            await tree.write(P(f"/m/x{at}"), b"")
        assert await walked(tree_of(m=Plain(memory)), "/m") == await walked(tree, "/m")

    drive(check())


def test_a_walk_goes_on_behind_a_mount_that_fails_and_then_says_so() -> None:
    async def check() -> None:
        tree = tree_of("/a", "/z", mail=Closed())
        await tree.write(P("/z/last"), b"")
        seen: list[str] = []
        with pytest.raises(Incomplete, match="/mail: login needed"):  # noqa: PT012
            async for page in tree.walk(ROOT):
                seen += [str(path) for path, _ in page]
        assert seen == ["/a", "/mail", "/z", "/z/last"]
        with pytest.raises(LoginNeeded):
            await walked(tree, "/mail")

    drive(check())


def test_walking_or_listing_what_is_missing_is_not_found() -> None:
    tree = tree_of("/m")
    for path in ("/none", "/m/none"):
        with pytest.raises(NotFound):
            drive(walked(tree, path))
        with pytest.raises(NotFound):
            drive(names(tree, path))


def test_many_contents_come_in_order_with_what_went_wrong_in_its_place() -> None:
    async def check() -> None:
        tree = tree_of("/n", "/m")
        await tree.write(P("/n/a"), b"A")
        await tree.write(P("/m/b"), b"B")
        await tree.write(P("/n/big"), b"x" * 300_000)
        asked = [P(path) for path in ("/n/a", "/m/b", "/n/none", "/n", "/n/big", "/nowhere", "/n/a")]
        got = [content async for content in tree.contents(asked)]
        assert [content.path for content in got] == asked
        assert [content.data for content in got] == [b"A", b"B", None, None, None, None, b"A"]
        assert [type(content.error).__name__ for content in got] == [
            "NoneType", "NoneType", "NotFound", "IsADirectory", "NoneType", "NotFound", "NoneType",
        ]  # fmt: skip
        assert sum([len(block) async for block in got[4].blocks()]) == 300_000
        with pytest.raises(NotFound):
            await anext(got[2].blocks())

    drive(check())


def test_many_contents_without_bulk_reads_are_fanned_out_in_order() -> None:
    async def check() -> None:
        memory = Memory()
        full = tree_of(m=memory)
        for at in range(50):
            await full.write(P(f"/m/{at:02}"), str(at).encode())
        plain = Plain(memory)
        tree = tree_of(m=plain)
        paths = [P(f"/m/{at:02}") for at in range(51)]
        got = [content async for content in tree.contents(paths)]
        assert [content.data for content in got] == [*(str(at).encode() for at in range(50)), None]
        assert plain.opens == 51

    drive(check())


def test_rendered_text_stands_for_the_bytes_where_there_is_one() -> None:
    from contextlib import asynccontextmanager

    class Rendering(Memory):
        @asynccontextmanager
        async def text(self, path: Path) -> AsyncIterator[AsyncIterator[bytes]]:
            if path.suffix != ".eml":
                raise Unsupported(path)
            async with self.open(path) as blocks:

                async def upper() -> AsyncIterator[bytes]:
                    async for block in blocks:
                        yield block.upper()

                yield upper()

    async def check() -> None:
        tree = tree_of(m=Rendering())
        await tree.write(P("/m/a.eml"), b"mail")
        await tree.write(P("/m/b.txt"), b"text")
        paths = [P("/m/a.eml"), P("/m/b.txt")]
        assert [content.data async for content in tree.contents(paths)] == [b"MAIL", b"text"]
        assert [content.data async for content in tree.contents(paths, text=False)] == [b"mail", b"text"]
        async with tree.text(paths[0]) as blocks:
            assert b"".join([block async for block in blocks]) == b"MAIL"
        assert await tree.read(paths[0]) == b"mail"

    drive(check())


def test_reading_whole_has_a_limit() -> None:
    async def check() -> None:
        tree = tree_of("/m")
        await tree.write(P("/m/a"), b"12345")
        assert await tree.read(P("/m/a"), limit=5) == b"12345"
        with pytest.raises(TooLarge):
            await tree.read(P("/m/a"), limit=4)

    drive(check())


def test_appending_falls_back_to_rewriting() -> None:
    class NoAppend(Memory):
        async def write(self, path, data, change, *, mode=Mode.REPLACE, etag=None):  # type: ignore[no-untyped-def]
            if mode is Mode.APPEND:
                raise Unsupported(path)
            return await super().write(path, data, change, mode=mode, etag=etag)

    async def check() -> None:
        tree = tree_of(m=NoAppend())
        for line in (b"one\n", b"two\n"):
            await tree.write(P("/m/log"), line, mode=Mode.APPEND)
        assert await read(tree, "/m/log") == "one\ntwo\n"

    drive(check())


def test_many_files_over_several_mounts_are_written_in_batches() -> None:
    async def check() -> None:
        tree = tree_of("/n", "/m")

        async def files() -> AsyncIterator[tuple[Path, bytes]]:
            for at in range(30):
                yield P(f"/{'nm'[at // 10 % 2]}/{at}"), str(at).encode()

        written = [node.name async for nodes in tree.write_many(files()) for node in nodes]
        assert written == [str(at) for at in range(30)]
        assert await read(tree, "/m/15") == "15"

    drive(check())


def test_the_trees_change_reaches_the_provider() -> None:
    seen: list[str] = []

    class Noting(Memory):
        async def mkdir(self, path, change):  # type: ignore[no-untyped-def]
            seen.append(change.command)
            return await super().mkdir(path, change)

    from vfs.action import Change

    tree = tree_of(m=Noting())
    tree.change = Change("id", "mkdir /m/x")
    drive(tree.mkdir(P("/m/x")))
    assert seen == ["mkdir /m/x"]


def test_closing_a_listing_early_closes_the_providers() -> None:
    closed: list[bool] = []

    class Endless(Memory):
        async def list(self, path: Path) -> AsyncIterator[Sequence[object]]:  # type: ignore[override]
            try:
                async for page in super().list(path):
                    while True:
                        yield page
            finally:
                closed.append(True)

    async def check() -> None:
        tree: Tree = tree_of(m=Endless())
        await tree.write(P("/m/a"), b"")
        pages = tree.list(P("/m"))
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]
        assert closed == [True]

    drive(check())
