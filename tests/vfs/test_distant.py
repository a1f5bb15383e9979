"""Many changes at once, on a mount where each waits for a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from providers.memory import Memory
from tests.vfs.trees import Diary, P, names, read, tree_of, walked
from vfs.action import Change
from vfs.drive import drive, event_loop
from vfs.errors import NoSpace, Refused, Unavailable, VfsError
from vfs.fan import fan_out
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Mode
from vfs.tree import Tree


class Far(Memory):
    """Memory behind a network: every call waits. It keeps what it was asked to do."""

    distant = True

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = refused
        self.busy = self.most_busy = 0
        self.removed: list[str] = []
        self.written = 0
        self.stuck = False
        self.refusal: type[VfsError] = NoSpace

    async def wait(self) -> None:
        await event_loop()
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await asyncio.sleep(0.001)
        self.busy -= 1

    async def stat(self, path: Path) -> Node:
        await self.wait()
        return await super().stat(path)

    async def write(
        self, path: Path, data: Blocks, change: Change, *, mode: Mode = Mode.REPLACE, etag: str | None = None
    ) -> Node:
        await self.wait()
        if path.name in self.refused:
            raise self.refusal(path)
        self.written += 1
        return await super().write(path, data, change, mode=mode, etag=etag)

    async def write_many(
        self, files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        async def one(file: tuple[Path, bytes]) -> Node:
            async def blocks() -> AsyncIterator[bytes]:
                yield file[1]

            return await self.write(file[0], blocks(), change)

        batch = [file async for file in files]
        async for _, node in fan_out(batch, one):
            yield [node]

    async def mkdir(self, path: Path, change: Change) -> Node:
        await self.wait()
        if path.name in self.refused:
            raise Refused(path)
        return await super().mkdir(path, change)

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        await self.wait()
        self.removed.append(str(path))
        if self.stuck:
            await asyncio.sleep(60)
        await super().remove(path, change, recursive=recursive)

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        await self.wait()
        return await super().copy(source, target, change)


def world(*refused: str) -> tuple[Tree, Far, Diary]:
    """A tree of `/notes` here and `/b` far away, journalled."""
    far, diary = Far(*refused), Diary()
    tree = Tree(tree_of("/notes", b=far).mounts, journal=diary)

    async def fill() -> None:
        for folder in ("/notes/d", "/notes/d/one", "/notes/d/two", "/notes/d/two/deep"):
            await tree.mkdir(P(folder))
            for at in range(20):
                await tree.write(P(f"{folder}/{at:02}.md"), f"{folder} {at}".encode())

    drive(fill())
    diary.lines.clear()
    diary.done.clear()
    return tree, far, diary


async def driven(work: Callable[[], Awaitable[None]]) -> None:
    """Runs where there is an event loop."""
    await event_loop()
    await work()


async def copied(tree: Tree, source: str, target: str, failed: list[VfsError] | None = None) -> None:
    async for _ in tree.copy_folder(P(source), P(target), failed=failed):
        pass


def test_a_folder_goes_there_many_files_at_once_and_each_is_journalled() -> None:
    tree, far, diary = world()
    drive(copied(tree, "/notes/d", "/b/d"))
    assert far.most_busy >= 8
    assert drive(read(tree, "/b/d/two/deep/19.md")) == "/notes/d/two/deep 19"
    assert len(diary.lines) == 84
    assert diary.done == [True] * 84
    assert next(line[1] for line in diary.lines if line[0] == "mkdir") == "/b/d"


def test_what_was_there_is_journalled_before_it_is_replaced() -> None:
    tree, _, diary = world()
    drive(copied(tree, "/notes/d", "/b/d"))
    diary.lines.clear()
    drive(tree.write(P("/notes/d/00.md"), b"changed"))
    diary.lines.clear()
    drive(copied(tree, "/notes/d", "/b/d"))
    before = {path: content for op, path, content, _ in diary.lines if op == "write"}
    assert before["/b/d/00.md"] == b"/notes/d 0"
    assert len(before) == 80


def test_a_folder_is_copied_within_by_the_mounts_own_means_many_files_at_once() -> None:
    tree, far, diary = world()
    drive(copied(tree, "/notes/d", "/b/d"))
    diary.lines.clear()
    far.most_busy = 0
    far.refused = tuple(f"{at:02}.md" for at in range(20))
    drive(copied(tree, "/b/d", "/b/e"))
    assert far.most_busy >= 8
    assert drive(walked(tree, "/b/e")) == [
        path.replace("/b/d", "/b/e") for path in drive(walked(tree, "/b/d"))
    ]
    assert len(diary.lines) == 84


def test_what_a_cancelled_copy_has_written_is_journalled_and_nothing_else() -> None:
    tree, far, diary = world()

    async def cut_off() -> None:
        copying = asyncio.ensure_future(copied(tree, "/notes/d", "/b/d"))
        while far.written < 5:
            await asyncio.sleep(0)
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying

    drive(driven(cut_off))
    there = set(drive(walked(tree, "/b"))) - {"/b"}
    assert 5 < len(there) < 84
    assert len(diary.done) == len(diary.lines)
    told = [line[1] for line, done in zip(diary.lines, diary.done, strict=True) if done]
    assert len(told) == diary.done.count(True) == len(there)


def test_what_a_cancelled_removal_has_left_is_not_journalled_as_removed() -> None:
    tree, far, diary = world()
    drive(copied(tree, "/notes/d", "/b/d"))
    diary.lines.clear()
    diary.done.clear()
    far.stuck = True

    async def cut_off() -> None:
        removing = asyncio.ensure_future(tree.remove(P("/b/d"), recursive=True))
        while not far.removed:
            await asyncio.sleep(0)
        removing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await removing

    drive(driven(cut_off))
    assert diary.done == [False] * 84


def test_a_folder_is_removed_at_once_and_each_entry_journalled_its_folder_after_it() -> None:
    tree, far, diary = world()
    drive(copied(tree, "/notes/d", "/b/d"))
    diary.lines.clear()
    diary.done.clear()
    drive(tree.remove(P("/b/d"), recursive=True))
    assert far.removed == ["/d"]
    assert drive(names(tree, "/b")) == []
    assert len(diary.lines) == 84
    assert diary.done == [True] * 84
    assert diary.lines[-1] == ("remove", "/b/d", None, None)
    paths = [line[1] for line in diary.lines]
    assert paths.index("/b/d/two/deep/00.md") < paths.index("/b/d/two/deep") < paths.index("/b/d/two")
    assert {line[1]: line[2] for line in diary.lines}["/b/d/07.md"] == b"/notes/d 7"


def test_after_an_error_what_was_written_is_looked_up() -> None:
    tree, _, diary = world("07.md")
    with pytest.raises(NoSpace):
        drive(copied(tree, "/notes/d/one", "/b/one"))
    there = set(drive(walked(tree, "/b/one")))
    for (_, path, *_), done in zip(diary.lines, diary.done, strict=True):
        assert done == (path in there or path == "/b/one")
    assert diary.done.count(False) >= 1


def test_what_may_or_may_not_have_happened_stays_an_intent_while_the_service_is_away() -> None:
    tree, far, diary = world("07.md")
    far.refusal = Unavailable
    with pytest.raises(Unavailable):
        drive(copied(tree, "/notes/d/one", "/b/one"))
    writes = [done for (op, *_), done in zip(diary.lines, diary.done, strict=True) if op == "write"]
    assert writes[:7] == [True] * 7
    assert writes[7:] == [None] * 13


def test_a_folder_that_cannot_be_made_does_not_keep_the_rest() -> None:
    tree, _, _ = world("two")
    failed: list[VfsError] = []
    drive(copied(tree, "/notes/d", "/b/d", failed))
    assert [str(error) for error in failed] == ["/b/d/two: refused by policy"]
    assert len(drive(names(tree, "/b/d/one"))) == 20
    assert "two" not in drive(names(tree, "/b/d"))


def test_nothing_is_left_when_what_was_there_cannot_be_kept() -> None:
    tree, _, diary = world()
    drive(copied(tree, "/notes/d/one", "/b/one"))
    intend = diary.intend

    async def full(
        change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        if path.name == "05.md":
            raise NoSpace(path)
        return await intend(change, op, path, before, target)

    diary.intend = full  # type: ignore[method-assign]
    diary.done.clear()
    diary.lines.clear()
    with pytest.raises(NoSpace):
        drive(copied(tree, "/notes/d/one", "/b/one"))
    assert set(diary.done) == {False}
    with pytest.raises(NoSpace):
        drive(tree.remove(P("/b/one"), recursive=True))
    assert len(drive(names(tree, "/b/one"))) == 20
