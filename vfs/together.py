"""Many entries asked for or changed at once, where their provider can: by few queries, not one each.

Everything is checked as for one entry. What cannot go together (another provider, a mount point, a link
of the tree's own) goes by itself, so that the outcome is the same, only slower.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from vfs.action import Effect
from vfs.door import Anchored, Place
from vfs.errors import VfsError
from vfs.mount import Mount
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import AttributedMany, CopyableMany, EditableMany, MovableMany, Provider, StattableMany
from vfs.writing import keeps_own_journal, to_create

if TYPE_CHECKING:
    from vfs.tree import Tree

T = TypeVar("T")


async def stat_many(tree: Tree, paths: Iterable[Path]) -> dict[Path, Node | VfsError]:
    """See Tree.stat_many."""
    found: dict[Path, Node | VfsError] = {}
    for mount, places in _by_mount(tree, dict.fromkeys(paths)).items():
        with Anchored(places[0]) as provider:
            if not isinstance(provider, StattableMany):
                continue
            answers = await provider.stat_many([place.inner for place in places])
        found.update(
            (place.path, _anchored(mount, answer)) for place, answer in zip(places, answers, strict=True)
        )
    return found


def _by_mount(tree: Tree, paths: Iterable[Path]) -> dict[Mount, list[Place]]:
    """Where paths lie that are their providers' alone to tell."""
    places: dict[Mount, list[Place]] = {}
    for path in paths:
        place = tree.place(path)
        if place is None or not place.inner.parts or path in tree.pending:
            continue
        if tree.sees(path) and not tree.mounts.holds(path):
            places.setdefault(place.mount, []).append(place)
    return places


def _anchored(mount: Mount, answer: T | VfsError) -> T | VfsError:
    if isinstance(answer, VfsError) and isinstance(answer.path, Path):
        return answer.at(mount.path.join(answer.path))
    return answer


async def remove_many(tree: Tree, paths: Sequence[Path], recursive: bool) -> list[VfsError | None]:
    """See Tree.remove_many."""
    if recursive and tree.guard is not None:
        return [await _told(lambda path=path: tree.remove(path, recursive=True)) for path in paths]  # type: ignore[misc]

    async def allowed(path: Path) -> Place:
        tree.keep_mounts(path, "removed")
        return await tree.to_change(Effect.DELETE, path)

    async def together(provider: Provider, places: Sequence[Place]) -> Sequence[VfsError | None] | None:
        if not isinstance(provider, EditableMany):
            return None
        inner = [place.inner for place in places]
        return await provider.remove_many(inner, tree.the_change(), recursive=recursive)

    async def alone(path: Path) -> None:
        await tree.remove(path, recursive=recursive)

    return await _each(tree, paths, allowed, together, alone)


async def mkdir_many(tree: Tree, paths: Sequence[Path]) -> list[Node | VfsError]:
    """See Tree.mkdir_many."""

    async def allowed(path: Path) -> Place:
        return await to_create(tree, path)

    async def together(provider: Provider, places: Sequence[Place]) -> Sequence[Node | VfsError] | None:
        if not isinstance(provider, EditableMany):
            return None
        return await provider.mkdir_many([place.inner for place in places], tree.the_change())

    return await _each(tree, paths, allowed, together, tree.mkdir)


async def move_many(tree: Tree, moves: Sequence[tuple[Path, Path]]) -> list[Node | VfsError]:
    """See Tree.move_many."""

    async def together(
        provider: Provider, moves: Sequence[tuple[Path, Path]]
    ) -> Sequence[Node | VfsError] | None:
        if not isinstance(provider, MovableMany):
            return None
        return await provider.move_many(moves, tree.the_change())

    return await _pairs(tree, moves, Effect.WRITE, together, tree.move)


async def copy_many(tree: Tree, copies: Sequence[tuple[Path, Path]]) -> list[Node | VfsError]:
    """See Tree.copy_many."""

    async def together(
        provider: Provider, copies: Sequence[tuple[Path, Path]]
    ) -> Sequence[Node | VfsError] | None:
        if not isinstance(provider, CopyableMany):
            return None
        return await provider.copy_many(copies, tree.the_change())

    return await _pairs(tree, copies, Effect.READ, together, tree.copy)


