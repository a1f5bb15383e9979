from __future__ import annotations

import pytest

from providers.memory import Memory
from tests.vfs.trees import Diary, P, Plain, fill, names, read, tree_of, walked
from vfs.drive import drive
from vfs.errors import BadName, Exists, IsADirectory, NotADirectory, NotEmpty, NotFound, VfsError
from vfs.reading import SMALL


def test_a_file_is_copied_within_and_across_mounts() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        for target in ("/notes/b.md", "/files/b.md"):
            node = await tree.copy(P("/notes/plan.md"), P(target))
            assert (node.name, node.size) == ("b.md", 9)
            assert await read(tree, target) == "the plan\n"

    drive(check())


def test_a_copy_that_cannot_be_says_why() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        for source, target, error in (
            ("/notes/none", "/notes/x", NotFound),
            ("/notes/none", "/files/x", NotFound),
            ("/notes/work", "/files/x", IsADirectory),
            ("/notes", "/files/x", IsADirectory),
            ("/notes/plan.md", "/files", IsADirectory),
            ("/notes/plan.md", "/notes/work", IsADirectory),
            ("/notes/plan.md", "/files/none/x", NotFound),
            ("/notes/plan.md", "/files/a.bin/x", NotADirectory),
            ("/notes/plan.md", "/notes/plan.md", Exists),
        ):
            with pytest.raises(error):
                await tree.copy(P(source), P(target))
        assert await read(tree, "/notes/plan.md") == "the plan\n"

    drive(check())


def test_a_folder_is_copied_with_small_and_large_files() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        await tree.write(P("/notes/work/large"), b"x" * (SMALL + 1))
        for target in ("/files/copy", "/notes/copy"):
            made = [n.name async for nodes in tree.copy_folder(P("/notes/work"), P(target)) for n in nodes]
            assert sorted(made) == ["2024.md", "budget.md", "copy", "large", "old"]
            below = [path.removeprefix(target) for path in await walked(tree, target)]
            assert below == ["/budget.md", "/large", "/old", "/old/2024.md"]
            assert (await tree.stat(P(f"{target}/large"))).size == SMALL + 1

    drive(check())


def test_a_copied_folder_merges_into_what_is_there() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        await tree.mkdir(P("/files/copy/old"), parents=True)
        await tree.write(P("/files/copy/old/mine"), b"stays")
        await tree.write(P("/files/copy/budget.md"), b"goes")
        async for _ in tree.copy_folder(P("/notes/work"), P("/files/copy")):
            pass
        assert await read(tree, "/files/copy/old/mine") == "stays"
        assert await read(tree, "/files/copy/budget.md") == "budget of the plan\n"

    drive(check())


def test_a_folder_goes_neither_into_itself_nor_onto_a_file() -> None:
    async def check() -> None:
        tree = tree_of("/notes")
        await fill(tree)
        for source, target, error in (
            ("/notes/work", "/notes/work/in", BadName),
            ("/notes/work", "/notes/work", BadName),
            ("/notes", "/notes/in", BadName),
            ("/notes/plan.md", "/notes/x", NotADirectory),
            ("/notes/none", "/notes/x", NotFound),
        ):
            with pytest.raises(error):
                async for _ in tree.copy_folder(P(source), P(target)):
                    pass
        with pytest.raises(NotADirectory):
            async for _ in tree.copy_folder(P("/notes/work"), P("/notes/plan.md")):
                pass

    drive(check())


def test_one_bad_entry_does_not_keep_a_folder_from_being_copied() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        await tree.mkdir(P("/files/copy/budget.md"), parents=True)
        await tree.write(P("/files/copy/old"), b"a file in the way")
        failed: list[VfsError] = []
        async for _ in tree.copy_folder(P("/notes"), P("/files/x"), failed=failed):
            pass
        assert not failed
        async for _ in tree.copy_folder(P("/notes/work"), P("/files/copy"), failed=failed):
            pass
        assert {str(error.path) for error in failed} == {"/files/copy/old", "/files/copy/budget.md"}

    drive(check())


def test_moving_renames_within_a_mount_and_copies_across() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        assert (await tree.move(P("/notes/plan.md"), P("/notes/new.md"))).name == "new.md"
        assert (await tree.move(P("/notes/new.md"), P("/files/new.md"))).name == "new.md"
        assert await read(tree, "/files/new.md") == "the plan\n"
        await tree.move(P("/notes/work"), P("/files/work"))
        assert await names(tree, "/notes") == []
        assert await read(tree, "/files/work/old/2024.md") == "last year\n"

    drive(check())


