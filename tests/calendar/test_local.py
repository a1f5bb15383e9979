"""Local calendars: what is stored, written, moved and removed, by file and by day; the contract."""

from __future__ import annotations

import os
import pathlib
from datetime import datetime
from typing import Any

import pytest

from providers.calendar.local import Calendars
from tests.calendar.shelf import MINE, Shelf, event, ics, path
from tests.engines import BOTH, Chosen, new_user_store
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import BadName, Conflict, Exists, IsADirectory, NotFound, ReadOnly, Unsupported
from vfs.ids import uuid7
from vfs.node import Node
from vfs.provider import Cap, Mode, Provider
from vfs.testing import Ground, ProviderSuite, contract

ENGINES = BOTH
FULL = bool(os.environ.get("SPATIO_FULL"))
HELSINKI = ";TZID=Europe/Helsinki:"


@pytest.fixture
def shelf(tmp_path: pathlib.Path) -> Shelf:
    return Shelf(tmp_path)


def daily(title: str = "Standup", at: str = "20261118T090000", rule: str = "FREQ=DAILY") -> str:
    return event(title, HELSINKI + at, HELSINKI + at.replace("0000", "1500"), more=f"RRULE:{rule}")


# -- calendars


def test_there_is_a_calendar_before_anything_lies_in_it(shelf: Shelf) -> None:
    assert shelf.names("/calendars") == ["personal"]
    assert shelf.names("/calendars/personal") == []
    assert shelf.stat("/calendars/personal").is_folder
    with pytest.raises(NotFound):
        shelf.stat("/calendars/work")


