"""Instances beside those that recurring-ical-events finds; where the RFC says otherwise, that is named."""

from __future__ import annotations

import os
import pathlib
import warnings
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar
from tests.calendar.expanding import HOME, at, between, calendar, in_utc

FULL = bool(os.environ.get("SPATIO_FULL"))
Shown = tuple[str, str, str]


def theirs(data: bytes, start: datetime, end: datetime) -> list[Shown]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = icalendar.Calendar.from_ical(data)
        found = recurring_ical_events.of(parsed, skip_bad_series=True).between(start, end)
        return sorted(
            (in_utc(one["DTSTART"].dt), in_utc(one["DTEND"].dt), _title(str(one.get("SUMMARY", ""))))
            for one in found
        )


def ours(data: bytes, start: datetime, end: datetime) -> list[Shown]:
    series = [one for one in read_calendar(data).series if one.master or one.overrides]
    found = []
    for one in between(data, start, end):
        event = series[one.series].master or series[one.series].overrides[0]
        title = (one.said or event.said).title
        found.append((in_utc(one.start), in_utc(one.end), _title(title)))
    return sorted(found)


def _title(text: str) -> str:
    return " ".join(text.split())


OTHERWISE = {
    "calendars/Germany_Holidays.ics": "a date that ends on itself takes that day (3.8.2.2)",
    "calendars/example.ics": "a date that ends on itself takes that day",
    "calendars/bad_rrule_missing_until_event.ics": "an event with a rule that is none happens once",
    "calendars/issue_1081_invalid_rrule_freq.ics": "an event with a rule that is none happens once",
    "calendars/invalid_duration.ics": "an event with a length that is none begins",
    "calendars/end_before_start_event.ics": "an end before the start is none (3.8.2.2), instead of the start",
    "calendars/issue_132_swapped_start_and_end.ics": "an end before the start is none, instead of the start",
    "calendars/issue_201_mixed_datetime_and_date.ics": "DTSTART says whether whole days are meant (3.8.2.2)",
    "calendars/issue_201_test_matrix.ics": "DTSTART says whether whole days are meant",
    "calendars/issue_165_missing_event.ics": "a zone in quotation marks is found",
    "calendars/issue_178_custom_component_contains_other.ics": "only what lies in a calendar is shown",
    "calendars/issue_86_x_wr_timezone_without_time_zone_in_dt.ics": "a time without a zone floats (3.3.5)",
    "calendars/issue_526_calendar_with_different_events.ics": "a zone that nobody defines floats",
    "calendars/issue_526_calendar_with_event_subset.ics": "a zone that nobody defines floats",
    "calendars/issue_526_calendar_with_events.ics": "a zone that nobody defines floats",
    "calendars/issue_526_calendar_with_shuffeled_events.ics": "a zone that nobody defines floats",
    "calendars/issue_253_additional_recurrence_id.ics": "an instance has no rule of its own (3.8.4.4)",
    "calendars/issue_1633_rdate_with_dates.ics": "what is under way as a window begins touches it",
    "events/issue_184_broken_representation_of_period.ics": "what is under way as a window begins touches it",
    "calendars/parsing_error.ics": "an event within an event is one more event",
    "calendars/rfc_7529.ics": "a rule of another calendar names its first instance, instead of none",
    "events/event_with_recurrence.ics": "a zone without its definition is known by its name",
    "events/issue_464_invalid_rdate.ics": "what cannot be read is left out, instead of the whole event",
}


def corpora() -> list[pathlib.Path]:
    found = []
    for package, inside in (("recurring_ical_events", "test/calendars"), ("icalendar", "tests")):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        found += sorted(pathlib.Path(spec.origin).parent.joinpath(inside).rglob("*.ics"))
    return found


def name_of(path: pathlib.Path) -> str:
    return f"{path.parent.name}/{path.name}"


def windows(data: bytes) -> list[tuple[datetime, datetime]]:
    """All the time that a calendar is about, a month, and a part of a day."""
    reach = reach_of(read_calendar(data))
    if reach is None:
        return [(at("2015-01-01"), at("2030-01-01"))]
    first = datetime(1970, 1, 1, tzinfo=HOME) + timedelta(microseconds=max(reach.first, -(2**51)))
    last = datetime(1970, 1, 1, tzinfo=HOME) + timedelta(microseconds=min(reach.last, 2**51))
    last = min(last, first + timedelta(days=365 * 3))
    middle = first + (last - first) / 2
    return [
        (first, last),
        (middle - timedelta(days=10, hours=3), middle + timedelta(days=20)),
        (first + timedelta(days=1, hours=5), first + timedelta(days=1, hours=14)),
    ]


