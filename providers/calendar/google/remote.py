"""GoogleCalendarRemote: an account at Google Calendar as a `Remote`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import tzinfo

from providers.calendar.google.api import BASE, Api
from providers.calendar.google.calendars import collections_of
from providers.calendar.google.changes import Changes
from providers.calendar.google.pushing import EVERYTHING, Allowed, Pushing, everything
from providers.calendar.google.scheduling import Scheduling
from providers.calendar.google.writing import Writing
from providers.calendar.text import text_of
from providers.calendar.trade import MIME
from providers.calendar.trade import described as attributes_of
from providers.http import BOUNDS, Bounds, Pace, Tokens
from providers.mirror.remote import Collection, Delta, Described, Known, Push, Pushed
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import LoginNeeded, NotFound, VfsError
from vfs.fan import fan_out
from vfs.path import ROOT, Path
from vfs.zone import home_zone

GROUP = 100


class GoogleCalendarRemote:
    """An account. A collection's key is a calendar's id, an href the id of an event or a series."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str = BASE,
        hint: str = "run: connect google-calendar",
        bounds: Bounds = BOUNDS,
        pace: Pace | None = None,
        allowed: Allowed = everything,
        mine: Sequence[str] = (),
        home: tzinfo | None = None,
    ) -> None:
        """`allowed` raises LoginNeeded where events may not be changed; `mine`: the person's addresses."""
        self._mine = tuple(one.lower() for one in mine)
        self._home = home or home_zone()
        self._allowed = allowed
        self._api = Api(tokens, base=base, hint=hint, bounds=bounds, pace=pace)
        self._changes = Changes(self._api)
        writing = Writing(self._api, self._changes, self._home, self._mine)
        self._pushing = Pushing(self._api, self._changes, writing, allowed)
        self._scheduling = Scheduling(self._changes, writing, self._key_at, allowed, self._mine)
        self.parallel = self._api.http.parallel

    # -- a Remote

    async def collections(self) -> Sequence[Collection]:
        found = await self._api.calendars()
        try:
            await self._allowed()
        except LoginNeeded:
            return collections_of(found, may_write=False)
        return collections_of(found, may_write=True)

    async def _key_at(self, path: Path) -> str:
        for one in await self.collections():
            if one.path == path and one.selectable:
                return one.key
        raise NotFound(path, "its calendar is gone at Google")

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        async with Closing(self._changes.of(collection, cursor)) as parts:
            async for part in parts:
                yield part

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        async def one(href: str) -> bytes | VfsError:
            try:
                series = await self._changes.series(collection.key, href)
            except EVERYTHING:
                raise
            except VfsError as error:
                return error
            return NotFound(None, "is gone at Google") if series.is_gone else series.content()

        group: list[tuple[str, bytes | VfsError]] = []
        async with Closing(fan_out(hrefs, one, self.parallel)) as answers:
            async for href, answer in answers:
                group.append((href, answer))
                if len(group) >= GROUP:
                    yield group
                    group = []
        if group:
            yield group

    def describe(self, content: bytes, whole: bool) -> Described:
        attrs = attributes_of(ROOT, content, self._home, self._mine) if content else {}
        # Where it lies, its folder says.
        attrs = {
            name: value for name, value in attrs.items() if name not in ("calendar", "account", "series")
        }
        return Described(MIME, attrs, text_of(content) or "")

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        return await self._pushing.push(changes)

    async def aclose(self) -> None:
        await self._api.aclose()

    # -- Performs

    def deeds(self) -> Mapping[str, Verb]:
        return self._scheduling.deeds()

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return await self._scheduling.prepare(verb, path, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        return await self._scheduling.perform(deed, content, leaving)

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await self._scheduling.look(deed, content)
