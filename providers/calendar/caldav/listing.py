"""Listing: what has changed in a calendar, by sync-collection (RFC 6578), else by ctag and etags.

Cursors: `sync:TOKEN`, `ctag:TAG`, and `etags:` where a server has neither. What is here already, by its
etag, is only named again, so that a listing that was cut, or begun anew because of a forgotten token, fetches
nothing twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from providers.calendar.caldav import hrefs, xml
from providers.calendar.caldav.asking import Dav
from providers.calendar.caldav.fetching import Fetching
from providers.calendar.caldav.objects import item_of, unread_item
from providers.calendar.caldav.xml import CAL, DAV, SERVER
from providers.mirror.remote import Collection, Delta, Forgotten, Item, Known, State
from vfs.closing import Closing
from vfs.errors import NotFound, Refused, Unavailable, Unsupported, VfsError

PART = 200
"""Items that are handed on together."""
ROUNDS = 1000
"""Parts of one answer to sync-collection."""

_ETAG = DAV + "getetag"
_TOKEN = DAV + "sync-token"
_CTAG = SERVER + "getctag"


class Told(NamedTuple):
    """An answer to sync-collection."""

    etags: Mapping[str, str]
    gone: Sequence[str]
    token: str
    more: bool
    """The server has cut it, and goes on from the token."""


class Listing:
    """One server's calendars."""

    def __init__(self, dav: Dav, fetching: Fetching) -> None:
        self._dav = dav
        self._fetching = fetching

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        kind, _, mark = (cursor or "").partition(":")
        if kind == "sync":
            parts = self._since(collection, mark, known)
        else:
            parts = self._compared(collection, cursor, known)
        async with Closing(parts) as deltas:
            async for delta in deltas:
                yield delta

    # -- by sync-collection

    async def _since(self, collection: Collection, token: str, known: Known) -> AsyncIterator[Delta]:
        have: Mapping[str, str] | None = None
        for _ in range(ROUNDS):
            told = await self._told(collection, token)
            if told.etags and have is None:
                have = await known.etags()
            others = {href: etag for href, etag in told.etags.items() if (have or {}).get(href) != etag}
            async with Closing(self._items(collection, others)) as parts:
                async for items in parts:
                    yield Delta(items)
            yield Delta(gone=told.gone, cursor=f"sync:{told.token}", done=not told.more)
            if not told.more:
                return
            token = told.token
        raise Unavailable(None, f"{self._dav.service} goes on telling changes without end")

    async def _told(self, collection: Collection, token: str) -> Told:
        """Raises Forgotten when the server does not know the token any more."""
        body = xml.document(
            DAV + "sync-collection",
            xml.element(_TOKEN, xml.text(token)),
            xml.element(DAV + "sync-level", "1"),
            xml.props([_ETAG]),
        )
        answer = await self._dav.report(collection.key, body, 0)
        if answer.status in (400, 403, 409, 410, 412, 415, 501):
            # What a server says of a token that it does not know differs; all of it means this.
            raise Forgotten(None)
        multi = self._dav.multi(answer)
        etags: dict[str, str] = {}
        gone = []
        more = False
        for one in multi.responses:
            if one.href.rstrip("/") == collection.key.rstrip("/"):
                more = more or one.status == 507
            elif one.status in (404, 410):
                gone.append(one.href)
            elif one.status < 300 and one.href.startswith(collection.key):
                etags[one.href] = hrefs.etag_of(one.words(_ETAG))
        following = multi.root.words(_TOKEN)
        if not following or (more and following == token):
            raise Forgotten(None)
        return Told(etags, gone, following, more)

    # -- by etags

    async def _compared(
        self, collection: Collection, cursor: str | None, known: Known
    ) -> AsyncIterator[Delta]:
        """Everything there is, held against what is here."""
        now = await self._now(collection)
        if cursor and cursor == now and now.startswith("ctag:"):
            yield Delta(cursor=now, done=True)
            return
        there = await self._etags(collection)
        have = await known.etags()
        same: list[tuple[str, str, State]] = [
            (href, etag, {}) for href, etag in there.items() if etag and have.get(href) == etag
        ]
        others = {href: etag for href, etag in there.items() if not etag or have.get(href) != etag}
        if cursor is None:
            for at in range(0, len(same), PART):
                yield Delta(states=same[at : at + PART], total=len(there))
        async with Closing(self._items(collection, others)) as parts:
            async for items in parts:
                yield Delta(items, total=len(there) if cursor is None else None)
        yield Delta(alive=None if cursor is None else list(there), cursor=now, done=True)

    async def _now(self, collection: Collection) -> str:
        """The cursor from which changes are told that come after this moment."""
        found = await self._dav.look(collection.key, [_TOKEN, _CTAG])
        one = next((one for one in found if one.status < 300), None)
        if one is None:
            raise NotFound(None, f"{self._dav.service} has no such calendar any more")
        token = one.words(_TOKEN)
        if token and collection.attrs.get("syncs"):
            return f"sync:{token}"
        tag = one.words(_CTAG)
        return f"ctag:{tag}" if tag else "etags:"

    async def _etags(self, collection: Collection) -> Mapping[str, str]:
        """The etag of each item, of events alone where the server can tell them."""
        body = xml.document(
            CAL + "calendar-query",
            xml.props([_ETAG]),
            xml.element(
                CAL + "filter",
                xml.element(
                    CAL + "comp-filter", xml.element(CAL + "comp-filter", name="VEVENT"), name="VCALENDAR"
                ),
            ),
        )
        try:
            found = self._dav.multi(await self._dav.report(collection.key, body, 1)).responses
        except (Refused, Unsupported):
            found = await self._dav.look(collection.key, [_ETAG], 1)
        return {
            one.href: hrefs.etag_of(one.words(_ETAG))
            for one in found
            if one.status < 300 and one.href.startswith(collection.key) and not one.href.endswith("/")
        }

    async def _items(self, collection: Collection, etags: Mapping[str, str]) -> AsyncIterator[Sequence[Item]]:
        """Items with their contents; what cannot be read is told without, and what is no event not at all."""
        async with Closing(self._fetching.contents(collection, list(etags), etags)) as groups:
            async for group in groups:
                items = []
                for href, etag, content in group:
                    if isinstance(content, NotFound):
                        continue
                    if isinstance(content, VfsError):
                        items.append(unread_item(href, etag))
                        continue
                    item = item_of(href, etag, content)
                    if item is not None:
                        items.append(item)
                yield items
