"""Door: the checks that every access passes, and the way from a path to its provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from vfs.action import Arguments, Change, Effect, Verb
from vfs.errors import IsADirectory, NotFound, ReadOnly, Refused, VfsError
from vfs.ids import uuid7
from vfs.mount import Mount, MountTable
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks, Distant, Linked, Provider


class Guard(Protocol):
    """Policy, asked on every access with the real path. The tree of a person allows everything."""

    def sees(self, path: Path) -> bool:
        """False makes the path look absent everywhere: stat, listing, glob, search, errors."""
        ...

    async def check(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        """Returns when allowed (perhaps after asking). Raises Refused, or NotFound when unseen.

        `deed`: what exactly a verb is to do.
        """
        ...


@runtime_checkable
class Forbidding(Guard, Protocol):
    """A guard that knows places which nothing may show, whatever other path they are shown at."""

    def forbids(self, effect: Effect, path: Path) -> bool:
        """Whether `effect` is denied at `path` in so many words, not just allowed by none."""
        ...

    def forbids_below(self, effect: Effect, path: Path) -> bool:
        """Whether `effect` is denied at `path`, or may be somewhere below it."""
        ...


@runtime_checkable
class Gathering(Protocol):
    """A provider that shows, as its own, entries of mounts below its own mount."""

    def sources(self, path: Path) -> Sequence[Path]:
        """Where the entry at `path` may lie in truth, from this mount; asks nobody."""
        ...


@runtime_checkable
class Reaching(Protocol):
    """A provider whose deeds reach further than the entry at which they are done."""

    async def reached(self, path: Path, verb: str, arguments: Arguments) -> Sequence[Path]:
        """What a deed at `path` reads or changes besides, with all that lies below it."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A provider whose deeds are about more than who asks for them says."""

    async def told(self, path: Path, verb: str, arguments: Arguments) -> Arguments:
        """A deed with all that who decides about it must see; it is done as it is told, or Conflict."""
        ...


class Journal(Protocol):
    """Keeps what is needed to undo changes of mounts that keep no journal themselves."""

    async def intend(
        self, change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        """Records that `op` (write, mkdir, remove, move) is about to happen; returns its key.

        `before` is the content of the file that is overwritten or removed, None where there is none:
        a `write` without it creates, a `remove` without it takes a folder.
        """
        ...

    async def settle(self, key: str, *, done: bool, after: Node | None = None) -> None:
        """Records the outcome."""
        ...


class Place(NamedTuple):
    """A path, the mount that serves it, and the path as that mount's provider knows it."""

    path: Path
    mount: Mount
    inner: Path


def is_distant(place: Place | None) -> bool:
    """Whether what is done at a place waits for a network."""
    if place is None:
        return False
    try:
        provider = place.mount.provider()
    except VfsError:
        return False
    return isinstance(provider, Distant) and provider.distant


class Feed:
    """Data on its way into a provider; remembers an error of its own, which is not the provider's."""

    __slots__ = ("blocks", "error")

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.error: BaseException | None = None

    async def flow(self) -> AsyncIterator[bytes]:
        """The data, to be handed to the provider."""
        try:
            async for block in self.blocks:
                yield block
        except GeneratorExit:
            raise
        except BaseException as error:
            self.error = error
            raise


class Anchored:
    """`with Anchored(place) as provider:` turns the provider's paths in errors to the caller's."""

    __slots__ = ("feed", "place")

    def __init__(self, place: Place, feed: Feed | None = None) -> None:
        self.place = place
        self.feed = feed

    def __enter__(self) -> Provider:
        try:
            return self.place.mount.provider()
        except VfsError as error:
            raise self._moved(error) from error.__cause__

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, VfsError) and (self.feed is None or self.feed.error is not error):
            raise self._moved(error) from error.__cause__

    def _moved(self, error: VfsError) -> VfsError:
        inner = error.path
        return error.at(self.place.mount.path.join(inner) if isinstance(inner, Path) else self.place.path)


