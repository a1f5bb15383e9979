"""Invitations in mails are told in a few lines, by the reader of calendars."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.calendar import MOST_EVENTS, summary

INVITATION = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
SUMMARY:Planning\\, part\r
  two\r
DTSTART;TZID=Europe/Vienna:20240115T140000\r
DTEND;TZID=Europe/Vienna:20240115T150000\r
LOCATION:Room 1\\nFloor 2\r
ORGANIZER;CN="Ada: L":mailto:ada@example.org\r
ATTENDEE:mailto:bob@example.org\r
RRULE:FREQ=WEEKLY\r
BEGIN:VALARM\r
SUMMARY:Alarm\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation_is_a_few_lines() -> None:
    assert summary(INVITATION).split("\n") == [
        "Invitation",
        "",
        "Planning, part two",
        "When: Mon 2024-01-15 14:00-15:00 Europe/Vienna",
        "Repeats: every week",
        "Where: Room 1 Floor 2",
        "Organizer: Ada: L <ada@example.org>",
        "Attendees:",
        "  bob@example.org (no answer yet)",
    ]


def test_a_whole_day_and_a_cancellation_are_told() -> None:
    text = "METHOD:CANCEL\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20240115\nEND:VEVENT\n"
    assert summary(text) == "Cancelled\n\nWithout a title\nWhen: Mon 2024-01-15, all day"


def test_many_events_are_counted() -> None:
    events = [
        f"BEGIN:VEVENT\nUID:{at}\nDTSTART:20240115T140000Z\nEND:VEVENT\n" for at in range(MOST_EVENTS + 3)
    ]
    assert summary("".join(events)).endswith("[3 more events]")
    assert summary("no calendar") == ""


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_calendar_raises(text: str) -> None:
    summary(text)
    summary(f"BEGIN:VEVENT\n{text}")
    summary(f"BEGIN:VEVENT\nDTSTART:{text}\nSUMMARY:{text}\nRRULE:{text}")
