"""Looking and reading: what is stored in `/calendars`, and the days on which it happens.

A day's folder holds an entry for each instance; it is computed, by the zone and the clock of whoever looks.
Walks keep to `/calendars`, or nothing would end and everything would come twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, tzinfo
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from providers.calendar import naming
from providers.calendar.shelf import Shelf
from providers.store.contents import BLOCK
from providers.store.provider import StoreProvider
from vfs.closing import Closing
from vfs.errors import IsADirectory, NotADirectory, NotFound, Unsupported, VfsError
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Blocks, Changed, Found

if TYPE_CHECKING:
    from types import ModuleType

    from providers.calendar.days import Happening
    from vfs.query import Query

T = TypeVar("T")

Entries = Sequence[tuple[Path, Node]]
Contents = Sequence[tuple[Path, bytes | None]]

FOLDER = Path((naming.CALENDARS,))


def utc_now() -> datetime:
    return datetime.now(UTC)


def home() -> tzinfo:
    """The zone in which the person lives."""
    zone: tzinfo = import_module("vfs.zone").home_zone()
    return zone


class Looking(StoreProvider):
    """Calendars in the store, and their days, as they are read."""

    default = ""
    """The calendar that new events go to; "" for the first."""
    clock: Callable[[], datetime] = staticmethod(utc_now)
    """What time it is."""
    zone: Callable[[], tzinfo] = staticmethod(home)
    """The zone that days are days of."""

    @property
    def account(self) -> str:
        """What a person calls the account; "" where there is none."""
        return ""

    @property
    def mine(self) -> tuple[str, ...]:
        """The person's own addresses, by which an invitation's answer is theirs."""
        return ()

    async def news(self) -> None:
        """Sees to it that what is here is as new as was asked for, where it comes from a service."""

    async def standing(self, path: Path) -> bool:
        """Whether a folder of `/calendars` counts as being there before anything lies in it."""
        return path == FOLDER

    # -- where

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.store.user, self.mount, self.account, self.mine)

    def today(self) -> date:
        """The day that it is for whoever looks."""
        return self.clock().astimezone(self.zone()).date()

    def plain(self, path: Path) -> Path:
        """The path by its date, where it goes by a day's other name. Raises NotFound."""
        return naming.resolved(path, self.today()) if naming.is_relative(path) else path

    def real(self, path: Path) -> Path:
        """An instance lies in its file, as guards see it; a day by another name is the day."""
        try:
            plain = self.plain(path)
        except NotFound:
            return path
        if len(plain.parts) < 2 or naming.is_stored(plain):
            return plain
        found: Path = import_module("providers.calendar.guarded").file_of(self, plain)
        return found

    async def day(self, day: date) -> Sequence[Happening]:
        """What happens on a day, in name order."""
        return (await self.spread(day, day))[day]

    async def spread(self, first: date, last: date) -> Mapping[date, Sequence[Happening]]:
        """What happens on each of some days, by one query."""
        await self.news()
        shelf, zone = self.shelf, self.zone()
        spread = _days().spread
        found: Mapping[date, Sequence[Happening]] = await self.store.read(
            lambda connection: spread(connection, shelf, first, last, zone)
        )
        return found

    async def happening(self, path: Path) -> Happening:
        """The instance at a plain path. Raises NotFound, NotADirectory, IsADirectory."""
        day = naming.day_of(path.parts[0])
        if day is None:
            raise NotFound(path)
        if len(path.parts) == 1:
            raise IsADirectory(path)
        one: Happening | None = _days().named(await self.day(day), path.parts[1])
        if one is None:
            raise NotFound(path)
        if len(path.parts) > 2:
            raise NotADirectory(path)
        return one

    async def calendars(self) -> Sequence[str]:
        """The names of the calendars that are stored."""
        try:
            async with Closing(super().list(FOLDER)) as pages:
                return [node.name async for page in pages for node in page if node.is_folder]
        except NotFound:
            return []

    # -- looking

    async def stat(self, path: Path) -> Node:
        plain = self.plain(path)
        if not plain.parts:
            return Node("", Kind.FOLDER)
        if naming.is_stored(plain):
            return await self._stored(plain)
        if len(plain.parts) == 1 and (plain.name == naming.WEEK or naming.day_of(plain.name) is not None):
            return Node(path.name, Kind.FOLDER)
        return (await self.happening(plain)).node._replace(name=path.name)

    async def _stored(self, path: Path) -> Node:
        try:
            return await super().stat(path)
        except NotFound:
            if await self.standing(path):
                return Node(path.name, Kind.FOLDER)
            raise

    async def stat_many(self, paths: Sequence[Path]) -> Sequence[Node | VfsError]:
        found: Sequence[Node | VfsError] = await _together().stat_many(self, super().stat_many, paths)
        return found

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        plain = self.plain(path)
        if not plain.parts:
            listing: AsyncIterator[Sequence[Node]] = self._root()
        elif naming.is_stored(plain):
            listing = self._folder(plain)
        else:
            yield await self._listed(plain)
            return
        async with Closing(listing) as pages:
            async for page in pages:
                yield page

    async def _listed(self, path: Path) -> Sequence[Node]:
        """A day's entries, or a week's days."""
        if path.parts == (naming.WEEK,):
            return [Node(day.isoformat(), Kind.FOLDER) for day in naming.week_of(self.today())]
        day = naming.day_of(path.parts[0])
        if day is not None and len(path.parts) == 1:
            return [one.node for one in await self.day(day)]
        await self.happening(path)
        raise NotADirectory(path)

    async def _folder(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        """A stored folder's entries, with the calendar that is always there."""
        waits = path == FOLDER and bool(self.default) and await self.standing(FOLDER.child(self.default))
        try:
            async with Closing(super().list(path)) as pages:
                async for page in pages:
                    if waits and page[-1].name >= self.default:
                        waits = False
                        if all(node.name != self.default for node in page):
                            page = sorted(
                                [*page, Node(self.default, Kind.FOLDER)], key=lambda node: node.name
                            )
                    yield page
        except NotFound:
            if not await self.standing(path):
                raise
        if waits:
            yield [Node(self.default, Kind.FOLDER)]

    async def _root(self) -> AsyncIterator[Sequence[Node]]:
        """The days on which something happens, with the fixed folders in their places."""
        async with Closing(super().list(Path())) as pages:
            above = [node async for page in pages for node in page]
        fixed = {name: Node(name, Kind.FOLDER) for name in (naming.CALENDARS, naming.WEEK, *naming.ALIASES)}
        fixed.update((node.name, node) for node in above)
        first = [fixed[name] for name in sorted(fixed) if name < "0"]
        if first:
            yield first
        await self.news()
        async with Closing(_busy().busy(self.store, self.shelf, self.today(), self.zone())) as busy:
            async for some in busy:
                yield [Node(day.isoformat(), Kind.FOLDER) for day in some]
        yield [fixed[name] for name in sorted(fixed) if name > "0"]

    async def walk(self, path: Path) -> AsyncIterator[Entries]:
        plain = self.plain(path)
        if not plain.parts:
            yield [(FOLDER, Node(naming.CALENDARS, Kind.FOLDER))]
            plain = FOLDER
        if naming.is_stored(plain):
            try:
                async with Closing(super().walk(plain)) as pages:
                    async for page in pages:
                        yield page
            except NotFound:
                if not await self.standing(plain):
                    raise
            return
        for node in await self._listed(plain):
            yield [(path.child(node.name), node)]
            if node.is_folder:
                day = path.child(node.name)
                yield [(day.child(one.name), one) for one in await self._listed(Path((node.name,)))]

    async def between(self, path: Path, start: datetime, end: datetime) -> AsyncIterator[Entries]:
        """See Occurring.between. Below `/calendars/NAME` only what lies there, in a day only that day."""
        entries: Entries = await _together().between(self, path, start, end)
        if entries:
            yield entries

    # -- reading

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        plain = self.plain(path)
        if self._is_inner(plain):
            if await self.standing(plain):
                raise IsADirectory(plain)
            async with super().open(plain, start=start, stop=stop) as blocks:
                yield blocks
            return
        one = await self.happening(plain)
        if not one.key:
            async with super().open(one.file, start=start, stop=stop) as blocks:
                yield blocks
            return
        async with super().open(one.file) as blocks:
            whole = b"".join([block async for block in blocks])
        yield in_blocks(_single().alone(whole, one)[start:stop])

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        plain = self.plain(path)
        if self._is_inner(plain):
            async with super().text(plain) as blocks:
                yield blocks
            return
        one = await self.happening(plain)
        async with super().open(one.file) as blocks:
            whole = b"".join([block async for block in blocks])
        yield in_blocks(_single().summary(whole, one, self.zone()))

    def renders(self, path: Path) -> bool:
        return path.name.lower().endswith(naming.SUFFIX) or super().renders(path)

    def _is_inner(self, plain: Path) -> bool:
        """Whether reading is the collection's own. Raises IsADirectory for the fixed folders."""
        if not plain.parts or plain.parts == (naming.WEEK,) or plain == FOLDER:
            raise IsADirectory(plain)
        return naming.is_stored(plain)

    def read_many(self, paths: Sequence[Path], *, limit: int) -> AsyncIterator[Contents]:
        contents: AsyncIterator[Contents] = _together().read_many(self, super().read_many, paths, limit)
        return contents

    def texts(self, paths: Sequence[Path], *, limit: int) -> AsyncIterator[Contents]:
        """See RenderedMany.texts."""
        texts: AsyncIterator[Contents] = _together().texts(self, super().read_many, paths, limit)
        return texts

    def read_below(self, path: Path, *, limit: int) -> AsyncIterator[Contents]:
        below: AsyncIterator[Contents] = _together().read_below(self, super().read_below, path, limit)
        return below

    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        """Hits are told by the day on which they happen next, or did last; a day's folder is scanned."""
        plain = self.plain(path)
        if naming.is_stored(plain):
            return await super().search(plain, query, limit)
        if plain.parts:
            return None
        found = await super().search(plain, query, limit)
        if found is None:
            return None
        return found._replace(hits=await _together().by_day(self, found.hits)) if found.hits else found

    async def watch(self, path: Path) -> AsyncIterator[Sequence[Changed]]:
        plain = self.plain(path)
        if not plain.parts or naming.is_stored(plain):
            changes = super().watch(plain)
        else:
            changes = _together().watch_days(self, super().watch, plain)
        async with Closing(changes) as batches:
            async for batch in batches:
                yield batch

    async def share(self, path: Path, seconds: int) -> str:
        plain = self.plain(path)
        if self._is_inner(plain):
            return await super().share(plain, seconds)
        one = await self.happening(plain)
        if one.key:
            raise Unsupported(plain, "one time of an event that recurs cannot be shared by a link")
        return await super().share(one.file, seconds)


async def in_blocks(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), BLOCK):
        yield data[at : at + BLOCK]


def _days() -> ModuleType:
    return import_module("providers.calendar.days")


def _busy() -> ModuleType:
    return import_module("providers.calendar.busy")


def _together() -> ModuleType:
    return import_module("providers.calendar.together")


def _single() -> ModuleType:
    return import_module("providers.calendar.single")
