"""A file of many events becomes a file for each, in work that grows as the file does."""

from __future__ import annotations

import sys
from types import FrameType

from providers.calendar.single import split
from tests.calendar.shelf import event, ics, path


def calls_of(count: int) -> int:
    """How many functions are called for a file of so many events."""
    data = ics(*(event(f"Event {number}", ":20261124T100000Z") for number in range(count)))
    calls = 0

    def seen(frame: FrameType, what: str, about: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        found = split(path("/many.ics"), data)
    finally:
        sys.setprofile(before)
    assert len(found) == count
    return calls


def test_four_times_as_many_events_are_four_times_the_work() -> None:
    calls_of(20)
    assert calls_of(1200) < 4.4 * calls_of(300)


def test_each_file_has_the_zones_that_it_needs_once() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:+0200\r\n"
        "TZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    same = [event("A", ";TZID=Here:20261124T100000", more="RRULE:FREQ=DAILY")]
    same.append(event("A", ";TZID=Here:20261125T120000", more="RECURRENCE-ID;TZID=Here:20261125T100000"))
    first, second = split(path("/two.ics"), ics(*same, event("B", ":20261124T100000Z"), head=zone))
    assert first.data.count(b"BEGIN:VTIMEZONE") == 1
    assert first.data.count(b"BEGIN:VEVENT") == 2
    assert b"VTIMEZONE" not in second.data
