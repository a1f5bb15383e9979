"""Copying and moving, within a mount by its own means, across mounts as streams and batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from vfs.action import Effect
from vfs.door import Anchored, Place
from vfs.errors import (
    BadName,
    Exists,
    IsADirectory,
    NotADirectory,
    NotEmpty,
    NotFound,
    VfsError,
)
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Copyable, Mode, Movable
from vfs.reading import Reading, contents
from vfs.walk import walk
from vfs.writing import (
    all_below,
    journalled,
    mkdir,
    remove_at,
    to_create,
    without_guard,
    write,
    write_many_at,
)

if TYPE_CHECKING:
    from vfs.tree import Tree

Failed = list[VfsError]
"""Where a copy of many entries puts what went wrong, so that the rest goes on."""


async def copy(tree: Tree, source: Path, target: Path) -> Node:
    """See Tree.copy."""
    if source == target:
        raise Exists(target, "source and target are the same file")
    for path in (source, target):
        if tree.is_fixed(path) and tree.sees(path):
            raise IsADirectory(path)
    origin, aim = tree.place(source), tree.place(target)
    if origin is not None and aim is not None and aim.mount is origin.mount and tree.sees(source):
        with Anchored(origin) as provider:
            copyable = provider if isinstance(provider, Copyable) else None
        if copyable is not None:
            await tree.allow(Effect.READ, source)
            return await _copy_within(tree, origin, aim, copyable)
    async with Reading(tree, source, text=False) as blocks:
        return await write(tree, target, blocks, Mode.REPLACE, None)


async def _copy_within(tree: Tree, origin: Place, aim: Place, provider: Copyable) -> Node:
    await to_create(tree, aim.path)

    async def work() -> Node:
        with Anchored(origin):
            return await provider.copy(origin.inner, aim.inner, tree.the_change())

    node = await journalled(tree, aim, "write", work)
    assert node is not None
    return node


async def copy_folder(
    tree: Tree, source: Path, target: Path, failed: Failed | None
) -> AsyncIterator[Sequence[Node]]:
    """See Tree.copy_folder."""
    _keep_apart(source, target)
    await tree.allow(Effect.READ, source)
    if not (await tree.stat(source)).is_folder:
        raise NotADirectory(source)
    run = _Copying(tree, source, target, failed)
    made = await run.folder(source)
    if made is not None:
        yield [made]
    skipped: Path | None = None
    async for page in walk(tree, source):
        files: list[Path] = []
        for path, node in page:
            if skipped is not None and path.is_under(skipped):
                continue
            if not node.is_folder:
                files.append(path)
                continue
            try:
                made = await run.folder(path)
            except VfsError as error:
                run.fail(error)
                skipped = path
                continue
            if made is not None:
                yield [made]
        async for nodes in run.files(files):
            yield nodes


class _Copying:
    """One copy of a folder."""

    def __init__(self, tree: Tree, source: Path, target: Path, failed: Failed | None) -> None:
        self.tree = tree
        self.source = source
        self.target = target
        self.failed = failed
        self.taken: dict[Path, frozenset[str]] = {}
        """Of folders that were there before, the names of folders in them: no file can go there."""

    def fail(self, error: VfsError) -> None:
        if self.failed is None:
            raise error
        self.failed.append(error)

    def aim(self, path: Path) -> Path:
        return self.target.join(path.below(self.source))

    async def folder(self, source: Path) -> Node | None:
        """Makes the copy's folder; None when it is there already."""
        target = self.aim(source)
        if not await self.tree.exists(target):
            return await mkdir(self.tree, target, False)
        if not await self.tree.is_folder(target):
            raise NotADirectory(target)
        pages = self.tree.list(target)
        self.taken[target] = frozenset([n.name async for page in pages for n in page if n.is_folder])
        return None

    async def files(self, files: Sequence[Path]) -> AsyncIterator[Sequence[Node]]:
        """Small files in batches, as many at once as they come; large ones as streams."""
        large: list[Path] = []

        async def small() -> AsyncIterator[tuple[Place, bytes]]:
            async for content in contents(self.tree, files, False):
                if content.error is not None:
                    self.fail(content.error)
                elif content.data is None:
                    large.append(content.path)
                else:
                    try:
                        yield await self.free(self.aim(content.path)), content.data
                    except VfsError as error:
                        self.fail(error)

        async for nodes in write_many_at(self.tree, small()):
            yield nodes
        for path in large:
            try:
                yield [await copy(self.tree, path, self.aim(path))]
            except VfsError as error:
                self.fail(error)

    async def free(self, path: Path) -> Place:
        """Where one file of a batch goes; what is wrong with it is asked before, so that it fails alone."""
        if path.name in self.taken.get(path.parent, ()):
            raise IsADirectory(path)
        return await to_create(self.tree, path)


def _keep_apart(source: Path, target: Path) -> None:
    if target.is_under(source):
        raise BadName(target, f"lies inside {source} itself")


async def move(tree: Tree, source: Path, target: Path) -> Node:
    """See Tree.move."""
    tree.keep_mounts(source, "moved")
    if source == target:
        return await tree.stat(source)
    if tree.is_fixed(target) and tree.sees(target):
        raise IsADirectory(target)
    origin = await tree.to_change(Effect.WRITE, source)
    node = await tree.stat(source)
    _keep_apart(source, target)
    await tree.allow(Effect.READ, source)
    aim = await to_create(tree, target)
    if node.is_folder and tree.guard is not None:
        for inner in await all_below(tree, source, Effect.READ, Effect.WRITE):
            await tree.allow(Effect.WRITE, target.join(inner.below(source)))
    if aim.mount is origin.mount:
        with Anchored(origin) as provider:
            movable = provider if isinstance(provider, Movable) else None
        if movable is not None:
            return await _move_within(tree, origin, aim, movable)
    await _may_replace(tree, node, target)
    return await _move_by_copy(without_guard(tree), node, source, target)


async def _move_by_copy(tree: Tree, node: Node, source: Path, target: Path) -> Node:
    if node.is_folder:
        async for _ in copy_folder(tree, source, target, None):
            pass
    else:
        await copy(tree, source, target)
    await remove_at(tree, source, node.is_folder)
    return await tree.stat(target)


async def _move_within(tree: Tree, origin: Place, aim: Place, provider: Movable) -> Node:
    async def work() -> Node:
        with Anchored(origin):
            return await provider.move(origin.inner, aim.inner, tree.the_change())

    node = await journalled(tree, origin, "move", work, aim)
    assert node is not None
    return node


async def _may_replace(tree: Tree, node: Node, target: Path) -> None:
    """What a move within a provider would say about the entry that it replaces."""
    try:
        there = await tree.stat(target)
    except NotFound:
        return
    if there.is_folder != node.is_folder:
        raise IsADirectory(target) if there.is_folder else NotADirectory(target)
    if there.is_folder:
        async for page in tree.list(target):
            if page:
                raise NotEmpty(target)
