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
ATTENDEE:mailto:carol@example.org\r
RRULE:FREQ=WEEKLY\r
BEGIN:VALARM\r
SUMMARY:Alarm\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation_is_a_few_lines() -> None:
    assert summary(INVITATION).split("\n") == [
        "Invitation: Planning, part two",
        "When: 2024-01-15 14:00 (Europe/Vienna) to 15:00 (Europe/Vienna)",
        "Repeats: every week",
        "Where: Room 1 Floor 2",
        "Organizer: ada@example.org",
        "Attendees: 2",
    ]


def test_a_whole_day_and_a_cancellation_are_told() -> None:
    text = "METHOD:CANCEL\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20240115\nEND:VEVENT\n"
    assert summary(text) == "Cancelled: without a title\nWhen: 2024-01-15"


def test_many_events_are_counted() -> None:
    text = "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * (MOST_EVENTS + 3)
    assert summary(text).endswith("[3 more in this calendar]")
    assert summary("no calendar") == ""


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_calendar_raises(text: str) -> None:
    summary(text)
    summary(f"BEGIN:VEVENT\n{text}")
    summary(f"BEGIN:VEVENT\nDTSTART:{text}\nSUMMARY:{text}\nRRULE:{text}")
