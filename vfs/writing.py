"""Writing: contents and folders, each change journalled where the provider keeps no journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from vfs import names
from vfs.action import Effect
from vfs.closing import Closing
from vfs.door import Anchored, Feed, Place, is_distant
from vfs.errors import (
    Conflict,
    Exists,
    IsADirectory,
    NotADirectory,
    NotEmpty,
    NotFound,
    ReadOnly,
    Unsupported,
    VfsError,
)
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import (
    Blocks,
    Editable,
    Journalling,
    Mode,
    Provider,
    Readable,
    Writable,
    WritableMany,
)
from vfs.walk import walk

if TYPE_CHECKING:
    from vfs.tree import Tree

MANY = 1000
MANY_BYTES = 8 * 1024 * 1024
"""One batch of many small files: so many, or so many bytes, whatever comes first."""

TRIES = 20
"""How often an append by read and write is tried again when somebody else was faster."""


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Bytes as blocks."""
    yield data


async def to_create(tree: Tree, path: Path) -> Place:
    """The place, once an entry may be written there. Raises BadName beside what `to_change` raises.

    What exists may have any name. A folder that shows only because of mounts below it is made.
    """
    place = await tree.to_change(Effect.WRITE, path)
    if names.problem(path.name) is not None and not await tree.exists(path):
        names.check(path.name, path)
    parent = path.parent
    if parent.parts != place.mount.path.parts and tree.mounts.holds(parent):
        with Anchored(place) as provider:
            for length in range(len(place.mount.path.parts) + 1, len(path.parts)):
                inner = Path(path.parts[len(place.mount.path.parts) : length])
                with suppress(Exists):
                    if isinstance(provider, Editable):
                        await provider.mkdir(inner, tree.the_change())
    return place


def keeps_own_journal(provider: Provider) -> bool:
    return isinstance(provider, Journalling) and provider.journals


async def journalled(
    tree: Tree, place: Place, op: str, work: Callable[[], Awaitable[Node | None]], target: Place | None = None
) -> Node | None:
    """Does `work`, with the intent and the overwritten content recorded before, the outcome after."""
    with Anchored(place) as provider:
        journal = None if keeps_own_journal(provider) else tree.journal
    if journal is None:
        return await work()
    content = None if op == "mkdir" else await before(target or place)
    key = await journal.intend(tree.the_change(), op, place.path, content, target.path if target else None)
    try:
        node = await work()
    except BaseException:
        await journal.settle(key, done=False)
        raise
    await journal.settle(key, done=True, after=node)
    return node


async def before(place: Place) -> Blocks | None:
    """The content that a change replaces or removes; None where there is none."""
    with Anchored(place) as provider:
        try:
            node = await provider.stat(place.inner)
        except (NotFound, NotADirectory):
            return None
        if node.is_folder or not isinstance(provider, Readable):
            return None
    return stored(place)


async def stored(place: Place) -> AsyncIterator[bytes]:
    """The content of a file as it is."""
    with Anchored(place) as provider:
        assert isinstance(provider, Readable)
        async with provider.open(place.inner) as blocks:
            async for block in blocks:
                yield block


async def write(tree: Tree, path: Path, data: bytes | Blocks, mode: Mode, etag: str | None) -> Node:
    """See Tree.write."""
    if tree.is_fixed(path) and tree.sees(path):
        raise IsADirectory(path)
    return await write_at(tree, await to_create(tree, path), data, mode, etag)


async def write_at(
    tree: Tree, place: Place, data: bytes | Blocks, mode: Mode = Mode.REPLACE, etag: str | None = None
) -> Node:
    """Writes where writing has been allowed."""
    feed = Feed(once(data) if isinstance(data, bytes) else data)

    async def work() -> Node:
        with Anchored(place, feed) as provider:
            if not isinstance(provider, Writable):
                raise ReadOnly(place.inner)
            try:
                return await provider.write(place.inner, feed.flow(), tree.the_change(), mode=mode, etag=etag)
            except Unsupported:
                if mode is not Mode.APPEND or feed.error is not None:
                    raise
            added = b"".join([block async for block in feed.flow()])
            return await _append_by_rewriting(tree, place, provider, added)

    node = await journalled(tree, place, "write", work)
    assert node is not None
    return node


async def _append_by_rewriting(tree: Tree, place: Place, provider: Provider, added: bytes) -> Node:
    """For providers that cannot append: the old content and `added`, unless the file changes meanwhile."""
    assert isinstance(provider, Writable)
    for _ in range(TRIES):
        try:
            etag = (await provider.stat(place.inner)).etag
            mode = Mode.REPLACE
        except NotFound:
            etag, mode = None, Mode.CREATE
        whole = _then(stored(place) if mode is Mode.REPLACE else None, added)
        try:
            return await provider.write(place.inner, whole, tree.the_change(), mode=mode, etag=etag)
        except (Conflict, Exists):
            continue
    raise Conflict(place.inner)


async def _then(old: Blocks | None, added: bytes) -> AsyncIterator[bytes]:
    if old is not None:
        async for block in old:
            yield block
    yield added


async def write_many(tree: Tree, files: AsyncIterator[tuple[Path, bytes]]) -> AsyncIterator[Sequence[Node]]:
    """See Tree.write_many."""

    async def placed() -> AsyncIterator[tuple[Place, bytes]]:
        async for path, data in files:
            if tree.is_fixed(path) and tree.sees(path):
                raise IsADirectory(path)
            yield await to_create(tree, path), data

    async for nodes in write_many_at(tree, placed()):
        yield nodes


