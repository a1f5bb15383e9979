"""Invitations: what a `text/calendar` part announces, in a few lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module

from providers.mail.encodedwords import one_line

LONGEST = 256 * 1024
"""Characters of a calendar that are read."""
MOST_EVENTS = 5

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;(?:[^\":;]|\"[^\"]*+\")*+)*+):(.*)\Z", re.DOTALL)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?\Z")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_METHODS = {"request": "Invitation", "cancel": "Cancelled", "reply": "Answer", "counter": "Other proposal"}


def summary(text: str) -> str:
    """What a calendar says, for a person; "" when it has no event."""
    method = "Event"
    events: list[dict[str, tuple[str, str]]] = []
    people = [0]
    inside = ""
    for name, params, value in _lines(text[:LONGEST]):
        if name == "METHOD":
            method = _METHODS.get(value.strip().lower(), method)
        elif name == "BEGIN":
            # An alarm within an event has a summary of its own.
            inside = value.strip().upper()
            if inside in ("VEVENT", "VTODO"):
                events.append({})
                people.append(0)
        elif name == "END":
            inside = "VEVENT" if value.strip().upper() == "VALARM" else ""
        elif inside in ("VEVENT", "VTODO") and events:
            events[-1].setdefault(name, (params, value))
            people[-1] += name == "ATTENDEE"
    blocks = [_event(method, event, count) for event, count in zip(events, people[1:], strict=True)]
    more = len(blocks) - MOST_EVENTS
    return "\n\n".join(blocks[:MOST_EVENTS] + ([f"[{more} more in this calendar]"] if more > 0 else []))


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    for line in _FOLD.sub("", text).splitlines():
        found = _LINE.match(line)
        if found is not None:
            yield found.group(1).upper(), found.group(2), found.group(3)


def _event(method: str, event: dict[str, tuple[str, str]], people: int) -> str:
    lines = [f"{method}: {_text(event, 'SUMMARY') or 'without a title'}"]
    begin, end = _stamp(event, "DTSTART"), _stamp(event, "DTEND")
    if begin:
        same_day = end[:10] == begin[:10] and len(end) > 10
        lines.append(
            f"When: {begin}" + (f" to {end[11:] if same_day else end}" if end and end != begin else "")
        )
    if "RRULE" in event:
        lines.append(f"Repeats: {_repeats(event['RRULE'][1])}")
    for key, label in (("LOCATION", "Where"), ("ORGANIZER", "Organizer")):
        value = _text(event, key)
        if value:
            lines.append(f"{label}: {re.sub('^mailto:', '', value, flags=re.IGNORECASE)}")
    if people:
        lines.append(f"Attendees: {people}")
    return "\n".join(lines)


def _repeats(rule: str) -> str:
    words: Callable[[str], str] = import_module("providers.calendar.rulewords").words_of
    return one_line(words(rule))[:200]


def _text(event: dict[str, tuple[str, str]], key: str) -> str:
    value = event.get(key, ("", ""))[1]
    return one_line(_ESCAPE.sub(lambda found: " " if found.group(1) in "nN" else found.group(1), value))[:500]


def _stamp(event: dict[str, tuple[str, str]], key: str) -> str:
    params, value = event.get(key, ("", ""))
    found = _STAMP.match(value.strip())
    if found is None:
        return one_line(value)[:40]
    year, month, day, hour, minute, utc = found.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = re.search(r"TZID=\"?([^\";:]{1,60})", params, re.IGNORECASE)
    name = " UTC" if utc else f" ({one_line(zone.group(1))})" if zone else ""
    return f"{year}-{month}-{day} {hour}:{minute}{name}"