def test_the_calendars_of_others_are_expanded_as_recurring_ical_events_does() -> None:
    compared, wrong = 0, []
    for path in corpora():
        data = path.read_bytes()
        if name_of(path) in OTHERWISE or b"BEGIN:VEVENT" not in data:
            continue
        if len(data) > 100_000 and not FULL:
            continue
        asked = windows(data)
        for start, end in asked if FULL else asked[1:] if len(data) > 20_000 else asked[:1]:
            try:
                expected = theirs(data, start, end)
            except Exception:  # It fails in many ways, and tells nothing then.
                continue
            compared += 1
            if ours(data, start, end) != expected:
                wrong.append((name_of(path), start, end))
    assert wrong == []
    assert compared > 150


@pytest.mark.parametrize("path", [path for path in corpora() if name_of(path) in OTHERWISE], ids=name_of)
def test_where_we_differ_we_still_do(path: pathlib.Path) -> None:
    data = path.read_bytes()
    assert any(ours(data, start, end) != theirs(data, start, end) for start, end in windows(data))


ZONES = st.sampled_from(
    ["Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "", "date"]
)
RULES = st.sampled_from(
    [
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA;WKST=SU", "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> bytes:
    """A series with all that may be said of one: ends, exceptions, more dates, instances that differ."""
    zone = draw(ZONES)
    start = datetime(
        draw(st.integers(2019, 2022)), draw(st.sampled_from([1, 2, 3, 10])), draw(st.integers(20, 28))
    )
    # Two to three at night is when clocks change; those are told of below.
    start += timedelta(hours=draw(st.sampled_from([0, 4, 9, 14, 22])), minutes=draw(st.sampled_from([0, 30])))
    start = datetime(start.year, start.month, start.day) if zone == "date" else start
    length = draw(st.sampled_from([0, 30, 60, 480, 1560, 4320]))
    rule = draw(RULES)
    last = start + timedelta(days=draw(st.integers(0, 700)))
    ends = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    rule += {"": "", "COUNT": f";COUNT={draw(st.integers(1, 60))}", "UNTIL": f";UNTIL={_until(last, zone)}"}[
        ends
    ]
    span = f"P{max(1, length // 1440)}D" if zone == "date" else f"PT{length}M"
    instants = _instants(rule.split(";COUNT")[0].split(";UNTIL")[0], start)
    lines = [f"UID:a|DTSTAMP:20200101T000000Z|SUMMARY:series|{_said('DTSTART', start, zone)}|DURATION:{span}"]
    lines.append(f"RRULE:{rule}")
    picked = draw(st.lists(st.sampled_from(instants), max_size=4, unique=True)) if instants else []
    lines += [_said("EXDATE", one, zone) for one in picked[:2]]
    more = draw(st.lists(st.integers(1, 500), max_size=2, unique=True))
    lines += [_said("RDATE", start + timedelta(days=one), zone) for one in more]
    events = ["|".join(lines)]
    head = "UID:a|DTSTAMP:20200101T000000Z|SUMMARY:other"
    for number, one in enumerate(picked[2:]):
        moved = one + timedelta(
            days=draw(st.integers(-3, 3)), minutes=0 if zone == "date" else draw(st.sampled_from([0, 75]))
        )
        later = ";RANGE=THISANDFUTURE" if draw(st.booleans()) else ""
        recurrence = _said(f"RECURRENCE-ID{later}", one, zone)
        at_last = f"{_said('DTSTART', moved, zone)}|DURATION:{span}"
        events.append(f"{head} {number}|{recurrence}|{at_last}")
    return calendar(*events)


def _said(name: str, moment: datetime, zone: str) -> str:
    if zone == "date":
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    if zone in ("UTC", ""):
        return f"{name}:{moment:%Y%m%dT%H%M%S}{'Z' if zone else ''}"
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def _until(moment: datetime, zone: str) -> str:
    if zone == "date":
        return f"{moment:%Y%m%d}"
    if not zone:
        return f"{moment:%Y%m%dT%H%M%S}"
    return f"{moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _instants(rule: str, start: datetime) -> list[datetime]:
    found = []
    for one in rrulestr(rule, dtstart=start):
        if len(found) >= 12 or one.year > 2030:
            break
        found.append(one)
    return found


@settings(max_examples=3000 if FULL else 60, deadline=None)
@given(calendars(), st.integers(0, 800), st.sampled_from([1, 5, 31, 400]), st.sampled_from([0, 7, 13]))
def test_series_are_expanded_as_recurring_ical_events_does(
    data: bytes, after: int, days: int, hours: int
) -> None:
    start = datetime(2019, 1, 15, hours, tzinfo=HOME) + timedelta(days=after)
    end = start + timedelta(days=days)
    assert ours(data, start, end) == theirs(data, start, end)
