"""Wording: what one VEVENT says besides when it is, set anew; all other lines stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from providers.calendar.compose import (
    MOST_PEOPLE,
    alarm,
    attendee,
    link_line,
    person_of,
    reminders,
    status_line,
)
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import Line
from providers.calendar.ics.values import escaped, text_of
from vfs.errors import BadName
from vfs.node import Value

_OF_THE_OLD = {"ALTREP": "", "ENCODING": "", "CHARSET": ""}
"""Parameters that are about the text that was there."""
_PROPERTIES = {
    "title": "SUMMARY",
    "location": "LOCATION",
    "description": "DESCRIPTION",
    "status": "STATUS",
    "busy": "TRANSP",
    "link": "URL",
    "categories": "CATEGORIES",
}


def set_word(component: Component, name: str, value: Value, end: bytes) -> None:
    """Sets one of `SETTABLE`; "" takes it out. Raises BadName for a value that it cannot have."""
    _SETTERS[name](component, name, value, end)


def alike(one: Component, other: Component, name: str) -> bool:
    """Whether two components say the same of it, so that a change of all is about both."""
    if name == "remind":
        return [alarm.raw() for alarm in one.components("VALARM")] == [
            alarm.raw() for alarm in other.components("VALARM")
        ]
    if name not in _PROPERTIES:
        return True
    lines = (part.lines(_PROPERTIES[name]) for part in (one, other))
    first, second = ([text_of(line) for line in some] for some in lines)
    return first == second


def text(value: Value) -> str:
    if not isinstance(value, str):
        raise BadName(None, f"not a text: {value!r}")
    return value


def _set_text(component: Component, name: str, value: Value, end: bytes) -> None:
    wanted = escaped(text(value))
    key = _PROPERTIES[name]
    line = component.first(key)
    if not wanted and name != "title":
        component.drop(key)
    elif line is None:
        component.add(Line.of(key, wanted, end=end))
    else:
        stale = any(line.param(one) for one in _OF_THE_OLD)
        component.put((line.with_params(_OF_THE_OLD, end) if stale else line).with_value(wanted, end))
    if name == "description":
        # The same text as HTML, which some programs show in its place.
        component.drop("X-ALT-DESC")


def _set_status(component: Component, name: str, value: Value, end: bytes) -> None:
    component.put(status_line(text(value).lower(), end))


def _set_busy(component: Component, name: str, value: Value, end: bytes) -> None:
    if not isinstance(value, bool):
        raise BadName(None, f"busy is yes or no, not {value!r}")
    component.put(Line.of("TRANSP", "OPAQUE" if value else "TRANSPARENT", end=end))
    component.drop("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS")


def _set_link(component: Component, name: str, value: Value, end: bytes) -> None:
    if value:
        component.put(link_line(text(value), end))
    else:
        component.drop("URL")


def _set_categories(component: Component, name: str, value: Value, end: bytes) -> None:
    wanted = [escaped(one) for one in _texts(value) if one.strip()]
    if wanted:
        component.put(Line.of("CATEGORIES", ",".join(wanted), end=end))
    else:
        component.drop("CATEGORIES")


def _set_reminders(component: Component, name: str, value: Value, end: bytes) -> None:
    minutes = reminders(value if isinstance(value, tuple | list) else (value,))
    title = component.first("SUMMARY")
    component.parts = [part for part in component.parts if isinstance(part, Line) or part.name != "VALARM"]
    component.parts += [alarm(one, text_of(title) if title else "", end) for one in minutes]


def _invite(component: Component, name: str, value: Value, end: bytes) -> None:
    there = {address_of(line) for line in component.lines("ATTENDEE")}
    for typed in _texts(value):
        person = person_of(typed)
        if person.address.lower() not in there:
            there.add(person.address.lower())
            component.add(attendee(person, end))
    if len(there) > MOST_PEOPLE:
        raise BadName(None, f"more than {MOST_PEOPLE} people cannot be invited")


def _uninvite(component: Component, name: str, value: Value, end: bytes) -> None:
    out = {person_of(typed).address.lower() for typed in _texts(value)}
    component.parts = [
        part
        for part in component.parts
        if isinstance(part, Component) or part.name != "ATTENDEE" or address_of(part) not in out
    ]


def address_of(line: Line) -> str:
    """Whom an ATTENDEE or ORGANIZER is about, in lower case."""
    value = line.value.strip().lower()
    return (
        value.removeprefix("mailto:").strip()
        if value.startswith("mailto:")
        else (line.param("EMAIL").lower() or value)
    )


def _texts(value: Value) -> Sequence[str]:
    return [text(one) for one in value] if isinstance(value, tuple | list) else [text(value)]


_SETTERS: dict[str, Callable[[Component, str, Value, bytes], None]] = {
    "title": _set_text,
    "location": _set_text,
    "description": _set_text,
    "status": _set_status,
    "busy": _set_busy,
    "link": _set_link,
    "categories": _set_categories,
    "remind": _set_reminders,
    "attendees": _invite,
    "uninvite": _uninvite,
}
SETTABLE = tuple(_SETTERS)
