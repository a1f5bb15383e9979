"""providers.calendar.compose and text: events written anew, and as a person reads them."""

from __future__ import annotations

import json
import pathlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from providers.calendar.checking import problem_of
from providers.calendar.compose import Draft, composed, person_of
from providers.calendar.event import Calendar, Event
from providers.calendar.reading import read_calendar
from providers.calendar.text import event_when, instance_text, text_of, when_in_words
from providers.rendering.renderer import Renderer
from tests.calendar.shelf import ics
from vfs.errors import BadName

HOME = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = datetime(2026, 11, 23, 14, tzinfo=HOME)
HOUR = timedelta(hours=1)
HOSTILE = json.loads((pathlib.Path(__file__).parent.parent / "vfs" / "hostile_names.json").read_text("utf-8"))


def made(draft: Draft) -> Event:
    data = composed(draft, "uid@test", NOW)
    assert problem_of(data) == ""
    assert data.decode().replace("\r\n", "").isprintable() or "\t" in data.decode() or not data.isascii()
    (theirs,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert str(theirs["UID"]) == "uid@test"
    return event_in(read_calendar(data))


def event_in(calendar: Calendar) -> Event:
    (series,) = calendar.series
    assert series.master is not None
    return series.master


def test_an_event_in_a_zone_carries_the_zones_rules() -> None:
    data = composed(Draft("Team", START, START + HOUR), "uid@test", NOW)
    assert b"DTSTART;TZID=Europe/Helsinki:20261123T140000\r\n" in data
    assert data.count(b"BEGIN:VTIMEZONE") == 1
    event: Any = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert event.start == START
    assert event.end == START + HOUR


def test_an_event_keeps_to_the_zone_that_is_asked_for() -> None:
    found = made(Draft("Call", START, START + HOUR, zone="America/New_York"))
    assert found.start.zone == "America/New_York"
    assert found.start.utc(UTC) == START
    assert made(Draft("Call", START, zone="Eastern Standard Time")).start.zone == "America/New_York"


def test_an_event_once_at_an_offset_is_at_that_moment_and_a_series_keeps_to_the_offset() -> None:
    once = made(Draft("Call", START, START + HOUR, zone="+05:45"))
    assert (once.start.utc(UTC), once.start.zone) == (START, "Europe/Helsinki")
    again = made(Draft("Call", START, START + HOUR, zone="-05:00", rule="FREQ=DAILY"))
    assert (again.start.utc(UTC), again.start.zone) == (START, "Etc/GMT+5")
    with pytest.raises(BadName, match="zone"):
        composed(Draft("Call", START, START + HOUR, zone="+05:45", rule="FREQ=DAILY"), "uid@test", NOW)


def test_the_second_of_two_equal_times_stays_the_second() -> None:
    first = datetime(2027, 10, 31, 3, 30, tzinfo=HOME)
    second = first.replace(fold=1)
    found = made(Draft("Late", first, second))
    assert found.start.utc(UTC) == first.astimezone(UTC)
    assert found.stop.utc(UTC) - found.start.utc(UTC) == HOUR
    assert made(Draft("Later", second, second + 2 * HOUR)).start.utc(UTC) == second.astimezone(UTC)


def test_an_event_may_float_be_in_utc_or_take_days() -> None:
    assert made(Draft("Walk", datetime(2026, 11, 23, 7))).start.zone == ""
    assert made(Draft("Call", datetime(2026, 11, 23, 7, tzinfo=UTC))).start.zone == "UTC"
    found = made(Draft("Trip", date(2026, 11, 23), date(2026, 11, 26)))
    assert (found.start.is_date, (found.stop.wall - found.start.wall).days) == (True, 3)


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (Draft("x", START, START - HOUR), "cannot end before it begins"),
        (Draft("x", date(2026, 11, 23), date(2026, 11, 23)), "cannot end before it begins"),
        (Draft("x", date(2026, 11, 23), START), "by whole days, or by the clock"),
        (Draft("x", START, zone="Mars/Phobos"), "there is no time zone"),
        (Draft("x", START, zone="Helsinki"), "did you mean Europe/Helsinki"),
        (Draft("x", START, rule="FREQ=SOMETIMES"), "not a rule"),
        (Draft("x", datetime(1, 1, 1, tzinfo=HOME), zone="UTC"), "the calendar ends before that"),
        (Draft("x", START, rule="FREQ=DAILY;COUNT=2;UNTIL=20270101"), "by COUNT or by UNTIL"),
        (Draft("x", START, rule="FREQ=DAILY;UNTIL=soon"), "UNTIL is no date"),
        (Draft("x", START, remind=(-1,)), "a reminder is"),
        (Draft("x", START, status="maybe"), "a status is"),
        (Draft("x", START, link="two words"), "not a link"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(draft: Draft, reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        composed(draft, "uid@test", NOW)


@pytest.mark.parametrize(
    ("start", "rule", "written"),
    [
        (START, "RRULE:freq=weekly; until=20261224", "FREQ=WEEKLY;UNTIL=20261224T215959Z"),
        (START, "FREQ=DAILY;UNTIL=20261224T140000", "FREQ=DAILY;UNTIL=20261224T120000Z"),
        (
            START,
            "FREQ=DAILY;UNTIL=20261224T140000Z;INTERVAL=2",
            "FREQ=DAILY;UNTIL=20261224T140000Z;INTERVAL=2",
        ),
        (datetime(2026, 11, 23, 7), "FREQ=DAILY;UNTIL=20261224", "FREQ=DAILY;UNTIL=20261224T235959"),
        (date(2026, 11, 23), "FREQ=DAILY;UNTIL=20261224T120000Z", "FREQ=DAILY;UNTIL=20261224"),
    ],
)
def test_the_end_of_a_rule_is_written_as_its_start_asks(
    start: datetime | date, rule: str, written: str
) -> None:
    assert made(Draft("x", start, rule=rule)).rules == (written,)


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:30])
def test_a_title_stays_a_title(name: str) -> None:
    title = f"{name}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil".encode("utf-8", "replace").decode()
    draft = Draft(title, START, location=title, description=title, categories=(title,), remind=(5,))
    data = composed(draft, "uid@test", NOW)
    found = event_in(read_calendar(data))
    assert data.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    wanted = "".join(
        char for char in title.replace("\r\n", "\n").replace("\r", "\n") if char in "\n\t" or ord(char) > 31
    )
    wanted = wanted.replace("\x7f", "").strip()
    assert found.said.title == wanted[:1000]
    assert found.description == wanted
    assert found.said.categories == (wanted,)
    (theirs,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert str(theirs["SUMMARY"]).strip() == wanted


def test_a_name_and_an_address_cannot_leave_their_parameter() -> None:
    person = person_of("Ada;ROLE=CHAIR:mailto <ada@example.org>")
    found = made(Draft("x", START, attendees=(person,), organizer=person_of("boss@example.org")))
    assert found.said.attendees[0][:2] == ("Ada;ROLE=CHAIR:mailto", "ada@example.org")
    assert found.said.attendees[0].role == "required"


@pytest.mark.parametrize("text", ["", "nobody", "a@b c@d", "a@b\r\nX:1", "<>", "a@"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadName, match="not an address"):
        person_of(text)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada Lovelace <ada@example.org>", "Ada Lovelace <ada@example.org>"),
        ('"Lovelace, Ada" <mailto:ada@example.org>', "Lovelace, Ada <ada@example.org>"),
    ],
)
def test_people_as_they_are_typed(text: str, person: str) -> None:
    assert str(person_of(text)) == person


def test_reminders_are_before_the_start() -> None:
    data = composed(Draft("x", START, remind=(0, 10, 90, 2880, 10)), "uid@test", NOW)
    alarms: list[Any] = list(icalendar.Calendar.from_ical(data).walk("VALARM"))
    assert [alarm["TRIGGER"].dt for alarm in alarms] == [
        -timedelta(minutes=minutes) for minutes in (0, 10, 90, 2880)
    ]


# -- text


def test_an_event_as_a_person_reads_it() -> None:
    draft = Draft(
        "Team",
        START,
        START + HOUR,
        location="Room 5",
        description="Bring\ncake",
        attendees=(person_of("Bob <bob@x.org>"),),
        organizer=person_of("ada@x.org"),
        rule="FREQ=WEEKLY;COUNT=4",
        status="tentative",
        busy=False,
        link="https://x.org",
    )
    assert text_of(composed(draft, "uid@test", NOW)) == (
        "Team\nWhen: Mon 2026-11-23 14:00-15:00 Europe/Helsinki\nRepeats: every week 4 times\n"
        "Status: tentative\nWhere: Room 5\nLink: https://x.org\nOrganizer: ada@x.org\nAttendees:\n"
        "  Bob <bob@x.org> (no answer yet)\n"
        "Shown as: free\n\nBring\ncake\n"
    )


def test_an_instance_is_shown_in_the_readers_zone_and_its_own() -> None:
    found = made(Draft("Call", START, START + HOUR, zone="America/New_York"))
    assert "When: Mon 2026-11-23 14:00-15:00 Europe/Helsinki (07:00 America/New_York)\n" in instance_text(
        found, START, START + HOUR, HOME
    )
    own = made(Draft("Call", START, START + HOUR))
    assert "14:00-15:00 Europe/Helsinki\n" in instance_text(own, START, START + HOUR, HOME)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (START, START, "Mon 2026-11-23 14:00"),
        (START, START + 10 * HOUR, "Mon 2026-11-23 14:00-00:00"),
        (START, START + 24 * HOUR, "Mon 2026-11-23 14:00 to Tue 2026-11-24 14:00"),
        (date(2026, 11, 23), date(2026, 11, 24), "Mon 2026-11-23, all day"),
        (date(2026, 11, 23), date(2026, 11, 26), "Mon 2026-11-23 to Wed 2026-11-25, all day"),
    ],
)
def test_when_in_words(start: datetime | date, end: datetime | date, words: str) -> None:
    assert when_in_words(start, end) == words


