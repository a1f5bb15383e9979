"""Scheduling: invitations and answers, as deeds; the server sends them once the event is put there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256

from providers.calendar.caldav import guests, hrefs, xml
from providers.calendar.caldav.asking import ICS, Dav
from providers.calendar.caldav.fetching import Fetching
from providers.calendar.caldav.objects import file_name, is_same, uid_of
from providers.calendar.caldav.pushing import Rules
from providers.calendar.caldav.xml import CAL, DAV
from providers.mirror.remote import Collection
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Effect, Parameter, Verb
from vfs.errors import BadName, NotFound, Refused
from vfs.ids import uuid7
from vfs.path import Path

MIME = "text/calendar"
_CONTENT = (Parameter("content", "the whole event's file, as it is to be at the server"),)
VERBS = {
    "invite": Verb("invite", "send an event to its guests", Effect.SEND, parameters=_CONTENT),
    "answer": Verb("answer", "send your answer to who organizes an event", Effect.SEND, parameters=_CONTENT),
}
BY_MAIL = "send it by mail: calendar invite --mail"


class Scheduling:
    """What leaves by one server."""

    def __init__(
        self,
        dav: Callable[[], Awaitable[tuple[Dav, Fetching]]],
        rules: Callable[[], Awaitable[Rules]],
        calendar: Callable[[Path], Awaitable[Collection]],
        mine: Sequence[str],
    ) -> None:
        """`calendar` finds the one that is shown at a path, or raises NotFound; `mine`: own addresses."""
        self._mine = mine
        self._dav = dav
        self._rules = rules
        self._calendar = calendar

    def deeds(self) -> Mapping[str, Verb]:
        return VERBS

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        content = arguments.get("content")
        if not isinstance(content, str) or not content.strip():
            raise BadName(path, "there is no event to send")
        data = content.encode()
        uid = uid_of(data)
        if not uid:
            raise BadName(path, "the event has no UID")
        people = guests.standing(data, self._mine)
        if verb == "invite" and not people.guests:
            raise BadName(path, "the event has no guests", hint="add some: calendar change --invite ADDRESS")
        count = len(people.guests)
        whom = f"{count} guest{'' if count == 1 else 's'}" if verb == "invite" else "the organizer"
        # Who accepts, declines and accepts again sends the same answer twice, and means it.
        key = f"{sha256(data).hexdigest()[:24]}-{uuid7()}"
        summary = f"{verb} {path.name.rpartition('.')[0]}: {whom}"
        return Prepared(f"{verb}-{path.name}", summary, key, data, {"calendar": str(path.parent)}, MIME)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        dav, fetching = await self._dav()
        rules = await self._rules()
        if not rules.schedules:
            raise Refused(None, f"{dav.service} sends nothing to guests", hint=BY_MAIL)
        calendar = await self._calendar(Path.parse(str(deed.arguments.get("calendar", ""))))
        sent = guests.loud(content, rules.mine)
        there = await self._there(dav, fetching, calendar, uid_of(content))
        condition = {"if-none-match": "*"}
        href = calendar.key + file_name(uid_of(content))
        if there is not None:
            href, etag, present = there
            condition = {"if-match": etag}
            if _is_sent(present, content, rules):
                return "was sent before"
        await leaving()
        answer = await dav.ask("PUT", href, body=sent, headers={**ICS, **condition})
        if answer.status == 412:
            raise Refused(None, "was changed at the server meanwhile", hint="run: sync; then send it again")
        if 400 <= answer.status < 500:
            raise Refused(None, dav.wrong(answer).reason)
        dav.done(answer)
        return f"handed to {dav.service}, which sends it"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        """By the event as the server has it: put there, it is sent."""
        dav, fetching = await self._dav()
        rules = await self._rules()
        try:
            calendar = await self._calendar(Path.parse(str(deed.arguments.get("calendar", ""))))
        except NotFound:
            return False
        there = await self._there(dav, fetching, calendar, uid_of(content))
        if there is None:
            return False
        return _is_sent(there[2], content, rules)

    async def _there(
        self, dav: Dav, fetching: Fetching, calendar: Collection, uid: str
    ) -> tuple[str, str, bytes] | None:
        """The event with a UID as the server has it: what it is called, its etag, its content."""
        body = xml.document(
            CAL + "calendar-query",
            xml.props([DAV + "getetag"]),
            xml.element(
                CAL + "filter",
                xml.element(
                    CAL + "comp-filter",
                    xml.element(
                        CAL + "comp-filter",
                        xml.element(
                            CAL + "prop-filter",
                            xml.element(CAL + "text-match", xml.text(uid), collation="i;octet"),
                            name="UID",
                        ),
                        name="VEVENT",
                    ),
                    name="VCALENDAR",
                ),
            ),
        )
        found = dav.multi(await dav.report(calendar.key, body, 1)).responses
        for one in found:
            if one.status < 300:
                etag, content = await fetching.get(one.href)
                if uid_of(content) == uid:
                    return one.href, etag or hrefs.etag_of(one.words(DAV + "getetag")), content
        return None


def _is_sent(present: bytes, content: bytes, rules: Rules) -> bool:
    """Whether what a server has is the event, told to all whom it is about."""
    wanted = guests.standing(guests.loud(content, rules.mine), rules.mine)
    told = guests.standing(present, rules.mine)
    return is_same(present, content) and set(wanted.guests) <= set(told.guests)
