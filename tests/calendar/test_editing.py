"""providers.calendar.editing: one time, the rest, or all; recurring-ical-events tells what is left."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from providers.calendar.checking import problem_of
from providers.calendar.compose import Draft, composed, person_of
from providers.calendar.editing import (
    Edited,
    Spot,
    answered,
    cancelled,
    changed,
    instance_of,
    moved,
)
from providers.calendar.event import Event, Moment
from providers.calendar.ics.component import parse
from providers.calendar.occurrences import instances
from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar
from tests.calendar.test_corpora import FILES
from vfs.errors import BadName
from vfs.node import Value

HOME = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXAMPLES = 400 if os.environ.get("SPATIO_FULL") else 12
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Time = tuple[datetime, timedelta, str]
"""Start by the clock of its zone, length, title."""


def spot(key: str = "", scope: str = "this", uid: str = "") -> Spot:
    return Spot(key, scope, NOW, HOME, "the-rest@test", uid)


def weekly(rule: str = "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", **more: Any) -> bytes:
    draft = Draft(
        "Team", datetime(2026, 3, 9, 14, tzinfo=HOME), datetime(2026, 3, 9, 15, tzinfo=HOME), rule=rule
    )
    return composed(draft._replace(**more), "weekly@test", NOW)


def times(data: bytes | None, until: datetime = datetime(2027, 3, 1)) -> list[Time]:
    """The instances of a file, as recurring-ical-events has them."""
    if data is None:
        return []
    calendar = icalendar.Calendar.from_ical(data)
    found = []
    for event in recurring_ical_events.of(calendar).between(datetime(2026, 1, 1), until):
        start = event.start
        wall = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime(*start.timetuple()[:3])
        found.append((wall, event.end - event.start, str(event["SUMMARY"])))
    return sorted(found)


def both(edited: Edited) -> list[Time]:
    return sorted(times(edited.kept) + times(edited.new))


def key(wall: datetime) -> str:
    return f"{wall:%Y%m%dT%H%M%S}"


def event(data: bytes) -> Event:
    (series,) = read_calendar(data).series
    assert series.master is not None
    return series.master


# -- X46: every other instance stays where it was

RULES = (
    *("FREQ=DAILY;COUNT=20", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;UNTIL=20260628T120000Z"),
    *("FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=15", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;WKST=SU"),
    *("FREQ=MONTHLY;BYMONTHDAY=10", "FREQ=MONTHLY;BYDAY=2TU;COUNT=8", "FREQ=MONTHLY;BYDAY=-1FR"),
    *("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;INTERVAL=2;COUNT=5", "FREQ=YEARLY"),
)
ZONES = ("Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "UTC", "")


@some.composite
def series(draw: some.DrawFn) -> bytes:
    """A series that begins on a day that its rule names, across changes of the clocks."""
    zone = draw(some.sampled_from(ZONES))
    rule = draw(some.sampled_from(RULES))
    wall = datetime(2026, 3, 1, draw(some.integers(5, 18)), 30)
    whole = draw(some.integers(0, 4)) == 0
    bare = Draft(
        "Series", wall.date() if whole else wall, rule=rule.partition(";COUNT")[0].partition(";UNTIL")[0]
    )
    named = times(
        composed(bare._replace(end=wall.date() + DAY if whole else wall + HOUR), "series@test", NOW)
    )
    first = named[draw(some.integers(0, min(len(named) - 1, 3)))][0] if named else wall
    start: datetime | date = first.date() if whole else first
    if not whole and zone:
        start = first.replace(tzinfo=ZoneInfo(zone))
    data = composed(Draft("Series", start, start + (DAY if whole else HOUR), rule=rule), "series@test", NOW)
    there = times(data)
    for _ in range(draw(some.integers(0, 2))):
        chosen = draw(some.integers(1, 9))
        if chosen < len(there) - 2:
            data = cancelled(data, spot(named_as(data, there[chosen][0]))).kept or data
    assume(len(times(data)) > 3)
    return data


def named_as(data: bytes, wall: datetime) -> str:
    """The key of an instance that the rule names."""
    start = event(data).start
    if start.is_date:
        return f"{wall:%Y%m%d}"
    return key(wall) + ("Z" if start.zone == "UTC" else "")


def later(data: bytes, wall: datetime, delta: timedelta) -> datetime | date:
    start = event(data).start
    if start.is_date:
        return (wall + delta).date()
    there = wall + delta
    return there.replace(tzinfo=ZoneInfo(start.zone)) if start.zone else there


run = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@run
@given(series(), some.integers(0, 8), some.sampled_from([HOUR, -2 * HOUR, DAY, 3 * DAY + HOUR]))
def test_moving_one_leaves_all_others(data: bytes, number: int, delta: timedelta) -> None:
    before = times(data)
    one = before[number % len(before)]
    edited = moved(data, spot(named_as(data, one[0])), later(data, one[0], delta))
    if event(data).start.is_date:
        delta = delta.days * DAY
    there = (one[0] + delta, one[1], one[2])
    assert both(edited) == sorted([*(time for time in before if time != one), there])
    assert problem_of(edited.kept or b"") == ""


@run
@given(series(), some.integers(0, 8))
def test_cancelling_one_leaves_all_others(data: bytes, number: int) -> None:
    before = times(data)
    one = before[number % len(before)]
    assert both(cancelled(data, spot(named_as(data, one[0])))) == [time for time in before if time != one]


@run
@given(series(), some.integers(0, 8))
def test_cancelling_those_that_follow_leaves_those_before(data: bytes, number: int) -> None:
    before = times(data)
    at = number % len(before)
    edited = cancelled(data, spot(named_as(data, before[at][0]), "following"))
    assert times(edited.kept) == before[:at]
    assert edited.new is None


@run
@given(series(), some.integers(0, 8), some.sampled_from([HOUR, -2 * HOUR, DAY]))
def test_moving_those_that_follow_leaves_those_before(data: bytes, number: int, delta: timedelta) -> None:
    before = times(data)
    at = number % len(before)
    by_days = delta >= DAY or event(data).start.is_date
    try:
        edited = moved(
            data, spot(named_as(data, before[at][0]), "following"), later(data, before[at][0], delta)
        )
    except BadName:
        assert by_days
        return
    if event(data).start.is_date:
        delta = delta.days * DAY
    wanted = sorted(before[:at] + [(wall + delta, length, title) for wall, length, title in before[at:]])
    limit = datetime(2027, 1, 20)
    if by_days and "MONTHLY" in event(data).rules[0] and wanted != both(edited):
        # The day after the second Tuesday is not the second Wednesday of every month.
        return
    assert upto(both(edited), limit) == upto(wanted, limit)
    assert problem_of(edited.kept or b"") == ""


def upto(found: list[Time], limit: datetime) -> list[Time]:
    return [time for time in found if time[0] < limit]


@run
@given(series(), some.integers(0, 8), some.sampled_from([HOUR, -2 * HOUR]))
def test_moving_all_moves_each(data: bytes, number: int, delta: timedelta) -> None:
    assume(not event(data).start.is_date)
    before = times(data)
    one = before[number % len(before)]
    edited = moved(data, spot(named_as(data, one[0]), "all"), later(data, one[0], delta))
    limit = datetime(2027, 1, 20)
    wanted = [(wall + delta, length, title) for wall, length, title in before]
    assert upto(both(edited), limit) == upto(wanted, limit)
    assert edited.new is None


# -- what is written


def test_moving_one_time_leaves_every_other_line_as_it_was() -> None:
    data = weekly()
    kept = moved(data, spot("20260330T140000"), datetime(2026, 3, 31, 16, tzinfo=HOME)).kept
    assert kept is not None
    before = data.partition(b"END:VCALENDAR")[0]
    assert kept.startswith(before)
    assert b"RECURRENCE-ID;TZID=Europe/Helsinki:20260330T140000\r\n" in kept[len(before) :]


def test_lines_of_others_stay_to_the_byte() -> None:
    odd = (
        b'BEGIN:VCALENDAR\nPRODID:x\nX-ODD;a="b":  kept \nBEGIN:VEVENT\nx-first:1\nUID:1\n'
        b"dtstart;Tzid=Europe/Helsinki:20260309T140000\nDURATION:PT1H\nSUMMARY;LANGUAGE=en:A long\n  title\n"
        b"ATTACH;ENCODING=BASE64:AAAA\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    kept = changed(odd, spot(), {"location": "Room 5"}).kept
    assert kept is not None
    added = kept.splitlines(keepends=True)
    assert [line for line in odd.splitlines(keepends=True) if line not in added] == []
    assert {line.partition(b":")[0] for line in added if line not in odd.splitlines(keepends=True)} == {
        *(b"LOCATION", b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE")
    }


def test_a_time_may_become_all_day_and_back() -> None:
    whole = moved(weekly(), spot("20260311T140000"), date(2026, 3, 12)).kept
    assert whole is not None
    assert (datetime(2026, 3, 12), DAY, "Team") in times(whole)
    again = moved(whole, spot("20260311T140000"), datetime(2026, 3, 12, 9, tzinfo=HOME)).kept
    assert (datetime(2026, 3, 12, 9), HOUR, "Team") in times(again)


def test_a_time_asked_for_in_another_zone_is_kept_in_that_of_the_event() -> None:
    kept = moved(weekly(), spot("20260311T140000"), datetime(2026, 3, 11, 15, tzinfo=UTC)).kept
    assert kept is not None
    assert b"DTSTART;TZID=Europe/Helsinki:20260311T170000" in kept


def test_a_single_event_moves_and_keeps_its_length() -> None:
    data = weekly(rule="")
    edited = moved(data, spot(), datetime(2026, 3, 10, 9, tzinfo=HOME))
    assert times(edited.kept) == [(datetime(2026, 3, 10, 9), HOUR, "Team")]
    assert event(edited.kept or b"").sequence == 1


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(BadName, match="cannot end before it begins"):
        moved(
            weekly(rule=""),
            spot(),
            datetime(2026, 3, 10, 9, tzinfo=HOME),
            datetime(2026, 3, 10, 8, tzinfo=HOME),
        )


def test_moving_all_takes_along_what_is_left_out_and_what_only_says_something_else() -> None:
    data = weekly()
    data = cancelled(data, spot("20260311T140000")).kept or b""
    data = changed(data, spot("20260316T140000"), {"title": "Other"}).kept or b""
    data = moved(data, spot("20260318T140000"), datetime(2026, 3, 20, 9, tzinfo=HOME)).kept or b""
    edited = moved(data, spot("20260309T140000", "all"), datetime(2026, 3, 10, 10, tzinfo=HOME))
    found = times(edited.kept)
    assert (datetime(2026, 3, 12, 10), HOUR, "Team") not in found
    assert (datetime(2026, 3, 17, 10), HOUR, "Other") in found
    assert (datetime(2026, 3, 20, 9), HOUR, "Team") in found
    assert len(found) == 9
    assert event(edited.kept or b"").rules == ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10",)


def test_further_dates_and_periods_move_along() -> None:
    data = weekly().replace(
        b"SUMMARY:",
        b"RDATE;TZID=Europe/Helsinki:20260501T140000\r\n"
        b"RDATE;TZID=Europe/Helsinki;VALUE=PERIOD:20260502T140000/PT3H\r\nSUMMARY:",
    )
    found = times(moved(data, spot("20260309T140000", "all"), datetime(2026, 3, 9, 15, tzinfo=HOME)).kept)
    assert (datetime(2026, 5, 1, 15), HOUR, "Team") in found
    assert (datetime(2026, 5, 2, 15), 3 * HOUR, "Team") in found


def test_a_rule_whose_days_cannot_be_told_is_not_moved_by_days() -> None:
    data = weekly("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2")
    with pytest.raises(BadName, match="names days of its own"):
        moved(data, spot("20260309T140000", "all"), datetime(2026, 3, 10, 14, tzinfo=HOME))


@pytest.mark.parametrize(
    ("rule", "start", "number", "days", "cancelled_at"),
    [
        ("FREQ=MONTHLY;BYDAY=1MO", datetime(2026, 3, 2, 14), 1, 1, "20260907T140000"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR", datetime(2026, 10, 1, 14), 2, -2, ""),
        ("FREQ=MONTHLY;BYDAY=-1FR", datetime(2026, 10, 30, 14), 2, 4, ""),
        ("FREQ=MONTHLY", datetime(2026, 3, 1, 14), 1, -1, "20260701T140000"),
        ("FREQ=MONTHLY;BYMONTHDAY=28", datetime(2026, 3, 28, 14), 1, 2, "20270228T140000"),
    ],
)
def test_a_rule_is_not_moved_where_what_was_left_out_would_come_back(
    rule: str, start: datetime, number: int, days: int, cancelled_at: str
) -> None:
    start = start.replace(tzinfo=HOME)
    data = weekly(rule, start=start, end=start + HOUR)
    if cancelled_at:
        data = cancelled(data, spot(cancelled_at)).kept or b""
    wall, _, _ = times(data)[number]
    with pytest.raises(BadName, match="change the rule, or move this one alone"):
        moved(data, spot(key(wall), "all"), (wall + days * DAY).replace(tzinfo=HOME))


def test_a_rule_that_cannot_be_followed_is_refused_before_anything_changes() -> None:
    data = weekly().replace(b"FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", b"FREQ=MONTHLY;BYDAY=-1END:MO")
    with pytest.raises(BadName, match="cannot be followed"):
        moved(data, spot("20260309T140000", "all"), datetime(2026, 3, 10, 14, tzinfo=HOME))
    with pytest.raises(BadName, match="cannot be split"):
        moved(data, spot("20260316T140000", "following"), datetime(2026, 3, 17, 14, tzinfo=HOME))


def test_a_file_of_several_calendars_is_edited_as_one() -> None:
    data = weekly() + moved(weekly(rule=""), spot(), datetime(2026, 5, 1, tzinfo=HOME)).kept.replace(  # type: ignore[union-attr]
        b"UID:weekly@test", b"UID:weekly@test\r\nRECURRENCE-ID;TZID=Europe/Helsinki:20260316T140000"
    )
    kept = changed(data, spot("20260309T140000", "all"), {"title": "New"}).kept or b""
    assert {time[2] for time in times(kept)} == {"New"}
    assert kept.count(b"BEGIN:VCALENDAR") == 1
    assert (datetime(2026, 5, 1), HOUR, "New") in times(kept)


def test_following_from_the_first_time_on_is_all() -> None:
    edited = moved(weekly(), spot("20260309T140000", "following"), datetime(2026, 3, 9, 16, tzinfo=HOME))
    assert edited.new is None
    assert event(edited.kept or b"").uid == "weekly@test"


def test_what_follows_is_a_series_of_its_own_that_names_the_other() -> None:
    data = moved(weekly(), spot("20260330T140000"), datetime(2026, 3, 31, 8, tzinfo=HOME)).kept or b""
    edited = changed(data, spot("20260325T140000", "following"), {"title": "New"})
    assert edited.new is not None
    assert edited.key == "20260325T140000"
    new = event(edited.new)
    assert (new.uid, new.said.title) == ("the-rest@test", "New")
    assert b"RELATED-TO;RELTYPE=SIBLING:weekly@test" in edited.new
    assert {time[2] for time in times(edited.kept)} == {"Team"}
    assert (datetime(2026, 3, 31, 8), HOUR, "New") in times(edited.new)
    assert len(times(edited.kept)) + len(times(edited.new)) == 10


def test_an_instance_that_stands_for_all_later_ones_is_split_as_it_is() -> None:
    data = weekly().replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\r\nUID:weekly@test\r\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki:20260318T140000\r\n"
        b"DTSTART;TZID=Europe/Helsinki:20260318T160000\r\nDTEND;TZID=Europe/Helsinki:20260318T170000\r\n"
        b"SUMMARY:Later\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )
    edited = changed(data, spot("20260325T140000", "following"), {"location": "Here"})
    assert edited.key == "20260325T160000"
    assert [time[0].hour for time in times(edited.new)] == [16] * 5
    assert {time[2] for time in times(edited.new)} == {"Later"}


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;INTERVAL=5;COUNT=3", "FREQ=DAILY;INTERVAL=5;UNTIL=20260320T000000Z"]
)
def test_what_follows_the_end_of_a_rule_is_no_rule(rule: str) -> None:
    further = b"RDATE;TZID=Europe/Helsinki:20260325T140000\r\nSUMMARY"
    data = weekly(rule).replace(b"SUMMARY", further)
    edited = changed(data, spot("20260325T140000", "following"), {"title": "New"})
    assert both(edited) == [
        *((datetime(2026, 3, day, 14), HOUR, "Team") for day in (9, 14, 19)),
        (datetime(2026, 3, 25, 14), HOUR, "New"),
    ]


def test_what_follows_a_time_that_was_moved_and_made_longer_is_as_long_as_the_series() -> None:
    data = weekly("FREQ=DAILY;COUNT=4")
    far = datetime(2026, 4, 20, 9, tzinfo=HOME)
    data = moved(data, spot("20260310T140000"), far, far + 3 * HOUR).kept or b""
    edited = changed(data, spot("20260310T140000", "following"), {"location": "B"})
    assert times(edited.new) == [
        *((datetime(2026, 3, day, 14), HOUR, "Team") for day in (11, 12)),
        (datetime(2026, 4, 20, 9), 3 * HOUR, "Team"),
    ]


def test_cancelling_the_last_time_that_is_left_removes_the_file() -> None:
    data = weekly("FREQ=DAILY;COUNT=2")
    data = cancelled(data, spot("20260309T140000")).kept or b""
    assert times(data) == [(datetime(2026, 3, 10, 14), HOUR, "Team")]
    assert cancelled(data, spot("20260310T140000")).kept is None


def test_cancelling_all_or_a_single_event_removes_the_file() -> None:
    assert cancelled(weekly(), spot("20260311T140000", "all")).kept is None
    assert cancelled(weekly(rule=""), spot()).kept is None


def test_cancelling_in_a_file_of_several_leaves_the_others() -> None:
    other = weekly(rule="").replace(b"weekly@test", b"other@test")
    inner = other[other.index(b"BEGIN:VEVENT") : other.index(b"END:VCALENDAR")]
    data = weekly().replace(b"END:VCALENDAR", inner + b"END:VCALENDAR")
    kept = cancelled(data, spot("", "all", uid="weekly@test")).kept
    assert kept is not None
    assert event(kept).uid == "other@test"


def test_all_changes_what_others_had_not_changed_themselves() -> None:
    data = changed(weekly(), spot("20260311T140000"), {"title": "Own"}).kept or b""
    kept = changed(data, spot("20260309T140000", "all"), {"title": "New", "location": "Here"}).kept or b""
    (found,) = read_calendar(kept).series
    assert found.master is not None
    assert (found.master.said.title, found.master.said.location) == ("New", "Here")
    assert [(one.said.title, one.said.location) for one in found.overrides] == [("Own", "Here")]


def test_everything_that_is_said_can_be_changed() -> None:
    changes: dict[str, Value] = {
        "title": "A, b; c\nd",
        "location": "Here",
        "description": "Long",
        "status": "tentative",
        "busy": False,
        "link": "https://meet.example.org/x",
        "categories": ("Work", "a,b"),
        "attendees": ("Bob <bob@example.org>", "carol@example.org"),
        "remind": (10, 60),
    }
    kept = changed(weekly(rule=""), spot(), changes).kept or b""
    said = event(kept).said
    assert said.title == "A, b; c\nd"
    assert (said.status, said.busy, said.link) == ("tentative", False, "https://meet.example.org/x")
    assert said.categories == ("Work", "a,b")
    assert [str(person) for person in said.attendees] == ["Bob <bob@example.org>", "carol@example.org"]
    assert kept.count(b"BEGIN:VALARM") == 2
    back = changed(kept, spot(), {"location": "", "uninvite": ("bob@example.org",), "remind": ()}).kept or b""
    assert b"LOCATION" not in back
    assert b"VALARM" not in back
    assert [person.address for person in event(back).said.attendees] == ["carol@example.org"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"colour": "red"}, "no colour"),
        ({"status": "maybe"}, "a status is"),
        ({"attendees": ("nobody",)}, "not an address"),
        ({"remind": (-5,)}, "a reminder is"),
        ({"remind": "soon"}, "a reminder is"),
        ({"link": "a b"}, "not a link"),
        ({"start": "tomorrow"}, "not a time"),
        ({"title": 5}, "not a text"),
        ({"rule": "FREQ=NEVER"}, "not a rule"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(changes: dict[str, Value], reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        changed(weekly(rule=""), spot(), changes)


def test_another_rule_lets_go_of_the_instances_that_it_does_not_name() -> None:
    data = changed(weekly(), spot("20260311T140000"), {"title": "Wed"}).kept or b""
    data = changed(data, spot("20260316T140000"), {"title": "Mon"}).kept or b""
    kept = changed(data, spot("20260309T140000", "all"), {"rule": "FREQ=WEEKLY;COUNT=3"}).kept
    assert [time[2] for time in times(kept)] == ["Team", "Mon", "Team"]


def test_a_series_without_its_rule_is_one_event() -> None:
    kept = changed(weekly(), spot("20260309T140000", "all"), {"rule": ""}).kept
    assert len(times(kept)) == 1


def test_a_rule_is_not_about_one_time() -> None:
    with pytest.raises(BadName, match="about all times"):
        changed(weekly(), spot("20260309T140000"), {"rule": "FREQ=DAILY"})


# -- answers


def invited() -> bytes:
    return weekly(organizer=person_of("boss@example.org"), attendees=(person_of("Ada <Ada@Example.org>"),))


def test_an_answer_to_all_is_noted() -> None:
    kept = answered(invited(), spot("", "all"), {"ada@example.org"}, "accepted").kept or b""
    assert [person.answer for person in event(kept).said.attendees] == ["accepted"]
    assert b"RSVP" not in kept
    assert event(kept).sequence == 0


def test_an_answer_to_one_time_is_about_that_alone() -> None:
    kept = answered(invited(), spot("20260311T140000"), {"ada@example.org"}, "declined").kept or b""
    (found,) = read_calendar(kept).series
    assert found.master is not None
    assert found.master.said.attendees[0].answer == "needs-action"
    assert [one.said.attendees[0].answer for one in found.overrides] == ["declined"]


def test_who_is_not_invited_cannot_answer() -> None:
    with pytest.raises(BadName, match="not invited"):
        answered(invited(), spot("", "all"), {"eve@example.org"}, "accepted")
    with pytest.raises(BadName, match="an answer is"):
        answered(invited(), spot("", "all"), {"ada@example.org"}, "perhaps")


# -- the calendars of others

OTHERS = FILES if os.environ.get("SPATIO_FULL") else FILES[::6]


def test_events_of_others_are_edited_or_refused_and_what_else_a_file_holds_stays() -> None:
    edited = 0
    for path in OTHERS:
        data = path.read_bytes()
        calendar = read_calendar(data)
        reach = reach_of(calendar)
        if reach is None:
            continue
        first = (calendar.series[0].master or calendar.series[0].overrides[0]).start.utc(UTC)
        found = instances(reach.form, first - 30 * DAY, first + 400 * DAY, HOME)
        for one in found[:4:3]:
            for scope in ("this", "following", "all"):
                where = spot(one.key, scope, one.uid)
                edits: list[Callable[[], Edited]] = [
                    partial(moved, data, where, one.start + DAY),
                    partial(changed, data, where, {"title": "New", "attendees": ("a@example.org",)}),
                    partial(cancelled, data, where),
                ]
                for edit in edits:
                    try:
                        kept = edit().kept
                    except BadName:
                        continue
                    edited += 1
                    if kept is not None:
                        assert untouched(data, one.uid) == untouched(kept, one.uid), path.name
    assert edited > 100


def untouched(data: bytes, uid: str) -> list[bytes]:
    """The components of a file that are not about an event."""
    root = parse(data)
    parts = [part for calendar in root.components() for part in calendar.components()]
    return [part.raw() for part in parts if uid.encode() not in part.raw() and part.first("UID") is not None]


# -- one instance alone


def test_one_instance_alone_is_a_file_without_a_rule() -> None:
    start = datetime(2026, 3, 30, 14, tzinfo=HOME)
    data = instance_of(weekly(), Moment(start.replace(tzinfo=None), "Europe/Helsinki"), start, start + HOUR)
    (found,) = read_calendar(data).series
    assert found.master is None
    assert len(found.overrides) == 1
    assert (found.overrides[0].start.at(HOME), found.overrides[0].rules) == (start, ())
    assert times(data) == [(datetime(2026, 3, 30, 14), HOUR, "Team")]
    assert len(list(next(parse(data).components()).components("VTIMEZONE"))) == 1


def test_what_is_not_there_any_more_is_said() -> None:
    with pytest.raises(BadName, match="not there any more"):
        changed(weekly(), spot("20260309T140000", uid="other"), {"title": "x"})
    with pytest.raises(BadName, match="holds no event"):
        changed(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", spot(), {"title": "x"})
    with pytest.raises(BadName, match="a scope is"):
        changed(weekly(), spot("20260309T140000", "some"), {"title": "x"})
    with pytest.raises(BadName, match="say which time"):
        changed(weekly(), spot(), {"title": "x"})
