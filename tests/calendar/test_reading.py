"""providers.calendar.reading, facts and rulewords: what calendar files say."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from providers.calendar.checking import problem_of
from providers.calendar.event import Event, Moment, Period, Series, Span
from providers.calendar.facts import answer_of, attributes, packed, unpacked
from providers.calendar.reading import LARGEST, read_calendar
from providers.calendar.rulewords import rule_in_words
from tests.calendar.shelf import ics


def series(*events: str, head: str = "") -> Series:
    (found,) = read_calendar(ics(*events, head=head)).series
    return found


def event(text: str, head: str = "") -> Event:
    found = series(text, head=head).master
    assert found is not None
    return found


def test_a_time_in_a_zone_and_its_end() -> None:
    found = event("UID:1\nDTSTART;TZID=Europe/Helsinki:20261119T140000\nDTEND:20261119T130000Z")
    assert found.start == Moment(datetime(2026, 11, 19, 14), "Europe/Helsinki")
    assert found.stop == Moment(datetime(2026, 11, 19, 13), "UTC")


def test_a_date_alone_is_a_day() -> None:
    found = event("UID:1\nDTSTART;VALUE=DATE:20261119")
    assert found.start.is_date
    assert found.stop.wall == datetime(2026, 11, 20)


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20261119", "DTEND:20261119T000000", "DURATION:PT0S"])
def test_a_day_that_ends_as_it_begins_is_a_day(end: str) -> None:
    assert event(f"UID:1\nDTSTART;VALUE=DATE:20261119\n{end}").stop.wall == datetime(2026, 11, 20)


def test_an_event_without_an_end_is_a_moment() -> None:
    found = event("UID:1\nDTSTART:20261119T140000")
    assert found.stop == found.start
    assert found.said.problem == ""


@pytest.mark.parametrize("end", ["DTEND:20261119T130000", "DURATION:-PT1H"])
def test_an_end_before_the_start_is_told_and_leaves_a_moment(end: str) -> None:
    found = event(f"UID:1\nDTSTART:20261119T140000\n{end}")
    assert found.stop == found.start
    assert "before it begins" in found.said.problem
    assert "before it begins" in problem_of(ics(f"UID:1\nDTSTART:20261119T140000\n{end}"))


def test_every_event_in_a_zone_that_does_not_exist_floats_and_says_so() -> None:
    one = "UID:{}\nDTSTART;TZID=Mars/Phobos:20261119T140000"
    for found in read_calendar(ics(one.format(1), one.format(2))).series:
        assert found.master is not None
        assert found.master.start == Moment(datetime(2026, 11, 19, 14))
        assert "no time zone “Mars/Phobos”" in found.master.said.problem
    assert "no time zone" in problem_of(ics(one.format(1)))


@pytest.mark.parametrize("year", [1, 1600, 9999])
def test_years_far_away_are_read(year: int) -> None:
    found = event(f"UID:1\nDTSTART;TZID=Europe/Helsinki:{year:04}1231T235900\nDURATION:P1D")
    assert found.start.wall.year == year
    assert found.stop.wall >= found.start.wall


def test_an_event_that_does_not_say_when_is_none_and_told() -> None:
    found = read_calendar(ics("UID:1\nSUMMARY:Lost"))
    assert found.series == ()
    assert found.problems == ["“Lost” does not say when it begins"]


def test_instances_that_differ_belong_to_their_series_the_newest_of_each() -> None:
    found = series(
        "UID:1\nDTSTART:20261101T140000Z\nRRULE:FREQ=DAILY",
        "UID:1\nRECURRENCE-ID:20261103T140000Z\nDTSTART:20261103T150000Z\nSEQUENCE:1\nSUMMARY:new",
        "UID:1\nRECURRENCE-ID:20261103T140000Z\nDTSTART:20261103T160000Z\nSUMMARY:old",
        "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261102T140000Z\nSUMMARY:moved",
    )
    assert found.master is not None
    assert found.master.rules == ("FREQ=DAILY",)
    assert [(one.said.title, one.following) for one in found.overrides] == [("moved", True), ("new", False)]
    assert found.overrides[0].start.wall == datetime(2026, 11, 2, 14)


def test_further_and_excluded_dates() -> None:
    found = event(
        "UID:1\nDTSTART:20261101T140000Z\nRDATE;VALUE=PERIOD:20261105T140000Z/PT2H,20261106T140000Z/20261106T150000Z\n"
        "RDATE:20261107T140000Z,broken\nEXDATE;VALUE=DATE:20261107"
    )
    at = Moment(datetime(2026, 11, 5, 14), "UTC")
    assert found.dates[0] == Period(at, None, Span(0, 7200))
    assert len(found.dates) == 3
    assert found.excluded == (Moment(datetime(2026, 11, 7), "", True),)
    assert found.recurs


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("D2 #5", "FREQ=DAILY;INTERVAL=2;COUNT=5"),
        ("W1 TU TH #0", "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH"),
        ("MP1 1+ MO 2- FR #3", "FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO,-2FR;COUNT=3"),
        ("MD1 10 LD #4", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=10,-1;COUNT=4"),
        ("YM1 6 7 20281231T000000Z", "FREQ=YEARLY;INTERVAL=1;BYMONTH=6,7;UNTIL=20281231T000000Z"),
        ("D1", "FREQ=DAILY;INTERVAL=1;COUNT=2"),
    ],
)
def test_rules_of_vcalendar_are_understood(old: str, new: str) -> None:
    assert event(f"UID:1\nDTSTART:20261101T140000Z\nRRULE:{old}").rules == (new,)


def test_what_is_no_rule_at_all_is_left_out() -> None:
    assert event("UID:1\nDTSTART:20261101T140000Z\nRRULE:whenever\nRRULE:" + "FREQ=DAILY;" * 1000).rules == ()


def test_people_and_what_they_answered() -> None:
    found = event(
        "UID:1\nDTSTART:20261101T140000Z\nORGANIZER;CN=Boss:mailto:boss@x.org\n"
        'ATTENDEE;CN="Doe, Ada";PARTSTAT=ACCEPTED;ROLE=CHAIR:MAILTO:Ada@x.org\n'
        "ATTENDEE;EMAIL=room@x.org;CUTYPE=ROOM;RSVP=TRUE:urn:uuid:1"
    )
    said = found.said
    assert str(said.organizer) == "Boss <boss@x.org>"
    ada, room = said.attendees
    assert (str(ada), ada.answer, ada.role) == ("Doe, Ada <Ada@x.org>", "accepted", "chair")
    assert (room.address, room.kind, room.asked) == ("room@x.org", "room", True)
    assert answer_of(said, {"ada@x.org"}) == "accepted"
    assert answer_of(said, {"eve@x.org"}) == ""


@pytest.mark.parametrize(
    ("lines", "link"),
    [
        ("URL:https://x.org/a", "https://x.org/a"),
        ("X-GOOGLE-CONFERENCE:https://meet.google.com/abc\nURL:https://x.org", "https://meet.google.com/abc"),
        ("LOCATION:Online (https://x.org/room).", "https://x.org/room"),
        ("DESCRIPTION:See https://x.org or join https://zoom.us/j/1", "https://zoom.us/j/1"),
        ("DESCRIPTION:See https://x.org", ""),
        ("URL:javascript:alert(1)", ""),
    ],
)
def test_where_it_happens_online(lines: str, link: str) -> None:
    assert event(f"UID:1\nDTSTART:20261101T140000Z\n{lines}").said.link == link


def test_attributes_are_what_columns_show() -> None:
    found = event(
        "UID:1\nDTSTART;TZID=Europe/Helsinki:20261119T140000\nSUMMARY:Team\\, all\nTRANSP:TRANSPARENT\n"
        "STATUS:TENTATIVE\nCATEGORIES:a,b\nCLASS:PRIVATE\nRRULE:FREQ=WEEKLY"
    )
    start = found.start.at(UTC)
    made = attributes(
        found.said, start, start, uid="1", zone=found.start.zone, recurring=True, calendar="work"
    )
    assert made["title"] == "Team, all"
    assert (made["busy"], made["status"], made["categories"]) == (False, "tentative", ("a", "b"))
    assert (made["rule"], made["private"], made["all_day"]) == ("every week", True, False)
    whole = attributes(found.said, date(2026, 11, 19), date(2026, 11, 20), uid="1")
    assert whole["all_day"] is True
    assert unpacked(packed(found.said)) == found.said


def test_what_is_cancelled_keeps_nobody_busy() -> None:
    said = event("UID:1\nDTSTART:20261101T140000Z\nSTATUS:CANCELLED").said
    assert attributes(said, date(2026, 11, 1), date(2026, 11, 2), uid="1")["busy"] is False


def test_an_event_without_a_uid_always_has_the_same() -> None:
    first, second = (event("DTSTART:20261101T140000Z\nSUMMARY:x").uid for _ in range(2))
    assert first == second != event("DTSTART:20261101T140000Z\nSUMMARY:y").uid


def test_calendars_one_after_the_other_and_events_without_one_are_read() -> None:
    one = ics("UID:1\nDTSTART:20261101T140000Z")
    bare = b"BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20261101\r\nEND:VEVENT\r\n"
    assert [found.uid for found in read_calendar(one + one.replace(b"UID:1", b"UID:2") + bare).series] == [
        "1",
        "2",
        "3",
    ]


def test_utf_16_is_read() -> None:
    assert read_calendar(ics("UID:1\nDTSTART:20261101").decode().encode("utf-16")).series[0].uid == "1"


def test_a_file_that_is_too_large_is_said_to_be() -> None:
    assert read_calendar(b" " * (LARGEST + 1)).problems == ("it is larger than 64 MB",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "holds no calendar"),
        (ics(), "holds no event"),
        (ics().replace(b"END:VCALENDAR", b"BEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR"), "tasks only"),
        (ics("UID:1\nSUMMARY:x"), "does not say when it begins"),
        (ics("UID:1\nDTSTART:20261101\nRRULE:FREQ=SOMETIMES"), "recurs by no rule: FREQ"),
        (ics("UID:1\nDTSTART:20261101\nRRULE:FREQ=DAILY;INTERVAL=0"), "recurs by no rule: INTERVAL"),
    ],
)
def test_why_a_file_cannot_be_written_as_an_event(data: bytes, reason: str) -> None:
    assert reason in problem_of(data)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4", "every 3 days 4 times"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "every 2 weeks on Monday and Friday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "every month on the 1st and last day"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "every month on Friday that is on the 13th"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year on the 24th in December"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "every year on Monday in week 20"),
        ("FREQ=WEEKLY;UNTIL=20261224T220000Z", "every week until 25 December 2026"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=11,12,13,21,22,23",
            "every month on the 11th, 12th, 13th, 21st, 22nd and 23rd",
        ),
        ("RSCALE=CHINESE;FREQ=YEARLY", "by the rule RSCALE=CHINESE;FREQ=YEARLY"),
    ],
)
def test_rules_in_words(rule: str, words: str) -> None:
    start = Moment(datetime(2026, 11, 19, 14), "Europe/Helsinki")
    assert rule_in_words([rule], start) == words


def test_dates_without_a_rule_in_words() -> None:
    assert rule_in_words([], Moment(datetime(2026, 11, 19))) == "on chosen days"
