"""Composing: a new event as a calendar file, with the zone and the reminders that it needs.

Whatever a title or a description holds stays text: line ends and separators are escaped, control
characters are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from providers.calendar.event import Moment, Person
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import CRLF, Line
from providers.calendar.ics.values import escaped, read_stamp, write_moment
from providers.calendar.ics.vtimezone import timezone_of
from providers.calendar.rule import read_rule
from vfs.errors import BadName
from vfs.zone import zone_of

PRODUCT = "-//Spatio//Spatio//EN"
MOST_PEOPLE = 1000
LONGEST_REMINDER = 60 * 24 * 366
"""Minutes before an event at which somebody may be reminded."""

_PERSON = re.compile(
    r"\s*(?:\"?([^\"<>]*?)\"?\s*<\s*)?(?:mailto:)?([^\s<>\"]+@[^\s<>\"@]+?)\s*>?\s*", re.IGNORECASE
)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_UNTIL = re.compile(r"UNTIL=([^;]*)")
_STATUS = ("confirmed", "tentative", "cancelled")


class Draft(NamedTuple):
    """What a new event is to say."""

    title: str
    start: datetime | date
    """Aware, or without a zone for what floats; a date for a whole day."""
    end: datetime | date | None = None
    """A date is the first day after it. None: a day, or a moment."""
    zone: str = ""
    """The IANA zone that it keeps to; "" for the one that `start` has."""
    location: str = ""
    description: str = ""
    attendees: Sequence[Person] = ()
    organizer: Person | None = None
    rule: str = ""
    """The value of an RRULE."""
    remind: Sequence[int] = ()
    """Minutes before it begins."""
    busy: bool = True
    status: str = "confirmed"
    categories: Sequence[str] = ()
    link: str = ""


def composed(draft: Draft, uid: str, now: datetime) -> bytes:
    """The file of a new event. Raises BadName, with the reason."""
    # What happens once needs no zone to keep to but that of its moment.
    zone = draft.zone if draft.rule or not _OFFSET.fullmatch(draft.zone) else ""
    if not draft.rule and any(map(_is_second, (draft.start, draft.end))):
        zone = "UTC"
    start = moment_of(draft.start, zone)
    end = moment_of(draft.end, zone) if draft.end is not None else None
    check_order(start, end)
    event = Component.new("VEVENT")
    stamp = utc_stamp(now)
    for name, value in (
        ("UID", escaped(uid)),
        ("DTSTAMP", stamp),
        ("CREATED", stamp),
        ("LAST-MODIFIED", stamp),
    ):
        event.add(Line.of(name, value))
    event.add(moment_line("DTSTART", start))
    if end is not None and end != start:
        event.add(moment_line("DTEND", end))
    if draft.rule:
        event.add(Line.of("RRULE", rule_for(draft.rule, start)))
    texts = (("SUMMARY", draft.title), ("LOCATION", draft.location), ("DESCRIPTION", draft.description))
    for name, text in texts:
        if text or name == "SUMMARY":
            event.add(Line.of(name, escaped(text)))
    for line in _rest(draft):
        event.add(line)
    event.parts += [alarm(minutes, draft.title) for minutes in reminders(draft.remind)]
    return calendar_of(event, zones_of(start, end)).raw()


def calendar_of(event: Component, zones: Iterable[Component] = ()) -> Component:
    """A whole calendar around one event."""
    calendar = Component.new(
        "VCALENDAR",
        [Line.of("VERSION", "2.0"), Line.of("PRODID", PRODUCT), Line.of("CALSCALE", "GREGORIAN")],
    )
    calendar.parts += [*zones, event]
    return calendar


def zones_of(*moments: Moment | None) -> list[Component]:
    """The VTIMEZONEs that these moments need."""
    years = {one.zone: one.wall.year for one in reversed(moments) if one is not None}
    return [zone for zone in (timezone_of(name, year) for name, year in sorted(years.items())) if zone]


def _is_second(when: datetime | date | None) -> bool:
    """Whether it is the second of two equal times: a file that names the time means the first."""
    return (
        isinstance(when, datetime) and when.fold == 1 and when.utcoffset() != when.replace(fold=0).utcoffset()
    )


def moment_of(when: datetime | date, zone: str = "") -> Moment:
    """A moment in the IANA zone `zone`, by default in the one that `when` has. Raises BadName for no zone."""
    if not isinstance(when, datetime):
        return Moment(datetime(when.year, when.month, when.day), "", True)
    wall = when.replace(microsecond=0)
    if wall.tzinfo is None:
        return Moment(wall, _checked(zone) if zone else "")
    name = _checked(zone) if zone else getattr(wall.tzinfo, "key", "") or "UTC"
    name = "UTC" if name == "Etc/UTC" else name
    try:
        return Moment(wall.astimezone(zone_of(name)).replace(tzinfo=None, fold=0), name)
    except OverflowError:
        raise BadName(None, "the calendar ends before that") from None


def _checked(zone: str) -> str:
    offset = _OFFSET.fullmatch(zone)
    if offset is not None and not int(offset[3]) and int(offset[2]) <= 12:
        # In these names the sign says how far Greenwich is from there.
        zone = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if int(offset[2]) else "UTC"
    try:
        return zone_of(zone).key
    except ValueError as error:
        raise BadName(None, str(error)) from None


def check_order(start: Moment, end: Moment | None) -> None:
    """Raises BadName for an end before the start, or of another kind."""
    if end is None:
        return
    if end.is_date != start.is_date or bool(end.zone) != bool(start.zone):
        raise BadName(None, "an event is by whole days, or by the clock, from its start to its end")
    if end.utc(UTC) < start.utc(UTC) or (start.is_date and end == start):
        raise BadName(None, "an event cannot end before it begins")


def moment_line(name: str, moment: Moment, end: bytes = CRLF) -> Line:
    """DTSTART and its like."""
    if moment.is_date:
        return Line.of(name, write_moment(moment), [("VALUE", "DATE")], end)
    zoned = moment.zone not in ("", "UTC")
    return Line.of(name, write_moment(moment), [("TZID", moment.zone)] if zoned else [], end)


def rule_for(rule: str, start: Moment) -> str:
    """A rule as a series that begins at `start` has to write it. Raises BadName for what is no rule.

    UNTIL is a date for dates, the clock's time for what floats, and UTC for all else (RFC 5545 3.3.10).
    """
    value = rule.strip().removeprefix("RRULE:").upper().replace(" ", "").strip(";")
    try:
        read_rule(value)
    except ValueError as error:
        raise BadName(None, f"not a rule: {error}") from None
    found = _UNTIL.search(value)
    if found is None:
        return value
    if "COUNT=" in value:
        raise BadName(None, "not a rule: it ends by COUNT or by UNTIL, not by both")
    until = read_stamp(found[1])
    if until is None:
        raise BadName(None, f"not a rule: UNTIL is no date: {found[1][:40]}")
    last = Moment(until.wall, "UTC" if until.utc else start.zone)
    if until.is_date and not start.is_date:
        last = last._replace(wall=until.wall.replace(hour=23, minute=59, second=59))
    return value[: found.start(1)] + until_of(last, start) + value[found.end(1) :]


def until_of(last: Moment, start: Moment) -> str:
    """The value of UNTIL for a moment, in the kind that a series from `start` on asks for."""
    if start.is_date:
        return write_moment(Moment(last.wall, "", True))
    if not start.zone:
        return write_moment(Moment(last.wall))
    return write_moment(Moment(last.utc(UTC).replace(tzinfo=None), "UTC"))


def person_of(text: str) -> Person:
    """A person as they are typed: `Ada <ada@example.org>` or the address alone. Raises BadName for others."""
    found = _PERSON.fullmatch(text[:1000])
    if found is None:
        raise BadName(None, f"not an address: {text[:80]!r}")
    return Person(" ".join((found[1] or "").split()), found[2])


def attendee(person: Person, end: bytes = CRLF) -> Line:
    """Somebody to be invited."""
    roles = {"chair": "CHAIR", "optional": "OPT-PARTICIPANT", "informed": "NON-PARTICIPANT"}
    params = [("CN", person.name)] if person.name else []
    params += [("ROLE", roles.get(person.role, "REQ-PARTICIPANT")), ("PARTSTAT", person.answer.upper())]
    if person.answer == "needs-action":
        params.append(("RSVP", "TRUE"))
    return Line.of("ATTENDEE", f"mailto:{person.address}", params, end)


def organizer(person: Person, end: bytes = CRLF) -> Line:
    params = [("CN", person.name)] if person.name else []
    return Line.of("ORGANIZER", f"mailto:{person.address}", params, end)


def alarm(minutes: int, title: str, end: bytes = CRLF) -> Component:
    """A reminder so many minutes before."""
    lines = (
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", escaped(title) or "Reminder"),
        ("TRIGGER", _before(minutes)),
    )
    return Component.new("VALARM", [Line.of(name, value, end=end) for name, value in lines], end)


def reminders(minutes: Iterable[object]) -> list[int]:
    """Minutes before an event, each once. Raises BadName for what is none."""
    found = []
    for one in minutes:
        if not isinstance(one, int) or isinstance(one, bool) or not 0 <= one <= LONGEST_REMINDER:
            raise BadName(None, f"a reminder is from 0 to {LONGEST_REMINDER} minutes before, not {one!r}")
        if one not in found:
            found.append(one)
    return found


def utc_stamp(now: datetime) -> str:
    """DTSTAMP and its like."""
    return write_moment(Moment(now.astimezone(UTC).replace(tzinfo=None, microsecond=0), "UTC"))


def status_line(status: str, end: bytes = CRLF) -> Line:
    if status not in _STATUS:
        raise BadName(None, f"a status is {', '.join(_STATUS)}, not {status!r}")
    return Line.of("STATUS", status.upper(), end=end)


def link_line(link: str, end: bytes = CRLF) -> Line:
    """URL, whose value is no text: blanks and control characters are not its."""
    if re.search(r"[\s\x00-\x1f\x7f]", link):
        raise BadName(None, f"not a link: {link[:80]!r}")
    return Line.of("URL", link, end=end)


def _before(minutes: int) -> str:
    delta = timedelta(minutes=minutes)
    if not minutes:
        return "PT0S"
    hours, rest = divmod(delta.seconds // 60, 60)
    clock = (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")
    return f"-P{f'{delta.days}D' if delta.days else ''}{f'T{clock}' if clock else ''}"


def _rest(draft: Draft) -> Iterable[Line]:
    if len(draft.attendees) > MOST_PEOPLE:
        raise BadName(None, f"more than {MOST_PEOPLE} people cannot be invited")
    if draft.status != "confirmed":
        yield status_line(draft.status)
    if not draft.busy:
        yield Line.of("TRANSP", "TRANSPARENT")
    if draft.categories:
        yield Line.of("CATEGORIES", ",".join(escaped(one) for one in draft.categories))
    if draft.link:
        yield link_line(draft.link)
    if draft.organizer is not None:
        yield organizer(draft.organizer)
    yield from (attendee(person) for person in draft.attendees)
