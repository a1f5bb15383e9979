"""Guests: what a server that sends invitations by itself would tell them, and how it is kept from that.

RFC 6638: to put, change or remove an event of one's own with guests makes such a server send; so does another
answer of one's own in an event of somebody else. SCHEDULE-AGENT=CLIENT says that others see to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.lines import Line

AGENT = "SCHEDULE-AGENT"
_GUESTS = ("ATTENDEE",)


class Standing(NamedTuple):
    """Who an event is about, for the server that keeps it."""

    own: bool
    """The person organizes it."""
    guests: tuple[str, ...]
    """Those whom the server tells, in lower case."""
    answers: tuple[tuple[str, str, str], ...]
    """The person's own answers: instance, address, PARTSTAT."""
    by_server: bool
    """In somebody else's event: the server sends the person's answer."""
    cancelled: bool


def standing(content: bytes, mine: Collection[str]) -> Standing:
    """What an event's file says, to who has these addresses. Never raises.

    Where none is known, each event counts as the person's own: what guests it has may be told.
    """
    known = frozenset(one.lower() for one in mine)
    guests: dict[str, None] = {}
    answers = []
    organizers: list[Line] = []
    events = list(_events(parse(content)))
    for event in events:
        organizers += event.lines("ORGANIZER")
        for line in event.lines(*_GUESTS):
            address = address_of(line)
            if address in known:
                said = line.param("PARTSTAT").upper() or "NEEDS-ACTION"
                answers.append((event.value("RECURRENCE-ID"), address, said))
            elif line.param(AGENT).upper() in ("", "SERVER"):
                guests[address] = None
    own = not known or all(address_of(line) in known for line in organizers)
    by_server = any(line.param(AGENT).upper() in ("", "SERVER") for line in organizers)
    cancelled = bool(events) and all(event.value("STATUS").upper() == "CANCELLED" for event in events)
    return Standing(own, tuple(guests), tuple(sorted(answers)), by_server, cancelled)


def address_of(line: Line) -> str:
    """Whom an ORGANIZER or ATTENDEE is, in lower case."""
    text = line.value.strip().lower()
    return text.removeprefix("mailto:")


def quiet(content: bytes, mine: Collection[str]) -> bytes:
    """The same event, such that a server tells nobody of it."""
    return _by(content, mine, "CLIENT")


def loud(content: bytes, mine: Collection[str]) -> bytes:
    """The same event, such that a server tells all whom it is about."""
    return _by(content, mine, "")


def _by(content: bytes, mine: Collection[str], agent: str) -> bytes:
    known = frozenset(one.lower() for one in mine)
    root = parse(content)
    for event in _events(root):
        own = not known or all(address_of(line) in known for line in event.lines("ORGANIZER"))
        for at, part in enumerate(event.parts):
            if not isinstance(part, Line):
                continue
            told = own and part.name in _GUESTS and address_of(part) not in known
            told = told or (part.name == "ORGANIZER" and not (own and known))
            if told and (part.param(AGENT).upper() in ("", "SERVER", "CLIENT")):
                event.parts[at] = part.with_params({AGENT: agent})
    return root.raw()


def _events(root: Component) -> Iterator[Component]:
    for calendar in root.components("VCALENDAR"):
        yield from calendar.components("VEVENT")
