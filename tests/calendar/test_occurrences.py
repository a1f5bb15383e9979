"""Instances: when they begin and end, which ones there are, and what is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from providers.calendar.occurrences import MOST, instances, next_or_last
from providers.calendar.packing import FOREVER, reach_of
from providers.calendar.reading import read_calendar
from tests.calendar.expanding import HOME, NOVEMBER, at, between, calendar, form_of, said
from vfs.coverage import gathered


def test_an_hour_that_clocks_skip_is_the_one_after_it() -> None:
    """RFC 5545, 3.3.5: the offset before the gap counts; so does the length, whatever clocks show."""
    data = calendar(
        "UID:a|DTSTART;TZID=Europe/Helsinki:20260327T033000|DURATION:PT30M|RRULE:FREQ=DAILY;COUNT=4"
    )
    found = between(data, at("2026-03-01"), at("2026-04-01"))
    assert said(found) == [
        "03-27 03:30/03-27 04:00",
        "03-28 03:30/03-28 04:00",
        "03-29 04:30/03-29 05:00",
        "03-30 03:30/03-30 04:00",
    ]
    assert [one.key for one in found][2] == "20260329T033000"


def test_an_hour_that_clocks_show_twice_is_the_first_of_both() -> None:
    data = calendar(
        "UID:a|DTSTART;TZID=Europe/Helsinki:20261024T033000|DURATION:PT30M|RRULE:FREQ=DAILY;COUNT=3"
    )
    found = between(data, at("2026-10-01"), at("2026-11-01"))
    starts = [
        one.start.astimezone(UTC).strftime("%d %H:%M") for one in found if isinstance(one.start, datetime)
    ]
    assert starts == ["24 00:30", "25 00:30", "26 01:30"]


def test_a_night_shift_ends_by_the_clock() -> None:
    data = calendar(
        "UID:a|DTSTART;TZID=Europe/Helsinki:20261023T220000|DURATION:PT8H|RRULE:FREQ=DAILY;COUNT=3"
    )
    found = between(data, at("2026-10-23"), at("2026-11-01"))
    assert said(found) == ["10-23 22:00/10-24 06:00", "10-24 22:00/10-25 06:00", "10-25 22:00/10-26 06:00"]


def test_a_series_keeps_the_hour_of_its_own_zone() -> None:
    data = calendar(
        "UID:a|DTSTART;TZID=America/New_York:20261026T090000|DURATION:PT1H|RRULE:FREQ=WEEKLY;COUNT=2"
    )
    assert [text[:11] for text in said(between(data, *NOVEMBER))] == ["11-02 16:00"]
    assert [text[:11] for text in said(between(data, at("2026-10-01"), at("2026-11-01")))] == ["10-26 15:00"]


def test_whole_days_and_floating_times_follow_whoever_looks() -> None:
    data = calendar(
        "UID:a|DTSTART;VALUE=DATE:20261121|RRULE:FREQ=DAILY;COUNT=2",
        "UID:b|DTSTART:20261121T090000|DURATION:PT1H",
    )
    for zone in (HOME, ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Kiritimati")):
        found = between(data, at("2026-11-21", zone), at("2026-11-22", zone), zone)
        assert said(found) == ["11-21/11-22", "11-21 09:00/11-21 10:00"]
        assert [one.key for one in found] == ["20261121", ""]


def test_what_touches_a_window_is_in_it_and_what_ends_where_it_begins_is_not() -> None:
    data = calendar("UID:a|DTSTART:20261121T090000Z|DTEND:20261121T100000Z", "UID:b|DTSTART:20261121T100000Z")
    zone = ZoneInfo("UTC")

    def found(start: str, end: str) -> list[str]:
        return [
            one.uid
            for one in between(data, at(f"2026-11-21T{start}", zone), at(f"2026-11-21T{end}", zone), zone)
        ]

    assert found("08:00", "09:00") == []
    assert found("08:00", "09:01") == ["a"]
    assert found("09:59", "10:00") == ["a"]
    assert found("10:00", "10:01") == ["b"]
    assert found("10:01", "12:00") == []
    assert found("00:00", "23:00") == ["a", "b"]


def test_a_long_event_is_found_on_each_of_its_days() -> None:
    data = calendar("UID:a|DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:20261231|RRULE:FREQ=YEARLY;COUNT=2")
    assert said(between(data, at("2026-06-01"), at("2026-06-02"))) == ["01-01/12-31"]
    assert said(between(data, at("2026-12-31"), at("2027-01-01"))) == []


def test_an_instance_is_moved_renamed_and_taken_out() -> None:
    data = calendar(
        "UID:a|SUMMARY:Team|DTSTART;TZID=Europe/Helsinki:20261102T140000|DURATION:PT1H|RRULE:FREQ=WEEKLY;COUNT=4"
        "|EXDATE;TZID=Europe/Helsinki:20261109T140000",
        "UID:a|SUMMARY:Team, late|DTSTART;TZID=Europe/Helsinki:20261117T160000|DURATION:PT2H"
        "|RECURRENCE-ID;TZID=Europe/Helsinki:20261116T140000",
    )
    found = between(data, *NOVEMBER)
    assert said(found) == ["11-02 14:00/11-02 15:00", "11-17 16:00/11-17 18:00", "11-23 14:00/11-23 15:00"]
    assert [one.key for one in found] == ["20261102T140000", "20261116T140000", "20261123T140000"]
    assert [one.said and one.said.title for one in found] == [None, "Team, late", None]


def test_an_instance_that_stands_for_all_that_follow_moves_them_too() -> None:
    data = calendar(
        "UID:a|SUMMARY:Team|DTSTART;TZID=Europe/Helsinki:20261102T140000|DURATION:PT1H|RRULE:FREQ=WEEKLY;COUNT=4",
        "UID:a|SUMMARY:Later|DTSTART;TZID=Europe/Helsinki:20261117T150000|DURATION:PT2H"
        "|RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki:20261116T140000",
    )
    found = between(data, *NOVEMBER)
    assert said(found)[2:] == ["11-17 15:00/11-17 17:00", "11-24 15:00/11-24 17:00"]
    assert [one.said and one.said.title for one in found] == [None, None, "Later", "Later"]


def test_an_excluded_time_in_utc_is_the_same_moment_and_an_excluded_day_all_of_it() -> None:
    series = "UID:a|DTSTART;TZID=Europe/Helsinki:20261102T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=4"
    data = calendar(f"{series}|EXDATE:20261103T070000Z|EXDATE;VALUE=DATE:20261105")
    assert [text[:5] for text in said(between(data, *NOVEMBER))] == ["11-02", "11-04"]


def test_more_dates_may_have_lengths_of_their_own() -> None:
    data = calendar(
        "UID:a|DTSTART:20261102T090000Z|DURATION:PT1H|RDATE:20261104T090000Z"
        "|RDATE;VALUE=PERIOD:20261106T090000Z/PT3H,20261108T090000Z/20261108T093000Z"
    )
    zone = ZoneInfo("UTC")
    found = between(data, at("2026-11-01", zone), at("2026-12-01", zone), zone)
    assert said(found) == [
        "11-02 09:00/11-02 10:00",
        "11-04 09:00/11-04 10:00",
        "11-06 09:00/11-06 12:00",
        "11-08 09:00/11-08 09:30",
    ]


def test_until_is_the_last_moment_whatever_zone_it_is_told_in() -> None:
    series = "UID:a|DTSTART;TZID=America/New_York:20261102T200000|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL="
    zone = ZoneInfo("America/New_York")
    for until, last in (("20261105T010000Z", 4), ("20261105T005959Z", 3), ("20261105", 3)):
        found = between(calendar(series + until), at("2026-11-01", zone), at("2026-12-01", zone), zone)
        assert [one.start.day for one in found] == list(range(2, last + 1)), until


def test_several_series_of_one_file_are_told_apart() -> None:
    data = calendar(
        "UID:a|SUMMARY:One|DTSTART:20261121T090000Z", "UID:b|SUMMARY:Two|DTSTART:20261121T080000Z"
    )
    found = between(data, *NOVEMBER)
    assert [(one.series, one.uid, one.said and one.said.title) for one in found] == [
        (1, "b", "Two"),
        (0, "a", None),
    ]


def test_instances_of_a_series_that_the_file_lacks_arein_utc() -> None:
    data = calendar("UID:a|DTSTART:20261121T090000Z|DURATION:PT1H|RECURRENCE-ID:20261120T090000Z")
    assert [one.key for one in between(data, *NOVEMBER)] == ["20261120T090000Z"]


# -- what must not run away


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=SECONDLY;COUNT=1000000"])
def test_what_recurs_all_the_time_is_cut_and_said_to_be(rule: str) -> None:
    data = calendar(f"UID:a|DTSTART:20261101T000000Z|RRULE:{rule}")
    with gathered() as gaps:
        found = instances(form_of(data), *NOVEMBER, HOME, "the metronome")
    assert len(found) == MOST
    assert [(gap.place, gap.missing) for gap in gaps] == [("the metronome", True)]
    assert "5,000" in next(iter(gaps)).reason


@pytest.mark.parametrize("zone", ["", ";TZID=Europe/Helsinki", ";TZID=America/New_York"])
@pytest.mark.parametrize("day", ["2026-11-21", "2026-10-25", "2026-03-29"])
def test_what_recurs_all_the_time_is_shown_from_when_it_is_asked_for(zone: str, day: str) -> None:
    form = form_of(calendar(f"UID:a|DTSTART{zone}:20260101T000000|RRULE:FREQ=SECONDLY"))
    for clock in ("00:00", "05:30"):
        start = at(f"{day}T{clock}").astimezone(UTC)
        found = instances(form, start, start + timedelta(hours=1), HOME)
        assert len(found) > 1000
        assert found[0].start == start


def test_a_count_that_was_not_counted_to_its_end_is_said_to_be() -> None:
    data = calendar("UID:a|DTSTART:20260101T000000Z|RRULE:FREQ=HOURLY;BYMINUTE=0,30;COUNT=1000000")
    with gathered() as gaps:
        assert len(instances(form_of(data), *NOVEMBER, HOME)) == 60 * 24
    assert not gaps
    with gathered() as gaps:
        assert instances(form_of(data), at("2090-01-01"), at("2090-02-01"), HOME) == []
    assert "counted" in next(iter(gaps)).reason


def test_a_rule_that_is_none_is_an_event_that_happens_once() -> None:
    for rule in ("FREQ=DAILY;INTERVAL=0", "FREQ=NEVER", "nonsense", "FREQ=DAILY;UNTIL=soon"):
        data = calendar(f"UID:a|DTSTART:20261121T090000Z|RRULE:{rule}")
        found = between(data, at("2026-01-01"), at("2027-01-01"))
        assert [one.key for one in found] == [""], rule


def test_a_rule_that_names_nothing_leaves_the_start() -> None:
    data = calendar("UID:a|DTSTART:20261121T090000Z|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert len(between(data, at("2026-01-01"), at("2200-01-01"))) == 1


def test_many_exceptions_are_no_trouble() -> None:
    days = [datetime(2026, 1, 1) + timedelta(days=number) for number in range(2000)]
    lines = "|".join(f"EXDATE:{day:%Y%m%dT090000Z}" for day in days if day.day != 7)
    dates = ",".join(f"{day:%Y%m%dT150000Z}" for day in days)
    data = calendar(f"UID:a|DTSTART:20260101T090000Z|RRULE:FREQ=DAILY|RDATE:{dates}|{lines}")
    assert len(between(data, *NOVEMBER)) == 30 + 1


@pytest.mark.parametrize("year", ["0001", "1600", "9998", "9999"])
@pytest.mark.parametrize(
    "kind", ["DTSTART;VALUE=DATE:{}0101", "DTSTART;TZID=Asia/Tokyo:{}1231T230000", "DTSTART:{}0101T000000"]
)
def test_the_ends_of_the_calendar_are_no_trouble(year: str, kind: str) -> None:
    data = calendar(f"UID:a|{kind.format(year)}|DURATION:P40D|RRULE:FREQ=MONTHLY")
    between(data, *NOVEMBER)
    for zone in (HOME, ZoneInfo("Pacific/Kiritimati")):
        between(data, datetime(1, 1, 2, tzinfo=zone), datetime(9999, 12, 30, tzinfo=zone), zone)
        next_or_last(form_of(data) or "[1,[]]", datetime(2026, 1, 1, tzinfo=zone), zone)


# -- one instance for a whole series


@pytest.mark.parametrize(
    ("event", "now", "start"),
    [
        ("DTSTART:20261121T090000Z|DURATION:PT1H", "2026-01-01", "2026-11-21T09:00"),
        ("DTSTART:20261121T090000Z|DURATION:PT1H", "2026-11-21T09:30", "2026-11-21T09:00"),
        ("DTSTART:20261121T090000Z|DURATION:PT1H", "2030-01-01", "2026-11-21T09:00"),
        ("DTSTART:20200106T090000Z|RRULE:FREQ=WEEKLY", "2026-11-20", "2026-11-23T09:00"),
        ("DTSTART:20200106T090000Z|RRULE:FREQ=WEEKLY;COUNT=3", "2026-11-20", "2020-01-20T09:00"),
        ("DTSTART:20200106T090000Z|RRULE:FREQ=WEEKLY", "1990-01-01", "2020-01-06T09:00"),
        ("DTSTART:20000229T090000Z|RRULE:FREQ=YEARLY;INTERVAL=4", "2096-03-01", "2104-02-29T09:00"),
        (
            "DTSTART:20200106T090000Z|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "2026-01-01",
            "2020-01-06T09:00",
        ),
        (
            "DTSTART:20200106T090000Z|RRULE:FREQ=DAILY;UNTIL=20100101T000000Z|RDATE:20210101T090000Z",
            "2026-01-01",
            "2021-01-01T09:00",
        ),
    ],
)
def test_a_series_is_reached_by_its_next_instance_else_its_last(event: str, now: str, start: str) -> None:
    zone = ZoneInfo("UTC")
    found = next_or_last(form_of(calendar(f"UID:a|{event}")), at(now, zone), zone)
    assert found is not None
    assert found.start == at(start, zone)


def test_from_when_to_when_a_file_may_say_something_is_known() -> None:
    def reach(event: str) -> tuple[int, int]:
        found = reach_of(read_calendar(calendar(f"UID:a|{event}")))
        assert found is not None
        return found.first, found.last

    def micros(text: str) -> int:
        return int(at(text, ZoneInfo("UTC")).timestamp()) * 1_000_000

    first, last = reach("DTSTART:20261121T090000Z|DURATION:PT1H")
    assert (
        micros("2026-11-20T00:00") < first <= micros("2026-11-21T09:00") < micros("2026-11-21T10:00") <= last
    )
    assert last < micros("2026-11-23T00:00")
    assert reach("DTSTART:20261121T090000Z|RRULE:FREQ=DAILY")[1] == FOREVER
    assert reach("DTSTART:20261121T090000Z|RRULE:FREQ=DAILY;COUNT=3")[1] < micros("2026-11-25T00:00")
    assert reach("DTSTART:20261121T090000Z|RDATE:20200101T090000Z")[0] < micros("2020-01-01T00:00")
    assert reach_of(read_calendar(calendar())) is None
