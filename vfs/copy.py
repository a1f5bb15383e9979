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
from vfs.writing import all_below, journalled, mkdir, remove, to_create, write, write_many

if TYPE_CHECKING:
    from vfs.tree import Tree

Failed = list[VfsError]
"""Where a copy of many entries puts what went wrong, so that the rest goes on."""


async def copy(tree: Tree, source: Path, target: Path) -> Node:
    """See Tree.copy."""
    if source == target:
        raise Exists(target, "source and target are the same file")
    origin = await tree.to_read(source)
    if origin is None:
        raise IsADirectory(source)
    if tree.is_fixed(target) and tree.sees(target):
        raise IsADirectory(target)
    aim = tree.place(target)
    if aim is not None and aim.mount is origin.mount:
        with Anchored(origin) as provider:
            copyable = provider if isinstance(provider, Copyable) else None
        if copyable is not None:
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
    if not await tree.is_folder(target):
        yield [await mkdir(tree, target, False)]
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
                made = await _folder(tree, target.join(path.below(source)))
            except VfsError as error:
                _fail(failed, error)
                skipped = path
                continue
            if made is not None:
                yield [made]
        async for nodes in _copy_files(tree, files, source, target, failed):
            yield nodes


def _fail(failed: Failed | None, error: VfsError) -> None:
    if failed is None:
        raise error
    failed.append(error)


async def _folder(tree: Tree, path: Path) -> Node | None:
    try:
        return await mkdir(tree, path, False)
    except Exists:
        if not await tree.is_folder(path):
            raise NotADirectory(path) from None
        return None


async def _copy_files(
    tree: Tree, files: Sequence[Path], source: Path, target: Path, failed: Failed | None
) -> AsyncIterator[Sequence[Node]]:
    """Small files through `write_many`, as many at once as they come; large ones as streams."""
    large: list[Path] = []

    async def small() -> AsyncIterator[tuple[Path, bytes]]:
        async for content in contents(tree, files, False):
            to = target.join(content.path.below(source))
            if content.error is not None:
                _fail(failed, content.error)
            elif content.data is None:
                large.append(content.path)
            elif await _can_hold(tree, to, failed):
                yield to, content.data

    async for nodes in write_many(tree, small()):
        yield nodes
    for path in large:
        try:
            yield [await copy(tree, path, target.join(path.below(source)))]
        except VfsError as error:
            _fail(failed, error)


async def _can_hold(tree: Tree, path: Path, failed: Failed | None) -> bool:
    """Whether one file of a batch can be written: asked before, so that it fails alone."""
    try:
        await to_create(tree, path)
    except VfsError as error:
        _fail(failed, error)
        return False
    return True


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
    aim = await to_create(tree, target)
    if node.is_folder and tree.guard is not None:
        for inner in await all_below(tree, source, Effect.WRITE):
            await tree.allow(Effect.WRITE, target.join(inner.below(source)))
    if aim.mount is origin.mount and not tree.mounts.below(target):
        with Anchored(origin) as provider:
            movable = provider if isinstance(provider, Movable) else None
        if movable is not None:
            return await _move_within(tree, origin, aim, movable)
    await _may_replace(tree, node, target)
    if node.is_folder:
        async for _ in copy_folder(tree, source, target, None):
            pass
        await remove(tree, source, True)
        return await tree.stat(target)
    moved = await copy(tree, source, target)
    await remove(tree, source, False)
    return moved


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
