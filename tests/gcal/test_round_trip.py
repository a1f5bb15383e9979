"""What is written to Google and read back says the same: by our own reading and by recurring-ical-events."""

from __future__ import annotations

import os
import pathlib
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.calendar.checking import problem_of
from providers.calendar.google import extras
from providers.calendar.google import icalendar as files
from providers.calendar.google.changes import Changes
from providers.calendar.google.resource import differs, wanted_of, written
from providers.calendar.google.writing import Writing
from providers.calendar.ics.values import escaped
from providers.calendar.reading import read_calendar
from tests.caldav.account import event
from tests.calendar.expanding import between
from tests.gcal.account import HOME, remote_of
from tests.servers.googlecalendar import ME, ZONE, Account, calendars
from vfs.drive import drive
from vfs.errors import Refused

FULL = bool(os.environ.get("SPATIO_FULL"))
SPAN = (datetime(2014, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def service() -> Iterator[Account]:
    with calendars() as service:
        yield service


def through(service: Account, data: bytes) -> bytes:
    """A file, once Google has had it."""
    service.shelf().events.clear()

    async def work() -> bytes:
        remote = remote_of(service.web.url)
        try:
            changes = Changes(remote._api)
            made = await Writing(remote._api, changes, HOME, (ME,)).insert(ME, data)
            return (await changes.series(ME, made.id)).content()
        finally:
            await remote.aclose()

    return drive(work())


def instances(data: bytes) -> list[tuple[object, object, str]]:
    series = read_calendar(data).series[0]
    main = series.master or series.overrides[0]
    found = []
    for one in between(data, *SPAN):
        said = one.said or main.said
        if said.status != "cancelled":
            found.append((one.start, one.end, " ".join(said.title.split())))
    return sorted(found, key=str)


def theirs(data: bytes) -> list[tuple[str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*SPAN)
        return sorted((str(one["DTSTART"].dt), str(one.get("SUMMARY", "")).strip()) for one in found)


def corpus() -> list[pathlib.Path]:
    spec = find_spec("recurring_ical_events")
    assert spec is not None
    assert spec.origin is not None
    folder = pathlib.Path(spec.origin).parent / "test" / "calendars"
    return sorted(folder.glob("*.ics"))


def test_the_calendars_of_others_come_back_with_the_same_instances(service: Account) -> None:
    met, refused = 0, []
    for file in corpus() if FULL else corpus()[::3]:
        data = file.read_bytes()
        if len(read_calendar(data).series) != 1 or problem_of(data):
            continue
        try:
            back = through(service, data)
        except Refused as error:
            refused.append((file.name, error.reason))
            continue
        assert instances(back) == instances(data), file.name
        met += 1
    assert met >= (20 if FULL else 8)
    assert len(refused) <= 5, refused


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40).map(str.strip)
RULES = st.sampled_from(
    [
        "",
        "RRULE:FREQ=DAILY;COUNT=5",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20241231T225959Z",
        "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
        "RRULE:FREQ=YEARLY;COUNT=3",
    ]
)
STARTS = st.sampled_from(
    [
        ("DTSTART:20240115T100000Z", "DTEND:20240115T113000Z"),
        ("DTSTART;TZID=America/New_York:20240304T090000", "DTEND;TZID=America/New_York:20240304T093000"),
        ("DTSTART:20240330T233000", "DTEND:20240331T043000"),
        ("DTSTART;VALUE=DATE:20240229", "DTEND;VALUE=DATE:20240302"),
        ("DTSTART;TZID=Europe/Berlin:20241026T223000", "DTEND;TZID=Europe/Berlin:20241027T043000"),
        ("DTSTART;VALUE=DATE:20240101", "SEQUENCE:2"),
        ("DTSTART;TZID=Europe/Berlin:20240115T100000", "DURATION:PT6H"),
    ]
)


def mapped(data: bytes) -> bytes:
    """A file, as it comes back from what Google would be sent."""
    wanted = wanted_of(data, HOME)
    assert wanted.master is not None
    event = written(wanted.master, {}, frozenset(), {extras.UID: wanted.uid})
    return files.file_of({**event, "id": "abcde"}, [], ZONE)


@given(title=TEXT, words=TEXT, start=STARTS, rule=RULES, busy=st.booleans(), far=st.integers(0, 3000))
@settings(max_examples=40, deadline=None)
def test_any_event_comes_back_as_it_was(
    title: str, words: str, start: tuple[str, str], rule: str, busy: bool, far: int
) -> None:
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//T//EN", "BEGIN:VEVENT", "UID:u-1",
        "DTSTAMP:20240101T000000Z",
        *start, *([rule] if rule else []), f"SUMMARY:{escaped(title)}", f"DESCRIPTION:{escaped(words)}",
        f"COMMENT:{escaped(words)}", "TRANSP:OPAQUE" if busy else "TRANSP:TRANSPARENT", "CLASS:PRIVATE",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", f"TRIGGER:-PT{far}M", "END:VALARM", "END:VEVENT",
        "END:VCALENDAR", "",
    ]  # fmt: skip
    data = "\r\n".join(lines).encode()
    back = mapped(data)
    one, other = wanted_of(data, HOME), wanted_of(back, HOME)
    assert one.master is not None
    assert other.master is not None
    assert not differs(one.master, other.master), back
    assert instances(back) == instances(data)
    assert len(theirs(back)) == len(theirs(data))
    assert mapped(back) == back


DAY = {"start": {"date": "2026-11-21"}}


@pytest.mark.parametrize(
    "said",
    [
        {"id": "abcde"},
        {"id": "abcde", "start": {"dateTime": "yesterday"}, "end": 7, "summary": 5, "attendees": [3, {}]},
        {"id": "abcde", "start": {"date": "2026-02-30"}, "recurrence": ["RRULE", 4, "X:1\r\nBEGIN:VEVENT"]},
        {"id": "a", "start": {"dateTime": "9999-12-31T23:59:59-12:00", "timeZone": "No/Where"}, "end": {}},
        {"id": "a", "summary": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "start": {"date": "2026-11-21"}},
        {"id": "a", "start": {"date": "2026-11-21"}, "hangoutLink": "x\r\nBEGIN:VEVENT", "colorId": "1\nA:b"},
        {"id": "a", **DAY, "extendedProperties": {"private": {"spatioLines00": "END:VEVENT\nBEGIN:VEVENT"}}},
        {"id": "a", **DAY, "reminders": {"overrides": [{"minutes": -5}, {"minutes": "x"}]}},
    ],
)  # fmt: skip
def test_whatever_is_sent_is_one_event_or_none(said: dict[str, object]) -> None:
    data = files.file_of(said, [], "Europe/Helsinki")
    assert data.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    assert data.count(b"\r\nEND:VEVENT\r\n") == 1
    assert len(read_calendar(data).series) <= 1


def test_html_becomes_text_and_stays_html_there(service: Account) -> None:
    said = {"summary": "Talk", "description": "<p>Bring <b>notes</b></p><ul><li>one</li></ul>"}
    day = {"start": {"date": "2026-11-21"}, "end": {"date": "2026-11-22"}}
    data = files.file_of({"id": "abcde", **said, **day}, [], "UTC")
    (series,) = read_calendar(data).series
    assert series.master is not None
    assert "<" not in series.master.description
    assert "notes" in series.master.description
    wanted = wanted_of(data, HOME).master
    assert wanted is not None
    assert wanted.fields["description"] == said["description"]
    edited = wanted_of(data.replace(b"Bring", b"Take", 1), HOME).master
    assert edited is not None
    assert "<" not in edited.fields["description"]


def test_what_google_cannot_keep_is_refused_with_the_reason(service: Account) -> None:
    data = event("x", "X", "20261121T140000Z", "RRULE:FREQ=DAILY;COUNT=9")
    inner = b"BEGIN:VEVENT\r\nUID:x\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261123T140000Z\r\n"
    rest = b"DTSTART:20261123T150000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"
    with pytest.raises(Refused, match="later times"):
        through(service, data.replace(b"END:VCALENDAR", inner + rest))
    with pytest.raises(Refused, match="called off"):
        through(service, event("y", "Y", "20261121T140000Z", "STATUS:CANCELLED"))
