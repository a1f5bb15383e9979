"""Invitations (iTIP, RFC 5546): what goes to people about an event, and what comes from them into a file.

A message holds nothing that is the sender's own: no reminders, no notes of a server on its sending.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, tzinfo

from providers.calendar.compose import PRODUCT, organizer, utc_stamp
from providers.calendar.event import Event, Person
from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.lines import Line
from providers.calendar.opened import ALL, THIS, Opened, Part, Spot
from providers.calendar.reading import read_calendar
from providers.calendar.wording import address_of
from vfs.errors import BadName

_OF_THE_SERVER = {"SCHEDULE-AGENT": "", "SCHEDULE-STATUS": "", "SCHEDULE-FORCE-SEND": ""}
_OWN = ("X-MOZ-LASTACK", "X-MOZ-SNOOZE-TIME", "X-MOZ-GENERATION", "X-LIC-ERROR")
_OF_THE_WHOLE = ("METHOD", "NAME", "X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE", "X-WR-RELCALID")
_OF_A_TIME = ("UID", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SUMMARY", "LOCATION", "ORGANIZER")


def recipients(data: bytes, key: str = "") -> tuple[Person, ...]:
    """Who is invited besides the organizer, each once."""
    opened = _opened(data, key)
    parts = list(opened.parts) if opened.at is None else [opened.exact(opened.at) or opened.before(opened.at)]
    people: dict[str, Person] = {}
    for part in parts:
        host = part.event.said.organizer
        for person in part.event.said.attendees:
            if person.mailbox and not (host and person.address.lower() == host.address.lower()):
                people.setdefault(person.address.lower(), person)
    return tuple(people.values())


def request(data: bytes, key: str = "", *, organizer: Person | None = None, now: datetime) -> bytes:
    """The invitation to an event, its series or one instance.

    `organizer` is who asks where the file names nobody. Raises BadName when nobody is invited, or invites.
    """
    opened = _chosen(data, key)
    for part in _events(opened):
        _clean(part, opened.line_end)
        _sign(part, organizer, opened.line_end)
        if not any(True for _ in part.lines("ATTENDEE")):
            raise BadName(None, "nobody is invited: add attendees first")
        part.put(Line.of("DTSTAMP", utc_stamp(now), end=opened.line_end))
    return _message(opened, "REQUEST")


def cancellation(data: bytes, key: str = "", *, organizer: Person | None = None, now: datetime) -> bytes:
    """The message that an event, its series or one instance does not take place. Raises as `request` does."""
    opened = _chosen(data, key)
    events = _events(opened)
    for part in events if key else events[1:]:
        if not key:
            opened.calendar.remove(part)
    part = events[0]
    _clean(part, opened.line_end)
    _sign(part, organizer, opened.line_end)
    part.parts = [
        one
        for one in part.parts
        if isinstance(one, Line) and one.name in (*_OF_A_TIME, "ATTENDEE", "SEQUENCE")
    ]
    _next(part, opened.line_end)
    part.put(Line.of("DTSTAMP", utc_stamp(now), end=opened.line_end))
    part.put(Line.of("STATUS", "CANCELLED", end=opened.line_end))
    return _message(opened, "CANCEL")


def reply(data: bytes, mine: Collection[str], key: str = "", *, now: datetime) -> bytes:
    """The own answer, as the file has it. Raises BadName for who is not invited, or by nobody."""
    opened = _chosen(data, key)
    events = _events(opened)
    for other in events[1:]:
        opened.calendar.remove(other)
    part = events[0]
    own = [line for line in part.lines("ATTENDEE") if address_of(line) in mine]
    if not own:
        raise BadName(None, "you are not invited to this event")
    if part.first("ORGANIZER") is None:
        raise BadName(None, "the event says nobody to answer to")
    line = own[0].with_params({**_OF_THE_SERVER, "RSVP": ""}, opened.line_end)
    part.parts = [
        one for one in part.parts if isinstance(one, Line) and one.name in (*_OF_A_TIME, "SEQUENCE")
    ]
    part.add(line)
    part.put(Line.of("DTSTAMP", utc_stamp(now), end=opened.line_end))
    return _message(opened, "REPLY")


def merged(stored: bytes, incoming: bytes) -> bytes:
    """The stored file with what a message, or a newer copy, says of the same event; older ones do nothing.

    Own reminders stay. An answer changes that person's answer alone.
    """
    calendar = read_calendar(incoming)
    if not calendar.series:
        return stored
    uid = calendar.series[0].uid
    if all(series.uid != uid for series in read_calendar(stored).series):
        return stored
    old = Opened(stored, Spot("", ALL, _NEVER, UTC, "", uid))
    new = Opened(incoming, Spot("", ALL, _NEVER, UTC, "", uid))
    before = old.master
    for part in list(new.parts):
        there = _counterpart(old, part.event)
        if calendar.method == "reply":
            _note_answers(old, there, part)
        elif there is None or _is_newer(part.event, there.event):
            if calendar.method == "cancel":
                _call_off(old, there, part)
            else:
                _take_over(old, there, part)
    if new.master is not None and calendar.method not in ("reply", "cancel"):
        _drop_stale(old, before, new)
    _add_zones(old, new)
    return old.raw()


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _opened(data: bytes, key: str, home: tzinfo = UTC) -> Opened:
    return Opened(data, Spot(key, THIS, _NEVER, home))


def _chosen(data: bytes, key: str) -> Opened:
    """The file with the series alone, or the instance alone."""
    opened = _opened(data, key)
    kept = [part.component for part in opened.parts]
    if opened.at is not None and opened.recurs:
        kept = [opened.override(opened.at)]
    chosen = {id(component) for component in kept}
    opened.calendar.parts = [
        part
        for part in opened.calendar.parts
        if isinstance(part, Line) or part.name == "VTIMEZONE" or id(part) in chosen
    ]
    return opened


def _events(opened: Opened) -> Sequence[Component]:
    """The series itself first."""
    return sorted(
        opened.calendar.components("VEVENT"), key=lambda part: part.first("RECURRENCE-ID") is not None
    )


def _clean(part: Component, end: bytes) -> None:
    """Takes out what is the owner's alone."""
    part.drop(*_OWN)
    part.parts = [one for one in part.parts if isinstance(one, Line) or one.name != "VALARM"]
    for at, one in enumerate(part.parts):
        if (
            isinstance(one, Line)
            and one.name in ("ATTENDEE", "ORGANIZER")
            and "SCHEDULE-" in one.text.upper()
        ):
            part.parts[at] = one.with_params(_OF_THE_SERVER, end)


