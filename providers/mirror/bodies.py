"""Whole contents of items of which only the beginning is here: fetched ahead, or when somebody reads one."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.mirror import records
from providers.mirror.arriving import keep_both, replace, tell
from providers.mirror.described import Ready, ready_of
from providers.mirror.records import OWN, Folder, ItemRow, Place
from providers.mirror.remote import Collection, Throttled
from providers.mirror.run import Run, ahead
from providers.store import rows
from providers.store.unit import Unit
from vfs.closing import Closing
from vfs.drive import looping
from vfs.errors import NotFound, VfsError

if TYPE_CHECKING:
    from providers.store.store import Connection

PAGE = 2000
LOT = 500
LOT_BYTES = 8 * 1024 * 1024
GUESS = 64 * 1024
"""Bytes that an item is taken to have when nobody said."""

_MISSING = (
    "SELECT i.href, n.size, n.mtime, n.seq FROM item i"
    " JOIN node n ON n.seq = i.node AND n.user_id = i.user_id"
    " WHERE i.user_id = ? AND i.mount = ? AND i.key = ? AND NOT i.whole AND n.deleted_at IS NULL"
    " AND n.size <= ? AND (n.mtime < ? OR (n.mtime = ? AND n.seq < ?))"
    " ORDER BY n.mtime DESC, n.seq DESC LIMIT ?"
)


class Missing(NamedTuple):
    """An item whose content is to be fetched."""

    href: str
    size: int
    mtime: int
    node: int


def collection_of(folder: Folder) -> Collection:
    """A collection as its service named it."""
    attrs = {key: value for key, value in rows.read_attrs(folder.attrs).items() if key not in OWN}
    return Collection(folder.key, rows.to_path(folder.path), folder.role, True, attrs)


def lots(missing: Sequence[Missing]) -> Iterator[list[str]]:
    """What is asked for at once: no more bytes than may be held, or one item."""
    lot: list[str] = []
    size = 0
    for one in missing:
        if lot and (len(lot) >= LOT or size + (one.size or GUESS) > LOT_BYTES):
            yield lot
            lot, size = [], 0
        lot.append(one.href)
        size += one.size or GUESS
    if lot:
        yield lot


class Bodies:
    """Contents on their way here."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.fetched = 0
        self.failed = 0

    async def fetch_ahead(self, collection: Collection, total: int | None = None) -> int:
        """All that a collection lacks, the newest first; how many came. Raises what the remote raises."""
        last = ((1 << 62), (1 << 62))
        place, largest = self.run.place, self.run.settings.largest
        begun = self.fetched
        while True:

            def missing(connection: Connection, last: tuple[int, int] = last) -> list[Missing]:
                values = (*place, collection.key, largest, last[0], last[0], last[1], PAGE)
                return [Missing(*row) for row in connection.execute(_MISSING, values)]

            found = await self.run.store.read(missing)
            if not found:
                return self.fetched - begun
            last = found[-1].mtime, found[-1].node
            for lot in lots(found):
                await self._lot(collection, lot)
                self.run.say("contents", self.fetched, total)

    async def _lot(self, collection: Collection, lot: Sequence[str]) -> None:
        left = list(lot)
        tried = 0
        while left:
            try:
                async for href, error in self.fetch(collection, tuple(left)):
                    left.remove(href)
                    self.fetched += error is None
                    self.failed += error is not None and not isinstance(error, NotFound)
                return
            except Throttled as error:
                await self.run.rest(error, tried)
                tried += 1

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[tuple[str, VfsError | None]]:
        """Fetches and keeps; each item's name with what went wrong, once it is kept."""
        source = self.run.remote.fetch(collection, hrefs)
        async with Closing(ahead(source) if looping() else source) as batches:
            async for batch in batches:
                good = [(href, data) for href, data in batch if isinstance(data, bytes)]
                ready = await ready_of(
                    self.run.store.objects, [data for _, data in good], self.run.remote.describe
                )
                pairs = dict(zip([href for href, _ in good], ready, strict=True))
                if pairs:
                    await self.run.write(
                        lambda unit, pairs=pairs: keep(unit, self.run.place, collection.key, pairs)  # type: ignore[misc]
                    )
                for href, data in batch:
                    yield href, None if isinstance(data, bytes) else data


def keep(unit: Unit, place: Place, key: str, pairs: Mapping[str, Ready]) -> list[str]:
    """Contents that came take the place of their beginnings; where both ends had changed one, both stay."""
    connection = unit.connection
    items = records.items_at(connection, place, key, list(pairs))
    numbers = [row.node for row in items.values()]
    there = records.live(connection, place.user, numbers)
    waiting = records.waiting(connection, place.user, numbers)
    contents = [ready.content for ready in pairs.values()]
    texts = unit.texts(contents)
    unit.keep(contents)
    conflicts, filled, put = [], [], []
    for href, ready in pairs.items():
        row = items.get(href)
        if row is None:
            continue
        node = there.get(row.node)
        if node is None:
            # Removed meanwhile: should it come back, it comes back as it was, a beginning.
            continue
        put.append((row.node, ready.content.digest))
        if row.node in waiting and node.digest != row.digest:
            conflicts.append(keep_both(unit, node))
        old = rows.read_attrs(node.attrs)
        state = {name: old[name] for name in state_names(row.state) if name in old}
        text = texts.get(ready.content.digest, ready.text)
        attrs = {**old, **ready.described.attrs, **state}
        replace(unit, node, ready._replace(text=text), attrs, node.mtime)
        filled.append(node.seq)
    if filled:
        first = there[filled[0]]
        tell(unit, first.parent, "bodies", filled)
    records.fill_items(connection, place.user, put)
    return conflicts


@lru_cache(256)
def state_names(state: str) -> tuple[str, ...]:
    """Which attributes a row says its service keeps."""
    return tuple(rows.read_attrs(state))


class Demand:
    """Contents that somebody waits for: those that are asked for at one time are fetched together."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[Folder, ItemRow]] = {}
        self._task: Any = None

    async def want(self, run: Run, folder: Folder, row: ItemRow) -> None:
        """Returns once the content is here. Raises why it is not."""
        if not looping():
            error = (await fetched(run, {row.node: (folder, row)})).get(row.node)
        else:
            asyncio = sys.modules["asyncio"]
            self._waiting[row.node] = folder, row
            if self._task is None:
                self._task = asyncio.ensure_future(self._gather(run))
            answers: Mapping[int, VfsError | None] = await asyncio.shield(self._task)
            error = answers.get(row.node)
        if error is not None:
            raise error

    async def _gather(self, run: Run) -> dict[int, VfsError | None]:
        await sys.modules["asyncio"].sleep(0)
        wanted, self._waiting, self._task = self._waiting, {}, None
        try:
            return await fetched(run, wanted)
        except VfsError as error:
            return dict.fromkeys(wanted, error)


async def fetched(run: Run, wanted: Mapping[int, tuple[Folder, ItemRow]]) -> dict[int, VfsError | None]:
    """Why each is not here; None for each that is."""
    bodies = Bodies(run)
    by_key: dict[str, tuple[Folder, dict[str, int]]] = {}
    for node, (folder, row) in wanted.items():
        by_key.setdefault(folder.key, (folder, {}))[1][row.href] = node
    answers: dict[int, VfsError | None] = {
        node: NotFound(None, "is not at the service any more") for node in wanted
    }
    for folder, hrefs in by_key.values():
        async for href, error in bodies.fetch(collection_of(folder), list(hrefs)):
            answers[hrefs[href]] = error
    return answers
