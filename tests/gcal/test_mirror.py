"""A calendar at Google as a mirror: what is there is here, and what is done here is there."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from providers.mirror.remote import Throttled
from tests.caldav.account import Account as Mirrored
from tests.caldav.account import event
from tests.gcal.account import MINE, account, meeting, remote_of, timed, weekly
from tests.servers.googlecalendar import ME, Account, error
from tests.servers.web import Reply
from vfs.drive import drive
from vfs.errors import ReadOnly, Unavailable, VfsError


@pytest.fixture
def pair(tmp_path: pathlib.Path) -> Iterator[tuple[Account, Mirrored]]:
    with account(tmp_path) as both:
        yield both


def test_what_is_there_is_here(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.put(meeting("Lunch", location="Café, upstairs"))
    service.put(weekly())
    service.shelf("team@group.calendar.google.com", "Team work", "reader")
    mirror.sync()
    assert mirror.names("/calendars") == ["me-example.org", "team-work"]
    assert mirror.names(MINE) == ["lunch.ics", "standup.ics"]
    data = mirror.read(f"{MINE}/lunch.ics")
    assert b"LOCATION:Caf\xc3\xa9\\, upstairs" in data
    assert b"DTSTART;TZID=Europe/Helsinki:20261121T140000" in data
    node = mirror.nodes(MINE)["standup.ics"]
    assert node.attrs["recurring"] is True


def test_a_change_there_is_a_change_here(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    lunch, gone = service.put(meeting("Lunch")), service.put(meeting("Gone"))
    mirror.sync()
    service.put({"id": lunch["id"], "location": "Upstairs"})
    service.drop(gone["id"])
    mirror.sync()
    assert mirror.names(MINE) == ["lunch.ics"]
    assert b"LOCATION:Upstairs" in mirror.read(f"{MINE}/lunch.ics")


def test_what_differs_from_a_series_meets_it_whatever_was_told(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.page = 1
    id = service.put(weekly())["id"]
    service.put(meeting("Lunch"))
    service.instance(
        id,
        "20261109T070000Z",
        summary="Standup, late",
        start=timed("2026-11-09", 11),
        end=timed("2026-11-09", 12),
    )
    mirror.sync()
    whole = mirror.read(f"{MINE}/standup.ics")
    assert whole.count(b"BEGIN:VEVENT") == 2
    assert b"RECURRENCE-ID;TZID=Europe/Helsinki:20261109T090000" in whole
    # The exception alone is told; then one that is called off, of which not even the UID is.
    service.instance(id, "20261116T070000Z", summary="Standup, other")
    mirror.sync()
    assert mirror.read(f"{MINE}/standup.ics").count(b"BEGIN:VEVENT") == 3
    service.instance(id, "20261123T070000Z", status="cancelled")
    mirror.sync()
    whole = mirror.read(f"{MINE}/standup.ics")
    assert b"EXDATE;TZID=Europe/Helsinki:20261123T090000" in whole
    assert whole.count(b"BEGIN:VEVENT") == 3
    service.drop(id)
    mirror.sync()
    assert mirror.names(MINE) == ["lunch.ics"]


def test_a_forgotten_token_means_listing_again_without_doubles(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    ids = [service.put(meeting(f"Event {number}"))["id"] for number in range(5)]
    service.put(weekly())
    mirror.sync()
    before = {name: node.id for name, node in mirror.nodes(MINE).items()}
    service.drop(ids[0])
    service.put({"id": ids[1], "summary": "Other"})
    service.forget()
    mirror.sync(everything=True)
    after = {name: node.id for name, node in mirror.nodes(MINE).items()}
    assert len(after) == 5
    assert len(set(after.values()) & set(before.values())) == 5


def test_an_event_from_here_is_put_there_once(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    mirror.sync()
    service.web.fail("lost", method="POST")
    mirror.write(
        f"{MINE}/lunch.ics", event("lunch-1", "Lunch", "20261121T140000Z", "CATEGORIES:food", "X-KEPT;A=b:1")
    )
    with pytest.raises(Unavailable):
        mirror.sync(fine=False)
    mirror.sync()
    (there,) = service.live()
    assert (there["summary"], there["start"]["timeZone"]) == ("Lunch", "UTC")
    assert not service.told
    service.put({"id": there["id"], "location": "Upstairs"})
    mirror.sync()
    back = mirror.read(f"{MINE}/lunch.ics")
    for line in (b"UID:lunch-1", b"CATEGORIES:food", b"X-KEPT;A=b:1", b"LOCATION:Upstairs"):
        assert line in back
    mirror.remove(f"{MINE}/lunch.ics")
    mirror.sync()
    assert service.live() == []
    mirror.write(f"{MINE}/lunch.ics", event("lunch-1", "Lunch"))
    mirror.sync()
    assert [one["id"] for one in service.live()] == [there["id"]]


def test_a_change_here_changes_what_was_changed_alone(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    more = {"colorId": "5", "guestsCanInviteOthers": False, "hangoutLink": "https://meet.google.com/abc"}
    id = service.put(meeting("Lunch", attendees=[{"email": "bob@example.org", "id": "7"}], **more))["id"]
    mirror.sync()
    data = mirror.read(f"{MINE}/lunch.ics")
    assert b"X-GOOGLE-CONFERENCE:https://meet.google.com/abc" in data
    mirror.write(f"{MINE}/lunch.ics", data.replace(b"SUMMARY:Lunch", b"SUMMARY:Late lunch"))
    mirror.sync()
    there = service.shelf().events[id]
    assert there["summary"] == "Late lunch"
    assert {name: there[name] for name in more} == more
    assert there["attendees"][0]["id"] == "7"
    assert not service.told


def test_what_was_changed_at_both_ends_is_kept_twice(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    id = service.put(meeting("Lunch"))["id"]
    mirror.sync()
    data = mirror.read(f"{MINE}/lunch.ics")
    mirror.write(f"{MINE}/lunch.ics", data.replace(b"SUMMARY:Lunch", b"SUMMARY:Mine"))
    service.put({"id": id, "summary": "Theirs"})
    mirror.sync(fine=False)
    assert service.shelf().events[id]["summary"] == "Theirs"
    names = mirror.names(MINE)
    assert len(names) == 2
    said = b"".join(mirror.read(f"{MINE}/{name}") for name in names)
    assert b"SUMMARY:Mine" in said
    assert b"SUMMARY:Theirs" in said


def test_times_of_a_series_are_changed_called_off_and_brought_back(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    id = service.put(weekly())["id"]
    mirror.sync()
    data = mirror.read(f"{MINE}/standup.ics")
    other = (
        b"BEGIN:VEVENT\r\nUID:" + id.encode() + b"@google.com\r\nDTSTAMP:20260101T000000Z\r\n"
        b"RECURRENCE-ID;TZID=Europe/Helsinki:20261109T090000\r\n"
        b"DTSTART;TZID=Europe/Helsinki:20261109T110000\r\nDTEND;TZID=Europe/Helsinki:20261109T120000\r\n"
        b"SUMMARY:Late\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    off = b"EXDATE;TZID=Europe/Helsinki:20261116T090000\r\nSUMMARY:Standup"
    edited = data.replace(b"END:VCALENDAR", other).replace(b"SUMMARY:Standup", off)
    mirror.write(f"{MINE}/standup.ics", edited)
    mirror.sync()
    events = service.shelf().events
    assert (events[f"{id}_20261109T070000Z"]["summary"], events[f"{id}_20261116T070000Z"]["status"]) == (
        "Late",
        "cancelled",
    )
    assert events[id]["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
    mirror.write(f"{MINE}/standup.ics", data)
    mirror.sync()
    assert events[f"{id}_20261116T070000Z"]["status"] == "confirmed"
    late = events[f"{id}_20261109T070000Z"]
    assert (late["summary"], late["start"]) == ("Standup", timed("2026-11-09", 9))


def test_a_new_series_comes_with_what_differs(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    mirror.sync()
    data = event(
        "run",
        "Run",
        "20261102T070000Z",
        "RRULE:FREQ=DAILY;COUNT=9",
        "EXDATE:20261104T070000Z",
        end="20261102T080000Z",
    )
    late = event(
        "run", "Run late", "20261105T090000Z", "RECURRENCE-ID:20261105T070000Z", end="20261105T100000Z"
    )
    inner = late.partition(b"BEGIN:VEVENT")[2].partition(b"END:VCALENDAR")[0]
    mirror.write(
        f"{MINE}/run.ics", data.replace(b"END:VCALENDAR", b"BEGIN:VEVENT" + inner + b"END:VCALENDAR")
    )
    mirror.sync()
    titles = sorted(one["summary"] for one in service.live())
    assert titles == ["Run", "Run late"]
    mirror.sync()
    assert mirror.names(MINE) == ["run.ics"]


def test_an_event_moves_to_another_calendar(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    id = service.put(meeting("Lunch"))["id"]
    service.shelf("home@group.calendar.google.com", "Home")
    mirror.sync()
    mirror.move(f"{MINE}/lunch.ics", "/calendars/home/lunch.ics")
    mirror.sync()
    assert [one["id"] for one in service.live("home@group.calendar.google.com")] == [id]
    assert service.live(ME) == []
    mirror.sync()
    assert (mirror.names(MINE), mirror.names("/calendars/home")) == ([], ["lunch.ics"])


def test_a_calendar_that_may_only_be_read_is_not_changed(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.shelf("team@group.calendar.google.com", "Team", "reader")
    service.shelf("busy@example.org", "Busy", "freeBusyReader")
    mirror.sync()
    assert mirror.names("/calendars") == ["me-example.org", "team"]
    with pytest.raises(ReadOnly):
        mirror.write("/calendars/team/x.ics", event("x"))


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(500), "answers 500"),
        (Reply(401), "new login"),
        (Reply(200, b"[]"), "cannot be read"),
        (Reply(200, b'{"items": 7}'), "cannot be read"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_lost(
    pair: tuple[Account, Mirrored], reply: Reply, problem: str
) -> None:
    service, mirror = pair
    service.put(meeting("Lunch"))
    mirror.sync()
    fault = service.web.fail("reply", times=100, about="events", reply=reply)
    service.violations.clear()
    try:
        report = mirror.sync(fine=False)
        said = " ".join(report.problems)
    except VfsError as wrong:
        said = str(wrong)
    assert problem in said
    assert mirror.names(MINE) == ["lunch.ics"]
    fault.times = 0


@pytest.mark.parametrize(
    "reply", [error(403, "rateLimitExceeded", Retry_After="60"), error(429, "x", Retry_After="60")]
)
def test_a_long_pause_is_told(pair: tuple[Account, Mirrored], reply: Reply) -> None:
    service, _ = pair
    service.web.fail("reply", times=100, reply=reply)

    async def ask() -> None:
        remote = remote_of(service.web.url)
        try:
            await remote.collections()
        finally:
            await remote.aclose()

    with pytest.raises(Throttled) as told:
        drive(ask())
    assert told.value.seconds == 60


def test_a_pause_that_is_short_is_made(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.put(meeting("Lunch"))
    service.web.fail("reply", times=2, reply=Reply(429, b"", {"Retry-After": "0.01"}))
    service.web.fail("reply", times=1, reply=Reply(503))
    mirror.sync()
    assert mirror.names(MINE) == ["lunch.ics"]


def test_a_listing_that_was_cut_begins_again_and_doubles_nothing(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.page = 2
    for number in range(5):
        service.put(meeting(f"Event {number}"))
    id = service.put(weekly())["id"]
    service.instance(id, "20261109T070000Z", summary="Standup, late")
    for after in range(1, 4):
        fault = service.web.fail("drop", times=9, about="events", after=after)
        with pytest.raises(Unavailable):
            mirror.sync(fine=False)
        fault.times = 0
    mirror.sync()
    assert len(mirror.names(MINE)) == 6
    assert mirror.read(f"{MINE}/standup.ics").count(b"BEGIN:VEVENT") == 2


def test_a_login_that_ran_out_is_renewed_once(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    service.put(meeting("Lunch"))
    service.web.fail("reply", times=1, reply=error(401, "authError"))
    mirror.sync()
    assert mirror.names(MINE) == ["lunch.ics"]


def test_one_time_of_somebody_elses_series_is_an_event(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    times = {
        "originalStartTime": timed("2026-11-09", 9),
        "recurringEventId": "theirs",
        "iCalUID": "theirs@example.org",
        "organizer": {"email": "bob@example.org"},
    }
    service.put({**meeting("Review", "2026-11-09", 9), **times, "id": "theirs_20261109T070000Z"})
    mirror.sync()
    assert mirror.names(MINE) == ["review.ics"]
    more = {**times, "originalStartTime": timed("2026-11-16", 9), "id": "theirs_20261116T070000Z"}
    service.put({**meeting("Review", "2026-11-16", 9), **more})
    mirror.sync()
    assert mirror.names(MINE) == ["review.ics"]
    assert mirror.read(f"{MINE}/review.ics").count(b"BEGIN:VEVENT") == 2
    service.drop("theirs_20261109T070000Z")
    service.drop("theirs_20261116T070000Z")
    mirror.sync()
    assert mirror.names(MINE) == []


def test_a_series_is_moved_with_what_differs_in_it_and_ended_early(pair: tuple[Account, Mirrored]) -> None:
    service, mirror = pair
    id = service.put(weekly())["id"]
    service.instance(id, "20261109T070000Z", summary="Standup, named")
    service.instance(id, "20261123T070000Z", status="cancelled")
    service.instance(id, "20261207T070000Z", summary="Standup, last")
    mirror.sync()
    data = mirror.read(f"{MINE}/standup.ics")
    mirror.write(f"{MINE}/standup.ics", data.replace(b"T090000", b"T113000").replace(b"T100000", b"T123000"))
    mirror.sync()
    mirror.sync()
    events = service.shelf().events
    assert events[id]["start"] == timed("2026-11-02", 11, 30)
    assert events[f"{id}_20261109T093000Z"]["summary"] == "Standup, named"
    assert events[f"{id}_20261123T093000Z"]["status"] == "cancelled"
    assert events[f"{id}_20261109T070000Z"]["status"] == "cancelled"
    back = mirror.read(f"{MINE}/standup.ics")
    assert back.count(b"BEGIN:VEVENT") == 3
    mirror.write(f"{MINE}/standup.ics", _without_last(back).replace(b"COUNT=6", b"UNTIL=20261130T000000Z"))
    mirror.sync()
    assert events[id]["recurrence"][0] == "RRULE:FREQ=WEEKLY;UNTIL=20261130T000000Z"
    titles = sorted(one["summary"] for one in service.live())
    assert titles == ["Standup", "Standup, named"]


def _without_last(data: bytes) -> bytes:
    head, _, last = data.rpartition(b"BEGIN:VEVENT\r\n")
    return head + last.partition(b"END:VEVENT\r\n")[2]