def test_an_end_in_another_zone_is_told_in_that_of_the_start() -> None:
    data = ics("UID:1\nDTSTART;TZID=Europe/London:20260705T130000\nDTEND:20260705T130000Z")
    assert event_when(event_in(read_calendar(data))) == "Sun 2026-07-05 13:00-14:00 Europe/London"


def test_the_ends_of_the_calendar_are_told_as_they_are() -> None:
    for start, end in (("00010101T000000", "00010101T000000Z"), ("99991231T235900", "99991231T235959Z")):
        data = ics(f"UID:1\nDTSTART;TZID=America/New_York:{start}\nDTEND:{end}\nRRULE:FREQ=DAILY;UNTIL={end}")
        assert (text_of(data) or "").startswith("Without a title\nWhen: ")


def test_what_is_left_out_and_what_differs_is_told() -> None:
    text = text_of(
        ics(
            "UID:1\nDTSTART:20261101T140000Z\nRRULE:FREQ=DAILY\nEXDATE:20261104T140000Z\nSUMMARY:Daily",
            "UID:1\nRECURRENCE-ID:20261103T140000Z\nDTSTART:20261103T150000Z\nSUMMARY:Later",
            "UID:1\nRECURRENCE-ID:20261105T140000Z\nDTSTART:20261105T140000Z\nSTATUS:CANCELLED",
        )
    )
    assert text is not None
    assert "Not on: Wed 2026-11-04 14:00\n" in text
    assert "Instead of Tue 2026-11-03 14:00: Tue 2026-11-03 15:00 UTC: Later\n" in text
    assert "Instead of Thu 2026-11-05 14:00: cancelled" in text