def _sign(part: Component, person: Person | None, end: bytes) -> None:
    if part.first("ORGANIZER") is None:
        if person is None:
            raise BadName(None, "nobody invites: the event has no organizer")
        part.add(organizer(person, end))


def _next(part: Component, end: bytes) -> None:
    line = part.first("SEQUENCE")
    digits = line.value.strip()[:9] if line is not None else ""
    number = int(digits) + 1 if digits.isascii() and digits.isdigit() else 1
    part.put(Line.of("SEQUENCE", str(number), end=end))


def _message(opened: Opened, method: str) -> bytes:
    calendar = opened.calendar
    calendar.drop(*_OF_THE_WHOLE)
    if calendar.first("VERSION") is None:
        calendar.parts.insert(0, Line.of("VERSION", "2.0", end=opened.line_end))
    if calendar.first("PRODID") is None:
        calendar.parts.insert(1, Line.of("PRODID", PRODUCT, end=opened.line_end))
    calendar.add(Line.of("METHOD", method, end=opened.line_end))
    lines = [part for part in calendar.parts if isinstance(part, Line)]
    calendar.parts = [*lines, *(part for part in calendar.parts if isinstance(part, Component))]
    return calendar.raw()


def _counterpart(old: Opened, event: Event) -> Part | None:
    """What the stored file has for the same thing."""
    return old.master if event.instance is None else old.exact(event.instance)


def _is_newer(event: Event, there: Event) -> bool:
    if event.sequence != there.sequence:
        return event.sequence > there.sequence
    return event.stamp is None or there.stamp is None or event.stamp >= there.stamp


def _take_over(old: Opened, there: Part | None, part: Part) -> None:
    made = parse(part.component.raw()).components("VEVENT")
    component = next(made, None)
    if component is None:
        return
    new = Part(component, part.event)
    if there is None:
        old.calendar.parts.append(component)
        old.overrides.append(new)
        return
    if there is old.master:
        old.master = new
    else:
        old.overrides = [new if one is there else one for one in old.overrides]
    if not any(True for _ in component.components("VALARM")):
        component.parts += [one.copy() for one in there.component.components("VALARM")]
    old.calendar.parts[old.calendar.parts.index(there.component)] = component


def _call_off(old: Opened, there: Part | None, part: Part) -> None:
    """Marks as cancelled what a message cancels; it stays, so that it can be seen."""
    at = part.event.instance
    component = there.component if there is not None else old.override(at) if at is not None else None
    if component is not None:
        component.put(Line.of("STATUS", "CANCELLED", end=old.line_end))
        if part.event.sequence:
            component.put(Line.of("SEQUENCE", str(part.event.sequence), end=old.line_end))


def _note_answers(old: Opened, there: Part | None, part: Part) -> None:
    at = part.event.instance
    if there is None and (at is None or old.master is None):
        return
    component = there.component if there is not None else old.override(at) if at is not None else None
    answers = {person.address.lower(): person.answer for person in part.event.said.attendees}
    for place, line in enumerate(component.parts if component is not None else ()):
        if isinstance(line, Line) and line.name == "ATTENDEE" and address_of(line) in answers:
            changes = {"PARTSTAT": answers[address_of(line)].upper(), "RSVP": ""}
            assert component is not None
            component.parts[place] = line.with_params(changes, old.line_end)


def _drop_stale(old: Opened, before: Part | None, new: Opened) -> None:
    """Takes out single instances of a series whose times are others than `before`."""
    if before is None or new.master is None or not _is_newer(new.master.event, before.event):
        return
    one, other = before.event, new.master.event
    if one.start == other.start and one.rules == other.rules:
        return
    for part in list(old.overrides):
        assert part.event.instance is not None
        if new.exact(part.event.instance) is None:
            old.take_out(part)


def _add_zones(old: Opened, new: Opened) -> None:
    known = {zone.value("TZID") for zone in old.calendar.components("VTIMEZONE")}
    for zone in new.calendar.components("VTIMEZONE"):
        if zone.value("TZID") not in known:
            known.add(zone.value("TZID"))
            first = next(
                (at for at, part in enumerate(old.calendar.parts) if isinstance(part, Component)),
                len(old.calendar.parts),
            )
            old.calendar.parts.insert(first, zone.copy())
