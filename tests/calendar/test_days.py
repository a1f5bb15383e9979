"""Days as folders: what is in them, by whose clock, under which names."""

from __future__ import annotations

import json
import pathlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from providers.calendar.ics.values import escaped
from tests.calendar.shelf import Shelf, event, path
from vfs.drive import drive
from vfs.errors import IsADirectory, NotADirectory, NotFound
from vfs.names import problem
from vfs.node import Kind
from vfs.query import parse_query

HOSTILE = pathlib.Path(__file__).parents[1] / "vfs" / "hostile_names.json"
HELSINKI = ";TZID=Europe/Helsinki:"


@pytest.fixture
def shelf(tmp_path: pathlib.Path) -> Shelf:
    return Shelf(tmp_path)


def test_what_happens_on_a_day_is_listed_by_its_time(shelf: Shelf) -> None:
    shelf.put("late", event("Team meeting", HELSINKI + "20261121T140000", HELSINKI + "20261121T150000"))
    shelf.put("early", event("Breakfast", HELSINKI + "20261121T080000"))
    shelf.put("other", event("Other day", HELSINKI + "20261122T080000"))
    assert shelf.names("/2026-11-21") == ["0800-breakfast.ics", "1400-team-meeting.ics"]
    assert shelf.names("/today") == shelf.names("/2026-11-21")
    assert shelf.names("/tomorrow") == ["0800-other-day.ics"]
    assert shelf.names("/yesterday") == []


def test_a_time_is_shown_by_the_zone_of_whoever_looks(shelf: Shelf) -> None:
    shelf.put("call", event("Call", ":20261121T223000Z", ":20261121T231500Z"))
    assert shelf.names("/2026-11-22") == ["0030-call.ics"]
    shelf.home = ZoneInfo("America/New_York")
    assert shelf.names("/2026-11-22") == []
    assert shelf.names("/2026-11-21") == ["1730-call.ics"]


def test_what_floats_stays_at_its_clock_time_wherever_one_is(shelf: Shelf) -> None:
    shelf.put("run", event("Run", ":20261121T070000"))
    for zone in ("Europe/Helsinki", "Asia/Tokyo", "America/New_York"):
        shelf.home = ZoneInfo(zone)
        assert shelf.names("/2026-11-21") == ["0700-run.ics"]


def test_whole_days_come_on_each_of_their_days(shelf: Shelf) -> None:
    shelf.put("trip", event("Trip", ";VALUE=DATE:20261120", ";VALUE=DATE:20261123"))
    days = ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
    assert [len(shelf.names(f"/{day}")) for day in days] == [0, 1, 1, 1, 0]
    node = shelf.stat("/2026-11-21/allday-trip.ics")
    assert (node.attrs["start"], node.attrs["end"]) == (date(2026, 11, 20), date(2026, 11, 23))
    assert node.attrs["all_day"] is True


def test_what_began_on_an_earlier_day_comes_first(shelf: Shelf) -> None:
    shelf.put("night", event("Night shift", HELSINKI + "20261120T220000", HELSINKI + "20261121T060000"))
    shelf.put("party", event("Party", HELSINKI + "20261121T200000", HELSINKI + "20261122T000000"))
    assert shelf.names("/2026-11-21") == ["0000-night-shift.ics", "2000-party.ics"]
    assert shelf.names("/2026-11-20") == ["2200-night-shift.ics"]
    assert shelf.names("/2026-11-22") == []


def test_what_has_no_length_is_on_the_day_of_its_moment(shelf: Shelf) -> None:
    shelf.put("midnight", event("Midnight", HELSINKI + "20261121T000000"))
    assert shelf.names("/2026-11-21") == ["0000-midnight.ics"]
    assert shelf.names("/2026-11-20") == []


def test_a_day_that_has_no_midnight_begins_when_the_clocks_say_so(tmp_path: pathlib.Path) -> None:
    shelf = Shelf(tmp_path, zone="America/Sao_Paulo")
    zone = ";TZID=America/Sao_Paulo:"
    shelf.put("before", event("Before", zone + "20181103T233000", zone + "20181103T235900"))
    shelf.put("after", event("After", zone + "20181104T010000", zone + "20181104T020000"))
    assert shelf.names("/2018-11-03") == ["2330-before.ics"]
    assert shelf.names("/2018-11-04") == ["0100-after.ics"]


