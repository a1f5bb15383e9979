"""Calendars behind Google's interface, as far as Spatio uses it, kept as Google's own service keeps them.

Series and what differs from them are events of their own, what is removed stays as called off, sync tokens
are forgotten, changes ask for the version that they are about. Each request and answer is held to Google's
own description of the interface.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from providers.calendar.occurrences import Instance, instances
from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar
from tests.servers.discovery import contract, held_to
from tests.servers.web import Reply, Request, Web, serving
from vfs.zone import zone_of

ME = "me@example.org"
ROOT = "/calendar/v3/"
ZONE = "Europe/Helsinki"
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


class Refusal(Exception):
    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message or reason


@dataclass
class Shelf:
    """A calendar."""

    id: str
    summary: str
    role: str = "owner"
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    """When each event was changed, by the account's clock."""


@dataclass
class Account:
    """What the account holds; tests read and change it as another client would."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    clock: int = 100
    oldest: int = 0
    """Sync tokens below it are forgotten."""
    page: int = 1000
    told: list[tuple[str, str]] = field(default_factory=list)
    """Who was told of what: the address, the event's title."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    web: Web = field(init=False)
    violations: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def shelf(self, id: str = ME, summary: str = "", role: str = "owner") -> Shelf:
        """A calendar, made by the first call."""
        return self.shelves.setdefault(id, Shelf(id, summary or id, role))

    def put(self, event: dict[str, Any], calendar: str = ME) -> dict[str, Any]:
        """An event as somebody else makes or changes it; what is not said stays."""
        with self.lock:
            shelf = self.shelf(calendar)
            id = event.get("id") or f"evt{next(self._numbers):07d}"
            whole = {**shelf.events.get(id, {}), **event, "id": id}
            return self.keep(shelf, whole)

    def keep(self, shelf: Shelf, event: dict[str, Any]) -> dict[str, Any]:
        self.clock += 1
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.clock)
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        whole = {
            "kind": "calendar#event", "status": "confirmed", "created": stamp, "eventType": "default",
            "organizer": {"email": shelf.id, "self": True}, "reminders": {"useDefault": True},
            "iCalUID": f"{event['id']}@google.com", "sequence": 0, **event,
            "etag": f'"{self.clock}"', "updated": stamp,
        }  # fmt: skip
        shelf.events[event["id"]] = whole
        shelf.changed[event["id"]] = self.clock
        return whole

    def drop(self, id: str, calendar: str = ME) -> None:
        """Somebody removes an event."""
        with self.lock:
            shelf = self.shelf(calendar)
            self.keep(shelf, {**shelf.events[id], "status": "cancelled"})

    def forget(self) -> None:
        """No sync token is known any more."""
        self.clock += 1
        self.oldest = self.clock

    def live(self, calendar: str = ME) -> list[dict[str, Any]]:
        return [one for one in self.shelf(calendar).events.values() if one["status"] != "cancelled"]

    def instance(self, master: str, stamp: str, calendar: str = ME, **changes: Any) -> dict[str, Any]:
        """Somebody changes one time of a series, named as its id ends."""
        shelf = self.shelf(calendar)
        known = {one["id"]: one for one in times_of(shelf, shelf.events[master])}
        return self.put({**known[f"{master}_{stamp}"], **changes}, calendar)


def times_of(shelf: Shelf, master: dict[str, Any]) -> list[dict[str, Any]]:
    """All times of a series as events."""
    zone = zone_of(master["start"].get("timeZone", ZONE))
    found = []
    length = _when(master["end"]) - _when(master["start"])
    for one in _expanded(master):
        if isinstance(one.start, datetime):
            start = one.start.astimezone(zone)
            id = f"{master['id']}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            when: Any = {"dateTime": start.isoformat(), "timeZone": zone.key}
            end: Any = {
                "dateTime": (start.astimezone(UTC) + length).astimezone(zone).isoformat(),
                "timeZone": zone.key,
            }
        else:
            id = f"{master['id']}_{one.start:%Y%m%d}"
            when, end = {"date": one.start.isoformat()}, {"date": (one.start + length).isoformat()}
        whole = {
            **{name: value for name, value in master.items() if name != "recurrence"},
            "id": id, "recurringEventId": master["id"], "originalStartTime": when, "start": when, "end": end,
        }  # fmt: skip
        found.append(shelf.events.get(id, whole))
    return found


