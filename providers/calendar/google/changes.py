"""Changes: listing a calendar, and what has happened since, by Google's sync tokens.

Google lists events, of a series its master and what differs from that, in any order and on any page. An item
is all of a series: single events are handed on as they come; of a series that is told to have changed, all
of it is asked for, so that no part is missing whatever part was told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from providers.calendar.google.api import PAGES, Api, Page, is_live
from providers.calendar.google.series import Series, series_of
from providers.calendar.google.wire import SERVICE, Json, is_cancelled, series_id, text, texts
from providers.mirror.remote import Collection, Delta, Item
from vfs.closing import Closing
from vfs.drive import hop
from vfs.errors import Unavailable
from vfs.fan import fan_out

PART = 200


class Changes:
    """What `Remote.changes` of an account is."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._zones: dict[str, str] = {}

    async def of(self, collection: Collection, cursor: str | None) -> AsyncIterator[Delta]:
        """Raises Forgotten on the first part."""
        flow = self._since(collection.key, cursor) if cursor else self._all(collection.key)
        async with Closing(flow) as parts:
            async for part in parts:
                yield part

    async def _all(self, calendar: str) -> AsyncIterator[Delta]:
        """A listing that is cut begins anew: the parts of a series may be on any of its pages."""
        waiting: dict[str, list[Json]] = {}
        zone = last = ""
        async with Closing(self._pages(calendar, "")) as pages:
            async for page in pages:
                zone, last = page.zone, page.sync
                single = []
                for one in page.events:
                    if is_part(one):
                        waiting.setdefault(series_id(one), []).append(one)
                    elif not is_cancelled(one):
                        single.append(Series(text(one, "id"), one, (), zone))
                yield Delta(await _items(single))
        whole = [series_of(id, events, zone) for id, events in waiting.items()]
        held = await _items([one for one in whole if not one.is_gone])
        for at in range(0, len(held), PART):
            yield Delta(held[at : at + PART])
        yield Delta(cursor=last, done=True)

    async def _since(self, calendar: str, token: str) -> AsyncIterator[Delta]:
        zone = last = ""
        single: dict[str, Json] = {}
        series: dict[str, list[Json]] = {}
        async with Closing(self._pages(calendar, token)) as pages:
            async for page in pages:
                zone, last = page.zone, page.sync
                for one in page.events:
                    id = series_id(one)
                    if is_part(one):
                        series.setdefault(id, []).append(one)
                    else:
                        single[id] = one
        gone = [id for id, one in single.items() if is_cancelled(one) and id not in series]
        items = [
            Series(id, one, (), zone).item()
            for id, one in single.items()
            if not is_cancelled(one) and id not in series
        ]

        async def whole(id: str) -> Series:
            return await self.series(calendar, id, series[id])

        async with Closing(fan_out(list(series), whole, self._api.http.parallel)) as answers:
            async for id, found in answers:
                if found.is_gone:
                    gone.append(id)
                else:
                    items.append(found.item())
                if len(items) >= PART:
                    yield Delta(items)
                    items = []
        yield Delta(items, gone=gone, cursor=last, done=True)

    async def _pages(self, calendar: str, token: str) -> AsyncIterator[Page]:
        page = ""
        for _ in range(PAGES):
            found = await self._api.events(calendar, sync=token, page=page)
            self._zones[calendar] = found.zone
            yield found
            page = found.next
            if not page:
                if not found.sync:
                    raise Unavailable(None, f"{SERVICE} does not say from where changes are told")
                return
        raise Unavailable(None, f"{SERVICE} lists events without end")

    async def series(self, calendar: str, id: str, told: Sequence[Json] = ()) -> Series:
        """All of an event as it is at present. `told`: parts that were told to have changed."""
        master = await self._api.event(calendar, id)
        if is_live(master) and master is not None and not texts(master, "recurrence"):
            return Series(id, master, (), await self.zone(calendar))
        uids = {text(one, "iCalUID") for one in (master, *told) if one is not None and text(one, "iCalUID")}
        parts: dict[str, Json] = {text(master, "id"): master} if master is not None else {}
        for uid in sorted(uids):
            parts |= await self._named(calendar, uid)
        if not is_live(master):
            parts |= {text(one, "id"): one for one in told if text(one, "id") not in parts}
        return series_of(id, list(parts.values()), await self.zone(calendar))

    async def id_of(self, calendar: str, uid: str, likely: str) -> str:
        """The id of the event with a UID; `likely` where it may have none of Google's own."""
        if is_live(await self._api.event(calendar, likely)):
            return likely
        named = await self._named(calendar, uid)
        return next((series_id(one) for one in named.values() if not is_cancelled(one)), likely)

    async def _named(self, calendar: str, uid: str) -> Mapping[str, Json]:
        parts: dict[str, Json] = {}
        page = ""
        for _ in range(PAGES):
            found = await self._api.events(calendar, uid=uid, page=page)
            parts |= {text(one, "id"): one for one in found.events}
            page = found.next
            if not page:
                break
        return parts

    async def zone(self, calendar: str) -> str:
        """A calendar's own zone, which each list of events tells."""
        if calendar not in self._zones:
            self._zones[calendar] = (await self._api.events(calendar, uid="-")).zone
        return self._zones[calendar]


async def _items(series: Sequence[Series]) -> Sequence[Item]:
    """Beside the event loop: a page of them takes a while to write."""
    return await hop(lambda: [one.item() for one in series])


def is_part(event: Json) -> bool:
    """Whether an event is a series, or differs from one."""
    return bool(texts(event, "recurrence") or text(event, "recurringEventId"))