def test_both_of_two_equal_clock_times_are_on_their_day(shelf: Shelf) -> None:
    shelf.put("first", event("First", ":20261025T003000Z", ":20261025T004500Z"))
    shelf.put("second", event("Second", ":20261025T013000Z", ":20261025T014500Z"))
    assert shelf.names("/2026-10-25") == ["0330-first.ics", "0330-second.ics"]


def test_a_series_is_an_entry_on_each_of_its_days(shelf: Shelf) -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=MO EXDATE;TZID=Europe/Helsinki:20261123T090000"
    shelf.put(
        "standup", event("Standup", HELSINKI + "20261102T090000", HELSINKI + "20261102T091500", more=rule)
    )
    assert shelf.names("/2026-11-16") == ["0900-standup.ics"]
    assert shelf.names("/2026-11-23") == []
    assert shelf.names("/2036-11-24") == ["0900-standup.ics"]
    node = shelf.stat("/2026-11-16/0900-standup.ics")
    assert node.id == "standup@test"
    assert node.attrs["instance"] == "20261116T090000"
    assert node.attrs["recurring"] is True
    assert node.attrs["series"] == "/calendars/personal/standup.ics"
    assert node.size is None
    assert node.etag != shelf.stat("/2026-11-30/0900-standup.ics").etag


def test_a_series_keeps_its_clock_time_when_the_clocks_change(shelf: Shelf) -> None:
    shelf.put("daily", event("Daily", HELSINKI + "20261020T090000", more="RRULE:FREQ=DAILY"))
    assert shelf.names("/2026-10-24") == shelf.names("/2026-10-26") == ["0900-daily.ics"]
    shelf.home = ZoneInfo("Asia/Tokyo")
    assert shelf.names("/2026-10-24") == ["1500-daily.ics"]
    assert shelf.names("/2026-10-26") == ["1600-daily.ics"]


def test_an_instance_that_differs_is_shown_as_it_is(shelf: Shelf) -> None:
    master = event("Standup", HELSINKI + "20261102T090000", more="RRULE:FREQ=WEEKLY;BYDAY=MO")
    moved = event(
        "Longer standup",
        HELSINKI + "20261117T100000",
        uid="standup",
        more="RECURRENCE-ID;TZID=Europe/Helsinki:20261116T090000",
    )
    shelf.put("standup", master, moved)
    assert shelf.names("/2026-11-16") == []
    assert shelf.names("/2026-11-17") == ["1000-longer-standup.ics"]
    node = shelf.stat("/2026-11-17/1000-longer-standup.ics")
    assert node.attrs["title"] == "Longer standup"
    assert node.attrs["instance"] == "20261116T090000"
    assert b"SUMMARY:Longer standup" in shelf.read("/2026-11-17/1000-longer-standup.ics")


def test_twins_carry_marks_that_stay(shelf: Shelf) -> None:
    shelf.put("a", event("Lunch", HELSINKI + "20261121T120000", uid="a"))
    assert shelf.names("/today") == ["1200-lunch.ics"]
    shelf.put("b", event("Lunch", HELSINKI + "20261121T120000", uid="b"))
    names = shelf.names("/today")
    assert len(set(names)) == 2
    assert all(name.startswith("1200-lunch~") for name in names)
    for name in names:
        assert shelf.stat(f"/today/{name}").name == name
    assert shelf.remove(f"/today/{names[0]}") == [None]
    assert shelf.names("/today") == ["1200-lunch.ics"]
    assert shelf.stat(f"/today/{names[1]}").kind is Kind.FILE


def test_all_twins_can_be_removed_at_once(shelf: Shelf) -> None:
    for uid in "abc":
        shelf.put(uid, event("Lunch", HELSINKI + "20261121T120000", uid=uid))
    assert shelf.remove(*[f"/today/{name}" for name in shelf.names("/today")]) == [None, None, None]
    assert shelf.names("/today") == []


def test_the_mount_lists_the_days_on_which_something_happens(shelf: Shelf) -> None:
    fixed = ["calendars", "today", "tomorrow", "week", "yesterday"]
    assert shelf.names("/") == fixed
    shelf.put("old", event("Old", HELSINKI + "19990101T120000"))
    shelf.put("far", event("Far", HELSINKI + "20300101T120000"))
    shelf.put("weekly", event("Weekly", HELSINKI + "20261124T120000", more="RRULE:FREQ=WEEKLY"))
    names = shelf.names("/")
    assert names == sorted(names)
    assert names[:2] == ["1999-01-01", "2026-11-24"]
    assert names[-5:] == fixed
    assert names[-6] == "2027-11-16"
    assert len(names) == 1 + 52 + 5


