"""Phrases that happen once: what they mean, what may mean several things, what is refused."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from commands.phrases.parts import Unknown
from commands.phrases.when import Ambiguous, When, read_when

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
"""A Wednesday."""


def choices(text: str, now: datetime = NOW) -> list[str]:
    with pytest.raises(Ambiguous) as caught:
        read_when(text, now)
    return [when.understood.removesuffix(" Europe/Helsinki") for when in caught.value.readings]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("this saturday", "Sat 2026-11-21"),
        ("week from monday", "Mon 2026-11-30"),
        ("the monday after christmas", "Mon 2026-12-28"),
        ("3 days before easter", "Thu 2027-03-25"),
        ("in 3 business days", "Mon 2026-11-23"),
        ("last friday", "Fri 2026-11-13"),
        ("tomorrow week", "Thu 2026-11-26"),
        ("first monday of december", "Mon 2026-12-07"),
        ("last working day of the month", "Mon 2026-11-30"),
        ("2nd tuesday of next month", "Tue 2026-12-08"),
        ("end of february 2028", "Tue 2028-02-29"),
        ("february 29", "Tue 2028-02-29"),
        ("12/24/2026", "Thu 2026-12-24"),
        ("24/12/26", "Thu 2026-12-24"),
        ("24.12.", "Thu 2026-12-24"),
        ("2026-W53-5", "Fri 2027-01-01"),
        ("the 30th", "Mon 2026-11-30"),
        ("the 18th of next month", "Fri 2026-12-18"),
        ("all day tomorrow", "Thu 2026-11-19"),
        ("mid december", "Tue 2026-12-15"),
        ("new year's eve", "Thu 2026-12-31"),
    ],
)
def test_a_day_is_read(text: str, day: str) -> None:
    when = read_when(text, NOW)
    assert (when.understood, when.kind, when.granularity, when.zone) == (day, "date", "day", "")


@pytest.mark.parametrize(
    ("text", "first", "last", "grain"),
    [
        ("next week", "2026-11-23", "2026-11-29", "week"),
        ("week 3", "2027-01-18", "2027-01-24", "week"),
        ("2026-W47", "2026-11-16", "2026-11-22", "week"),
        ("this weekend", "2026-11-21", "2026-11-22", "weekend"),
        ("january", "2027-01-01", "2027-01-31", "month"),
        ("last month", "2026-10-01", "2026-10-31", "month"),
        ("11/2027", "2027-11-01", "2027-11-30", "month"),
        ("next year in march", "2027-03-01", "2027-03-31", "month"),
        ("monday to friday next week", "2026-11-23", "2026-11-27", "day"),
        ("q1 2027", "2027-01-01", "2027-03-31", "quarter"),
        ("2027", "2027-01-01", "2027-12-31", "year"),
        ("friday for 3 days", "2026-11-20", "2026-11-22", "day"),
        ("from the 3rd to the 5th of march", "2027-03-03", "2027-03-05", "day"),
        ("dec 24 to jan 3", "2026-12-24", "2027-01-03", "day"),
        ("june - august 2027", "2027-06-01", "2027-08-31", "day"),
        ("until friday", "2026-11-18", "2026-11-20", "day"),
        ("2026-12-24..2026-12-26", "2026-12-24", "2026-12-26", "day"),
    ],
)
def test_days_in_a_row_are_read_with_both_ends(text: str, first: str, last: str, grain: str) -> None:
    when = read_when(text, NOW)
    assert (str(when.start), str(when.end), when.granularity, when.kind) == (first, last, grain, "daterange")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tomorrow 14h30", "Thu 2026-11-19 14:30"),
        ("tomorrow 1430", "Thu 2026-11-19 14:30"),
        ("half past three pm tomorrow", "Thu 2026-11-19 15:30"),
        ("six thirty pm friday", "Fri 2026-11-20 18:30"),
        ("friday at 8 at night", "Fri 2026-11-20 20:00"),
        ("7 in the morning", "Thu 2026-11-19 07:00"),
        ("this time tomorrow", "Thu 2026-11-19 09:30"),
        ("midnight", "Thu 2026-11-19 00:00"),
        ("tomorrow 24:00", "Fri 2026-11-20 00:00"),
        ("2 hours before noon tomorrow", "Thu 2026-11-19 10:00"),
        ("in an hour and a half", "Wed 2026-11-18 11:00"),
        ("sunday at 11", "Sun 2026-11-22 11:00"),
        ("Sat Dec  5 15:00:00 2026", "Sat 2026-12-05 15:00"),
        ("tomorrow 9 to 5", "Thu 2026-11-19 09:00-17:00"),
        ("friday evening from 7 to 9", "Fri 2026-11-20 19:00-21:00"),
        ("11 to 1 in the afternoon", "Wed 2026-11-18 11:00-13:00"),
        ("friday 3pm to friday 4pm", "Fri 2026-11-20 15:00-16:00"),
        ("27 nov 9-11", "Fri 2026-11-27 09:00-11:00"),
        ("tomorrow 11-1pm", "Thu 2026-11-19 11:00-13:00"),
        ("saturday 8pm to midnight", "Sat 2026-11-21 20:00-24:00"),
        ("friday 10pm to 2am", "Fri 2026-11-20 22:00 to Sat 2026-11-21 02:00"),
        ("tomorrow 2pm 90 minutes", "Thu 2026-11-19 14:00-15:30"),
        ("tomorrow morning", "Thu 2026-11-19 06:00-12:00"),
        ("now to 5pm", "Wed 2026-11-18 09:30-17:00"),
        ("last 24 hours", "Tue 2026-11-17 09:30 to Wed 2026-11-18 09:30"),
    ],
)
def test_a_time_is_read_and_told_in_full(text: str, told: str) -> None:
    assert read_when(text, NOW).understood == f"{told} Europe/Helsinki"


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("next friday", ["Fri 2026-11-20", "Fri 2026-11-27"]),
        ("last monday", ["Mon 2026-11-09", "Mon 2026-11-16"]),
        ("wednesday", ["Wed 2026-11-18", "Wed 2026-11-25"]),
        ("this monday", ["Mon 2026-11-16", "Mon 2026-11-23"]),
        ("next weekend", ["Sat 2026-11-21 to Sun 2026-11-22", "Sat 2026-11-28 to Sun 2026-11-29"]),
        ("next december", ["Tue 2026-12-01 to Thu 2026-12-31", "Wed 2027-12-01 to Fri 2027-12-31"]),
        ("nov 12", ["Thu 2026-11-12", "Fri 2027-11-12"]),
        ("03/04/2027", ["Thu 2027-03-04", "Sat 2027-04-03"]),
        ("10.12", ["Wed 2026-11-18 10:12", "Thu 2026-12-10"]),
        ("end of week", ["Fri 2026-11-20", "Sun 2026-11-22"]),
        ("at 5", ["Wed 2026-11-18 17:00", "Thu 2026-11-19 05:00"]),
        ("tomorrow 2-4", ["Thu 2026-11-19 02:00-04:00", "Thu 2026-11-19 14:00-16:00"]),
        ("tomorrow at midnight", ["Thu 2026-11-19 00:00", "Fri 2026-11-20 00:00"]),
        ("eod tomorrow", ["Thu 2026-11-19 17:00", "Thu 2026-11-19 23:59"]),
        ("monday in two weeks", ["Mon 2026-11-30", "Mon 2026-12-07"]),
    ],
)
def test_what_people_mean_different_dates_by_has_all_its_readings(text: str, readings: list[str]) -> None:
    assert choices(text) == readings


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("tommorow at 3pm", "did you mean 'tomorrow'"),
        ("wensday", "did you mean 'wednesday'"),
        ("meeting tomorrow", "'meeting' is not understood in 'meeting tomorrow'"),
        ("tomorrow; 3pm", "';' is not understood"),
        ("feb 29 2027", "February 2027 has 28 days, not 29"),
        ("2026-11-31 10:00", "November 2026 has 30 days, not 31"),
        ("april 31", "April never has 31 days"),
        ("2027-13-01", "13 is no month"),
        ("2027-W54", "2027 has no week 54"),
        ("monday 27 november 2026", "2026-11-27 is a Friday, not a Monday"),
        ("tomorrow at 3:60", "'3:60' is no time of day"),
        ("tomorrow at 13pm", "'13pm' is no time of day"),
        ("2027-03-05 to 2027-03-03", "it ends before it begins"),
        ("tomorrow 15:00 to 14:00", "it ends before it begins"),
        ("friday 3pm to friday 2pm", "it ends before it begins"),
        ("december 26 to december 24", "it ends before it begins"),
        ("tomorrow for 2 hours", "a length in hours needs a time of day"),
        ("next week at 3pm", "a time needs one day"),
        ("in 100000 years", "beyond the calendar"),
        ("monday tuesday", "is no date that is known here"),
        ("in a few days", "is not understood"),
        ("x" * 400, "too long"),
        ("3pm in atlantis", "'atlantis' is not understood"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Unknown) as caught:
        read_when(text, NOW)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told", "zone"),
    [
        ("tomorrow at 15:00 UTC", "Thu 2026-11-19 17:00 Europe/Helsinki (Thu 2026-11-19 15:00 UTC)", "UTC"),
        (
            "3pm berlin time tomorrow",
            "Thu 2026-11-19 16:00 Europe/Helsinki (Thu 2026-11-19 15:00 Europe/Berlin)",
            "Europe/Berlin",
        ),
        (
            "tomorrow 3pm in new york",
            "Thu 2026-11-19 22:00 Europe/Helsinki (Thu 2026-11-19 15:00 America/New_York)",
            "America/New_York",
        ),
        (
            "2pm EST tomorrow",
            "Thu 2026-11-19 21:00 Europe/Helsinki (Thu 2026-11-19 14:00 America/New_York)",
            "America/New_York",
        ),
        (
            "2026-12-01T09:00:00+05:30",
            "Tue 2026-12-01 05:30 Europe/Helsinki (Tue 2026-12-01 09:00 +05:30)",
            "+05:30",
        ),
        (
            "tomorrow 3pm gmt-5",
            "Thu 2026-11-19 22:00 Europe/Helsinki (Thu 2026-11-19 15:00 -05:00)",
            "-05:00",
        ),
    ],
)
def test_a_zone_that_is_said_is_kept_and_shown_beside_the_own(text: str, told: str, zone: str) -> None:
    when = read_when(text, NOW)
    assert (when.understood, when.zone) == (told, zone)


def test_a_short_name_of_several_zones_has_a_reading_for_each() -> None:
    assert len(choices("tomorrow 9am CST")) == 2
    assert len(choices("tomorrow 9am IST")) == 3


def test_winter_time_that_is_said_of_a_summers_day_may_be_the_clock_of_that_place() -> None:
    assert [told.partition("(")[2] for told in choices("june 1 2027 9am EST")] == [
        "Tue 2027-06-01 09:00 America/New_York)",
        "Tue 2027-06-01 09:00 -05:00)",
    ]


def test_tomorrow_where_it_is_another_day_already_may_be_either() -> None:
    evening = datetime(2026, 12, 30, 22, 15, tzinfo=ZoneInfo("America/New_York"))
    assert [told[:16] for told in choices("tomorrow at 15:00 UTC", evening)] == [
        "Thu 2026-12-31 1",
        "Fri 2027-01-01 1",
    ]


def test_hours_are_exact_where_the_clock_is_changed_and_days_keep_the_time() -> None:
    before = datetime(2027, 3, 27, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(read_when("in 36 hours", before).start) == "2027-03-29 01:00:00+02:00"
    assert str(read_when("in 2 days at noon", before).start) == "2027-03-29 12:00:00+02:00"
    assert str(read_when("tomorrow 1am for 3 hours", before).end) == "2027-03-28 05:00:00+02:00"


def test_a_time_that_does_not_exist_is_told_with_the_times_beside_it() -> None:
    with pytest.raises(Ambiguous, match="2027-03-28 03:30 does not exist") as caught:
        read_when("march 28 2027 at 03:30", NOW)
    assert [str(when.start) for when in caught.value.readings] == [
        "2027-03-28 02:30:00+02:00",
        "2027-03-28 04:30:00+03:00",
    ]


def test_a_time_that_comes_twice_has_two_readings_that_can_be_said() -> None:
    with pytest.raises(Ambiguous) as caught:
        read_when("october 31 2027 at 03:30", NOW)
    assert [when.plain for when in caught.value.readings] == [
        "2027-10-31T03:30:00+03:00",
        "2027-10-31T03:30:00+02:00",
    ]
    assert [when.understood[:26] for when in caught.value.readings] == [
        "Sun 2027-10-31 03:30+03:00",
        "Sun 2027-10-31 03:30+02:00",
    ]


def test_the_message_of_an_ambiguous_phrase_says_how_to_say_it() -> None:
    with pytest.raises(Ambiguous, match="write which, such as '2026-11-20'"):
        read_when("next friday", NOW)


def test_filters_take_the_next_weekday_and_the_date_ahead() -> None:
    assert str(read_when("wednesday", NOW, lean=1).start) == "2026-11-25"
    assert str(read_when("nov 12", NOW, lean=1).start) == "2027-11-12"
    with pytest.raises(Ambiguous):
        read_when("03/04/2027", NOW, lean=1)


def test_searches_look_back() -> None:
    for text, day in (
        ("friday", "2026-11-13"),
        ("wednesday", "2026-11-18"),
        ("dec 24", "2025-12-24"),
        ("the 30th", "2026-10-30"),
        ("december", "2025-12-01"),
        ("q4", "2026-10-01"),
        ("week 50", "2025-12-08"),
        ("easter", "2026-04-05"),
        ("february 29", "2024-02-29"),
    ):
        assert str(read_when(text, NOW, lean=-1).start) == day, text


def test_moments_are_cut_to_the_minute_unless_they_are_wanted_exactly() -> None:
    now = NOW.replace(second=27, microsecond=5)
    assert str(read_when("in 2 hours", now).start) == "2026-11-18 11:30:00+02:00"
    exact = read_when("in 2 hours", now, exact=True)
    assert (str(exact.start), exact.granularity) == ("2026-11-18 11:30:27.000005+02:00", "second")


def test_a_period_ends_where_the_next_begins() -> None:
    when: When = read_when("next week", NOW)
    start, end = when.period(NOW)
    assert (start.date(), end.date(), end.hour) == (date(2026, 11, 23), date(2026, 11, 30), 0)
    moment = read_when("tomorrow 3pm", NOW).period(NOW)
    assert moment[0] == moment[1]