async def write_many_at(
    tree: Tree, files: AsyncIterator[tuple[Place, bytes]]
) -> AsyncIterator[Sequence[Node]]:
    """Writes many files where writing has been allowed."""
    batch: list[tuple[Place, bytes]] = []
    size = 0
    async for place, data in files:
        if batch and (
            place.mount is not batch[0][0].mount or len(batch) >= MANY or size + len(data) > MANY_BYTES
        ):
            async for nodes in _write_batch(tree, batch):
                yield nodes
            batch, size = [], 0
        batch.append((place, data))
        size += len(data)
    if batch:
        async for nodes in _write_batch(tree, batch):
            yield nodes


async def _write_batch(tree: Tree, batch: Sequence[tuple[Place, bytes]]) -> AsyncIterator[Sequence[Node]]:
    first = batch[0][0]
    with Anchored(first) as provider:
        together = isinstance(provider, WritableMany) and (
            tree.journal is None or keeps_own_journal(provider)
        )
        if together and isinstance(provider, WritableMany):
            async with Closing(provider.write_many(_inner(batch), tree.the_change())) as written:
                async for nodes in written:
                    yield nodes
            return
        apart = isinstance(provider, WritableMany) and is_distant(first)
    if apart:
        written = import_module("vfs.distant").write_together(tree, provider, batch)
        async with Closing(written) as pages:
            async for nodes in pages:
                yield nodes
        return
    for place, data in batch:
        yield [await write_at(tree, place, data)]


async def _inner(batch: Sequence[tuple[Place, bytes]]) -> AsyncIterator[tuple[Path, bytes]]:
    for place, data in batch:
        yield place.inner, data


async def mkdir(tree: Tree, path: Path, parents: bool) -> Node:
    """See Tree.mkdir."""
    if parents:
        return await _mkdir_with_parents(tree, path)
    if tree.is_fixed(path) and tree.sees(path):
        raise Exists(path)
    place = await to_create(tree, path)

    async def work() -> Node:
        with Anchored(place) as provider:
            if not isinstance(provider, Editable):
                raise ReadOnly(place.inner)
            return await provider.mkdir(place.inner, tree.the_change())

    made = await journalled(tree, place, "mkdir", work)
    assert made is not None
    return made


async def _mkdir_with_parents(tree: Tree, path: Path) -> Node:
    above = [Path(path.parts[:length]) for length in range(1, len(path.parts) + 1)]
    looked = await tree.stat_many(above)
    missing = [one for one in above if isinstance(looked.get(one), NotFound)]
    # What lies below a missing folder is as missing, whoever made it meanwhile.
    made = dict(zip(missing, await tree.mkdir_many(missing), strict=True)) if missing else {}
    node = Node("", Kind.FOLDER)
    for one in above:
        answer = made.get(one) or looked.get(one) or await _made_or_there(tree, one)
        if isinstance(answer, Exists):
            answer = await tree.stat(one)
        if isinstance(answer, VfsError):
            raise answer
        node = answer
        if not node.is_folder:
            raise Exists(one) if one == path else NotADirectory(one)
    return node


async def _made_or_there(tree: Tree, path: Path) -> Node:
    try:
        return await tree.stat(path)
    except NotFound:
        return await _mkdir_if_missing(tree, path)


async def _mkdir_if_missing(tree: Tree, path: Path) -> Node:
    try:
        return await mkdir(tree, path, False)
    except Exists:
        return await tree.stat(path)


async def remove(tree: Tree, path: Path, recursive: bool) -> None:
    """See Tree.remove."""
    tree.keep_mounts(path, "removed")
    await tree.to_change(Effect.DELETE, path)
    if recursive and tree.guard is not None and await tree.is_folder(path):
        await all_below(tree, path, Effect.DELETE)
    await remove_at(tree, path, recursive)


async def remove_at(tree: Tree, path: Path, recursive: bool) -> None:
    """Removes where removing has been allowed; what must be journalled goes entry by entry."""
    place = tree.place(path)
    assert place is not None
    with Anchored(place) as provider:
        if not isinstance(provider, Editable):
            raise ReadOnly(place.inner)
        by_one = tree.journal is not None and not keeps_own_journal(provider)
    if recursive and by_one and (await tree.stat(path)).is_folder:
        if is_distant(place):
            await import_module("vfs.distant").remove_together(tree, place)
            return
        for inner in reversed(await all_below(tree, path)):
            await _remove_one(tree, inner, False)
        recursive = False
    await _remove_one(tree, path, recursive)


async def _remove_one(tree: Tree, path: Path, recursive: bool) -> None:
    place = tree.place(path)
    assert place is not None

    async def work() -> None:
        with Anchored(place) as provider:
            assert isinstance(provider, Editable)
            await provider.remove(place.inner, tree.the_change(), recursive=recursive)

    await journalled(tree, place, "remove", work)


async def all_below(tree: Tree, path: Path, *effects: Effect) -> list[Path]:
    """Every path below a folder, each with `effects` allowed. Raises NotEmpty where one is hidden."""
    below = [entry async for page in walk(without_guard(tree), path) for entry, _ in page]
    if tree.guard is not None:
        for entry in below:
            if not tree.sees(entry):
                raise NotEmpty(path)
            for effect in effects:
                await tree.allow(effect, entry)
    return below


def without_guard(tree: Tree) -> Tree:
    """The same tree for work that has been allowed as a whole."""
    return type(tree)(tree.mounts, change=tree.change, journal=tree.journal)