@pytest.mark.parametrize("target", ["/notes", "/files"])
def test_a_move_that_cannot_be_leaves_both_sides(target: str) -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files")
        await fill(tree)
        for path in ("/notes", "/files"):
            await tree.mkdir(P(f"{path}/full/in"), parents=True)
            await tree.write(P(f"{path}/file"), b"x")
        before = await walked(tree, "/")
        for source, to, error in (
            ("/notes/none", "x", NotFound),
            ("/notes/plan.md", "full", IsADirectory),
            ("/notes/work", "file", NotADirectory),
            ("/notes/work", "full", NotEmpty),
            ("/notes/plan.md", "none/x", NotFound),
        ):
            with pytest.raises(error):
                await tree.move(P(source), P(f"{target}/{to}"))
        with pytest.raises(BadName):
            await tree.move(P("/notes/work"), P("/notes/work/old/x"))
        assert await walked(tree, "/") == before

    drive(check())


def test_moving_onto_itself_changes_nothing() -> None:
    async def check() -> None:
        tree = tree_of("/notes")
        await fill(tree)
        await tree.move(P("/notes/plan.md"), P("/notes/plan.md"))
        assert await read(tree, "/notes/plan.md") == "the plan\n"

    drive(check())


def test_copying_works_from_a_provider_that_can_only_read() -> None:
    async def check() -> None:
        memory = Memory()
        await fill(tree_of(notes=memory))
        tree = tree_of("/files", notes=Plain(memory))
        async for _ in tree.copy_folder(P("/notes"), P("/files/copy")):
            pass
        assert await read(tree, "/files/copy/work/old/2024.md") == "last year\n"

    drive(check())


def test_changes_are_journalled_with_what_was_there_and_how_it_ended() -> None:
    async def check() -> None:
        tree = tree_of("/m")
        diary = Diary()
        tree.journal = diary
        await tree.write(P("/m/a"), b"one")
        await tree.write(P("/m/a"), b"two")
        await tree.mkdir(P("/m/d"))
        await tree.move(P("/m/a"), P("/m/d/a"))
        await tree.write(P("/m/b"), b"")
        await tree.copy(P("/m/d/a"), P("/m/b"))
        await tree.move(P("/m/b"), P("/m/d/a"))
        with pytest.raises(NotFound):
            await tree.write(P("/m/none/x"), b"")
        await tree.remove(P("/m/d"), recursive=True)
        assert diary.lines == [
            ("write", "/m/a", None, None),
            ("write", "/m/a", b"one", None),
            ("mkdir", "/m/d", None, None),
            ("move", "/m/a", None, "/m/d/a"),
            ("write", "/m/b", None, None),
            ("write", "/m/b", b"", None),
            ("move", "/m/b", b"two", "/m/d/a"),
            ("write", "/m/none/x", None, None),
            ("remove", "/m/d/a", b"two", None),
            ("remove", "/m/d", None, None),
        ]
        assert diary.done == [True] * 7 + [False] + [True] * 2

    drive(check())


def test_a_provider_with_a_journal_of_its_own_is_not_journalled_twice() -> None:
    class Keeping(Memory):
        journals = True

    async def check() -> None:
        tree = tree_of(m=Keeping())
        diary = Diary()
        tree.journal = diary
        await tree.write(P("/m/a"), b"one")
        await tree.remove(P("/m/a"))
        assert diary.lines == []

    drive(check())


def test_many_files_written_at_once_are_journalled_one_by_one() -> None:
    async def check() -> None:
        tree = tree_of("/m", "/n")
        for at in range(3):
            await tree.write(P(f"/n/{at}"), b"x")
        await tree.mkdir(P("/m/c"))
        await tree.write(P("/m/c/1"), b"old")
        diary = Diary()
        tree.journal = diary
        async for _ in tree.copy_folder(P("/n"), P("/m/c")):
            pass
        assert [(line[0], line[1], line[2]) for line in diary.lines] == [
            ("write", "/m/c/0", None),
            ("write", "/m/c/1", b"old"),
            ("write", "/m/c/2", None),
        ]

    drive(check())
