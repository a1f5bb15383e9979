"""Phrases for what happens again and again: the rule, its first instance, how it is told."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from commands.phrases.firstday import first_day
from commands.phrases.repeats import Repeat
from commands.phrases.when import Ambiguous, read_when

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
"""A Wednesday."""


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("every day", "FREQ=DAILY", "2026-11-18"),
        ("daily at 8am", "FREQ=DAILY", "2026-11-19 08:00"),
        ("every other day at noon", "FREQ=DAILY;INTERVAL=2", "2026-11-18 12:00"),
        ("every weekday at 9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-19 09:00"),
        ("every tue/thu at 2pm", "FREQ=WEEKLY;BYDAY=TU,TH", "2026-11-19 14:00"),
        ("mon, wed and fri every week", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-11-18"),
        ("mondays at 9", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23 09:00"),
        ("every wednesday at 8am", "FREQ=WEEKLY;BYDAY=WE", "2026-11-25 08:00"),
        ("every mon-fri at 8:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-19 08:30"),
        ("every day except weekends", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-18"),
        ("every 2 weeks on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-11-20"),
        ("fortnightly on thursday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-11-19"),
        ("monthly on the 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01"),
        ("the last day of every month at 17:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30 17:00"),
        ("first monday of each month", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07"),
        ("last friday of every other month", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR", "2026-11-27"),
        ("monthly on the first workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2026-12-01"),
        ("every month on the 31st", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3", "2026-11-18"),
        ("yearly on march 3", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3", "2027-03-03"),
        ("every first monday of september", "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", "2027-09-06"),
        ("every 4 years on february 29", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "2028-02-29"),
        ("every monday in december", "FREQ=WEEKLY;BYMONTH=12;BYDAY=MO", "2026-12-07"),
        ("every 6 hours", "FREQ=HOURLY;INTERVAL=6", "2026-11-18 09:30"),
        ("every evening at 8", "FREQ=DAILY", "2026-11-18 20:00"),
        ("once a week on sunday", "FREQ=WEEKLY;BYDAY=SU", "2026-11-22"),
        ("every day 5 times", "FREQ=DAILY;COUNT=5", "2026-11-18"),
        ("every day for 2 weeks", "FREQ=DAILY;UNTIL=20261201", "2026-11-18"),
        (
            "every 2nd tuesday of the month until june",
            "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270630",
            "2026-12-08",
        ),
        (
            "every monday at 10am from december 7 to january 25",
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270125T215959Z",
            "2026-12-07 10:00",
        ),
    ],
)
def test_a_rule_is_read_with_its_first_instance(text: str, rule: str, first: str) -> None:
    when = read_when(text, NOW)
    start = f"{when.start:%Y-%m-%d %H:%M}" if isinstance(when.start, datetime) else str(when.start)
    assert (when.rule, start) == (rule, first)


def test_a_range_of_hours_or_a_length_makes_every_instance_so_long() -> None:
    for text in ("every monday from 9 to 10:30am", "every monday at 9am for 90 minutes"):
        when = read_when(text, NOW)
        assert str(when.end) == "2026-11-23 10:30:00+02:00"


def test_the_rule_its_first_instance_and_its_end_are_told() -> None:
    assert read_when("every 2 weeks on friday at 9 until june", NOW).understood == (
        "every 2 weeks on Friday, first Fri 2026-11-20 09:00 Europe/Helsinki, until Wed 2027-06-30"
    )


def test_the_time_stays_on_the_wall_clock_of_the_zone_that_was_said() -> None:
    when = read_when("every monday at 3pm berlin time", NOW)
    assert (str(when.start), when.zone) == ("2026-11-23 16:00:00+02:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "start", "days"),
    [
        ("every monday at 1am tokyo time", "2026-11-22 18:00:00+02:00", "every week on Monday in Asia/Tokyo"),
        (
            "every month on the last friday at 11pm los angeles",
            "2026-11-28 09:00:00+02:00",
            "every month on the last Friday in America/Los_Angeles",
        ),
        ("every monday at 10am tokyo time", "2026-11-23 03:00:00+02:00", "every week on Monday"),
    ],
)
def test_the_days_of_a_rule_are_those_of_the_zone_that_was_said(text: str, start: str, days: str) -> None:
    when = read_when(text, NOW)
    assert str(when.start) == start
    assert when.understood.startswith(f"{days}, first ")
    assert str(read_when(when.plain, NOW).start) == start


def test_a_series_never_begins_at_a_time_that_the_clock_leaves_out() -> None:
    before = datetime(2027, 3, 27, 22, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
    for text in ("every day at 3:30am", "every day at 3:30am starting tomorrow", "daily from 2am to 3:30am"):
        when = read_when(text, before)
        assert isinstance(when.start, datetime)
        assert when.start.date().isoformat() == "2027-03-29"
        assert when.start.hour in (2, 3)


def test_the_first_instance_is_right_though_the_clock_is_changed_today() -> None:
    changed = datetime(2027, 3, 28, 1, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
    assert str(read_when("every day at 9am", changed).start) == "2027-03-28 09:00:00+03:00"
    assert str(read_when("every monday at 3:30am", changed).start) == "2027-03-29 03:30:00+03:00"


def test_every_second_tuesday_may_be_every_other_or_the_months_second() -> None:
    with pytest.raises(Ambiguous) as caught:
        read_when("every second tuesday", NOW)
    assert {when.rule for when in caught.value.readings} == {
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=2TU",
    }


@pytest.mark.parametrize(
    "text",
    [
        "every",
        "every day tomorrow",
        "every weekday tmrw at 9",
        "every monday until yesterday",
        "every day at 25:00",
        "every february 30",
        "twice a week",
        "every 0 days",
        "every day every week",
        "every monday at 9am until june until july",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        read_when(text, NOW)


def test_a_rule_that_never_comes_has_no_first_day() -> None:
    assert first_day(Repeat("YEARLY", monthdays=(30,), months=(2,)), NOW.date()) is None
