"""Reading: what a calendar file says, from its bytes. Nothing in a file makes it raise, or take long."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from providers.calendar.event import Calendar, Event, Moment, Period, Person, Said, Series, Span, later
from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.lines import Line
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.values import read_moment, read_moments, read_span, read_stamp, text_of, texts_of
from providers.calendar.ics.vcalendar import rules_of
from providers.calendar.rulewords import rule_in_words

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read; of a larger one nothing is shown."""
MOST_PEOPLE = 1000
"""Attendees of an event that are read."""
MOST_DATES = 20_000
"""Dates that a series lists one by one."""
MOST_PROBLEMS = 20
LONGEST_TITLE = 1000
LONGEST_TEXT = 100_000

Lines = Mapping[str, Sequence[Line]]

_ZERO = timedelta(0)
_MAIL = re.compile(r"\s*mailto:\s*", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"\\]{4,500}", re.IGNORECASE)
_ONLINE = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "URL")
_MEETINGS = re.compile(r"zoom\.|meet\.|teams\.|webex|jitsi|whereby|bluejeans|gotomeet", re.IGNORECASE)
_ROLES = {
    "CHAIR": "chair",
    "REQ-PARTICIPANT": "required",
    "OPT-PARTICIPANT": "optional",
    "NON-PARTICIPANT": "informed",
}
_KINDS = {"INDIVIDUAL": "person", "GROUP": "group", "RESOURCE": "resource", "ROOM": "room"}
_ANSWERS = ("accepted", "declined", "tentative", "delegated")
_STATUS = ("tentative", "cancelled")
_OTHERS = ("VTODO", "VJOURNAL", "VFREEBUSY")


def read_calendar(data: bytes) -> Calendar:
    """What a file says. What cannot be read is named in `problems`; never raises."""
    if len(data) > LARGEST:
        return Calendar(problems=(f"it is larger than {LARGEST // 1024 // 1024} MB",))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    root = parse(data)
    calendars = list(root.components("VCALENDAR"))
    if any(True for _ in root.components("VEVENT")):
        calendars.append(root)
    events: list[Event] = []
    problems: list[str] = []
    for calendar in calendars:
        zones = Zones(calendar)
        for component in calendar.components("VEVENT"):
            event = read_event(component, zones)
            if isinstance(event, Event):
                events.append(event)
                event = event.said.problem
            if event and len(problems) < MOST_PROBLEMS and event not in problems:
                problems.append(event)
    first = calendars[0] if calendars else root
    name = first.first("X-WR-CALNAME") or first.first("NAME")
    return Calendar(
        tuple(_series(events)),
        first.value("METHOD").strip().lower()[:20],
        text_of(name)[:LONGEST_TITLE] if name is not None else "",
        first.value("PRODID")[:LONGEST_TITLE],
        sum(1 for calendar in calendars for _ in calendar.components(*_OTHERS)),
        problems if calendars else ("it holds no calendar",),
    )


def read_event(component: Component, zones: Zones) -> Event | str:
    """One VEVENT, or why it cannot be one."""
    lines = component.by_name()
    zones.unknown = ""
    instance = _moment(lines, "RECURRENCE-ID", zones)
    start = _moment(lines, "DTSTART", zones) or instance
    title = _said(lines, "SUMMARY", LONGEST_TITLE)
    if start is None:
        return f"“{title[:80] or 'an event'}” does not say when it begins"
    end, span, problem = _length(lines, start, zones)
    recurring = instance is None
    # vCalendar 1.0 has rules of another kind, and knows no BYDAY.
    rules = rules_of(_values(lines, "RRULE"), start) if recurring else ()
    dates = _moments(lines, "RDATE", zones) if recurring else []
    excluded = _moments(lines, "EXDATE", zones)
    if zones.unknown:
        problem = f"there is no time zone “{zones.unknown[:60]}”; its times are taken as they stand"
    uid = _said(lines, "UID", LONGEST_TITLE) or _made_up(component)
    stamp = read_stamp(_value(lines, "DTSTAMP"))
    recurrence = lines.get("RECURRENCE-ID", ())
    return Event(
        uid,
        start,
        end,
        span,
        rules,
        rules_of(_values(lines, "EXRULE"), start) if recurring else (),
        tuple(date for date in dates if date is not None),
        tuple(one for one in excluded if isinstance(one, Moment)),
        instance,
        any(line.param("RANGE").upper() == "THISANDFUTURE" for line in recurrence[:1]),
        _number(_value(lines, "SEQUENCE")),
        _all_said(lines, title, rule_in_words(rules, start) if rules or dates else "", problem),
        _said(lines, "DESCRIPTION", LONGEST_TEXT),
        stamp.wall.replace(tzinfo=UTC) if stamp else None,
    )


def _made_up(component: Component) -> str:
    """A UID for what has none: the same for the same lines."""
    lines = b"\n".join(line.raw.rstrip() for line in component.lines())
    return f"no-uid-{zlib.crc32(lines):08x}"


