"""An event of Google's as iCalendar: the series with all that differs from it, as one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from providers.calendar.compose import calendar_of, moment_line, utc_stamp, zones_of
from providers.calendar.event import Moment
from providers.calendar.google import extras
from providers.calendar.google.moments import moment_of
from providers.calendar.google.wire import (
    Json,
    inner,
    is_cancelled,
    moment,
    number,
    objects,
    text,
    texts,
)
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import Line
from providers.calendar.ics.values import escaped
from providers.mail.html import page_of

FLOATING = "X-SPATIO-FLOATING"
COLOUR = "X-GOOGLE-COLOR-ID"
KIND = "X-GOOGLE-EVENT-TYPE"
CONFERENCE = "X-GOOGLE-CONFERENCE"
SILENT = "X-GOOGLE-NO-REMINDER"
FILE = "X-GOOGLE-FILE"
PAGE = "X-ALT-DESC"
RECURRENCE = ("RRULE", "RDATE", "EXDATE", "EXRULE")
ANSWERS = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needsAction": "NEEDS-ACTION",
}
VISIBILITY = {"private": "PRIVATE", "confidential": "CONFIDENTIAL", "public": "PUBLIC"}

_MARKUP = re.compile(
    r"<(?:br|p|a|b|i|u|ul|ol|li|div|span|html-blob|h[1-6]|strong|em)\b[^<>]*>", re.IGNORECASE
)
_TRIGGERS = ((1440, "D"), (60, "H"), (1, "M"))
_NOT_KEPT = frozenset(
    {"", "BEGIN", "END", "UID", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SUMMARY", *RECURRENCE}
)
"""Lines that nobody keeps beside an event, and that would make another one of it."""
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def file_of(master: Json | None, others: Sequence[Json], zone: str) -> bytes:
    """One file. `others`: events that differ from the master; `zone`: the calendar's own."""
    shown = [one for one in others if not is_cancelled(one)]
    main = master if master is not None else shown[0] if shown else None
    if main is None:
        return b""
    floats = _floats(main)
    uid = uid_of(main)
    events = [_event(one, uid, zone, floats) for one in ([master] if master is not None else []) + shown]
    if master is not None:
        start = moment_of(inner(master, "start"), zone, floating=floats)
        for one in others:
            original = moment_of(inner(one, "originalStartTime"), _zone_of(start, zone), floating=floats)
            if is_cancelled(one) and original is not None:
                events[0].add(moment_line("EXDATE", _like(original, start)))
    moments = [
        moment_of(inner(one, name), zone, floating=floats)
        for one in (main, *shown)
        for name in ("start", "end")
    ]
    made = calendar_of(events[0], zones_of(*moments))
    made.parts += events[1:]
    return made.raw()


def uid_of(event: Json) -> str:
    """The UID of an event, as it is known here."""
    return extras.uid(event) or text(event, "iCalUID") or f"{text(event, 'id')}@google.com"


def plain(description: str) -> str:
    """A description as text: Google's own pages write HTML into it."""
    if not is_markup(description):
        return description
    return page_of(description.replace("\n", "<br>")).text.strip()


def is_markup(description: str) -> bool:
    return bool(_MARKUP.search(description)) or "&nbsp;" in description


def _floats(event: Json) -> bool:
    return any(line.startswith(FLOATING) for line in extras.lines(event))


def _zone_of(start: Moment | None, zone: str) -> str:
    return start.zone if start is not None and start.zone else zone


def _like(original: Moment, start: Moment | None) -> Moment:
    """Which instance is meant, in the zone in which its series is written."""
    if start is None or original.is_date or start.is_date or original.zone == start.zone or not start.zone:
        return original
    there = original.at(UTC).astimezone(start.at(UTC).tzinfo)
    return Moment(there.replace(tzinfo=None), start.zone)


def _event(said: Json, uid: str, zone: str, floats: bool) -> Component:
    made = Component.new("VEVENT")
    for line in _lines(said, uid, zone, floats):
        made.add(line)
    made.parts += _alarms(said)
    return made


def _lines(said: Json, uid: str, zone: str, floats: bool) -> Iterator[Line]:
    changed, created = moment(said, "updated"), moment(said, "created")
    yield Line.of("UID", escaped(uid))
    yield Line.of("DTSTAMP", utc_stamp(changed or created or _NEVER))
    if created is not None:
        yield Line.of("CREATED", utc_stamp(created))
    if changed is not None:
        yield Line.of("LAST-MODIFIED", utc_stamp(changed))
    if number(said, "sequence") > 0:
        yield Line.of("SEQUENCE", str(number(said, "sequence")))
    start = moment_of(inner(said, "start"), zone, floating=floats)
    end = moment_of(inner(said, "end"), zone, floating=floats)
    original = moment_of(inner(said, "originalStartTime"), zone, floating=floats)
    if original is not None:
        yield moment_line("RECURRENCE-ID", original)
    if start is not None or original is not None:
        yield moment_line("DTSTART", start or original)  # type: ignore[arg-type]
    if end is not None and end != start and said.get("endTimeUnspecified") is not True:
        yield moment_line("DTEND", end)
    yield from _recurrence(said)
    yield Line.of("SUMMARY", escaped(text(said, "summary")))
    if where := text(said, "location"):
        yield Line.of("LOCATION", escaped(where))
    yield from _description(text(said, "description"))
    if text(said, "status") == "tentative":
        yield Line.of("STATUS", "TENTATIVE")
    if text(said, "transparency") == "transparent":
        yield Line.of("TRANSP", "TRANSPARENT")
    if text(said, "visibility") in VISIBILITY:
        yield Line.of("CLASS", VISIBILITY[text(said, "visibility")])
    yield from _people(said)
    yield from _rest(said)