async def set_attrs_many(tree: Tree, changes: Mapping[Path, Mapping[str, Value]]) -> list[Node | VfsError]:
    """See Tree.set_attrs_many."""

    async def allowed(path: Path) -> Place:
        return await tree.to_change(Effect.WRITE, path)

    async def together(provider: Provider, places: Sequence[Place]) -> Sequence[Node | VfsError] | None:
        if not isinstance(provider, AttributedMany):
            return None
        wanted = {place.inner: changes[place.path] for place in places}
        return await provider.set_attrs_many(wanted, tree.the_change())

    async def alone(path: Path) -> Node:
        return await tree.set_attrs(path, changes[path])

    return await _each(tree, list(changes), allowed, together, alone)


async def _pairs(
    tree: Tree,
    pairs: Sequence[tuple[Path, Path]],
    effect: Effect,
    together: Callable[[Provider, Sequence[tuple[Path, Path]]], Awaitable[Sequence[Node | VfsError] | None]],
    alone: Callable[[Path, Path], Awaitable[Node]],
) -> list[Node | VfsError]:
    """Moves or copies within one mount together, all others one by one, in their order."""
    results: list[Node | VfsError] = []
    waiting: list[tuple[Place, Place]] = []

    async def settle() -> None:
        if not waiting:
            return
        mount = waiting[0][0].mount
        with Anchored(waiting[0][0]) as provider:
            answers = await together(provider, [(origin.inner, aim.inner) for origin, aim in waiting])
        if answers is None:
            answers = [await _told(lambda o=o, a=a: alone(o.path, a.path)) for o, a in waiting]  # type: ignore[misc]
        results.extend(_anchored(mount, answer) for answer in answers)
        waiting.clear()

    for source, target in pairs:
        places = await _within(tree, source, target, effect)
        if places is not None and (not waiting or waiting[0][0].mount is places[0].mount):
            waiting.append(places)
            continue
        await settle()
        if places is not None:
            waiting.append(places)
        else:
            results.append(await _told(lambda source=source, target=target: alone(source, target)))  # type: ignore[misc]
    await settle()
    return results


async def _within(tree: Tree, source: Path, target: Path, effect: Effect) -> tuple[Place, Place] | None:
    """Both places, where nothing is to be said of them but by the one provider that they have in common."""
    origin, aim = tree.place(source), tree.place(target)
    if tree.guard is not None or origin is None or aim is None or origin.mount is not aim.mount:
        return None
    fixed = tree.is_fixed(source) or tree.is_fixed(target) or bool(tree.mounts.below(source))
    if fixed or target.is_under(source) or {source, target} & tree.pending or not _is_own(tree, origin):
        return None
    try:
        if effect is Effect.WRITE:
            await tree.to_change(effect, source)
        await to_create(tree, target)
    except VfsError:
        return None
    return origin, aim


def _is_own(tree: Tree, place: Place) -> bool:
    with Anchored(place) as provider:
        return tree.journal is None or keeps_own_journal(provider)


async def _each(
    tree: Tree,
    paths: Sequence[Path],
    allowed: Callable[[Path], Awaitable[Place]],
    together: Callable[[Provider, Sequence[Place]], Awaitable[Sequence[T | VfsError] | None]],
    alone: Callable[[Path], Awaitable[T]],
) -> list[T | VfsError]:
    """The outcome of each path, in order; those of one mount, one after the other, together."""
    results: list[T | VfsError] = []
    waiting: list[Place] = []

    async def settle() -> None:
        if not waiting:
            return
        answers: Sequence[T | VfsError] | None = None
        if _is_own(tree, waiting[0]):
            with Anchored(waiting[0]) as provider:
                answers = await together(provider, waiting)
        if answers is None:
            answers = [await _told(lambda place=place: alone(place.path)) for place in waiting]  # type: ignore[misc]
        results.extend(_anchored(waiting[0].mount, answer) for answer in answers)
        waiting.clear()

    for path in paths:
        try:
            place = await allowed(path)
        except VfsError as error:
            await settle()
            results.append(error)
            continue
        if waiting and waiting[0].mount is not place.mount:
            await settle()
        if tree.is_fixed(path):
            await settle()
            results.append(await _told(lambda path=path: alone(path)))  # type: ignore[misc]
        else:
            waiting.append(place)
    await settle()
    return results


async def _told(call: Callable[[], Awaitable[T]]) -> T | VfsError:
    try:
        return await call()
    except VfsError as error:
        return error