def test_a_week_is_a_folder_of_its_days(shelf: Shelf) -> None:
    shelf.put("one", event("One", HELSINKI + "20261116T120000"))
    names = shelf.names("/week")
    assert (names[0], names[-1], len(names)) == ("2026-11-16", "2026-11-22", 7)
    assert shelf.names("/week/2026-11-16") == ["1200-one.ics"]
    with pytest.raises(NotFound):
        shelf.names("/week/2026-11-23")


def test_walks_keep_to_what_is_stored(shelf: Shelf) -> None:
    shelf.put("daily", event("Daily", HELSINKI + "20261020T090000", more="RRULE:FREQ=DAILY"))
    stored = ["/calendars", "/calendars/personal", "/calendars/personal/daily.ics"]
    assert shelf.below("/") == stored
    assert shelf.below("/today") == ["/today/0900-daily.ics"]
    assert len(shelf.below("/week")) == 14


def test_days_that_are_none_are_not_there(shelf: Shelf) -> None:
    for wrong in (
        "/2026-02-30",
        "/2026-13-01",
        "/20261121",
        "/2026-1-1",
        "/0000-01-01",
        "/9999-12-31",
        "/monday",
    ):
        with pytest.raises(NotFound):
            shelf.stat(wrong)
        with pytest.raises(NotFound):
            shelf.nodes(wrong)
    assert shelf.stat("/2031-05-05").is_folder
    assert shelf.nodes("/2031-05-05") == []


def test_what_is_no_entry_is_told(shelf: Shelf) -> None:
    shelf.put("one", event("One", HELSINKI + "20261121T120000"))
    with pytest.raises(NotFound):
        shelf.stat("/today/1300-one.ics")
    with pytest.raises(NotADirectory):
        shelf.nodes("/today/1200-one.ics")
    with pytest.raises(NotADirectory):
        shelf.stat("/today/1200-one.ics/x")
    for folder in ("/", "/today", "/2026-11-21", "/week", "/calendars"):
        with pytest.raises(IsADirectory):
            shelf.read(folder)


def test_an_instance_is_read_alone(shelf: Shelf) -> None:
    shelf.put(
        "standup",
        event(
            "Standup",
            HELSINKI + "20261102T090000",
            HELSINKI + "20261102T091500",
            more="RRULE:FREQ=WEEKLY X-KEPT:1",
        ),
    )
    data = shelf.read("/2026-11-16/0900-standup.ics")
    assert data.count(b"BEGIN:VEVENT") == 1
    assert b"RRULE" not in data
    for line in (
        b"DTSTART;TZID=Europe/Helsinki:20261116T090000\r\n",
        b"DTEND;TZID=Europe/Helsinki:20261116T091500\r\n",
        b"RECURRENCE-ID;TZID=Europe/Helsinki:20261116T090000\r\n",
        b"X-KEPT:1\r\n",
    ):
        assert line in data
    assert "Standup\nWhen: Mon 2026-11-16 09:00-09:15" in shelf.text("/2026-11-16/0900-standup.ics")
    assert "Repeats: every week" in shelf.text("/2026-11-16/0900-standup.ics")


def test_an_event_that_happens_once_is_read_as_it_is_stored(shelf: Shelf) -> None:
    shelf.put("one", event("One", HELSINKI + "20261121T120000"))
    stored = shelf.read("/calendars/personal/one.ics")
    assert shelf.read("/today/1200-one.ics") == stored
    assert shelf.stat("/today/1200-one.ics").size == len(stored)


def test_many_are_read_and_looked_at_together(shelf: Shelf) -> None:
    for hour in range(8, 18):
        shelf.put(f"at{hour}", event(f"At {hour}", f"{HELSINKI}20261121T{hour:02}0000"))
    paths = [path(f"/today/{name}") for name in shelf.names("/today")]
    nodes = drive(
        shelf.lens.stat_many([*paths, path("/today/none.ics"), path("/calendars/personal/at8.ics")])
    )
    assert [getattr(node, "name", None) for node in nodes[:10]] == [one.name for one in paths]
    assert isinstance(nodes[10], NotFound)

    async def texts() -> list[bytes | None]:
        return [data async for batch in shelf.lens.texts(paths, limit=10_000) for _, data in batch]

    assert [text.split(b"\n")[0] for text in drive(texts()) if text] == [
        f"At {hour}".encode() for hour in range(8, 18)
    ]


