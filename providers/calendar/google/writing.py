"""Writing: one series at Google made what a file says, by as few requests as it takes.

Each request says which version it is about, so that nothing is overwritten that was not looked at. Who is
invited anew stays beside the event until a deed tells them; nobody is told by anything else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import tzinfo
from hashlib import sha256
from typing import Any, NamedTuple

from providers.calendar.compose import moment_line
from providers.calendar.event import Moment, Span, later
from providers.calendar.google import extras
from providers.calendar.google.api import ALL, NONE, Api
from providers.calendar.google.changes import Changes
from providers.calendar.google.moments import moment_of, value_of
from providers.calendar.google.resource import (
    Wanted,
    Wish,
    address_of,
    changed,
    differs,
    utc_of,
    wanted_of,
    written,
)
from providers.calendar.google.series import Series
from providers.calendar.google.wire import Json, inner, is_cancelled, objects, text, texts
from vfs.errors import Conflict, Refused

_OWN_ID = re.compile(r"([a-v0-9]{5,1024})@google\.com", re.ASCII)
_TWIN = "another event of this calendar has its UID: remove one of the two, or move one over the other"


class Telling(NamedTuple):
    """How a change is made."""

    loud: bool = False
    """Guests are told, also those who were not yet."""
    mark: str = ""
    """Noted with the event, so that it can be seen that it was done."""

    @property
    def told(self) -> str:
        return ALL if self.loud else NONE


QUIET = Telling()


class Writing:
    """Changes to the events of one account."""

    def __init__(self, api: Api, changes: Changes, home: tzinfo, mine: Collection[str]) -> None:
        """`home`: where what floats happens; `mine`: the person's own addresses."""
        self._api = api
        self._changes = changes
        self._home = home
        self._mine = frozenset(one.lower() for one in mine)

    def wanted(self, content: bytes) -> Wanted:
        return wanted_of(content, self._home)

    def is_same(self, wanted: Wanted, series: Series) -> bool:
        """Whether Google has what a file says."""
        if series.is_gone:
            return wanted.master is None or wanted.master.is_off
        return self._is_same(wanted, self.wanted(series.content()))

    def _is_same(self, wanted: Wanted, there: Wanted) -> bool:
        if wanted.master is None or there.master is None:
            alike = wanted.master is there.master
        else:
            off = _called_off(wanted), _called_off(there)
            alike = not differs(wanted.master, there.master) and off[0] == off[1]
        live, shown = _live(wanted), _live(there)
        return (
            alike
            and live.keys() == shown.keys()
            and not any(differs(wish, shown[stamp][1]) for stamp, (_, wish) in live.items())
        )

    # -- new ones

    async def insert(self, calendar: str, content: bytes, how: Telling = QUIET) -> Series:
        """A new event. Done before, it is found again. Raises Refused for another one of its UID."""
        wanted = self.wanted(content)
        first = wanted.master or next((wish for _, wish in wanted.others.values()), None)
        if first is None or first.is_off:
            raise Refused(None, "is called off, which at Google is the same as removed")
        id = id_of(wanted.uid)
        rules = first.fields.get("recurrence")
        event = self._event(first, {}, wanted.uid, how, [*rules, *first.exdates] if rules else [])
        try:
            made = await self._api.insert(calendar, {**event, "id": id}, how.told)
        except Conflict:
            made = await self._known(calendar, {**event, "id": id}, first, how)
        if wanted.master is None or not wanted.others:
            return Series(id, made, (), await self._changes.zone(calendar))
        series = await self._changes.series(calendar, id)
        await self._differing(calendar, series, wanted, self.wanted(series.content()), how)
        return await self._changes.series(calendar, id)

    async def _known(self, calendar: str, event: Mapping[str, Any], first: Wish, how: Telling) -> Json:
        """The event that has the id already: this one, or the one that was removed and comes again."""
        series = await self._changes.series(calendar, event["id"])
        if series.master is not None:
            there = self.wanted(series.content()).master
            if there is None or differs(first, there):
                raise Refused(None, _TWIN)
            return series.master
        gone = await self._api.event(calendar, event["id"])
        if gone is None:
            raise Refused(None, _TWIN)
        return await self._api.update(calendar, {**event, "etag": text(gone, "etag")}, how.told)

    # -- known ones

    async def update(self, calendar: str, series: Series, content: bytes, how: Telling = QUIET) -> Series:
        """The series as a file says. Raises Conflict, NotFound, Refused."""
        wanted, there = self.wanted(content), self.wanted(series.content())
        main = wanted.master
        if main is not None and main.is_off:
            await self.remove(calendar, series, how)
            return Series(series.id, None, (), series.zone)
        if series.master is not None and main is not None and there.master is not None:
            rules = self._rules(series, wanted, there)
            loud = how.loud and (how.mark != extras.told(series.master) or self._untold(main, series.master))
            if differs(main, there.master) or loud or rules != [*texts(series.master, "recurrence")]:
                event = self._event(main, series.master, wanted.uid, how, rules)
                await self._put(calendar, series.master, event, changed(main, there.master), how)
                series = await self._changes.series(calendar, series.id)
        await self._differing(calendar, series, wanted, there, how)
        return await self._changes.series(calendar, series.id)

    async def remove(self, calendar: str, series: Series, how: Telling = QUIET) -> None:
        """Raises Conflict when it is another one by now."""
        parts = [series.master] if series.master is not None else series.others
        for one in parts:
            if not is_cancelled(one):
                await self._api.delete(calendar, text(one, "id"), text(one, "etag"), how.told)

    async def _put(
        self, calendar: str, there: Json, event: Mapping[str, Any], fields: Collection[str], how: Telling
    ) -> None:
        """Changes an event; of somebody else's, only the fields that have changed may be told."""
        host = inner(there, "organizer")
        if not host or host.get("self") is True or there.get("guestsCanModify") is True:
            await self._api.update(calendar, event, how.told)
        elif fields:
            told = {name: event.get(name) for name in sorted(fields)}
            await self._api.patch(calendar, there, told, how.told)

    def _rules(self, series: Series, wanted: Wanted, there: Wanted) -> list[str]:
        """The lines of recurrence: those of the file, and what of those that Google has is still excluded."""
        main, master = wanted.master, series.master
        assert main is not None
        assert master is not None
        if not main.fields.get("recurrence"):
            return []
        known = series.by_stamp(self._home)
        listed = _called_off(there) - {stamp for stamp, one in known.items() if is_cancelled(one)}
        off = _called_off(wanted)
        kept = [line for line in texts(master, "recurrence") if line.upper().startswith("EXDATE")]
        if listed - off:
            excluded = [main.excluded[stamp] for stamp in sorted(listed & main.excluded.keys())]
            kept = [moment_line("EXDATE", one).text for one in excluded]
        return [*main.fields["recurrence"], *kept]

    async def _differing(
        self, calendar: str, series: Series, wanted: Wanted, before: Wanted, how: Telling
    ) -> None:
        """The instances: those that differ, those that do not take place, those that are as all others.

        `before`: what the series was when it was looked at first.
        """
        there = before if series.is_gone else self.wanted(series.content())
        known, live, shown = series.by_stamp(self._home), _live(wanted), _live(there)
        for stamp, (moment, wish) in live.items():
            base = shown[stamp][1] if stamp in shown else None
            told = not how.loud or stamp not in known or not self._untold(wish, known[stamp])
            if base is not None and not differs(wish, base) and told:
                continue
            event = await self._instance(calendar, series, stamp, moment, known)
            fields = changed(wish, base) if base is not None else set(wish.fields) | {"attendees"}
            await self._put(calendar, event, self._event(wish, event, wanted.uid, how), fields, how)
        if wanted.master is None:
            return
        off, were = _called_off(wanted), _called_off(there)
        moments = {**wanted.master.excluded, **{stamp: pair[0] for stamp, pair in wanted.others.items()}}
        for stamp in sorted(off - were):
            gone = await self._instance(calendar, series, stamp, moments[stamp], known)
            await self._api.delete(calendar, text(gone, "id"), text(gone, "etag"), how.told)
        again = ((were - off) | (shown.keys() - live.keys() - off)) & known.keys()
        shifted = before.master is not None and _schedule(wanted.master) != _schedule(before.master)
        for stamp in sorted(again - live.keys()):
            if not shifted:
                await self._restore(calendar, series, known[stamp], wanted.master, how)
            elif not is_cancelled(known[stamp]):
                await self._api.delete(calendar, text(known[stamp], "id"), told=how.told)

    async def _restore(self, calendar: str, series: Series, known: Json, like: Wish, how: Telling) -> None:
        """An instance becomes as all others of its series are."""
        assert series.master is not None
        first, last, original = (
            moment_of(value, series.zone)
            for value in (
                inner(series.master, "start"),
                inner(series.master, "end"),
                inner(known, "originalStartTime"),
            )
        )
        if first is None or last is None or original is None:
            return
        length = last.utc(self._home) - first.utc(self._home)
        span = Span(length.days) if original.is_date else Span(0, int(length.total_seconds()))
        fields = {name: value for name, value in like.fields.items() if name != "recurrence"}
        fields["start"] = value_of(original, self._home)
        fields["end"] = value_of(later(original, span), self._home)
        event = self._event(like._replace(fields=fields), known, "", how)
        await self._put(calendar, known, event, set(fields), how)

    async def _instance(
        self, calendar: str, series: Series, stamp: str, moment: Moment, known: Mapping[str, Json]
    ) -> Json:
        if stamp in known:
            return known[stamp]
        found = await self._api.instance(calendar, series.id, utc_of(moment, self._home), stamp)
        if found is None:
            raise Refused(None, f"Google knows no time of this series at {moment.wall:%Y-%m-%d %H:%M}")
        return found

    def _event(
        self, wish: Wish, there: Json, uid: str, how: Telling, rules: Collection[str] = ()
    ) -> dict[str, Any]:
        held = frozenset() if how.loud else self._held(wish, there)
        mine = {extras.UID: uid} if uid and uid != (text(there, "iCalUID") or given_uid(uid)) else {}
        if how.mark:
            mine[extras.TOLD] = how.mark
        made = written(wish, there, held, mine)
        made.pop("recurrence", None)
        return {**made, "recurrence": list(rules)} if rules else made

    def _held(self, wish: Wish, there: Json) -> frozenset[str]:
        """Guests whom Google is not to know of before they are invited."""
        known = {text(one, "email").lower() for one in objects(there, "attendees")} | self._mine
        return frozenset(address_of(line) for line in wish.guests) - known

    def _untold(self, wish: Wish, there: Json) -> bool:
        return bool(self._held(wish, there))


def id_of(uid: str) -> str:
    """The id of a new event, always the same for the same UID."""
    found = _OWN_ID.fullmatch(uid)
    return found[1] if found else sha256(uid.encode()).hexdigest()[:40]


def given_uid(uid: str) -> str:
    """The UID that Google gives to an event with this id."""
    return f"{id_of(uid)}@google.com"


def _live(wanted: Wanted) -> Mapping[str, tuple[Moment, Wish]]:
    return {stamp: pair for stamp, pair in wanted.others.items() if not pair[1].is_off}


def _called_off(wanted: Wanted) -> frozenset[str]:
    """The instances that do not take place."""
    excluded = frozenset(wanted.master.excluded if wanted.master is not None else ())
    return excluded | {stamp for stamp, (_, wish) in wanted.others.items() if wish.is_off}


def _schedule(wish: Wish) -> tuple[object, object]:
    return wish.fields["start"], wish.fields.get("recurrence")
