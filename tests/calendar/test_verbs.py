"""Deeds: schedule, move, change, cancel, answer, import; what they answer, and that undo takes them back."""

from __future__ import annotations

import pathlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.calendar.shelf import MINE, Shelf, event, ics, path
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import BadName, NotFound, Unsupported

HELSINKI = ";TZID=Europe/Helsinki:"
HOME = ZoneInfo("Europe/Helsinki")
TWO = datetime(2026, 11, 23, 14, tzinfo=HOME)


@pytest.fixture
def shelf(tmp_path: pathlib.Path) -> Shelf:
    return Shelf(tmp_path)


def standup() -> bytes:
    return ics(
        event("Standup", HELSINKI + "20261118T090000", HELSINKI + "20261118T091500", more="RRULE:FREQ=DAILY")
    )


def test_deeds_carry_what_they_do(shelf: Shelf) -> None:
    shelf.write("/calendars/personal/standup.ics", standup())
    root = drive(shelf.lens.verbs(path("/")))
    assert set(root) == {"schedule", "import"}
    one = drive(shelf.lens.verbs(path("/today/0900-standup.ics")))
    assert set(one) == {"move", "change", "cancel", "answer", "request", "reply"}
    assert one["cancel"].effect is Effect.DELETE
    assert {verb.effect for verb in root.values()} == {Effect.WRITE}
    assert drive(shelf.lens.verbs(path("/today"))) == {}
    assert set(drive(shelf.lens.verbs(path("/calendars/personal/standup.ics")))) == set(one)


def test_an_event_is_scheduled(shelf: Shelf) -> None:
    node = shelf.act(
        "/", "schedule", title="Team meeting", start=TWO, end=TWO + timedelta(hours=1), location="Room 3",
        attendees=("Bob <bob@example.org>",), remind=(10,), rule="FREQ=WEEKLY",
    )  # fmt: skip
    assert node.attrs["entry"] == "/2026-11-23/1400-team-meeting.ics"
    assert node.attrs["series"] == "/calendars/personal/team-meeting.ics"
    assert shelf.names("/2026-11-30") == ["1400-team-meeting.ics"]
    stored = shelf.read("/calendars/personal/team-meeting.ics")
    for part in (
        b"DTSTART;TZID=Europe/Helsinki:20261123T140000",
        b"BEGIN:VTIMEZONE",
        b"BEGIN:VALARM",
        b"bob@example.org",
    ):
        assert part in stored
    assert shelf.stat("/2026-11-23/1400-team-meeting.ics").attrs["location"] == "Room 3"


def test_whole_days_are_scheduled(shelf: Shelf) -> None:
    node = shelf.act("/", "schedule", title="Trip", start=date(2026, 12, 1), end=date(2026, 12, 4))
    assert node.attrs["entry"] == "/2026-12-01/allday-trip.ics"
    assert [len(shelf.names(f"/2026-12-0{day}")) for day in (1, 2, 3, 4)] == [1, 1, 1, 0]


