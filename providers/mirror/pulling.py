"""Pulling: what a service says of one collection, part by part; each part and its cursor are one commit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from providers.mirror import records, removing
from providers.mirror.arriving import Arriving, Counts
from providers.mirror.described import Arrival, arrivals_of
from providers.mirror.records import Folder, ItemRow
from providers.mirror.remote import Collection, Delta, Forgotten, Throttled
from providers.mirror.run import Run, ahead
from providers.store import contents, rows
from providers.store.unit import Unit
from vfs.closing import Closing
from vfs.errors import Conflict

if TYPE_CHECKING:
    from providers.store.contents import Content
    from providers.store.store import Connection


TRIES = 10
"""How often what changes here meanwhile is taken in anew."""


class Kept:
    """What is here of a collection, for who asks the service (`remote.Known`)."""

    def __init__(self, run: Run, key: str) -> None:
        self._run = run
        self._key = key
        self.accept = run.accept
        self.read: dict[str, bytes] = {}
        """The digests of the contents that were asked for, by href."""

    async def count(self) -> int:
        run, key = self._run, self._key
        return await run.store.read(lambda connection: records.count_items(connection, run.place, key))

    async def hrefs(self) -> Sequence[str]:
        run, key = self._run, self._key
        return await run.store.read(lambda connection: records.hrefs(connection, run.place, key))

    async def etags(self) -> Mapping[str, str]:
        run, key = self._run, self._key
        return await run.store.read(lambda connection: records.etags(connection, run.place, key))

    async def content(self, href: str) -> bytes | None:
        store, place = self._run.store, self._run.place

        def look(connection: Connection) -> Content | None:
            item = records.items_at(connection, place, self._key, [href]).get(href)
            row = None if item is None else records.live(connection, place.user, [item.node]).get(item.node)
            if item is None or row is None or not (item.whole or row.digest != item.digest):
                return None
            return contents.of_node(connection, place.user, row, rows.to_path(row.path))

        found = await store.read(look)
        if found is None:
            self.read.pop(href, None)
            return None
        self.read[href] = found.digest
        return b"".join([part async for part in contents.blocks(store.objects, found, 0, found.size)])

    def still(self, unit: Unit, hrefs: Sequence[str]) -> frozenset[str]:
        """Those of these items that were built from what is here. Raises Overtaken."""
        asked = [href for href in hrefs if href in self.read]
        if not asked:
            return frozenset()
        items = records.items_at(unit.connection, self._run.place, self._key, asked)
        there = records.live(unit.connection, unit.user, [item.node for item in items.values()])
        for href in asked:
            row = there.get(items[href].node) if href in items else None
            if row is None or row.digest != self.read[href]:
                raise Overtaken
        return frozenset(asked)


class Overtaken(Conflict):
    """What an item was built from was changed here meanwhile."""

    default = "is being changed here all the time"


class Pulling:
    """One collection, brought to what its service has."""

    def __init__(
        self, run: Run, collection: Collection, folder: Folder, vanished: frozenset[str] = frozenset()
    ) -> None:
        self.run = run
        self.collection = collection
        self.folder = folder
        self.vanished = vanished
        self.counts = Counts()

    async def pull(self) -> Counts:
        """Raises Withheld, and what the remote raises; what came before that is kept."""
        if self.run.full:
            self._begin()
        tried = overtaken = 0
        while True:
            cursor = self.folder.cursor
            if cursor is None:
                self._begin()
            try:
                await self._parts(cursor)
                return self.counts
            except Forgotten:
                if cursor is None:
                    raise
                self._begin()
            except Overtaken:
                overtaken += 1
                if overtaken >= TRIES:
                    raise
            except Throttled as error:
                await self.run.rest(error, tried)
                tried += 1

    def _begin(self) -> None:
        """Everything is to be listed, and what is not named then is gone."""
        self.folder = self.folder._replace(cursor=None, listing=True, generation=self.folder.generation + 1)

    async def _parts(self, cursor: str | None) -> None:
        kept = Kept(self.run, self.folder.key)
        deltas: AsyncIterator[Delta] = self.run.remote.changes(self.collection, cursor, kept)
        async with Closing(ahead(deltas)) as parts:
            async for delta in parts:
                arrivals = await arrivals_of(self.run.store.objects, delta.items, self.run.remote.describe)
                folder, counts = await self.run.write(
                    lambda unit, delta=delta, arrivals=arrivals: self._apply(unit, delta, arrivals, kept)  # type: ignore[misc]
                )
                self.folder = folder
                self.counts = self.counts.plus(counts)
                done = self.counts.new + self.counts.changed
                self.run.say(str(self.collection.path), done, delta.total if folder.listing else None)
                if delta.done:
                    return

    def _apply(
        self, unit: Unit, delta: Delta, arrivals: Sequence[Arrival], kept: Kept
    ) -> tuple[Folder, Counts]:
        folder, connection, place = self.folder, unit.connection, self.run.place
        if delta.total is not None:
            folder = folder._replace(total=delta.total)
        arriving = Arriving(unit, folder, self.run.settings, self.vanished)
        counts = Counts()
        if arrivals:
            arriving.built = kept.still(unit, [one.item.href for one in arrivals])
            counts = arriving.take(arrivals)
        if delta.states:
            counts = counts.plus(arriving.states(delta.states))
        gone = (
            list(records.items_at(connection, place, folder.key, delta.gone).values()) if delta.gone else []
        )
        if delta.alive is not None:
            gone += self._not_alive(connection, delta.alive, {row.node for row in gone})
        if delta.done and folder.listing:
            there = {row.node for row in gone}
            unnamed = records.items_before(connection, place, folder.key, folder.generation)
            gone += [row for row in unnamed if row.node not in there]
        if gone:
            if not self.run.accept:
                emptied = self.run.settings.emptied
                removing.check(connection, place, folder, gone, self.counts.gone, emptied)
            counts = counts._replace(gone=removing.remove(unit, gone))
        now = time.time_ns() // 1000
        first = delta.done and folder.synced_at is None
        folder = arriving.folder._replace(
            cursor=delta.cursor or folder.cursor,
            listing=folder.listing and not delta.done,
            synced_at=now if delta.done else folder.synced_at,
            tried_at=now,
            problem="",
        )
        records.put_folders(connection, place, [folder])
        if first:
            records.listed_first(connection, place, folder.key)
        return folder, counts

    def _not_alive(self, connection: Connection, alive: Sequence[str], known: set[int]) -> list[ItemRow]:
        """The items that are none of `alive`; of a whole listing, the others count as named."""
        place, folder = self.run.place, self.folder
        there = set(alive)
        missing = [href for href in records.hrefs(connection, place, folder.key) if href not in there]
        if folder.listing:
            named = list(records.items_at(connection, place, folder.key, alive).values())
            records.put_items(
                connection, place, [row._replace(generation=folder.generation) for row in named]
            )
        gone = records.items_at(connection, place, folder.key, missing).values()
        # What the service has under a name that is not known yet is not gone.
        return [row for row in gone if not row.is_apart and row.node not in known]