def _expanded(master: dict[str, Any]) -> list[Instance]:
    start = master["start"]
    if "date" in start:
        first, zone = f"DTSTART;VALUE=DATE:{start['date'].replace('-', '')}", zone_of("UTC")
    else:
        zone = zone_of(start.get("timeZone", ZONE))
        wall = datetime.fromisoformat(start["dateTime"]).astimezone(zone)
        first = f"DTSTART;TZID={zone.key}:{wall:%Y%m%dT%H%M%S}"
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:x", first, *master.get("recurrence", ())]
    data = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()
    reach = reach_of(read_calendar(data))
    assert reach is not None
    return instances(reach.form, *ALWAYS, zone)


def _when(value: dict[str, Any]) -> datetime:
    if "date" in value:
        return datetime.fromisoformat(value["date"]).replace(tzinfo=UTC)
    return datetime.fromisoformat(value["dateTime"]).astimezone(UTC)


class _Service:
    """The interface over an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def answer(self, request: Request) -> Reply:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _error(401, "authError", "Invalid Credentials")
        try:
            with self.account.lock:
                value = self._act(request)
        except Refusal as refusal:
            return _error(refusal.status, refusal.reason, refusal.message)
        if value is None:
            return Reply(204)
        headers = {"Content-Type": "application/json; charset=UTF-8"}
        return Reply(body=json.dumps(value).encode(), headers=headers)

    def _act(self, request: Request) -> Any:
        parts = request.path.removeprefix(ROOT).split("/")
        body = json.loads(request.body) if request.body else {}
        query = {name: values[0] for name, values in request.query.items()}
        match request.method, parts:
            case "GET", ["users", "me", "calendarList"]:
                return {"kind": "calendar#calendarList", "items": list(map(_entry, self._shelves()))}
            case "GET", ["calendars", calendar, "events"]:
                return self._list(self._shelf(calendar), query)
            case "POST", ["calendars", calendar, "events"]:
                return self._insert(self._shelf(calendar, writes=True), body, query)
            case "GET", ["calendars", calendar, "events", id]:
                return self._event(self._shelf(calendar), id)
            case "GET", ["calendars", calendar, "events", id, "instances"]:
                return self._instances(self._shelf(calendar), id, query)
            case "POST", ["calendars", calendar, "events", id, "move"]:
                source, target = self._shelf(calendar, writes=True), self._shelf(query["destination"])
                event = self._event(source, id)
                for one in [
                    one for one in source.events.values() if id in (one["id"], one.get("recurringEventId"))
                ]:
                    self.account.keep(target, {**one, "organizer": {"email": target.id, "self": True}})
                    self.account.keep(source, {**one, "status": "cancelled"})
                return target.events[event["id"]]
            case (("PUT" | "PATCH"), ["calendars", calendar, "events", id]):
                return self._update(request, self._shelf(calendar, writes=True), id, body, query)
            case "DELETE", ["calendars", calendar, "events", id]:
                shelf = self._shelf(calendar, writes=True)
                event = self._event(shelf, id)
                if event["status"] == "cancelled":
                    raise Refusal(410, "deleted", "Resource has been deleted")
                self._matches(request, event)
                self._tell(event, {}, query)
                self.account.keep(shelf, {**event, "status": "cancelled"})
                return None
        raise Refusal(404, "notFound")

    def _shelves(self) -> list[Shelf]:
        return list(self.account.shelves.values())

    def _shelf(self, id: str, *, writes: bool = False) -> Shelf:
        if id not in self.account.shelves:
            raise Refusal(404, "notFound", "Not Found")
        shelf = self.account.shelves[id]
        if writes and shelf.role not in ("owner", "writer"):
            raise Refusal(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
        return shelf

    def _event(self, shelf: Shelf, id: str) -> dict[str, Any]:
        if id in shelf.events:
            return shelf.events[id]
        master = shelf.events.get(id.rpartition("_")[0])
        found = {one["id"]: one for one in times_of(shelf, master)} if master is not None else {}
        if id not in found:
            raise Refusal(404, "notFound", "Not Found")
        return found[id]

    def _list(self, shelf: Shelf, query: dict[str, str]) -> Any:
        account = self.account
        token = query.get("syncToken", "")
        if token:
            if set(query) & {"iCalUID", "orderBy", "q", "timeMin", "timeMax", "updatedMin"}:
                raise Refusal(400, "invalid")
            if int(token.removeprefix("sync")) < account.oldest:
                raise Refusal(410, "fullSyncRequired", "Sync token is no longer valid")
        since = int(token.removeprefix("sync")) if token else 0
        found = [
            _brief(one)
            for one in sorted(shelf.events.values(), key=lambda one: -shelf.changed[one["id"]])
            if shelf.changed[one["id"]] > since
            and query.get("iCalUID", one["iCalUID"]) == one["iCalUID"]
            and (token or _is_shown(shelf, one))
        ]
        at, size = int(query.get("pageToken", "0")), min(int(query["maxResults"]), account.page)
        page: dict[str, Any] = {"kind": "calendar#events", "timeZone": ZONE, "summary": shelf.summary}
        page["items"] = found[at : at + size]
        if at + size < len(found):
            return {**page, "nextPageToken": str(at + size)}
        return page if "iCalUID" in query else {**page, "nextSyncToken": f"sync{account.clock}"}

    def _instances(self, shelf: Shelf, id: str, query: dict[str, str]) -> Any:
        found = times_of(shelf, self._event(shelf, id))
        if start := query.get("originalStart"):
            found = [one for one in found if _is_at(one["originalStartTime"], start)]
        return {"kind": "calendar#events", "timeZone": ZONE, "items": found[: int(query["maxResults"])]}

    def _insert(self, shelf: Shelf, body: dict[str, Any], query: dict[str, str]) -> Any:
        if body["id"] in shelf.events:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
        assert set(body["id"]) <= set("abcdefghijklmnopqrstuv0123456789")
        _check(body)
        self._tell(body, {}, query)
        return self.account.keep(shelf, body)

    def _update(
        self, request: Request, shelf: Shelf, id: str, body: dict[str, Any], query: dict[str, str]
    ) -> Any:
        before = self._event(shelf, id)
        self._matches(request, before)
        if request.method == "PUT" and before["organizer"].get("self") is not True:
            raise Refusal(
                403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer"
            )
        fixed = ("iCalUID", "created", "organizer", "originalStartTime", "recurringEventId", "conferenceData")
        kept = {name: before[name] for name in fixed if name in before}
        whole = {**(before if request.method == "PATCH" else {}), **body, **kept, "id": id}
        _check(whole)
        self._tell(whole, before, query)
        return self.account.keep(shelf, whole)

    def _matches(self, request: Request, event: dict[str, Any]) -> None:
        wanted = request.headers.get("if-match")
        if wanted is not None and wanted != event["etag"]:
            raise Refusal(412, "conditionNotMet", "Precondition Failed")

    def _tell(self, event: dict[str, Any], before: dict[str, Any], query: dict[str, str]) -> None:
        if query.get("sendUpdates") == "all" and event != before:
            title = event.get("summary", "")
            people = [one["email"] for one in event.get("attendees", ()) if one["email"] != ME]
            self.account.told += [(address, title) for address in people]


def _check(event: dict[str, Any]) -> None:
    start, end = event["start"], event["end"]
    if ("date" in start) != ("date" in end) or _when(end) < _when(start):
        raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.")
    if event.get("recurrence") and "date" not in start and not start.get("timeZone"):
        raise Refusal(400, "required", "Missing time zone definition for start time.")
    private = event.get("extendedProperties", {}).get("private", {})
    if any(len(name) > 44 or len(value.encode()) > 1024 for name, value in private.items()):
        raise Refusal(400, "invalid", "Extended property too long")


def _is_shown(shelf: Shelf, event: dict[str, Any]) -> bool:
    """Whether a list that is no sync has an event: of those called off, times of a living series."""
    if event["status"] != "cancelled":
        return True
    master = shelf.events.get(event.get("recurringEventId", ""))
    return master is not None and master["status"] != "cancelled"


def _brief(event: dict[str, Any]) -> dict[str, Any]:
    if event["status"] != "cancelled":
        return event
    names = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
    return {name: event[name] for name in names if name in event}


def _is_at(value: dict[str, Any], start: str) -> bool:
    if "date" in value:
        return bool(value["date"] == start)
    return _when(value) == datetime.fromisoformat(start).astimezone(UTC)


def _entry(shelf: Shelf) -> dict[str, Any]:
    entry = {
        "kind": "calendar#calendarListEntry", "id": shelf.id, "summary": shelf.summary, "timeZone": ZONE,
        "accessRole": shelf.role, "backgroundColor": "#9fe1e7",
    }  # fmt: skip
    return {**entry, "primary": True} if shelf.id == ME else entry


def _error(status: int, reason: str, message: str = "") -> Reply:
    about = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
    return Reply(status, json.dumps({"error": about}).encode(), {"Content-Type": "application/json"})


def error(status: int, reason: str, **headers: str) -> Reply:
    """An error as Google tells it."""
    reply = _error(status, reason, f"about {reason}")
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, reply.body, {**reply.headers, **more})


@contextmanager
def calendars() -> Iterator[Account]:
    """A service with one empty calendar; at the end every request and answer must have been in form."""
    account = Account()
    account.shelf()
    answer: Callable[[Request], Reply] = held_to(
        contract("calendar.v3"), _Service(account).answer, account.violations
    )
    with serving(answer) as web:
        account.web = web
        yield account
    assert not account.violations