def test_a_length_stands_for_an_end(shelf: Shelf) -> None:
    node = shelf.act("/", "schedule", title="Call", start=TWO, duration=45)
    assert node.attrs["end"] == TWO + timedelta(minutes=45)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"title": "X"}, "start"),
        ({"title": "", "start": TWO}, "title"),
        ({"title": "X", "start": TWO, "end": TWO - timedelta(hours=1)}, "end"),
        ({"title": "X", "start": "soon"}, "start"),
        ({"title": "X", "start": TWO, "rule": "FREQ=SOMETIMES"}, "rule|FREQ"),
        ({"title": "X", "start": TWO, "remind": ("soon",)}, "minutes"),
    ],
)
def test_what_cannot_be_an_event_is_told(shelf: Shelf, wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        shelf.act("/", "schedule", **wrong)
    assert shelf.names("/calendars/personal") == []


def test_an_event_goes_to_the_calendar_that_is_named(shelf: Shelf) -> None:
    shelf.mkdir("/calendars/work")
    node = shelf.act("/", "schedule", title="Call", start=TWO, calendar="work")
    assert node.attrs["calendar"] == "work"
    with pytest.raises(NotFound):
        shelf.act("/", "schedule", title="Call", start=TWO, calendar="none")
    node = shelf.act(str(node.attrs["entry"]), "change", calendar="personal", scope="all")
    assert node.attrs["calendar"] == "personal"


def test_a_hostile_title_stays_a_title(shelf: Shelf) -> None:
    title = "A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:B; \\n, x"
    node = shelf.act("/", "schedule", title=title, start=TWO)
    assert len(shelf.nodes("/2026-11-23")) == 1
    stored = shelf.read(str(node.attrs["series"]))
    assert stored.count(b"\nBEGIN:VEVENT") == 1


def test_one_time_is_moved_or_what_follows_or_all(shelf: Shelf) -> None:
    shelf.write("/calendars/personal/standup.ics", standup())
    node = shelf.act("/2026-11-21/0900-standup.ics", "move", start=datetime(2026, 11, 21, 10, tzinfo=HOME))
    assert node.attrs["entry"] == "/2026-11-21/1000-standup.ics"
    assert shelf.names("/2026-11-22") == ["0900-standup.ics"]
    node = shelf.act(
        "/2026-11-25/0900-standup.ics",
        "move",
        start=datetime(2026, 11, 25, 11, tzinfo=HOME),
        scope="following",
    )
    assert node.attrs["entry"] == "/2026-11-25/1100-standup.ics"
    assert shelf.names("/2026-11-24") == ["0900-standup.ics"]
    assert shelf.names("/2026-12-24") == ["1100-standup.ics"]
    assert len(shelf.names("/calendars/personal")) == 2
    node = shelf.act(
        "/2026-11-22/0900-standup.ics", "move", start=datetime(2026, 11, 22, 8, tzinfo=HOME), scope="all"
    )
    assert node.attrs["entry"] == "/2026-11-22/0800-standup.ics"
    assert shelf.names("/2026-11-18") == ["0800-standup.ics"]


def test_one_time_is_cancelled_or_what_follows_or_all(shelf: Shelf) -> None:
    shelf.write("/calendars/personal/standup.ics", standup())
    assert shelf.act("/2026-11-21/0900-standup.ics", "cancel").attrs["title"] == "Standup"
    assert (shelf.names("/2026-11-21"), shelf.names("/2026-11-22")) == ([], ["0900-standup.ics"])
    shelf.act("/2026-11-25/0900-standup.ics", "cancel", scope="following")
    assert (shelf.names("/2026-11-24"), shelf.names("/2026-11-25")) == (["0900-standup.ics"], [])
    shelf.act("/2026-11-22/0900-standup.ics", "cancel", scope="all")
    assert shelf.names("/calendars/personal") == []


def test_a_whole_series_is_not_one_time_of_it(shelf: Shelf) -> None:
    shelf.write("/calendars/personal/standup.ics", standup())
    with pytest.raises(BadName):
        shelf.act("/calendars/personal/standup.ics", "cancel", scope="this")
    with pytest.raises(BadName):
        shelf.act("/today/0900-standup.ics", "cancel", scope="some")
    with pytest.raises(Unsupported):
        shelf.act("/today/0900-standup.ics", "dance")
    shelf.act("/calendars/personal/standup.ics", "change", title="Daily")
    assert shelf.names("/today") == ["0900-daily.ics"]


def test_what_is_said_is_changed(shelf: Shelf) -> None:
    shelf.write("/calendars/personal/standup.ics", standup())
    node = shelf.act("/today/0900-standup.ics", "change", title="Retro", location="Hall")
    assert (node.attrs["entry"], node.attrs["location"]) == ("/2026-11-21/0900-retro.ics", "Hall")
    assert shelf.names("/tomorrow") == ["0900-standup.ics"]
    with pytest.raises(BadName):
        shelf.act("/today/0900-retro.ics", "change", colour="red")


def test_an_answer_is_noted_and_written_for_a_mail(shelf: Shelf) -> None:
    people = f"ORGANIZER:mailto:bob@example.org ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{MINE}"
    shelf.put("invite", event("Dinner", HELSINKI + "20261121T190000", more=people))
    entry = "/today/1900-dinner.ics"
    assert shelf.stat(entry).attrs["answer"] == "needs-action"
    reply = shelf.act(entry, "reply", answer="accepted")
    assert "METHOD:REPLY" in str(reply.attrs["content"])
    assert reply.attrs["recipients"] == ("bob@example.org",)
    assert shelf.stat(entry).attrs["answer"] == "needs-action"
    assert shelf.act(entry, "answer", answer="accepted").attrs["answer"] == "accepted"
    with pytest.raises(BadName):
        shelf.act(entry, "answer", answer="perhaps")


def test_an_invitation_is_written_for_a_mail(shelf: Shelf) -> None:
    node = shelf.act("/", "schedule", title="Call", start=TWO, attendees=("Bob <bob@example.org>",))
    asked = shelf.act(str(node.attrs["entry"]), "request")
    assert "METHOD:REQUEST" in str(asked.attrs["content"])
    assert asked.attrs["recipients"] == ("Bob <bob@example.org>",)


def test_a_file_is_imported_once(shelf: Shelf) -> None:
    events = [event(f"E {number}", f":202611{10 + number}T120000Z") for number in range(5)]
    data = ics(*events, event("Odd", ";TZID=Mars/Olympus:20261121T120000"))
    done = shelf.act("/", "import", content=data.decode("latin-1"), name="all.ics").attrs
    assert (done["new"], done["changed"], done["same"]) == (6, 0, 0)
    assert len(done["problems"]) == 1  # type: ignore[arg-type]
    done = shelf.act("/", "import", content=data.decode("latin-1"), name="all.ics").attrs
    assert (done["new"], done["changed"], done["same"]) == (0, 0, 6)
    later = ics(event("E 3", ":20261113T150000Z", more="SEQUENCE:4"))
    done = shelf.act("/", "import", content=later.decode("latin-1")).attrs
    assert (done["new"], done["changed"], done["same"]) == (0, 1, 0)
    assert shelf.names("/2026-11-13") == ["1700-e-3.ics"]
    with pytest.raises(BadName):
        shelf.act("/", "import", content="<html>")
