"""Listing one folder and walking everything below one, with the mounts inside in their places."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from vfs.closing import Closing
from vfs.door import Anchored, Place
from vfs.errors import Incomplete, NotADirectory, NotFound, VfsError
from vfs.mount import Mount
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Walkable

if TYPE_CHECKING:
    from vfs.tree import Tree

Entries = Sequence[tuple[Path, Node]]


async def list_folder(tree: Tree, path: Path) -> AsyncIterator[Sequence[Node]]:
    """See Tree.list."""
    if not tree.sees(path):
        raise NotFound(path)
    nested = [node for node in reversed(_besides(tree, path)) if tree.sees(path.child(node.name))]
    place = tree.place(path)
    if place is None:
        if not nested and not tree.is_fixed(path):
            raise NotFound(path)
    else:
        async with Closing(_pages(place, tree.mounts.holds(path))) as pages:
            async for page in pages:
                shown = _merged(page, nested) if nested else page
                if tree.guard is not None:
                    shown = [node for node in shown if tree.sees(path.child(node.name))]
                if shown:
                    yield shown
    if nested:
        yield list(reversed(nested))


def _besides(tree: Tree, path: Path) -> list[Node]:
    """What the listing of a folder holds besides its provider's own entries, in name order."""
    mounts = [Node(name, Kind.FOLDER) for name in tree.mounts.names_below(path)]
    if not tree.pending:
        return mounts
    files = [Node(one.name, Kind.FILE, 0) for one in tree.pending if one.parts and one.parent == path]
    return sorted(mounts + files, key=lambda node: node.name)


async def _pages(place: Place, may_be_absent: bool) -> AsyncIterator[Sequence[Node]]:
    try:
        with Anchored(place) as provider:
            async with Closing(provider.list(place.inner)) as pages:
                async for page in pages:
                    yield page
    except (NotFound, NotADirectory):
        if not may_be_absent:
            raise


def _merged(page: Sequence[Node], nested: list[Node]) -> Sequence[Node]:
    """`page` with the nested entries (the next one last) that belong before its end, which are taken."""
    merged: list[Node] = []
    for node in page:
        while nested and nested[-1].name <= node.name:
            merged.append(nested.pop())
        if not merged or merged[-1].name != node.name:
            merged.append(node)
    return merged


async def walk(tree: Tree, path: Path) -> AsyncIterator[Entries]:
    """See Tree.walk."""
    if not tree.sees(path):
        raise NotFound(path)
    place = tree.place(path)
    nested = tree.mounts.below(path)
    if place is None and not nested and not tree.is_fixed(path):
        raise NotFound(path)
    own = _nowhere() if place is None else walk_mount(place, bool(nested))
    entries = _with_mounts(tree, path, own, nested) if nested else own
    async with Closing(entries) as pages:
        if tree.guard is None:
            async for page in pages:
                yield page
            return
        hidden: Path | None = None
        async for page in pages:
            shown = []
            for entry in page:
                if hidden is not None and entry[0].is_under(hidden):
                    continue
                if tree.sees(entry[0]):
                    shown.append(entry)
                else:
                    hidden = entry[0]
            if shown:
                yield shown


async def _nowhere() -> AsyncIterator[Entries]:
    no_entries: tuple[tuple[Path, Node], ...] = ()
    for _ in no_entries:
        yield no_entries


async def walk_mount(place: Place, may_be_absent: bool) -> AsyncIterator[Entries]:
    """What the provider at `place` itself holds, in the caller's paths, whatever the guard says."""
    base = place.mount.path
    try:
        with Anchored(place) as provider:
            if not isinstance(provider, Walkable):
                async with Closing(_walk_by_lists(place, place.inner)) as pages:
                    async for page in pages:
                        yield page
                return
            async with Closing(provider.walk(place.inner)) as pages:
                async for page in pages:
                    yield [(base.join(inner), node) for inner, node in page] if base.parts else page
    except (NotFound, NotADirectory):
        if not may_be_absent:
            raise


async def _walk_by_lists(place: Place, top: Path) -> AsyncIterator[Entries]:
    """Depth first by listings alone; a folder that vanishes meanwhile is passed over."""
    base = place.mount.path
    provider = place.mount.provider()
    stack = [(top, provider.list(top))]
    pending: list[tuple[Path, list[Node]]] = []
    try:
        while stack:
            folder, pages = stack[-1]
            nodes = pending.pop()[1] if pending and pending[-1][0] == folder else None
            if nodes is None:
                try:
                    nodes = list(await anext(pages))
                except StopAsyncIteration:
                    stack.pop()
                    continue
                except (NotFound, NotADirectory):
                    if folder == top:
                        raise
                    stack.pop()
                    continue
            cut = next((at for at, node in enumerate(nodes) if node.is_folder), len(nodes) - 1) + 1
            if cut:
                yield [(base.join(folder).child(node.name), node) for node in nodes[:cut]]
            if nodes[cut:]:
                pending.append((folder, nodes[cut:]))
            if cut and nodes[cut - 1].is_folder:
                below = folder.child(nodes[cut - 1].name)
                stack.append((below, provider.list(below)))
    finally:
        for _, pages in reversed(stack):
            async with Closing(pages):
                pass


async def _with_mounts(
    tree: Tree, top: Path, own: AsyncIterator[Entries], nested: Sequence[Mount]
) -> AsyncIterator[Entries]:
    """`own` with the mounts below `top` at their places; they hide what lies under them.

    Depth first with siblings in name order is the order of the paths' parts, so this is a merge.
    """
    depth = len(top.parts)
    extra = sorted({m.path.parts[:n] for m in nested for n in range(depth + 1, len(m.path.parts) + 1)})
    extra.reverse()
    failed: list[VfsError] = []
    covered: Path | None = None
    async with Closing(_all_but_incomplete(own, failed)) as pages:
        async for page in pages:
            kept: list[tuple[Path, Node]] = []
            for path, node in page:
                while extra and extra[-1] <= path.parts:
                    place = Path(extra.pop())
                    kept.append((place, Node(place.name, Kind.FOLDER)))
                    if tree.mounts.at(place) is not None:
                        yield kept
                        kept = []
                        covered = place
                        async for inner in _mounted(tree, place, failed, extra):
                            yield inner
                    elif place == path and node.is_folder:
                        kept[-1] = (path, node)
                if (covered is None or not path.is_under(covered)) and (not kept or kept[-1][0] != path):
                    kept.append((path, node))
            if kept:
                yield kept
    while extra:
        place = Path(extra.pop())
        yield [(place, Node(place.name, Kind.FOLDER))]
        if tree.mounts.at(place) is not None:
            async for inner in _mounted(tree, place, failed, extra):
                yield inner
    if failed:
        raise Incomplete(top, "not all could be read: " + "; ".join(map(str, failed)))


async def _all_but_incomplete(own: AsyncIterator[Entries], failed: list[VfsError]) -> AsyncIterator[Entries]:
    try:
        async with Closing(own) as pages:
            async for page in pages:
                yield page
    except Incomplete as error:
        failed.append(error)


async def _mounted(
    tree: Tree, place: Path, failed: list[VfsError], extra: list[tuple[str, ...]]
) -> AsyncIterator[Entries]:
    """A whole mount, with those inside it; when it fails, the rest goes on."""
    while extra and extra[-1][: len(place.parts)] == place.parts:
        extra.pop()
    if not tree.sees(place):
        return
    try:
        async with Closing(walk(tree, place)) as pages:
            async for page in pages:
                yield page
    except VfsError as error:
        failed.append(error)
