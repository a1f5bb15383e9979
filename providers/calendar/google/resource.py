"""What an event's file says, as Google takes it: the parts of a series, with the fields that Google has."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from providers.calendar.event import Event, Moment
from providers.calendar.google import extras
from providers.calendar.google.icalendar import (
    ANSWERS,
    COLOUR,
    CONFERENCE,
    FILE,
    FLOATING,
    KIND,
    PAGE,
    RECURRENCE,
    SILENT,
    VISIBILITY,
    plain,
)
from providers.calendar.google.moments import stamp_of, value_of
from providers.calendar.google.wire import Json, objects, text
from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.lines import Line
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.values import read_span, text_of
from providers.calendar.ics.zones import OWN
from providers.calendar.reading import read_event
from vfs.errors import Refused

REMINDERS = 5
FURTHEST = 40_320
"""Minutes before an event at which Google reminds."""

_MADE = ("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "RECURRENCE-ID")
_MAPPED = (
    *_MADE, *RECURRENCE, "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS",
    "TRANSP", "CLASS", "ORGANIZER", "ATTENDEE", COLOUR, KIND, CONFERENCE, SILENT, FLOATING, PAGE,
)  # fmt: skip
_PAGE = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
_FIELDS = (
    "start", "end", "recurrence", "summary", "location", "description", "status", "transparency",
    "visibility", "reminders", "source", "colorId",
)  # fmt: skip
"""Fields that are set from here, besides `attendees` and `extendedProperties`."""


class Wish(NamedTuple):
    """What one event is to say."""

    fields: Mapping[str, Any]
    """By the names of _FIELDS; what is missing is to be empty."""
    guests: Sequence[Line]
    """Its ATTENDEE lines."""
    host: Line | None
    extra: Sequence[str]
    """Lines that Google has no place for."""
    excluded: Mapping[str, Moment]
    """Instances that do not take place, by their stamps."""
    exdates: Sequence[str]
    """The lines that say so."""
    is_off: bool
    """It is called off, which at Google is: not there."""


class Wanted(NamedTuple):
    """What a file says of its first series."""

    uid: str
    master: Wish | None
    others: Mapping[str, tuple[Moment, Wish]]
    """What differs, by the stamps of the instances."""


def wanted_of(data: bytes, home: tzinfo) -> Wanted:
    """Raises Refused for what Google cannot keep."""
    for calendar in parse(data).components("VCALENDAR"):
        zones = Zones(calendar)
        pairs = [(read_event(one, zones), one) for one in calendar.components("VEVENT")]
        events = [(event, one) for event, one in pairs if isinstance(event, Event)]
        if not events:
            continue
        uid = events[0][0].uid
        series = [(event, one) for event, one in events if event.uid == uid]
        masters = [pair for pair in series if pair[0].instance is None]
        master = max(masters, key=lambda pair: pair[0].sequence) if masters else None
        others: dict[str, tuple[Moment, Wish]] = {}
        for event, one in series:
            if event.instance is None:
                continue
            if event.following:
                raise Refused(None, "Google knows no change of all later times: split the series in two")
            others[stamp_of(event.instance, home)] = event.instance, _wish(event, one, home)
        return Wanted(uid, _wish(*master, home) if master else None, others)
    raise Refused(None, "holds no event")


def differs(wish: Wish, other: Wish) -> bool:
    """Whether two wishes come to different events; instances that do not take place aside."""
    return _essence(wish) != _essence(other)


def written(wish: Wish, there: Json, held: Collection[str], mine: Mapping[str, str]) -> dict[str, Any]:
    """The event as Google is to have it: `there` with what is wished.

    Guests whose addresses are in `held` are not told to Google: they are kept beside the event. `mine` are
    own properties of the event.
    """
    made = {name: value for name, value in there.items() if name not in _FIELDS}
    made.update(wish.fields)
    told = [line for line in wish.guests if address_of(line) not in held]
    apart = [line.text for line in wish.guests if line not in told]
    if apart and not told and wish.host is not None:
        apart.append(wish.host.text)
    made["attendees"] = _attendees(told, there)
    if not made["attendees"]:
        del made["attendees"]
    lines = [*wish.extra, *apart]
    properties = extras.kept(there, lines, mine)
    made.pop("extendedProperties", None)
    if properties:
        made["extendedProperties"] = properties
    return made


def address_of(line: Line) -> str:
    """Whom a line names, in lower case."""
    return line.value.strip().lower().removeprefix("mailto:")


def _essence(wish: Wish) -> tuple[object, ...]:
    guests = sorted((address_of(line), *sorted(_said_of(line).items())) for line in wish.guests)
    recurs = bool(wish.fields.get("recurrence"))
    times = [_instant(wish.fields[name], zoned=recurs) for name in ("start", "end")]
    said = {name: value for name, value in wish.fields.items() if name not in ("start", "end")}
    return times, said, guests, sorted(wish.extra), wish.is_off


def _instant(value: Mapping[str, Any], *, zoned: bool) -> tuple[object, ...]:
    """A time; of what recurs also its zone, by which the others go."""
    if "date" in value:
        return (value["date"],)
    when = datetime.fromisoformat(value["dateTime"]).astimezone(UTC)
    return (when, value["timeZone"]) if zoned else (when,)


def changed(wish: Wish, base: Wish) -> set[str]:
    """The fields in which two wishes differ."""
    names = {name for name in _FIELDS if wish.fields.get(name) != base.fields.get(name)}
    told = [sorted((address_of(line), str(_said_of(line))) for line in one.guests) for one in (wish, base)]
    return names | ({"attendees"} if told[0] != told[1] else set())


def _wish(event: Event, component: Component, home: tzinfo) -> Wish:
    fields: dict[str, Any] = {"start": value_of(event.start, home)}
    stop = event.stop
    fields["end"] = value_of(stop, home)
    rules = [line.text for line in component.lines(*RECURRENCE) if line.name != "EXDATE"]
    if rules and event.instance is None:
        if event.start.zone.startswith(OWN):
            raise Refused(None, "recurs in a zone of its own, which Google does not know")
        fields["recurrence"] = rules
    for name, line in (("summary", "SUMMARY"), ("location", "LOCATION")):
        if said := _text(component, line):
            fields[name] = said
    if said := _description(component):
        fields["description"] = said
    status = component.value("STATUS").strip().upper()
    fields["status"] = "tentative" if status == "TENTATIVE" else "confirmed"
    if component.value("TRANSP").strip().upper() == "TRANSPARENT":
        fields["transparency"] = "transparent"
    by_class = {word: name for name, word in VISIBILITY.items()}
    if found := by_class.get(component.value("CLASS").strip().upper()):
        fields["visibility"] = found
    page = component.value("URL").strip()
    skipped = [*_MAPPED]
    if _PAGE.fullmatch(page):
        fields["source"] = {"url": page, "title": page}
        skipped.append("URL")
    if colour := component.value(COLOUR).strip():
        fields["colorId"] = colour[:20]
    if reminders := _reminders(component):
        fields["reminders"] = reminders
    floating = not event.start.zone and not event.start.is_date
    kept = [line for line in component.lines() if line.name and line.name not in skipped]
    extra = [line.text for line in kept if not line.param(FILE)]
    if event.instance is None and floating:
        extra.append(f"{FLOATING}:TRUE")
    alone = event.instance is not None
    return Wish(
        fields,
        [line for line in component.lines("ATTENDEE") if "@" in line.value],
        component.first("ORGANIZER"),
        extra,
        {} if alone else {stamp_of(one, home): one for one in event.excluded},
        [] if alone else [line.text for line in component.lines("EXDATE")],
        status == "CANCELLED",
    )


def _text(component: Component, name: str) -> str:
    line = component.first(name)
    return "" if line is None else text_of(line)


def _description(component: Component) -> str:
    """The text; the page that it was made from, where it is still the same."""
    said, page = _text(component, "DESCRIPTION"), _text(component, PAGE)
    return page if page and plain(page) == said else said


def _reminders(component: Component) -> dict[str, Any]:
    """As Google has them: so many minutes before; empty for those of the calendar."""
    found: list[dict[str, Any]] = []
    for alarm in component.components("VALARM"):
        trigger = alarm.first("TRIGGER")
        span = read_span(trigger.value) if trigger is not None else None
        if trigger is None or span is None or trigger.param("RELATED").upper() == "END":
            continue
        minutes = int(-span.delta.total_seconds()) // 60
        mail = alarm.value("ACTION").strip().upper() == "EMAIL"
        one = {"method": "email" if mail else "popup", "minutes": minutes}
        if 0 <= minutes <= FURTHEST and one not in found:
            found.append(one)
    if found:
        return {"useDefault": False, "overrides": found[:REMINDERS]}
    return {"useDefault": False} if component.first(SILENT) is not None else {}


def _attendees(lines: Sequence[Line], there: Json) -> list[dict[str, Any]]:
    known = {text(one, "email").lower(): one for one in objects(there, "attendees")}
    made: dict[str, dict[str, Any]] = {}
    for line in lines:
        address = address_of(line)
        before = known.get(address)
        one = {**(before or {"email": address}), **_said_of(line)}
        if before is not None and not _said_of(line).get("displayName") and "displayName" in before:
            one["displayName"] = before["displayName"]
        made[address] = one
    return list(made.values())


def _said_of(line: Line) -> dict[str, Any]:
    """What a line says of a guest, besides who it is."""
    answers = {word: name for name, word in ANSWERS.items()}
    said: dict[str, Any] = {"responseStatus": answers.get(line.param("PARTSTAT").upper(), "needsAction")}
    if name := " ".join(line.param("CN").split()):
        said["displayName"] = name
    if line.param("ROLE").upper() == "OPT-PARTICIPANT":
        said["optional"] = True
    if line.param("CUTYPE").upper() in ("RESOURCE", "ROOM"):
        said["resource"] = True
    if comment := line.param("X-RESPONSE-COMMENT"):
        said["comment"] = comment
    count = line.param("X-NUM-GUESTS")
    if count.isascii() and count.isdigit() and len(count) < 5 and int(count):
        said["additionalGuests"] = int(count)
    return said


def utc_of(moment: Moment, home: tzinfo) -> str:
    """The time of an instance as Google is asked for it."""
    if moment.is_date:
        return moment.wall.date().isoformat()
    return moment.utc(home).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