def _series(events: Iterable[Event]) -> Iterable[Series]:
    masters: dict[str, Event | None] = {}
    others: dict[str, dict[Moment, Event]] = {}
    for event in events:
        known = masters.setdefault(event.uid, None)
        if event.instance is None:
            masters[event.uid] = event if known is None else max(known, event, key=_newness)
        else:
            instances = others.setdefault(event.uid, {})
            twin = instances.get(event.instance, event)
            instances[event.instance] = max(twin, event, key=_newness)
    for uid, master in masters.items():
        overrides = others.get(uid, {})
        yield Series(uid, master, tuple(overrides[at] for at in sorted(overrides, key=_order)))


def _order(moment: Moment) -> tuple[datetime, str]:
    return moment.utc(UTC), moment.zone


def _newness(event: Event) -> tuple[int, datetime]:
    return event.sequence, event.stamp or datetime.min.replace(tzinfo=UTC)


def _length(lines: Lines, start: Moment, zones: Zones) -> tuple[Moment | None, Span | None, str]:
    """DTEND or DURATION, made to agree with `start`, and what is wrong with them."""
    end = _moment(lines, "DTEND", zones)
    span = read_span(_value(lines, "DURATION")) if end is None else None
    if span is not None:
        if span.delta < _ZERO:
            return None, None, "it would end before it begins; it is shown without a length"
        if start.is_date and span.seconds:
            span = Span(span.days + -(-span.seconds // 86400))
        return None, span if span.delta or not start.is_date else None, ""
    if end is None:
        return None, None, ""
    if start.is_date and not end.is_date:
        midnight = end.wall.replace(hour=0, minute=0, second=0)
        day = Moment(midnight, "", True)
        end = day if midnight == end.wall else later(day, Span(1))
    elif end.is_date and not start.is_date:
        end = Moment(end.wall, start.zone)
    if start.is_date and end.wall == start.wall:
        return None, None, ""
    before = end.wall < start.wall if end.zone == start.zone else end.utc(UTC) < start.utc(UTC)
    return (
        (None, None, "it ends before it begins; it is shown without a length") if before else (end, None, "")
    )


def _all_said(lines: Lines, title: str, rule: str, problem: str) -> Said:
    status = _value(lines, "STATUS").strip().lower()
    organizers = lines.get("ORGANIZER", ())
    busy = _value(lines, "TRANSP").strip().upper() != "TRANSPARENT"
    shown = _value(lines, "X-MICROSOFT-CDO-BUSYSTATUS").strip().upper()
    location = _said(lines, "LOCATION", LONGEST_TITLE)
    return Said(
        title,
        location,
        status if status in _STATUS else "confirmed",
        busy and shown != "FREE",
        _person(organizers[0]) if organizers else None,
        tuple(_person(line) for line in lines.get("ATTENDEE", ())[:MOST_PEOPLE]),
        _link(lines, location),
        tuple(text for line in lines.get("CATEGORIES", ()) for text in texts_of(line))[:100],
        rule,
        _value(lines, "CLASS").strip().upper() in ("PRIVATE", "CONFIDENTIAL"),
        problem,
    )


def _link(lines: Lines, location: str) -> str:
    """Where it happens online; else its page."""
    for name in _ONLINE:
        for line in lines.get(name, ()):
            found = _LINK.match(line.value.strip())
            if found is not None:
                return found[0]
    found = _LINK.search(location)
    if found is None:
        texts = _LINK.finditer(_said(lines, "DESCRIPTION", LONGEST_TEXT))
        found = next((link for link in texts if _MEETINGS.search(link[0])), None)
    return found[0].rstrip(".,;)") if found is not None else ""


def _person(line: Line) -> Person:
    value = line.value.strip()
    if line.param("EMAIL") and not _MAIL.match(value):
        value = line.param("EMAIL")
    answer = line.param("PARTSTAT").lower()
    return Person(
        " ".join(line.param("CN").split())[:LONGEST_TITLE],
        _MAIL.sub("", value, count=1)[:LONGEST_TITLE],
        answer if answer in _ANSWERS else "needs-action",
        _ROLES.get(line.param("ROLE").upper(), "required"),
        _KINDS.get(line.param("CUTYPE").upper(), "person"),
        line.param("RSVP").upper() == "TRUE",
    )


def _moment(lines: Lines, name: str, zones: Zones) -> Moment | None:
    for line in lines.get(name, ())[:1]:
        return read_moment(line.value, zones.of(line), is_date=line.param("VALUE").upper() == "DATE")
    return None


def _moments(lines: Lines, name: str, zones: Zones) -> list[Moment | Period | None]:
    found: list[Moment | Period | None] = []
    for line in lines.get(name, ()):
        if len(found) >= MOST_DATES:
            break
        found += read_moments(line, zones.of)
    return found[:MOST_DATES]


def _value(lines: Lines, name: str) -> str:
    found = lines.get(name)
    return found[0].value if found else ""


def _values(lines: Lines, name: str) -> list[str]:
    return [line.value for line in lines.get(name, ())[:20]]


def _said(lines: Lines, name: str, most: int) -> str:
    found = lines.get(name)
    return text_of(found[0])[:most] if found else ""


def _number(text: str) -> int:
    text = text.strip()[:9]
    return int(text) if text.isascii() and text.isdigit() else 0
