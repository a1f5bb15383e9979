"""providers.calendar.invitation: what goes to people about an event, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest

from providers.calendar.compose import person_of
from providers.calendar.event import Event, Series
from providers.calendar.invitation import cancellation, merged, recipients, reply, request
from providers.calendar.reading import read_calendar
from tests.calendar.shelf import ics
from vfs.errors import BadName

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PEOPLE = (
    "ORGANIZER;CN=Boss:mailto:boss@x.org\n"
    "ATTENDEE;CN=Boss:mailto:boss@x.org\n"
    "ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;SCHEDULE-AGENT=CLIENT:mailto:ada@x.org\n"
)
MASTER = (
    "UID:1\nDTSTAMP:20261101T000000Z\nDTSTART:20261123T140000Z\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Team\n"
) + PEOPLE
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
STORED = ics(MASTER + ALARM, head="X-WR-CALNAME:Private\r\n")


def one(data: bytes) -> Series:
    (series,) = read_calendar(data).series
    return series


def master(data: bytes) -> Event:
    found = one(data).master
    assert found is not None
    return found


def again(lines: str, method: str = "REQUEST") -> bytes:
    return ics(lines, head=f"METHOD:{method}\r\n")


def test_an_invitation_holds_the_event_and_nothing_of_its_owner() -> None:
    sent = request(STORED, now=NOW)
    assert read_calendar(sent).method == "request"
    assert master(sent).rules == ("FREQ=DAILY;COUNT=5",)
    for own in (b"VALARM", b"SCHEDULE-AGENT", b"X-WR-CALNAME"):
        assert own not in sent
    assert b"DTSTAMP:20261121T120000Z" in sent
    assert icalendar.Calendar.from_ical(sent)["METHOD"] == "REQUEST"


def test_an_invitation_to_one_time_is_about_that_alone() -> None:
    sent = one(request(STORED, "20261125T140000Z", now=NOW))
    assert sent.master is None
    assert [event.start.wall.day for event in sent.overrides] == [25]


def test_who_gets_it_is_everybody_but_who_invites() -> None:
    assert [str(person) for person in recipients(STORED)] == ["Ada <ada@x.org>"]


def test_an_event_of_nobody_is_signed_by_who_sends_it() -> None:
    data = ics("UID:1\nDTSTART:20261123T140000Z\nATTENDEE:mailto:ada@x.org")
    sent = request(data, organizer=person_of("Me <me@x.org>"), now=NOW)
    assert str(master(sent).said.organizer) == "Me <me@x.org>"
    with pytest.raises(BadName, match="nobody invites"):
        request(data, now=NOW)


def test_an_event_without_people_is_no_invitation() -> None:
    with pytest.raises(BadName, match="nobody is invited"):
        request(ics("UID:1\nDTSTART:20261123T140000Z"), organizer=person_of("me@x.org"), now=NOW)


def test_an_answer_names_who_answers_alone() -> None:
    sent = reply(STORED.replace(b"NEEDS-ACTION", b"ACCEPTED"), {"ada@x.org"}, now=NOW)
    found = master(sent)
    assert read_calendar(sent).method == "reply"
    assert [(person.address, person.answer) for person in found.said.attendees] == [("ada@x.org", "accepted")]
    assert found.said.organizer is not None
    with pytest.raises(BadName, match="not invited"):
        reply(STORED, {"eve@x.org"}, now=NOW)


def test_a_cancellation_is_newer_and_says_so() -> None:
    sent = cancellation(STORED, now=NOW)
    assert (master(sent).said.status, master(sent).sequence) == ("cancelled", 1)
    assert read_calendar(sent).method == "cancel"
    (single,) = one(cancellation(STORED, "20261125T140000Z", now=NOW)).overrides
    assert single.said.status == "cancelled"


def test_an_answer_that_comes_changes_that_answer_alone() -> None:
    answer = again(
        "UID:1\nDTSTAMP:20261121T000000Z\nDTSTART:20261123T140000Z\nORGANIZER:mailto:boss@x.org\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@x.org",
        "REPLY",
    )
    kept = merged(STORED, answer)
    assert [person.answer for person in master(kept).said.attendees] == ["needs-action", "declined"]
    as_before = kept.replace(b"PARTSTAT=DECLINED", b"PARTSTAT=NEEDS-ACTION;RSVP=TRUE")
    assert as_before.splitlines() == STORED.splitlines()


def test_a_newer_invitation_takes_over_and_own_reminders_stay() -> None:
    kept = merged(STORED, again(MASTER.replace("SUMMARY:Team", "SUMMARY:New\nSEQUENCE:1")))
    assert master(kept).said.title == "New"
    assert b"VALARM" in kept
    assert b"METHOD" not in kept


def test_an_older_invitation_changes_nothing() -> None:
    newer = STORED.replace(b"SUMMARY:Team", b"SUMMARY:Team\r\nSEQUENCE:5")
    assert merged(newer, again(MASTER.replace("SUMMARY:Team", "SUMMARY:Old"))) == newer


def test_the_same_again_changes_nothing() -> None:
    assert merged(STORED, STORED) == STORED


def test_one_time_that_comes_is_added_and_then_renewed() -> None:
    moved = "UID:1\nDTSTAMP:2026112{0}T000000Z\nRECURRENCE-ID:20261125T140000Z\nDTSTART:20261125T1{0}0000Z"
    kept = merged(STORED, again(moved.format(5)))
    kept = merged(kept, again(moved.format(6)))
    assert [event.start.wall.hour for event in one(kept).overrides] == [16]


def test_times_of_a_series_that_is_at_other_times_go() -> None:
    kept = merged(STORED, again("UID:1\nRECURRENCE-ID:20261125T140000Z\nDTSTART:20261125T150000Z"))
    assert len(one(kept).overrides) == 1
    kept = merged(kept, again(MASTER.replace("T140000Z", "T160000Z") + "SEQUENCE:2"))
    assert one(kept).overrides == ()
    assert master(kept).start.wall.hour == 16


def test_what_is_called_off_stays_and_is_marked() -> None:
    kept = merged(
        STORED, again("UID:1\nDTSTAMP:20261121T000000Z\nDTSTART:20261123T140000Z\nSEQUENCE:1", "CANCEL")
    )
    assert (master(kept).said.status, master(kept).said.title) == ("cancelled", "Team")
    one_day = again("UID:1\nRECURRENCE-ID:20261125T140000Z\nDTSTART:20261125T140000Z\nSEQUENCE:1", "CANCEL")
    assert [event.said.status for event in one(merged(STORED, one_day)).overrides] == ["cancelled"]


def test_a_message_that_says_the_same_time_twice_is_taken_once() -> None:
    twice = "UID:1\nRECURRENCE-ID:20261125T140000Z\nDTSTART:20261125T150000Z"
    assert len(one(merged(STORED, ics(twice, twice))).overrides) == 1


def test_another_event_changes_nothing() -> None:
    assert merged(STORED, again("UID:2\nDTSTART:20261123T140000Z")) == STORED
    assert merged(STORED, b"nonsense") == STORED
