"""Api: the requests to Google Calendar, one method each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from providers.calendar.google.wire import SERVICE, Json, is_cancelled, items, text, thing
from providers.googlehttp import client
from providers.http import BOUNDS, Bounds, Pace, Tokens
from providers.mirror.remote import Forgotten
from vfs.errors import NotFound, Unavailable

BASE = "https://www.googleapis.com"
ROOT = "/calendar/v3"
A_SECOND, BURST = 10.0, 60.0
"""Requests: Google grants 600 a minute to one user."""
PARALLEL = 8
PAGE = 1000
PAGES = 1000
"""Pages of one answer; more are no answer."""
NONE, ALL = "none", "all"
"""Who is told of a change."""


class Page(NamedTuple):
    """Events, or what has happened to them."""

    events: Sequence[Json]
    next: str
    """The token of the next page; "" after the last."""
    sync: str
    """After the last: from here changes are told."""
    zone: str
    """The calendar's."""


class Api:
    """An account's calendars and events."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str = BASE,
        hint: str = "run: connect google-calendar",
        bounds: Bounds = BOUNDS,
        pace: Pace | None = None,
    ) -> None:
        """`hint`: how a person logs in again. `pace`: None is what Google grants to one user."""
        self.http = client(base, SERVICE, tokens, hint, bounds, pace or Pace(A_SECOND, BURST), PARALLEL)

    async def aclose(self) -> None:
        await self.http.aclose()

    async def _ask(self, method: str, path: str, value: object = None, **how: Any) -> Any:
        return await self.http.json(method, ROOT + path, value, **how)

    # -- looking

    async def calendars(self) -> Sequence[Json]:
        """The calendars that the person sees at Google."""
        found: list[Json] = []
        page = ""
        for _ in range(PAGES):
            query = {"maxResults": 250} | ({"pageToken": page} if page else {})
            said = thing(await self._ask("GET", "/users/me/calendarList", query=query))
            found += items(said)
            page = text(said, "nextPageToken")
            if not page:
                return found
        raise Unavailable(None, f"{SERVICE} lists calendars without end")

    async def events(self, calendar: str, *, sync: str = "", page: str = "", uid: str = "") -> Page:
        """Events and what differs from series; with `sync` what has changed since. Raises Forgotten."""
        query: dict[str, str | int] = {"maxResults": PAGE, "singleEvents": "false"}
        for name, value in (("syncToken", sync), ("pageToken", page), ("iCalUID", uid)):
            if value:
                query[name] = value
        path = f"{ROOT}/calendars/{_part(calendar)}/events"
        gone = (400, 410) if sync or page else ()
        answer = await self.http.ask("GET", path, query=query, accept=gone)
        if answer.status >= 400:
            raise Forgotten(None, f"{SERVICE} no longer knows what has happened since")
        said = thing(answer.json())
        return Page(
            items(said), text(said, "nextPageToken"), text(said, "nextSyncToken"), text(said, "timeZone")
        )

    async def event(self, calendar: str, id: str) -> Json | None:
        """An event, called off ones too; None where there never was one."""
        try:
            return thing(await self._ask("GET", _event(calendar, id)))
        except NotFound:
            return None

    async def instance(self, calendar: str, id: str, start: str, stamp: str) -> Json | None:
        """The time of a series that begins at `start`, called off ones too; None where there is none."""
        query = {"originalStart": start, "showDeleted": "true", "maxResults": 50}
        try:
            said = thing(await self._ask("GET", f"{_event(calendar, id)}/instances", query=query))
        except NotFound:
            return None
        found = items(said)
        if len(found) == 1:
            return found[0]
        return next((one for one in found if text(one, "id").endswith(f"_{stamp}")), None)

    # -- changing

    async def insert(self, calendar: str, event: Mapping[str, Any], told: str = NONE) -> Json:
        """A new event. Raises Conflict when there is one with its id, also a removed one."""
        path = f"/calendars/{_part(calendar)}/events"
        return thing(await self._ask("POST", path, dict(event), query={"sendUpdates": told}))

    async def update(self, calendar: str, event: Mapping[str, Any], told: str = NONE) -> Json:
        """Another content, where the event is as `event` was read. Raises Conflict, NotFound."""
        etag = text(event, "etag")
        headers = {"if-match": etag} if etag else {}
        path = _event(calendar, text(event, "id"))
        return thing(await self._ask("PUT", path, dict(event), query={"sendUpdates": told}, headers=headers))

    async def patch(self, calendar: str, event: Json, fields: Mapping[str, Any], told: str = NONE) -> Json:
        """Some fields of an event that is as `event` was read: all that who is invited may change."""
        etag = text(event, "etag")
        headers = {"if-match": etag} if etag else {}
        path = _event(calendar, text(event, "id"))
        query = {"sendUpdates": told}
        return thing(await self._ask("PATCH", path, dict(fields), query=query, headers=headers, again=True))

    async def delete(self, calendar: str, id: str, etag: str = "", told: str = NONE) -> None:
        """Also of one that is gone already. Raises Conflict when it is another one by now."""
        headers = {"if-match": etag} if etag else {}
        path = ROOT + _event(calendar, id)
        await self.http.ask("DELETE", path, query={"sendUpdates": told}, headers=headers, accept=(404, 410))

    async def move(self, calendar: str, id: str, target: str) -> Json:
        """Into another calendar, under the same id. Raises NotFound."""
        query = {"destination": target, "sendUpdates": NONE}
        return thing(await self._ask("POST", f"{_event(calendar, id)}/move", query=query, again=True))


def is_live(event: Json | None) -> bool:
    return event is not None and not is_cancelled(event)


def _part(id: str) -> str:
    return quote(id, safe="")


def _event(calendar: str, id: str) -> str:
    return f"/calendars/{_part(calendar)}/events/{_part(id)}"
