"""CalDavRemote: an account at a calendar server as a `Remote`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from urllib.parse import urlsplit

from providers.calendar.caldav import arranging, discovery, hrefs
from providers.calendar.caldav.asking import Dav
from providers.calendar.caldav.describing import described
from providers.calendar.caldav.discovery import Place
from providers.calendar.caldav.fetching import Fetching
from providers.calendar.caldav.listing import Listing
from providers.calendar.caldav.pushing import Pushing, Rules
from providers.calendar.caldav.scheduling import Scheduling
from providers.mirror.remote import Collection, Delta, Described, Known, Push, Pushed
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import NotFound, VfsError
from vfs.path import Path


class CalDavRemote:
    """An account. A collection's key is the path of a calendar, an href the path of an event's file."""

    def __init__(
        self, url: str, server: Callable[[str], Dav], addresses: Sequence[str] = (), parallel: int = 8
    ) -> None:
        """`server` makes a Dav for an origin; `addresses` are the person's own, beside those it knows."""
        self.parallel = parallel
        self._url = url
        self._server = server
        self._addresses = tuple(addresses)
        self._servers: dict[str, Dav] = {}
        self._place: Place | None = None
        self._scheduling = Scheduling(self._asking, self._rules, self._calendar, self._addresses)

    # -- where

    def _at(self, origin: str) -> Dav:
        if origin not in self._servers:
            self._servers[origin] = self._server(origin)
        return self._servers[origin]

    async def _found(self) -> Place:
        if self._place is None:
            path = hrefs.path_of(urlsplit(self._url).path, self._url)
            self._place = await discovery.find(self._at(hrefs.origin_of(self._url)), path, self._at)
        return self._place

    async def _asking(self) -> tuple[Dav, Fetching]:
        dav = (await self._found()).dav
        return dav, Fetching(dav)

    async def _rules(self) -> Rules:
        place = await self._found()
        return Rules(place.schedules, self._mine())

    async def _calendar(self, path: Path) -> Collection:
        for one in await self.collections():
            if one.path == path and one.selectable:
                return one
        raise NotFound(path, "its calendar is gone at the service")

    # -- a Remote

    async def collections(self) -> Sequence[Collection]:
        return await discovery.calendars(await self._found())

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        dav, fetching = await self._asking()
        async with Closing(Listing(dav, fetching).changes(collection, cursor, known)) as parts:
            async for part in parts:
                yield part

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        _, fetching = await self._asking()
        async with Closing(fetching.contents(collection, hrefs, {})) as groups:
            async for group in groups:
                yield [(href, content) for href, _, content in group]

    def describe(self, content: bytes, whole: bool) -> Described:
        return described(content, self._mine())

    def _mine(self) -> tuple[str, ...]:
        """The person's own addresses, as far as they are known without asking."""
        told = self._place.addresses if self._place is not None else ()
        return tuple(dict.fromkeys((*self._addresses, *told)))

    async def addresses(self) -> Sequence[str]:
        """The person's own addresses, as the server knows them."""
        return (await self._found()).addresses

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        dav, fetching = await self._asking()
        return await Pushing(dav, fetching, self._rules).push(changes)

    async def aclose(self) -> None:
        for dav in self._servers.values():
            await dav.aclose()

    # -- Arranges

    async def make(self, path: Path) -> Collection:
        return await arranging.make(await self._found(), path)

    async def rename(self, collection: Collection, path: Path) -> Collection:
        return await arranging.rename(await self._found(), collection, path)

    async def drop(self, collection: Collection) -> None:
        await arranging.drop((await self._found()).dav, collection)

    # -- Performs

    def deeds(self) -> Mapping[str, Verb]:
        return self._scheduling.deeds()

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return await self._scheduling.prepare(verb, path, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        return await self._scheduling.perform(deed, content, leaving)

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await self._scheduling.look(deed, content)