def _recurrence(said: Json) -> Iterator[Line]:
    for rule in texts(said, "recurrence"):
        if rule.partition(":")[0].partition(";")[0].strip().upper() in RECURRENCE:
            yield Line.of(*_halves(" ".join(rule.split())))


def _halves(line: str) -> tuple[str, str]:
    """Name with parameters, and value, as `Line.of` joins them."""
    head, _, value = line.partition(":")
    return head, value


def _description(said: str) -> Iterator[Line]:
    if not said:
        return
    yield Line.of("DESCRIPTION", escaped(plain(said)))
    if is_markup(said):
        yield Line.of(PAGE, escaped(said), [("FMTTYPE", "text/html")])


def _people(said: Json) -> Iterator[Line]:
    guests = [one for one in objects(said, "attendees") if "@" in text(one, "email")]
    host = inner(said, "organizer")
    if text(host, "email") and (guests or host.get("self") is not True):
        yield Line.of("ORGANIZER", f"mailto:{_one(host, 'email')}", _called(host))
    for one in guests:
        yield Line.of("ATTENDEE", f"mailto:{_one(one, 'email')}", _guest(one))


def _guest(one: Json) -> Iterator[tuple[str, str]]:
    yield from _called(one)
    if one.get("resource") is True:
        yield "CUTYPE", "RESOURCE"
    yield "ROLE", "OPT-PARTICIPANT" if one.get("optional") is True else "REQ-PARTICIPANT"
    answer = ANSWERS.get(text(one, "responseStatus"), "NEEDS-ACTION")
    yield "PARTSTAT", answer
    if answer == "NEEDS-ACTION":
        yield "RSVP", "TRUE"
    if number(one, "additionalGuests") > 0:
        yield "X-NUM-GUESTS", str(number(one, "additionalGuests"))
    if comment := text(one, "comment"):
        yield "X-RESPONSE-COMMENT", comment


def _called(person: Json) -> list[tuple[str, str]]:
    name = text(person, "displayName")
    return [("CN", name)] if name else []


def _one(said: Json, name: str) -> str:
    return "".join(text(said, name).split())


def _rest(said: Json) -> Iterator[Line]:
    if page := _one(inner(said, "source"), "url"):
        yield Line.of("URL", page)
    if meeting := _meeting(said):
        yield Line.of(CONFERENCE, meeting)
    reminders = inner(said, "reminders")
    if reminders.get("useDefault") is False and not objects(reminders, "overrides"):
        # Without an alarm alone, those of the calendar would count.
        yield Line.of(SILENT, "TRUE")
    if colour := text(said, "colorId"):
        yield Line.of(COLOUR, colour)
    if text(said, "eventType") not in ("", "default"):
        yield Line.of(KIND, text(said, "eventType"))
    for file in objects(said, "attachments"):
        if url := _one(file, "fileUrl"):
            about = (("FMTTYPE", text(file, "mimeType")), ("FILENAME", text(file, "title")))
            yield Line.of("ATTACH", url, [*((name, value) for name, value in about if value), (FILE, "TRUE")])
    known = {text(one, "email").lower() for one in objects(said, "attendees")}
    for line in extras.lines(said):
        found = Line.of(*_halves(line))
        address = found.value.strip().lower().removeprefix("mailto:")
        told = found.name == "ATTENDEE" and address in known
        if found.name not in _NOT_KEPT and not told and not (found.name == "ORGANIZER" and known):
            yield found


def _meeting(said: Json) -> str:
    """Where people meet online."""
    for entry in objects(inner(said, "conferenceData"), "entryPoints"):
        if text(entry, "entryPointType") == "video" and _one(entry, "uri"):
            return _one(entry, "uri")
    return _one(said, "hangoutLink")


def _alarms(said: Json) -> Iterator[Component]:
    title = text(said, "summary") or "Reminder"
    for one in objects(inner(said, "reminders"), "overrides"):
        mail = text(one, "method") == "email"
        lines = [("ACTION", "EMAIL" if mail else "DISPLAY"), ("DESCRIPTION", escaped(title))]
        lines += [("SUMMARY", escaped(title))] if mail else []
        yield Component.new("VALARM", [Line.of(*pair) for pair in (*lines, ("TRIGGER", _before(one)))])


def _before(reminder: Json) -> str:
    minutes = max(number(reminder, "minutes"), 0)
    for size, unit in _TRIGGERS:
        if minutes and minutes % size == 0:
            return f"-P{'' if unit == 'D' else 'T'}{minutes // size}{unit}"
    return "PT0S"


def text_lines(component: Component, skipped: Iterable[str]) -> list[str]:
    """The lines of an event but those of the names `skipped`, unfolded."""
    names = frozenset(skipped)
    return [line.text for line in component.lines() if line.name and line.name not in names]
