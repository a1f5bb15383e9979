"""Copying and moving, within a mount by its own means, across mounts as streams and batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING

from vfs.action import Effect
from vfs.closing import Closing
from vfs.door import Anchored, Place, is_distant
from vfs.errors import (
    BadName,
    Exists,
    IsADirectory,
    NotADirectory,
    NotEmpty,
    NotFound,
    VfsError,
)
from vfs.fan import WIDTH, fan_out
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
    async for page in walk(tree, source):
        async for nodes in run.folders([path for path, node in page if node.is_folder]):
            yield nodes
        files = [path for path, node in page if not node.is_folder]
        async for nodes in run.files([path for path in files if not run.skips(path)]):
            yield nodes


class _Copying:
    """One copy of a folder."""

    def __init__(self, tree: Tree, source: Path, target: Path, failed: Failed | None) -> None:
        self.tree = tree
        self.source = source
        self.target = target
        self.failed = failed
        origin, aim = tree.place(source), tree.place(target)
        self.distant = is_distant(origin) or is_distant(aim)
        self.within = origin is not None and aim is not None and origin.mount is aim.mount
        """Whether both lie in one mount, which may copy by itself."""
        self.unmade: list[Path] = []
        """Folders of the source that the target did not take."""
        self.taken: dict[Path, frozenset[str]] = {}
        """Of folders that were there before, the names of folders in them: no file can go there."""

    def fail(self, error: VfsError) -> None:
        if self.failed is None:
            raise error
        self.failed.append(error)

    def skips(self, path: Path) -> bool:
        """Whether the folder that it goes to could not be made."""
        return any(path.is_under(folder) for folder in self.unmade)

    def aim(self, path: Path) -> Path:
        return self.target.join(path.below(self.source))

    async def folders(self, folders: Sequence[Path]) -> AsyncIterator[Sequence[Node]]:
        """Folders in the order of a walk; where that waits for a network, those of one depth at once."""
        if not self.distant or len(folders) < 2:
            async for nodes in self._in_few(folders):
                yield nodes
            return
        for _, level in groupby(sorted(folders, key=_depth), _depth):
            wanted = [path for path in level if not self.skips(path)]
            async with Closing(fan_out(wanted, self._settled)) as calls:
                nodes = [node async for _, node in calls if node is not None]
            if nodes:
                yield nodes

    async def _in_few(self, folders: Sequence[Path]) -> AsyncIterator[Sequence[Node]]:
        """Folders in their order; those that are known to be missing are made together where that can be."""
        known = await self.tree.stat_many([self.aim(path) for path in folders]) if len(folders) > 1 else {}
        missing: list[Path] = []
        for path in folders:
            if isinstance(known.get(self.aim(path)), NotFound):
                missing.append(path)
                continue
            async for nodes in self._made(missing):
                yield nodes
            missing = []
            if not self.skips(path):
                made = await self._settled(path)
                if made is not None:
                    yield [made]
        async for nodes in self._made(missing):
            yield nodes

    async def _made(self, missing: Sequence[Path]) -> AsyncIterator[Sequence[Node]]:
        """Makes folders that were missing a moment ago."""
        wanted = [path for path in missing if not self.skips(path)]
        made: list[Node] = []
        for path, result in zip(
            wanted, await self.tree.mkdir_many([self.aim(path) for path in wanted]), strict=True
        ):
            if isinstance(result, Node):
                made.append(result)
            elif isinstance(result, Exists):
                await self._settled(path)
            elif self.skips(path):
                continue
            else:
                self.fail(result)
                self.unmade.append(path)
        if made:
            yield made

    async def _settled(self, path: Path) -> Node | None:
        try:
            return await self.folder(path)
        except VfsError as error:
            self.fail(error)
            self.unmade.append(path)
            return None

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
        if self.distant and self.within:
            async for nodes in self.alone(files, WIDTH):
                yield nodes
            return
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
        async for nodes in self.alone(large, 4):
            yield nodes

    async def alone(self, files: Sequence[Path], width: int) -> AsyncIterator[Sequence[Node]]:
        """Files each by itself; where that waits for a network, up to `width` of them at once."""
        if self.distant and len(files) > 1:
            each = import_module("vfs.distant").each(files, self.one, width)
            async with Closing(each) as copied:
                async for node in copied:
                    if isinstance(node, VfsError):
                        self.fail(node)
                    else:
                        yield [node]
            return
        for path in files:
            try:
                yield [await self.one(path)]
            except VfsError as error:
                self.fail(error)

    async def one(self, path: Path) -> Node:
        return await copy(self.tree, path, self.aim(path))

    async def free(self, path: Path) -> Place:
        """Where one file of a batch goes; what is wrong with it is asked before, so that it fails alone."""
        if path.name in self.taken.get(path.parent, ()):
            raise IsADirectory(path)
        return await to_create(self.tree, path)


def _depth(path: Path) -> int:
    return len(path.parts)


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