class Door:
    """What one session may see and do, over the mounts that all sessions share."""

    def __init__(
        self,
        mounts: MountTable,
        *,
        guard: Guard | None = None,
        change: Change | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.mounts = mounts
        self.guard = guard
        self.change = change
        self.journal = journal
        self.pending: set[Path] = set()
        """Files that open redirects are about to make: listed, and empty, until they are complete."""

    def the_change(self) -> Change:
        """The change that runs, or a fresh one where nobody has set one."""
        return self.change if self.change is not None else Change(uuid7())

    def sees(self, path: Path) -> bool:
        """Whether the guard shows the path, and what it leads to or is gathered from."""
        if self.guard is None:
            return True
        if not self.guard.sees(path) or ((real := self.real(path)) != path and not self.guard.sees(real)):
            return False
        return not self._is_forbidden(Effect.READ, path)

    def _is_forbidden(self, effect: Effect, path: Path) -> bool:
        """Whether `path` may show what lies at a place where the guard forbids that."""
        guard, place = self.guard, self.place(path)
        if not isinstance(guard, Forbidding) or place is None or not place.inner.parts:
            return False
        try:
            provider = place.mount.provider()
        except VfsError:
            return False
        sources = provider.sources(place.inner) if isinstance(provider, Gathering) else ()
        for source in sources:
            path = place.mount.path.join(source)
            if guard.forbids(effect, path):
                return True
            if (real := self.real(path)) != path and guard.forbids(effect, real):
                return True
        return False

    def real(self, path: Path) -> Path:
        """The path without links; itself where it has none, or they lead nowhere."""
        place = self.place(path)
        if place is None or not place.inner.parts:
            return path
        try:
            provider = place.mount.provider()
        except VfsError:
            return path
        return place.mount.path.join(provider.real(place.inner)) if isinstance(provider, Linked) else path

    def place(self, path: Path) -> Place | None:
        """Where `path` lies; None where no provider serves it."""
        mount = self.mounts.find(path)
        return None if mount is None else Place(path, mount, Path(path.parts[len(mount.path.parts) :]))

    def waits(self, *paths: Path) -> bool:
        """Whether what is done at one of them waits for a network, so that many are best done at once."""
        return any(is_distant(self.place(path)) for path in paths)

    def is_fixed(self, path: Path) -> bool:
        """The root, a mount point, or a folder with mounts below it: a folder, whatever a provider says."""
        return not path.parts or self.mounts.holds(path) or self.mounts.at(path) is not None

    async def allow(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        """Raises NotFound when the path is hidden, Refused when policy says no."""
        if self.guard is not None:
            if not self.sees(path):
                raise NotFound(path)
            if any(self._is_forbidden(one, path) for one in effect):
                raise Refused(path, "it may be where this may not be done")
            await self.guard.check(effect, path, deed)
            real = self.real(path)
            if real != path:
                await self.guard.check(effect, real, deed)

    async def allow_deed(self, verb: Verb, place: Place, arguments: Arguments) -> Arguments:
        """`allow` of a deed, wherever it reaches; the deed as it was allowed.

        What is denied somewhere is not had by a deed from above.
        """
        if self.guard is None:
            return arguments
        with Anchored(place) as provider:
            if isinstance(provider, Telling) and self.sees(place.path):
                arguments = await provider.told(place.inner, verb.name, arguments)
        await self.allow(verb.effect, place.path, arguments)
        with Anchored(place) as provider:
            reached = (
                await provider.reached(place.inner, verb.name, arguments)
                if isinstance(provider, Reaching)
                else ()
            )
        for inner in reached:
            path = place.mount.path.join(inner)
            await self.allow(verb.effect, path, arguments)
            guard = self.guard
            if isinstance(guard, Forbidding) and any(
                guard.forbids_below(one, path) for one in verb.effect | Effect.READ
            ):
                raise Refused(path, f"`{verb.name}` reaches what is denied here")
        return arguments

    async def to_read(self, path: Path) -> Place | None:
        """The place, once reading is allowed; None where only mount points lie below."""
        await self.allow(Effect.READ, path)
        place = self.place(path)
        if place is None and not self.is_fixed(path):
            raise self.mounts.nothing(path)
        return None if self.is_fixed(path) else place

    async def to_read_all(self, paths: Sequence[Path]) -> list[tuple[Path, Place | VfsError]]:
        """Each path with its place, or with what keeps it from being read; for many paths, fast."""
        found: list[tuple[Path, Place | VfsError]] = []
        folder: tuple[str, ...] | None = None
        for path in paths:
            parts = path.parts
            try:
                if self.guard is not None:
                    await self.allow(Effect.READ, path)
            except VfsError as error:
                found.append((path, error))
                continue
            if folder != parts[:-1]:
                folder = parts[:-1]
                mount = self.mounts.find(path.parent)
                mixed = self.mounts.holds(path.parent)
            if not parts or (mixed and self.is_fixed(path)):
                found.append((path, IsADirectory(path)))
            elif mount is None:
                found.append((path, self.mounts.nothing(path)))
            else:
                found.append((path, Place(path, mount, Path(parts[len(mount.path.parts) :]))))
        return found

    async def to_change(self, effect: Effect, path: Path) -> Place:
        """The place, once `effect` is allowed. Raises NotFound, ReadOnly, Refused."""
        if not self.sees(path):
            raise NotFound(path)
        place = self.place(path)
        if place is None:
            hint = self.mounts.nothing(path).hint or "run: mounts"
            raise ReadOnly(path, "nothing is mounted here", hint=hint)
        if place.mount.read_only:
            raise ReadOnly(path, "mounted read-only")
        await self.allow(effect, path)
        return place

    def keep_mounts(self, path: Path, deed: str) -> None:
        """Raises Refused when `path` is, or holds, the root or a mount point."""
        if not self.sees(path):
            raise NotFound(path)
        if not path.parts:
            raise Refused(path, f"the root cannot be {deed}")
        if self.mounts.at(path) is not None:
            raise Refused(path, f"a mount point cannot be {deed}", hint=f"run: umount {path}")
        below = self.mounts.below(path)
        if below:
            raise Refused(path, f"holds the mount point {below[0].path} and cannot be {deed}")
