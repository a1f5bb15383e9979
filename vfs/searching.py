"""Searching over mounts: by each provider's index where it has one, else by a scan of its contents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING

from vfs.action import Effect
from vfs.closing import Closing
from vfs.door import Anchored, Place
from vfs.drive import looping
from vfs.errors import Incomplete, NotADirectory, NotFound, Refused, VfsError
from vfs.fan import fan_out
from vfs.match import Match, fits, match, may_fit
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Found, Hit, Searchable
from vfs.query import Query
from vfs.reading import Content, contents
from vfs.walk import walk_mount

if TYPE_CHECKING:
    from vfs.tree import Tree

SCANNED = 16 * 1024 * 1024
"""Bytes of one file that a scan looks at."""

WINDOW = 256
"""Files that a scan asks for at once."""


async def search(tree: Tree, query: Query, under: Path, limit: int) -> Found:
    """See Tree.search."""
    node = await tree.stat(under)
    places = []
    own = tree.place(under)
    if own is not None:
        places.append(own)
    if node.is_folder:
        places += [
            Place(mount.path, mount, Path())
            for mount in tree.mounts.below(under)
            if mount.searched and tree.sees(mount.path)
        ]
    if looping() and len(places) > 1:
        calls = fan_out(places, lambda place: _settled(tree, query, place, node, limit))
        async with Closing(calls) as answers:
            parts = [part async for _, part in answers]
    else:
        parts = [await _settled(tree, query, place, node, limit) for place in places]
    hits = sorted((hit for part in parts for hit in part.hits), key=lambda hit: (-hit.score, hit.path.parts))
    totals = [part.total for part in parts]
    remarks = dict.fromkeys(part.remark for part in parts if part.remark)
    return Found(
        hits[:limit],
        None if None in totals else sum(total or 0 for total in totals),
        "; ".join(remarks),
        tuple(line for part in parts for line in part.failed),
    )


async def _settled(tree: Tree, query: Query, place: Place, node: Node, limit: int) -> Found:
    """The answer of one mount; what keeps it from answering is part of it."""
    try:
        return await _of_mount(tree, query, place, node, limit)
    except (NotFound, NotADirectory):
        return Found((), 0)
    except VfsError as error:
        return Found((), None, failed=(str(error),))


async def _of_mount(tree: Tree, query: Query, place: Place, node: Node, limit: int) -> Found:
    # Where an entry lies in the tree its provider cannot know: `path:` is asked of the hits.
    lies = [attribute for attribute in query.attributes if attribute.key == "path"]
    asked = query._replace(attributes=tuple(a for a in query.attributes if a.key != "path"))
    if asked.is_empty:
        return await _scan(tree, query, place, node, limit)
    wanted = limit
    while True:
        with Anchored(place) as provider:
            found = None
            if isinstance(provider, Searchable) and (node.is_folder or place.path == place.mount.path):
                found = await provider.search(place.inner, asked, wanted)
        if found is None:
            return await _scan(tree, query, place, node, limit)
        base = place.mount.path
        hits = [hit._replace(path=base.join(hit.path)) for hit in found.hits]
        hits = [hit for hit in hits if tree.mounts.find(hit.path) is place.mount]
        if tree.guard is None and not lies:
            return found._replace(hits=hits)
        hits = [hit for hit in hits if all(fits(a, hit.path, hit.node) is not a.negated for a in lies)]
        shown = [hit for hit in hits if await _readable(tree, hit.path)]
        if len(shown) >= limit or len(found.hits) < wanted:
            total = len(shown) if len(found.hits) < wanted else None
            return found._replace(hits=shown[:limit], total=total)
        wanted *= 4


async def _readable(tree: Tree, path: Path) -> bool:
    """Whether this session may read the entry: a snippet is content, too."""
    try:
        await tree.allow(Effect.READ, path)
    except (NotFound, Refused):
        return False
    return True


async def _scan(tree: Tree, query: Query, place: Place, node: Node, limit: int) -> Found:
    best: list[tuple[float, int, Hit]] = []
    counted = 0
    remark = ""
    failed: list[str] = []
    async with Closing(_scanned(tree, query, place, node, failed)) as matches:
        async for path, entry, found, cut in matches:
            if cut:
                remark = f"of files larger than {SCANNED:,} bytes only the beginning was searched"
            if found is None:
                continue
            counted += 1
            hit = Hit(path, entry, found.score, found.snippet, found.spans)
            ranked = (found.score, -counted, hit)
            if len(best) < limit:
                heappush(best, ranked)
            elif limit:
                heappushpop(best, ranked)
    best.sort(reverse=True)
    return Found([hit for _, _, hit in best], counted, remark, tuple(failed))


async def _scanned(
    tree: Tree, query: Query, place: Place, node: Node, failed: list[str]
) -> AsyncIterator[tuple[Path, Node, Match | None, bool]]:
    """Every entry of the place's own mount, with its match."""
    if not node.is_folder and place.path != place.mount.path:
        window = [(place.path, node)]
        async for answer in _matched(tree, query, window, failed):
            yield answer
        return
    window = []
    try:
        async with Closing(walk_mount(place, False)) as pages:
            async for page in pages:
                window += [entry for entry in page if tree.mounts.find(entry[0]) is place.mount]
                while len(window) >= WINDOW:
                    async for answer in _matched(tree, query, window[:WINDOW], failed):
                        yield answer
                    window = window[WINDOW:]
    except Incomplete as error:
        failed.append(str(error))
    async for answer in _matched(tree, query, window, failed):
        yield answer


async def _matched(
    tree: Tree, query: Query, window: list[tuple[Path, Node]], failed: list[str]
) -> AsyncIterator[tuple[Path, Node, Match | None, bool]]:
    wanted = [(path, node) for path, node in window if node.kind is Kind.FILE and may_fit(query, path, node)]
    at = 0
    async with Closing(contents(tree, [path for path, _ in wanted], True)) as files:
        async for content in files:
            path, node = wanted[at]
            at += 1
            if isinstance(content.error, (NotFound, Refused)):
                continue
            data, cut = await _beginning(content, failed)
            text = "" if data is None or b"\0" in data[:8192] else data.decode("utf-8", "replace")
            yield path, node, match(query, path, node, text), cut


async def _beginning(content: Content, failed: list[str]) -> tuple[bytes | None, bool]:
    """As much of a content as is scanned, and whether there is more; None when it cannot be read."""
    if content.data is not None:
        return content.data, False
    parts: list[bytes] = []
    size = 0
    try:
        async with Closing(content.blocks()) as blocks:
            async for block in blocks:
                parts.append(block)
                size += len(block)
                if size > SCANNED:
                    return b"".join(parts)[:SCANNED], True
    except VfsError as error:
        failed.append(str(error))
        return None, False
    return b"".join(parts), False
