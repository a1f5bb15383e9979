"""Rules: they name what dateutil says they do, but where the RFC says otherwise; and none runs away."""

from __future__ import annotations

import datetime as real
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace

import dateutil.rrule
import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from providers.calendar.recurrence import DAY, END, Meter, clock_of, last_of, passes_by, wall_of, walls
from providers.calendar.rule import FREQUENCIES, MONTHLY, WEEKDAYS, read_rule

FULL = bool(os.environ.get("SPATIO_FULL"))
PLENTY = 10_000_000


@pytest.fixture(autouse=True, scope="module")
def _soon() -> Iterator[None]:
    """Lets dateutil give up before the year 9999, which takes it minutes."""
    before = dateutil.rrule.datetime
    dateutil.rrule.datetime = SimpleNamespace(**{**vars(real), "MAXYEAR": 2032})
    yield
    dateutil.rrule.datetime = before


def named(text: str, start: datetime, low: datetime, high: datetime) -> list[datetime]:
    meter = Meter(PLENTY, PLENTY)
    found = walls(read_rule(text).rule, wall_of(start), wall_of(low), wall_of(high), meter)
    return [clock_of(wall) for wall in found]


def some(least: int, most: int, *, signed: bool = False, size: int = 3) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    if signed:
        number = st.builds(lambda one, sign: one * sign, number, st.sampled_from([1, 1, -1]))
    return st.lists(number, min_size=1, max_size=size).map(lambda found: ",".join(map(str, found)))


DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True)
WHICH = st.sampled_from(["1", "2", "3", "4", "5", "-1", "-2", "+1"])


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that dateutil and the RFC read alike, and that dateutil does not search for hours."""
    at = draw(st.integers(0, 5))
    parts = [f"FREQ={FREQUENCIES[at]}"]

    def maybe(name: str, values: st.SearchStrategy[str], among: range, times: int = 4) -> bool:
        if at not in among or draw(st.integers(1, times)) > 1:
            return False
        parts.append(f"{name}={draw(values)}")
        return True

    maybe("INTERVAL", st.sampled_from(["2", "3", "4", "5", "7", "10", "13"]), range(6), 2)
    maybe("BYMONTH", some(1, 12), range(4))
    maybe("BYMONTHDAY", some(1, 31, signed=True), range(2), 3) or maybe(
        "BYMONTHDAY", some(1, 28), range(3, 4)
    )
    weeks = maybe("BYWEEKNO", some(1, 52), range(1), 8)
    maybe("BYYEARDAY", some(1, 366, signed=True), range(1), 8)
    days = ",".join
    plain = maybe("BYDAY", DAYS.map(days), range(5), 3)
    if not plain and not weeks:
        nth = st.lists(
            st.builds(lambda n, day: n + day, WHICH, st.sampled_from(WEEKDAYS)), min_size=1, max_size=3
        )
        maybe("BYDAY", nth.map(days), range(2), 2)
    maybe("BYHOUR", some(0, 23), range(6), 6)
    maybe("BYMINUTE", some(0, 59), range(5), 6)
    maybe("BYSECOND", some(0, 59, size=2), range(5), 8)
    maybe("BYSETPOS", some(1, 3, signed=True, size=2), range(2), 4)
    maybe("WKST", st.sampled_from(WEEKDAYS), range(6), 3)
    return ";".join(parts)


STARTS = st.datetimes(datetime(1998, 1, 1), datetime(2021, 12, 31)).map(lambda at: at.replace(microsecond=0))


@settings(max_examples=3000 if FULL else 60, deadline=None)
@given(rules(), STARTS, st.sampled_from([0, -40, 10, 100, 800, 2500]), st.sampled_from([1, 8, 31, 366, 1200]))
@example("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", datetime(1999, 1, 1, 9), 0, 1200)
@example("FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2", datetime(2000, 2, 29, 9), 0, 1200)
@example("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", datetime(1998, 1, 1, 9), 100, 1200)
@example("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", datetime(2024, 1, 1, 9), 0, 366)
@example("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", datetime(1997, 8, 5, 9), 0, 31)
@example("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", datetime(1997, 8, 5, 9), 0, 31)
def test_a_rule_names_what_dateutil_says_it_does(text: str, start: datetime, after: int, days: int) -> None:
    if text.startswith(("FREQ=HOURLY", "FREQ=MINUTELY")):
        after, days = min(after, 10), min(days, 8)
    low = start + timedelta(days=after)
    high = low + timedelta(days=days)
    expected = []
    # It refuses some of the rules that name nothing.
    with suppress(ValueError):
        for one in rrulestr(text, dtstart=start, cache=False):
            if one >= high:
                break
            if one >= low:
                expected.append(one)
    assert named(text, start, low, high) == expected


def test_weekdays_with_and_without_a_number_are_one_list() -> None:
    """RFC 5545, 3.3.10: BYDAY is a list of days; dateutil takes only days that are in both kinds."""
    found = named(
        "FREQ=MONTHLY;BYDAY=2TU,WE", datetime(2026, 11, 1, 9), datetime(2026, 11, 1), datetime(2026, 12, 1)
    )
    assert [one.day for one in found] == [4, 10, 11, 18, 25]


def test_a_position_is_counted_in_the_whole_first_week() -> None:
    """RFC 5545, 3.3.10: BYSETPOS is about the set of one interval; dateutil begins the first at DTSTART."""
    found = named(
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2",
        datetime(2026, 11, 4, 9),
        datetime(2026, 11, 1),
        datetime(2026, 11, 15),
    )
    assert [one.day for one in found] == [4, 11]


def test_how_long_ago_a_series_began_does_not_matter() -> None:
    for text in (
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=HOURLY",
        "FREQ=YEARLY",
    ):
        meter = Meter()
        before = meter.steps
        start, low = datetime(1, 1, 3, 9), datetime(9990, 5, 1)
        walls(read_rule(text).rule, wall_of(start), wall_of(low), wall_of(low) + 31 * DAY, meter)
        assert before - meter.steps < 2000, text


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=7;BYSECOND=1,2,3",
        "FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,10,20,30,40,50",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1,2,3,4;BYMINUTE=1,2,3,4;BYSECOND=1,2,3,4,5",
    ],
)
def test_what_recurs_all_the_time_is_cut_and_that_is_known(text: str) -> None:
    meter = Meter(most=500)
    start = datetime(2020, 1, 1)
    found = walls(read_rule(text).rule, wall_of(start), wall_of(datetime(2026, 1, 1)), END, meter)
    assert len(found) <= 500
    assert found == sorted(found)
    assert meter.cut


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4,6",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=6",
        "FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300",
        "FREQ=DAILY;BYSECOND=60",
    ],
)
def test_a_rule_that_names_nothing_ends(text: str) -> None:
    start = wall_of(datetime(2020, 1, 1))
    for width in (31 * DAY, END):
        meter = Meter()
        assert walls(read_rule(text).rule, start, start, start + width, meter) == []
        assert meter.steps > -1000
    counted = read_rule(f"{text};COUNT=5")
    assert last_of(counted, start, Meter()) < start


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=DAILY;COUNT=10", datetime(2026, 1, 10, 9)),
        ("FREQ=DAILY;COUNT=1000000", datetime(4763, 11, 28, 9)),
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5", datetime(2026, 1, 15, 9)),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", datetime(2026, 5, 31, 9)),
        ("FREQ=YEARLY;COUNT=3", datetime(2028, 1, 1, 9)),
        ("FREQ=SECONDLY;COUNT=1000000", datetime(2026, 1, 12, 22, 46, 39)),
        ("FREQ=MONTHLY;COUNT=1", datetime(2026, 1, 1, 9)),
    ],
)
def test_a_count_is_where_a_series_ends(text: str, last: datetime) -> None:
    meter = Meter(300_000, 100_000)
    assert clock_of(last_of(read_rule(text), wall_of(datetime(2026, 1, 1, 9)), meter)) == last
    assert not meter.cut


def test_a_count_that_cannot_be_counted_ends_where_counting_did() -> None:
    meter = Meter(300_000, 1_000)
    rule = read_rule("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=1000000")
    last = clock_of(last_of(rule, wall_of(datetime(2026, 1, 1, 9)), meter))
    assert meter.cut
    assert (
        last
        == named(
            "FREQ=WEEKLY;BYDAY=MO,TH", datetime(2026, 1, 1, 9), datetime(2026, 1, 1), datetime(2050, 1, 1)
        )[999]
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "FREQ is missing"),
        ("FREQ=FORTNIGHTLY", "FREQ is FORTNIGHTLY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL"),
        ("FREQ=DAILY;WKST=XX", "WKST"),
        ("FREQ=YEARLY;RSCALE=CHINESE", "RSCALE"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER"),
        ("FREQ=DAILY;NONSENSE", "NONSENSE"),
        ("FREQ=DAILY;BYHOUR=٣", "BYHOUR"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_rule(text)


def test_what_may_be_written_in_several_ways_is_read() -> None:
    assert read_rule("freq=weekly; byday=mo,we") == read_rule("FREQ=WEEKLY;BYDAY=MO,WE")
    assert read_rule("FREQ=DAILY;COUNT=-1").times is None
    assert read_rule("FREQ=DAILY;X-NAME=1;INTERVAL=").rule.interval == 1
    assert read_rule("FREQ=DAILY;COUNT=3;UNTIL=20260101").text == "FREQ=DAILY"


@given(st.text(st.sampled_from("FREQ=DAILYWKMO;,-+0123456789BTUNI "), max_size=60))
def test_no_text_makes_reading_a_rule_fail_in_another_way(text: str) -> None:
    try:
        rule = read_rule(text)
    except ValueError:
        return
    start = wall_of(datetime(2026, 1, 1, 9))
    walls(rule.rule, start, start, start + 400 * DAY, Meter())


@pytest.mark.parametrize("year", [1, 2, 9998, 9999])
@pytest.mark.parametrize("text", [f"FREQ={name}" for name in FREQUENCIES] + ["FREQ=YEARLY;BYWEEKNO=1,52,53"])
def test_the_ends_of_the_calendar_are_no_trouble(text: str, year: int) -> None:
    start = wall_of(datetime(year, 1, 1, 9))
    meter = Meter()
    found = walls(read_rule(text).rule, start, 0, END + DAY, meter)
    assert all(start <= wall < END for wall in found)


@settings(max_examples=3000 if FULL else 60, deadline=None)
@given(rules(), st.integers(0, 40), st.integers(0, 4000), st.integers(0, 3 * DAY), st.integers(0, 47))
def test_a_glance_never_says_of_a_day_that_is_named_that_it_is_not(
    text: str, begun: int, after: int, size: int, hour: int
) -> None:
    rule, start = read_rule(text).rule, wall_of(datetime(2020, 1, 31, 9, 30)) + begun * DAY
    low = start + after * DAY - hour * 1800
    if passes_by(rule, start, low, low + size):
        assert walls(rule, start, low, low + size, Meter(PLENTY, PLENTY)) == []


@pytest.mark.parametrize("more", ["", ";INTERVAL=2", ";INTERVAL=3", ";BYMONTH=11", ";BYHOUR=8,20"])
@pytest.mark.parametrize(
    "text", ["DAILY", "WEEKLY", "WEEKLY;BYDAY=MO,FR", "MONTHLY", "MONTHLY;BYDAY=3WE", "YEARLY"]
)
def test_a_glance_tells_the_days_on_which_nothing_happens(text: str, more: str) -> None:
    rule, start = read_rule(f"FREQ={text}{more}").rule, wall_of(datetime(2020, 11, 20, 9, 30))
    week = wall_of(datetime(2026, 11, 16))
    for low in range(week, week + 7 * DAY, DAY // 2):
        named_some = bool(walls(rule, start, low, low + DAY, Meter()))
        months = rule.interval > 1 and rule.frequency <= MONTHLY
        assert passes_by(rule, start, low, low + DAY) is not named_some or (months and not named_some)
