"""Scheduling: invitations and answers, as deeds; Google tells people when it is asked to.

A deed leaves its key with the event, by which it can be seen that it was done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from hashlib import sha256

from providers.calendar.google import extras
from providers.calendar.google.changes import Changes
from providers.calendar.google.pushing import Allowed
from providers.calendar.google.resource import Wanted, Wish, address_of
from providers.calendar.google.series import Series
from providers.calendar.google.writing import Telling, Writing, id_of
from providers.calendar.ics.lines import Line
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Effect, Parameter, Verb
from vfs.errors import BadName, Conflict, NotFound, Refused
from vfs.ids import uuid7
from vfs.path import Path

MIME = "text/calendar"
_CONTENT = (Parameter("content", "the whole event's file, as it is to be at Google"),)
VERBS = {
    "invite": Verb("invite", "send an event to its guests", Effect.SEND, parameters=_CONTENT),
    "answer": Verb("answer", "send your answer to who organizes an event", Effect.SEND, parameters=_CONTENT),
}

Find = Callable[[Path], Awaitable[str]]
"""The key of the calendar that is shown at a path. Raises NotFound."""


class Scheduling:
    """What `Performs` of an account is."""

    def __init__(
        self, changes: Changes, writing: Writing, calendar: Find, allowed: Allowed, mine: Collection[str]
    ) -> None:
        self._changes = changes
        self._writing = writing
        self._calendar = calendar
        self._allowed = allowed
        self._mine = frozenset(one.lower() for one in mine)

    def deeds(self) -> Mapping[str, Verb]:
        return VERBS

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        content = arguments.get("content")
        if not isinstance(content, str) or not content.strip():
            raise BadName(path, "there is no event to send")
        data = content.encode()
        try:
            wanted = self._writing.wanted(data)
        except Refused as error:
            raise BadName(path, error.reason) from error
        guests = {address_of(line) for wish in _wishes(wanted) for line in wish.guests} - self._mine
        if verb == "invite" and not guests:
            raise BadName(path, "the event has no guests", hint="add some: calendar change --invite ADDRESS")
        whom = "the organizer"
        if verb == "invite":
            whom = f"{len(guests)} guest{'' if len(guests) == 1 else 's'}"
        # Who accepts, declines and accepts again sends the same answer twice, and means it.
        key = f"{sha256(data).hexdigest()[:24]}-{uuid7()}"
        summary = f"{verb} {path.name.rpartition('.')[0]}: {whom}"
        return Prepared(f"{verb}-{path.name}", summary, key, data, {"calendar": str(path.parent)}, MIME)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        await self._allowed()
        calendar, series = await self._there(deed, content)
        if series is not None and self._is_done(deed, content, series):
            return "was sent before"
        how = Telling(loud=True, mark=deed.key)
        await leaving()
        try:
            if series is None:
                await self._writing.insert(calendar, content, how)
            else:
                await self._writing.update(calendar, series, content, how)
        except Conflict as error:
            reason = "was changed at Google meanwhile"
            raise Refused(None, reason, hint="run: sync; then send it again") from error
        except NotFound as error:
            raise Refused(None, "is gone at Google") from error
        return "handed to Google Calendar, which sends it"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        """By the key that a deed leaves with its event; an answer by what Google has of it."""
        try:
            _, series = await self._there(deed, content)
        except (NotFound, Refused):
            return False
        return series is not None and self._is_done(deed, content, series)

    async def _there(self, deed: Deed, content: bytes) -> tuple[str, Series | None]:
        """The calendar, and the event as Google has it."""
        calendar = await self._calendar(Path.parse(str(deed.arguments.get("calendar", ""))))
        uid = self._writing.wanted(content).uid
        id = await self._changes.id_of(calendar, uid, id_of(uid))
        series = await self._changes.series(calendar, id)
        return calendar, None if series.is_gone else series

    def _is_done(self, deed: Deed, content: bytes, series: Series) -> bool:
        if series.master is not None and extras.told(series.master) == deed.key:
            return True
        if deed.verb != "answer":
            return False
        wished = [self._answers(wish.guests) for wish in _wishes(self._writing.wanted(content))]
        there = [self._answers(wish.guests) for wish in _wishes(self._writing.wanted(series.content()))]
        return wished == there

    def _answers(self, guests: Collection[Line]) -> list[str]:
        return sorted(line.param("PARTSTAT").upper() for line in guests if address_of(line) in self._mine)


def _wishes(wanted: Wanted) -> list[Wish]:
    main = [wanted.master] if wanted.master is not None else []
    return main + [wish for _, wish in wanted.others.values()]
