"""Calendars of others: those that the tests of icalendar and recurring-ical-events have come with."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime

import icalendar
import pytest
import recurring_ical_events

from providers.calendar.event import Event, Moment
from providers.calendar.facts import attributes, packed, unpacked
from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.lines import Line
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.zones import zone_named
from providers.calendar.reading import read_calendar, read_event
from providers.calendar.text import text_of

FOLDERS = (
    pathlib.Path(icalendar.__file__).parent / "tests",
    pathlib.Path(recurring_ical_events.__file__).parent / "test" / "calendars",
)
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.ics"))


def rebuilt(component: Component) -> Iterator[bytes]:
    """Every line written anew from what was read of it."""
    if component.begin is not None:
        yield component.begin.raw
    for part in component.parts:
        if isinstance(part, Component):
            yield from rebuilt(part)
        else:
            yield part.with_value(part.value).raw if part.name else part.raw
    if component.end is not None:
        yield component.end.raw


def test_the_corpora_are_there() -> None:
    assert len(FILES) >= 250


@pytest.mark.parametrize("folder", FOLDERS, ids=("icalendar", "recurring-ical-events"))
def test_every_file_is_written_back_to_the_byte(folder: pathlib.Path) -> None:
    for path in folder.rglob("*.ics"):
        data = path.read_bytes()
        assert parse(data).raw() == data, path.name


def test_lines_written_anew_say_the_same() -> None:
    """Folded otherwise, they unfold to what they were."""
    for path in FILES:
        before = parse(path.read_bytes())
        after = parse(b"".join(rebuilt(before)))
        old, new = (list(every_line(root)) for root in (before, after))
        assert len(old) == len(new), path.name
        for one, other in zip(old, new, strict=True):
            assert (one.name, dict(one.params)) == (other.name, dict(other.params)), path.name
            assert " ".join(one.value.split()) == " ".join(other.value.split()), path.name


def every_line(component: Component) -> Iterator[Line]:
    for part in component.parts:
        if isinstance(part, Component):
            yield from every_line(part)
        elif part.name:
            yield part


def every_event(data: bytes) -> Iterator[Event]:
    for series in read_calendar(data).series:
        yield from (event for event in (series.master, *series.overrides) if event is not None)


def test_every_event_has_sane_attributes() -> None:
    count = 0
    for path in FILES:
        for event in every_event(path.read_bytes()):
            count += 1
            assert event.uid, path.name
            assert event.stop.utc(UTC) >= event.start.utc(UTC), path.name
            assert event.stop.is_date == event.start.is_date, path.name
            assert unpacked(packed(event.said)) == event.said
            found = attributes(
                event.said,
                event.start.wall.date() if event.start.is_date else event.start.at(UTC),
                event.stop.wall.date() if event.start.is_date else event.stop.at(UTC),
                uid=event.uid,
            )
            assert found["status"] in ("confirmed", "tentative", "cancelled")
            assert isinstance(found["title"], str)
            assert isinstance(found["attendees"], tuple)
    assert count > 1200


def test_every_file_has_a_text_or_none() -> None:
    shown = 0
    for path in FILES:
        text = text_of(path.read_bytes())
        if text is not None:
            shown += 1
            assert text.endswith("\n"), path.name
            assert not [char for char in text if char != "\n" and ord(char) < 32], path.name
    assert shown > 150


def test_events_begin_when_icalendar_says() -> None:
    compared = 0
    for path in FILES:
        data = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                calendars = icalendar.Calendar.from_ical(data, multiple=True)
            except ValueError:
                continue
            theirs = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        ours = list(ours_of(data))
        if len(ours) != len(theirs):
            continue
        for event, other in zip(ours, theirs, strict=True):
            start = started(other)
            if start is None or not isinstance(event, Event):
                continue
            compared += 1
            # icalendar remembers zones of files that it has read before.
            if "there is no time zone" not in event.said.problem:
                assert moment_is(event.start, start), f"{path.name}: {event.start} is not {start}"
            summary = str(other.get("SUMMARY", "")).strip()
            assert " ".join(event.said.title.split()) == " ".join(summary.split()), path.name
    assert compared > 1200


def ours_of(data: bytes) -> Iterator[Event | str]:
    def walk(component: Component, zones: Zones) -> Iterator[Event | str]:
        for inner in component.components():
            if inner.name == "VEVENT":
                yield read_event(inner, zones)
            elif inner.name == "VCALENDAR":
                yield from walk(inner, Zones(inner))

    root = parse(data)
    yield from walk(root, Zones(root))


def started(event: icalendar.Component) -> date | None:
    value = event.get("DTSTART")
    start = None if isinstance(value, icalendar.prop.vBroken) else getattr(value, "dt", None)
    return start if isinstance(start, date) else None


def moment_is(ours: Moment, theirs: date) -> bool:
    if not isinstance(theirs, datetime):
        return ours.is_date and ours.wall.date() == theirs
    if ours.wall != theirs.replace(tzinfo=None) and ours.zone != "UTC":
        return False
    if theirs.tzinfo is None:
        # A name that icalendar does not know: it floats there, while its place may be known here.
        return ours.wall == theirs
    if not ours.zone:
        return False
    return ours.wall.replace(tzinfo=zone_named(ours.zone)).utcoffset() == theirs.utcoffset()