def test_a_calendar_is_a_folder_that_is_made_renamed_and_removed(shelf: Shelf) -> None:
    shelf.mkdir("/calendars/work")
    assert shelf.names("/calendars") == ["personal", "work"]
    shelf.put("one", event("One", HELSINKI + "20261121T120000"), calendar="work")
    shelf.move("/calendars/work", "/calendars/office")
    assert shelf.stat("/today/1200-one.ics").attrs["calendar"] == "office"
    assert shelf.remove("/calendars/office", recursive=True) == [None]
    assert shelf.names("/today") == []
    assert shelf.names("/calendars") == ["personal"]


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("/calendars", Exists), ("/2026-11-21", Exists), ("/today", Exists), ("/week", Exists),
        ("/x", BadName), ("/calendars/none/inner", NotFound), ("/calendars/personal", Exists),
    ],
)  # fmt: skip
def test_folders_are_calendars_only(shelf: Shelf, where: str, wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        shelf.mkdir(where)


# -- writing files


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "no calendar"),
        (ics(), "no event"),
        (ics(event("One", ":20261121T120000Z", ":20261121T110000Z")), "ends before it begins"),
        (ics(event("One", ";TZID=Mars/Olympus:20261121T120000")), "no time zone"),
        (ics(event("One", ":20261121T120000Z", more="RRULE:FREQ=SOMETIMES")), "rule"),
        (ics("UID:x\r\nSUMMARY:No start"), "when it begins"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(shelf: Shelf, data: bytes, reason: str) -> None:
    for where in ("/calendars/personal/x.ics", "/2026-11-21/x.ics"):
        with pytest.raises(BadName, match=reason):
            shelf.write(where, data)
    assert shelf.names("/calendars/personal") == []


@pytest.mark.parametrize(
    "where", ["/calendars/x.ics", "/calendars/personal/x.txt", "/calendars/personal/.ics"]
)
def test_events_lie_in_calendars_by_their_kind_of_name(shelf: Shelf, where: str) -> None:
    with pytest.raises(BadName):
        shelf.write(where, ics(event("One", ":20261121T120000Z")))


def test_a_file_with_many_events_becomes_many_files(shelf: Shelf) -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Helsinki\r\nEND:VTIMEZONE\r\n"
    shelf.put(
        "export",
        event("One", ":20261121T120000Z"),
        daily(),
        event("One", ":20261122T120000Z", uid="b"),
        head=zone,
    )
    names = shelf.names("/calendars/personal")
    assert names == ["export.ics", "one.ics", "standup.ics"]
    assert b"VTIMEZONE" in shelf.read("/calendars/personal/standup.ics")
    assert b"VTIMEZONE" not in shelf.read("/calendars/personal/one.ics")
    assert shelf.names("/2026-11-22") == ["0900-standup.ics", "1400-one.ics"]


def test_an_export_that_is_written_again_overwrites_nothing_else(shelf: Shelf) -> None:
    shelf.put("one", event("One", ":20261120T120000Z", uid="own"))
    export = ics(event("Two", ":20261121T120000Z"), event("One", ":20261121T130000Z"), daily())
    for _ in range(2):
        shelf.write("/calendars/personal/export.ics", export)
        assert len(shelf.names("/calendars/personal")) == 4
    assert shelf.names("/2026-11-20") == ["0900-standup.ics", "1400-one.ics"]
    with pytest.raises(IsADirectory):
        Shelf(pathlib.Path(), store=shelf.store, mount="other").read("/calendars/personal")


def test_a_folder_of_events_is_written_together(shelf: Shelf) -> None:
    async def files() -> Any:
        for number in range(30):
            yield path(f"/calendars/personal/e{number}.ics"), ics(event(f"E {number}", ":20261121T120000Z"))

    async def written() -> list[Node]:
        return [node async for page in shelf.lens.write_many(files(), shelf.change()) for node in page]

    assert len(drive(written())) == 30
    assert len(shelf.names("/today")) == 30


def test_an_event_that_came_to_a_day_is_in_the_calendar(shelf: Shelf) -> None:
    node = shelf.write("/today/invite.ics", ics(event("Dinner", HELSINKI + "20261121T190000")))
    assert (node.name, node.attrs["series"]) == ("1900-dinner.ics", "/calendars/personal/dinner.ics")
    with pytest.raises(BadName, match="2026-11-21"):
        shelf.write("/tomorrow/invite.ics", ics(event("Supper", HELSINKI + "20261121T190000")))
    with pytest.raises(NotFound):
        shelf.write("/nowhere/invite.ics", ics(event("Supper", HELSINKI + "20261121T190000")))
    assert shelf.names("/calendars/personal") == ["dinner.ics"]


def test_the_same_event_twice_is_two_with_names_and_keys_of_their_own(shelf: Shelf) -> None:
    data = ics(event("Dinner", HELSINKI + "20261121T190000"))
    shelf.write("/today/a.ics", data)
    shelf.write("/today/b.ics", data)
    assert len(shelf.names("/calendars/personal")) == 2
    assert len({node.id for node in shelf.nodes("/today")}) == 2


# -- one instance


def test_writing_an_instance_changes_it_alone(shelf: Shelf) -> None:
    shelf.put("standup", daily())
    data = shelf.read("/2026-11-21/0900-standup.ics")
    etag = shelf.stat("/2026-11-21/0900-standup.ics").etag
    changed = data.replace(b"SUMMARY:Standup", b"SUMMARY:Retro").replace(
        b"T090000\r\nDTEND", b"T100000\r\nDTEND"
    )
    changed = changed.replace(
        b"DTEND;TZID=Europe/Helsinki:20261121T0915", b"DTEND;TZID=Europe/Helsinki:20261121T1100"
    )
    node = shelf.write("/2026-11-21/0900-standup.ics", changed, etag=etag)
    assert node.attrs["title"] == "Retro"
    assert shelf.names("/2026-11-20") == shelf.names("/2026-11-22") == ["0900-standup.ics"]
    assert [name[4:] for name in shelf.names("/2026-11-21")] == ["-retro.ics"]
    with pytest.raises(Conflict):
        shelf.write(f"/2026-11-21/{node.name}", changed, etag=etag)
    with pytest.raises(BadName):
        shelf.write(f"/2026-11-21/{node.name}", ics(daily()))
    with pytest.raises(Exists):
        shelf.write(f"/2026-11-21/{node.name}", changed, mode=Mode.CREATE)


def test_removing_an_instance_leaves_the_others(shelf: Shelf) -> None:
    shelf.put("standup", daily())
    shelf.put("one", event("One", HELSINKI + "20261121T120000"))
    assert shelf.remove("/today/0900-standup.ics", "/today/1200-one.ics", "/today/none.ics")[:2] == [
        None,
        None,
    ]
    assert shelf.names("/today") == []
    assert shelf.names("/tomorrow") == ["0900-standup.ics"]
    assert shelf.names("/calendars/personal") == ["standup.ics"]
    for folder in ("/today", "/2026-11-22", "/week", "/calendars", "/"):
        (error,) = shelf.remove(folder, recursive=True)
        assert isinstance(error, ReadOnly), folder


def test_folders_that_are_days_stay(shelf: Shelf) -> None:
    for folder in ("/today", "/2026-11-22", "/week", "/calendars"):
        with pytest.raises(ReadOnly):
            shelf.move(folder, "/x")


def test_moving_to_another_day_keeps_the_time(shelf: Shelf) -> None:
    shelf.put("standup", daily(rule="FREQ=DAILY;COUNT=6"))
    node = shelf.move("/2026-11-21/0900-standup.ics", "/2026-11-28/0900-standup.ics")
    assert node.attrs["start"] == datetime(2026, 11, 28, 9, tzinfo=shelf.home)
    assert shelf.names("/2026-11-21") == []
    assert shelf.names("/2026-11-28") == shelf.names("/2026-11-22") == ["0900-standup.ics"]
    with pytest.raises(Exists):
        shelf.move("/2026-11-28/0900-standup.ics", "/2026-11-22/0900-standup.ics")


def test_moving_to_another_name_changes_time_and_title(shelf: Shelf) -> None:
    shelf.put("one", event("Team meeting", HELSINKI + "20261121T120000", HELSINKI + "20261121T130000"))
    node = shelf.move("/today/1200-team-meeting.ics", "/tomorrow/1530-team-meeting.ics")
    assert (node.name, node.attrs["title"]) == ("1530-team-meeting.ics", "Team meeting")
    assert node.attrs["end"] == datetime(2026, 11, 22, 16, 30, tzinfo=shelf.home)
    node = shelf.move("/tomorrow/1530-team-meeting.ics", "/tomorrow/1530-team-lunch.ics")
    assert (node.name, node.attrs["title"]) == ("1530-team-lunch.ics", "Team lunch")
    node = shelf.move("/tomorrow/1530-team-lunch.ics", "/2026-11-25/allday-team-lunch.ics")
    assert node.attrs["all_day"] is True
    assert shelf.names("/2026-11-25") == ["allday-team-lunch.ics"]
    assert shelf.names("/calendars/personal") == ["one.ics"]


def test_what_goes_over_midnight_keeps_its_beginning_when_its_second_day_is_moved(shelf: Shelf) -> None:
    shelf.put("night", event("Night", HELSINKI + "20261120T220000", HELSINKI + "20261121T060000"))
    shelf.move("/2026-11-21/0000-night.ics", "/2026-11-23/0000-night.ics")
    assert shelf.names("/2026-11-22") == ["2200-night.ics"]
    assert shelf.names("/2026-11-23") == ["0000-night.ics"]


def test_an_event_is_moved_to_another_calendar(shelf: Shelf) -> None:
    shelf.mkdir("/calendars/work")
    shelf.put("one", event("One", HELSINKI + "20261121T120000"))
    shelf.put("standup", daily())
    shelf.move("/today/1200-one.ics", "/calendars/work/one.ics")
    assert shelf.stat("/today/1200-one.ics").attrs["calendar"] == "work"
    with pytest.raises(Unsupported):
        shelf.move("/today/0900-standup.ics", "/calendars/work/standup.ics")
    with pytest.raises(BadName):
        shelf.move("/calendars/work/one.ics", "/calendars/one.ics")
    with pytest.raises(Exists):
        shelf.move("/today/1200-one.ics", "/today/0900-standup.ics")


def test_a_copy_on_another_day_is_another_event(shelf: Shelf) -> None:
    shelf.put("standup", daily())
    node = shelf.copy("/today/0900-standup.ics", "/2026-12-24/1100-standup.ics")
    assert node.attrs["start"] == datetime(2026, 12, 24, 11, tzinfo=shelf.home)
    assert node.attrs["recurring"] is False
    assert node.id != shelf.stat("/today/0900-standup.ics").id
    assert shelf.names("/2026-12-24") == ["0900-standup.ics", "1100-standup.ics"]
    assert shelf.names("/today") == ["0900-standup.ics"]


def test_attributes_of_one_instance_are_its_own(shelf: Shelf) -> None:
    shelf.put("standup", daily())
    drive(shelf.lens.set_attrs(path("/today/0900-standup.ics"), {"location": "Room 3"}, shelf.change()))
    assert shelf.stat("/today/0900-standup.ics").attrs["location"] == "Room 3"
    assert shelf.stat("/tomorrow/0900-standup.ics").attrs["location"] == ""
    drive(shelf.lens.set_attrs(path("/calendars/personal/standup.ics"), {"location": "Hall"}, shelf.change()))
    assert shelf.stat("/tomorrow/0900-standup.ics").attrs["location"] == "Hall"


# -- the contract


class TestCalendars(ProviderSuite):
    """What is stored keeps the contract of all providers; what is no event is refused, half of one, too."""

    any_content = False
    any_size = False
    base = path("/calendars/suite")

    @property
    def many(self) -> int:  # type: ignore[override]
        return 300 if FULL or Chosen.engine == "sqlite" else 40

    def provider(self, folder: pathlib.Path) -> Provider:
        lens = Calendars(new_user_store(folder), "calendar", mine=(MINE,))
        drive(lens.mkdir(path("/calendars/other"), Change(uuid7())))
        return lens

    def named(self, stem: str) -> str:
        return stem + ".ics"

    def filled(self, text: str) -> bytes:
        return ics(event(text.strip() or "text", ":20261121T120000Z", uid=text.encode().hex()))

    @contract(Cap.READ | Cap.WRITE)
    async def test_append_creates_and_adds(self, ground: Ground) -> None:
        log = ground.file("log")
        await ground.put(log, "first", mode=Mode.APPEND)
        assert await ground.read(log) == self.filled("first")

    @contract(Cap.READ | Cap.WRITE)
    async def test_appends_at_the_same_time_lose_and_mix_nothing(self, ground: Ground) -> None:
        log = ground.file("log")
        with pytest.raises(BadName):
            await ground.write(log, b"half an event", mode=Mode.APPEND)
        with pytest.raises(NotFound):
            await ground.provider.stat(log)