def test_one_text_or_many_are_the_same(shelf: Shelf) -> None:
    rule = "RRULE:FREQ=WEEKLY"
    shelf.put("standup", event("Standup", HELSINKI + "20261114T090000", more=rule))
    shelf.put("one", event("One", HELSINKI + "20261121T120000"))
    stored = [f"/calendars/personal/{name}" for name in shelf.names("/calendars/personal")]
    wanted = [*[f"/today/{name}" for name in shelf.names("/today")], *stored]

    async def texts() -> list[bytes | None]:
        paths = [path(one) for one in wanted]
        return [data async for batch in shelf.lens.texts(paths, limit=10_000) for _, data in batch]

    assert [text.decode() for text in drive(texts()) if text] == [shelf.text(one) for one in wanted]
    assert "Repeats: every week" in shelf.text(wanted[0])


def test_what_is_between_two_moments_comes_once(shelf: Shelf) -> None:
    shelf.put("trip", event("Trip", ";VALUE=DATE:20261118", ";VALUE=DATE:20261125"))
    shelf.put("now", event("Now", HELSINKI + "20261121T110000", HELSINKI + "20261121T120000"))
    shelf.put("later", event("Later", HELSINKI + "20261121T180000", HELSINKI + "20261121T190000"))
    shelf.mkdir("/calendars/work")
    shelf.put("work", event("Work", HELSINKI + "20261121T120000"), calendar="work")
    start = datetime(2026, 11, 21, 11, 30, tzinfo=shelf.home)
    found = shelf.between("/", start, start + timedelta(hours=2))
    assert [at for at, _ in found] == [
        "/2026-11-21/allday-trip.ics", "/2026-11-21/1100-now.ics", "/2026-11-21/1200-work.ics"
    ]  # fmt: skip
    assert [at for at, _ in shelf.between("/calendars/work", start, start + timedelta(days=1))] == [
        "/2026-11-21/1200-work.ics"
    ]
    assert shelf.between("/2026-11-22", start, start + timedelta(hours=2)) == []
    assert len(shelf.between("/week", start - timedelta(days=30), start + timedelta(days=30))) == 4


def test_any_span_of_time_may_be_asked_for(shelf: Shelf) -> None:
    shelf.put("old", event("Old", ";VALUE=DATE:16000101"))
    shelf.put("far", event("Far", ";VALUE=DATE:99981230"))
    shelf.put("first", event("First", ":20261025T003000Z", ":20261025T004500Z"))
    shelf.put("second", event("Second", ":20261025T013000Z", ":20261025T014500Z"))
    edges = datetime.min.replace(tzinfo=shelf.home), datetime.max.replace(tzinfo=shelf.home)
    found = [at.rpartition("-")[2] for at, _ in shelf.between("/", *edges)]
    assert found == ["old.ics", "first.ics", "second.ics", "far.ics"]


def test_hits_of_a_search_are_told_by_the_next_day_or_the_last(shelf: Shelf) -> None:
    shelf.put("weekly", event("Piano lesson", HELSINKI + "20260105T170000", more="RRULE:FREQ=WEEKLY"))
    shelf.put("past", event("Piano bought", HELSINKI + "20250105T170000"))
    found = drive(shelf.tree.search(parse_query("piano"), path("/calendar"), 10))
    assert sorted(str(hit.path) for hit in found.hits) == [
        "/calendar/2025-01-05/1700-piano-bought.ics", "/calendar/2026-11-23/1700-piano-lesson.ics"
    ]  # fmt: skip


def test_no_title_makes_a_name_that_cannot_be_used(shelf: Shelf) -> None:
    titles = [
        *json.loads(HOSTILE.read_text()),
        "",
        ".",
        "..",
        "a/b",
        "\u202egnp.exe",
        "x" * 500,
        "BEGIN:VEVENT",
    ]
    for number, title in enumerate(titles):
        lines = event("T", HELSINKI + "20261121T120000", uid=f"u{number}").replace(
            "SUMMARY:T", "SUMMARY:" + escaped(title.replace("\x7f", ""))
        )
        shelf.put(f"n{number}", lines)
    names = shelf.names("/today")
    assert len(set(names)) == len(titles)
    for name in names:
        assert problem(name) is None
        assert name.startswith("1200-")
        assert shelf.stat(f"/today/{name}").name == name
        assert b"BEGIN:VEVENT" in shelf.read(f"/today/{name}")
