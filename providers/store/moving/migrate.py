"""One store made the same as another, proven to be, and used in its place from one moment on.

Objects are handed over first, then contents, then all other rows in one transaction: what is at the
target is nothing yet, or a state that the source had. Whatever breaks a move off, it goes on from there. What
changes at the source meanwhile is found by comparing again; the switch happens while nobody can write
to the source, and only if it still says what was compared.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from providers.store.moving import indexing
from providers.store.moving.backup import Progress
from providers.store.moving.differing import Differences, differences, mark_of
from providers.store.moving.proof import (
    WIDTH,
    breaks_of,
    damaged_contents,
    head_of,
    is_empty,
    knows,
    need_whole,
    occupied,
)
from providers.store.moving.tables import CONTENT
from vfs.errors import Corrupt, Unavailable, VfsError
from vfs.fan import fan_out

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

PASSES = 12
"""How often what has changed meanwhile is brought over before giving up."""


class Moved(NamedTuple):
    """What a move did, or would do."""

    rows: int
    changes: int
    """Rows that were not the same at the target."""
    objects: int
    bytes: int
    """How many objects were handed over, and their bytes."""
    events: int


class _Target:
    """A target that is being made the same as the source."""

    def __init__(self, source: Store, target: Store, progress: Progress | None) -> None:
        self.source = source
        self.target = target
        self.progress = progress
        self.verified: set[bytes] = set()
        self.rows = self.changes = self.objects = self.bytes = 0

    async def need_ours(self) -> None:
        """Raises Conflict when the target holds anything but an earlier state of the source."""
        head = await head_of(self.target)
        if not (await knows(self.source, head) if head.seq else await is_empty(self.target)):
            raise occupied(self.target, head)

    async def lacking(self) -> list[tuple[bytes, int]]:
        """The objects that only the source has, and their sizes."""

        def objects(connection: Connection) -> list[tuple[bytes, int]]:
            rows = connection.execute(
                f"SELECT digest, size FROM {CONTENT.name} WHERE user_id = ? AND place = 'objects'",
                (self.source.user,),
            )
            return [(bytes(digest), int(size)) for digest, size in rows.fetchall()]

        needed = await self.source.read(objects)
        if not needed:
            return []
        there = {digest async for batch in self.target.objects.all() for digest, _ in batch}
        return [one for one in needed if one[0] not in there]

    async def bring(self) -> bytes | None:
        """Hands over all that differs; the mark of the source when there was nothing to hand over."""
        await self._objects()
        with closing(await differences(self.source, self.target, self.progress)) as found:
            self.rows = found.rows
            self.changes += found.handed_over
            if found.count:
                await self.target.write(lambda connection: self._settle(connection, found))
                self.changes += found.count
                return None
            return found.mark

    def _settle(self, connection: Connection, found: Differences) -> None:
        found.settle(connection, self.target.user)
        indexing.build(connection, self.target.user, self.progress)

    async def _objects(self) -> None:
        left = await self.lacking()
        if not left:
            return
        done = 0
        async for (digest, size), _ in fan_out(left, self._object, WIDTH):
            done += 1
            self.verified.add(digest)
            self.bytes += size
            if self.progress is not None:
                self.progress("objects", done, len(left))
        self.objects += len(left)

    async def _object(self, one: tuple[bytes, int]) -> None:
        digest, size = one
        if not await self.source.objects.verify(digest, size):
            await need_whole(self.source, [digest])
        upload = await self.target.objects.begin()
        try:
            async for block in self.source.objects.read(digest, size, 0, size):
                await upload.write(block)
            await upload.finish(digest)
        finally:
            await upload.abort()
        if not await self.target.objects.verify(digest, size):
            raise Corrupt(self.target.name, "an object did not arrive as it was sent", hint="run it again")

    async def prove(self) -> None:
        """Raises Corrupt unless every content at the target has its hash, and its log is as unbroken."""
        wrong = await damaged_contents(self.target, self.verified, self.progress)
        await need_whole(self.target, wrong)
        if await breaks_of(self.target) != await breaks_of(self.source):
            raise Corrupt(self.target.name, "the log is not the one of the source", hint="run it again")

    def moved(self, events: int) -> Moved:
        return Moved(self.rows, self.changes, self.objects, self.bytes, events)


async def migrate(
    source: Store, target: Store, switch: Callable[[], None], progress: Progress | None = None
) -> Moved:
    """Makes `target`, whose schema is there, the same as `source`, and calls `switch` when that is proven.

    `switch` runs once, while nobody can write to the source, which is left as it is: when it has run, the
    move is done, whatever becomes of the transaction that it ran in.
    Raises Conflict, Corrupt, NoSpace, Unavailable (run it again, and it goes on), and what `switch` raises.
    """
    work = _Target(source, target, progress)
    await work.need_ours()
    done = False
    for _ in range(PASSES):
        mark = await work.bring()
        if mark is None:
            continue
        await work.prove()
        events = (await head_of(target)).seq
        # What is put in place must be whole by itself.
        await target.aclose()

        def switched(connection: Connection, mark: bytes = mark) -> None:
            nonlocal done
            # A server that went away at the end of the transaction has it run again.
            if not done and mark_of(connection, source.user) == mark:
                switch()
                done = True

        try:
            await source.write(switched)
        except VfsError:
            if not done:
                raise
        if done:
            return work.moved(events)
    raise Unavailable(
        source.name,
        "does not stop changing: what there was is at the target, but nothing was switched",
        hint="stop what writes to it, then run it again",
    )


async def preview(source: Store, target: Store, progress: Progress | None = None) -> Moved:
    """What `migrate` would do. Nothing is changed. Raises Conflict, Corrupt."""
    work = _Target(source, target, progress)
    await work.need_ours()
    left = await work.lacking()
    with closing(await differences(source, target, progress, handing_over=False)) as found:
        return Moved(
            found.rows, found.count, len(left), sum(size for _, size in left), (await head_of(source)).seq
        )
