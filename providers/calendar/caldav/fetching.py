"""Fetching: contents of events, many by one request, and one by one what cannot be had that way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from providers.calendar.caldav import hrefs, xml
from providers.calendar.caldav.asking import Dav
from providers.calendar.caldav.objects import with_crlf
from providers.calendar.caldav.xml import CAL, DAV
from providers.mirror.remote import Collection, Throttled
from vfs.closing import Closing
from vfs.errors import LoginNeeded, NotFound, TimedOut, TooLarge, Unavailable, VfsError
from vfs.fan import fan_out

BATCH = 100
"""Events of one request."""
LARGEST = 16 << 20
"""Bytes of one event that are taken."""

_ETAG = DAV + "getetag"
_DATA = CAL + "calendar-data"
FATAL = (LoginNeeded, TimedOut, Throttled)

Fetched = tuple[str, str, bytes | VfsError]
"""What an event is called, its etag, and its content or why there is none."""


class Fetching:
    """One server's events."""

    def __init__(self, dav: Dav) -> None:
        self._dav = dav

    async def contents(
        self, collection: Collection, wanted: Sequence[str], etags: Mapping[str, str]
    ) -> AsyncIterator[Sequence[Fetched]]:
        """Contents in groups; `etags` are those that the events had, where the server does not say again."""
        groups = [tuple(wanted[at : at + BATCH]) for at in range(0, len(wanted), BATCH)]

        async def group(some: tuple[str, ...]) -> Sequence[Fetched]:
            return await self._group(collection, some, etags)

        async with Closing(fan_out(groups, group, min(self._dav.parallel, 4))) as answers:
            async for _, found in answers:
                yield found

    async def _group(
        self, collection: Collection, some: Sequence[str], etags: Mapping[str, str]
    ) -> Sequence[Fetched]:
        """By one request; by two with half of them each, where the answer of all cannot be read."""
        if len(some) == 1:
            return [await self._one(some[0], etags)]
        try:
            found = await self._many(collection, some)
        except FATAL:
            raise
        except VfsError as error:
            if isinstance(error, Unavailable) and "cannot be read" not in error.reason:
                raise
            half = len(some) // 2
            first = await self._group(collection, some[:half], etags)
            return [*first, *await self._group(collection, some[half:], etags)]
        missing = [href for href in some if href not in found]
        answers = [(href, etag or etags.get(href, ""), content) for href, (etag, content) in found.items()]
        return [*answers, *[await self._one(href, etags) for href in missing]]

    async def _many(
        self, collection: Collection, some: Sequence[str]
    ) -> dict[str, tuple[str, bytes | VfsError]]:
        body = xml.document(
            CAL + "calendar-multiget",
            xml.props([_ETAG, _DATA]),
            *(xml.element(DAV + "href", xml.text(href)) for href in some),
        )
        multi = self._dav.multi(await self._dav.report(collection.key, body, 1))
        wanted = set(some)
        found: dict[str, tuple[str, bytes | VfsError]] = {}
        for one in multi.responses:
            if one.href not in wanted:
                continue
            data = one.props.get(_DATA)
            if one.status in (404, 410):
                found[one.href] = "", NotFound(None, "is gone at the service")
            elif data is not None and data.text.strip():
                content = with_crlf(data.text.encode("utf-8", "surrogateescape"))
                found[one.href] = hrefs.etag_of(one.words(_ETAG)), content
        return found

    async def _one(self, href: str, etags: Mapping[str, str]) -> Fetched:
        """By itself, as it lies there."""
        try:
            etag, content = await self.get(href)
        except FATAL:
            raise
        except VfsError as error:
            if isinstance(error, Unavailable) and not error.reason.startswith(f"{self._dav.service} answers"):
                raise
            return href, etags.get(href, ""), error
        return href, etag or etags.get(href, ""), content

    async def get(self, href: str) -> tuple[str, bytes]:
        """An event's etag and content. Raises NotFound, TooLarge."""
        answer = self._dav.done(await self._dav.ask("GET", href, headers={"accept": "text/calendar"}))
        if len(answer.content) > LARGEST:
            raise TooLarge(None, f"{self._dav.service} has {len(answer.content):,} bytes as one event")
        return hrefs.etag_of(answer.headers.get("etag", "")), answer.content
