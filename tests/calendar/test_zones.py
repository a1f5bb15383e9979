"""providers.calendar.ics.tzids, zones and vtimezone: which zone a name means, and its rules both ways."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from providers.calendar.event import Moment, Span, later
from providers.calendar.ics.component import Component, parse
from providers.calendar.ics.tzids import Zones
from providers.calendar.ics.vtimezone import timezone_of
from providers.calendar.ics.zones import MOST_ONSETS, shown, zone_named
from vfs.zone import all_zones

SOME = all_zones() if os.environ.get("SPATIO_FULL") else all_zones()[::12]


def zones(*onsets: str, tzid: str = "Own", more: str = "") -> Zones:
    body = "".join(onsets)
    text = f"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:{tzid}\n{more}{body}END:VTIMEZONE\nEND:VCALENDAR\n"
    return Zones(next(parse(text.encode()).components()))


def onset(start: str, before: str, after: str, more: str = "", kind: str = "STANDARD") -> str:
    return f"BEGIN:{kind}\nDTSTART:{start}\nTZOFFSETFROM:{before}\nTZOFFSETTO:{after}\n{more}END:{kind}\n"


def differing(one: str, other: str, first: int = 2025, last: int = 2052) -> list[datetime]:
    """Moments at which two zones show different times."""
    at, found = datetime(first, 1, 1, tzinfo=UTC), []
    while at.year < last:
        if at.astimezone(zone_named(one)).utcoffset() != at.astimezone(zone_named(other)).utcoffset():
            found.append(at)
        at += timedelta(hours=61)
    return found


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/Europe/Berlin", "Europe/Berlin"),
        (
            "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
        ("/softwarestudio.org/Olson_20011030_5/America/New_York", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("GMT", "GMT"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT-05.00) Nowhere, New York", "America/New_York"),
    ],
)
def test_names_mean_zones(tzid: str, zone: str) -> None:
    assert Zones(Component("VCALENDAR")).called(tzid) == zone


@pytest.mark.parametrize(
    ("tzid", "hours"), [("UTC+2", 2), ("GMT-0530", -5.5), ("+03:00", 3), ("UTC-11", -11)]
)
def test_a_distance_from_utc_is_a_zone(tzid: str, hours: float) -> None:
    found = zone_named(Zones(Component("VCALENDAR")).called(tzid))
    assert datetime(2026, 7, 1, tzinfo=found).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "tzid", ["Mars/Phobos", "Berlin", "/x/Berlin", "x" * 5000, "(UTC+09:00) Berlin", "../.."]
)
def test_an_unknown_name_is_no_zone_and_told(tzid: str) -> None:
    found = Zones(Component("VCALENDAR"))
    assert found.called(tzid) == ""
    assert found.unknown == tzid


def test_the_place_that_a_file_states_is_the_zone() -> None:
    assert zones(more="X-LIC-LOCATION:Europe/Oslo\n").called("Own") == "Europe/Oslo"


def test_a_zone_of_the_files_own_follows_its_rules() -> None:
    own = zones(
        onset("19671029T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\n"),
        onset("19870405T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\n", "DAYLIGHT"),
    ).called("Own")
    assert not differing(own, "America/New_York")
    assert shown(own, datetime(2026, 7, 1)) == "UTC-04:00"


def test_rules_by_days_of_the_month_and_with_ends_are_followed() -> None:
    own = zones(
        onset(
            "20070401T020000",
            "-0500",
            "-0400",
            "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7;UNTIL=20090405T070000Z\n",
        ),
        onset("20071028T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"),
        onset("20100314T020000", "-0500", "-0400", "RDATE:20110313T020000,20120311T020000\n"),
    ).called("Own")
    zone = zone_named(own)
    summers = {
        year: datetime(year, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=-4)
        for year in range(2006, 2016)
    }
    assert [year for year, summer in summers.items() if summer] == [2007, 2008, 2009, 2010, 2011, 2012]


def test_a_zone_with_very_many_onsets_keeps_the_latest() -> None:
    many = [onset(f"{1500 + year}0101T000000", "+0000", f"+{year % 12:02}00") for year in range(500)]
    own = zones(*many).called("Own")
    assert own.count("|") == MOST_ONSETS - 1
    assert zone_named(own) is not None


@pytest.mark.parametrize(
    "broken",
    [
        "",
        onset("x", "+0100", "+0200"),
        onset("20260101T000000", "+9900", "+0200"),
        onset("20260101T000000", "+0100", ""),
    ],
)
def test_rules_that_say_nothing_are_no_zone(broken: str) -> None:
    assert zones(broken).called("Own") == ""


def test_a_text_that_is_no_zone_is_utc() -> None:
    for text in ("=", "=a b c", "=1 2 20260101T000000 13 1 1 20260101T000000", "Mars/Phobos"):
        assert datetime(2026, 1, 1, tzinfo=zone_named(text)).utcoffset() == timedelta(0)


def test_every_zone_comes_back_from_the_rules_that_are_written_of_it() -> None:
    for name in SOME:
        made = timezone_of(name, 2026)
        if made is None:
            assert name == "UTC"
            continue
        line = next(made.lines("TZID"))
        made.put(line.with_value("Own"))
        calendar = Component("VCALENDAR")
        calendar.parts.append(made)
        assert not differing(Zones(calendar).called("Own"), name), name


def test_a_zone_that_needs_no_rules_has_none() -> None:
    assert timezone_of("UTC", 2026) is None
    assert timezone_of("", 2026) is None
    assert timezone_of("=3600 3600 19700101T000000", 2026) is None


def test_years_outside_of_all_rules_do_no_harm() -> None:
    for year in (1, 1600, 9999):
        assert timezone_of("Europe/Helsinki", year) is not None


def test_a_time_in_a_gap_counts_by_the_clock_before_it() -> None:
    gap = Moment(datetime(2026, 3, 29, 3, 30), "Europe/Helsinki")
    assert gap.utc(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_floating_time_is_where_its_reader_is() -> None:
    moment = Moment(datetime(2026, 7, 1, 12))
    assert moment.utc(ZoneInfo("Asia/Tokyo")) == datetime(2026, 7, 1, 3, tzinfo=UTC)


def test_moments_at_the_ends_of_the_calendar_have_a_time_in_utc() -> None:
    for wall in (datetime.min, datetime.max):
        for zone in ("America/New_York", "Asia/Tokyo"):
            assert Moment(wall, zone).utc(UTC).year in (1, 9999)


def test_days_are_of_the_calendar_and_hours_of_the_clock() -> None:
    night = Moment(datetime(2026, 3, 28, 12), "Europe/Helsinki")
    assert later(night, Span(1)).wall == datetime(2026, 3, 29, 12)
    assert later(night, Span(0, 86400)).wall == datetime(2026, 3, 29, 13)
    assert later(Moment(datetime(9999, 12, 31)), Span(40)).wall == datetime.max