def test_an_invitation_says_that_it_is_one() -> None:
    data = ics("UID:1\nDTSTART:20261101T140000Z\nSUMMARY:Team", head="METHOD:REQUEST\r\n")
    assert (text_of(data) or "").startswith("Invitation\n\nTeam\n")


def test_a_file_with_very_many_events_is_cut_and_says_so() -> None:
    text = text_of(ics(*(f"UID:{number}\nDTSTART:20261101" for number in range(250))))
    assert (text or "").endswith("[50 more events]\n")


def test_what_is_not_seen_is_not_written_to_a_terminal() -> None:
    text = text_of(ics("UID:1\nDTSTART:20261101\nSUMMARY:a\x1b[31mb\u202ec\nDESCRIPTION:d\x1be\u200b"))
    assert text is not None
    assert text.splitlines()[0] == "a[31mb c"
    assert not {"\x1b", "\u202e", "\u200b"} & set(text)


def test_a_calendar_file_anywhere_is_read_as_text() -> None:
    renderer = Renderer()
    data = ics("UID:1\nDTSTART:20261101\nSUMMARY:Hello")
    assert (renderer.text(data) or "").startswith("Hello\nWhen: Sun 2026-11-01, all day")
    assert (renderer.text(b"\xef\xbb\xbf" + data) or "").startswith("Hello\n")
    assert renderer.text(ics()) is None
    renderer.close()
