"""Spans: which files may say something about a time, whatever was done to the files."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.calendar import spans
from providers.calendar.packing import FOREVER
from providers.calendar.spans import SpanRow
from providers.mirror.described import arrivals_of
from providers.mirror.remote import Described as RemoteDescribed
from providers.mirror.remote import Item
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.provider import StoreProvider
from providers.store.trade import Described, Trade
from tests.calendar.expanding import calendar
from tests.engines import BOTH, Chosen, new_user_store
from tests.store.alone import change, path, put
from vfs.drive import drive
from vfs.path import Path

ENGINES = BOTH
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Calendars(Trade):
    """Files that are calendars by their names."""

    def describe(self, path: Path, head: bytes) -> Described:
        return Described("text/calendar" if path.name.endswith(".ics") else None, {})


class Shelf:
    """A collection of calendars, and what is found in it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.store: Any = new_user_store(folder)
        self.files = StoreProvider(self.store, "calendar", Calendars())
        self.history = StoreHistory(self.store)
        drive(self.files.mkdir(path("/calendars"), change("mkdir")))
        drive(self.files.mkdir(path("/calendars/work"), change("mkdir")))

    def put(self, name: str, data: bytes) -> None:
        drive(put(self.files, f"/calendars/{name}", data, change(f"put {name}")))

    def rows(
        self, start: datetime = NOW, days: float = 1, folder: str = "", mount: str = "calendar"
    ) -> list[SpanRow]:
        end = start + timedelta(days=1)
        user = self.store.user
        found: list[SpanRow] = drive(
            self.store.read(lambda connection: spans.window(connection, user, mount, start, end, folder))
        )
        return found

    def ask(self, sql: str) -> list[Any]:
        values = (self.store.user,)
        found: list[Any] = drive(
            self.store.write(lambda connection: connection.execute(sql, values).fetchall())
        )
        return found

    def found(self, *args: Any, **more: Any) -> list[str]:
        return sorted(row.node.name for row in self.rows(*args, **more))


@pytest.fixture
def shelf(tmp_path: pathlib.Path) -> Any:
    made = Shelf(tmp_path)
    yield made
    drive(made.store.aclose())


def on(day: str, more: str = "") -> bytes:
    return calendar(f"UID:{day}|SUMMARY:{day}|DTSTART:{day}T090000Z|DURATION:PT1H{more}")


def test_what_touches_a_time_is_found_and_nothing_far_from_it(shelf: Shelf) -> None:
    shelf.put("today.ics", on("20261121"))
    shelf.put("past.ics", on("20251121"))
    shelf.put("future.ics", on("20271121"))
    shelf.put("always.ics", on("20200101", "|RRULE:FREQ=DAILY"))
    shelf.put("over.ics", on("20200101", "|RRULE:FREQ=DAILY;COUNT=5"))
    shelf.put("long.ics", calendar("UID:l|DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:20270101"))
    shelf.put("note.txt", on("20261121"))
    shelf.put("broken.ics", b"BEGIN:VCALENDAR\r\nthis is none")
    assert shelf.found() == ["always.ics", "long.ics", "today.ics"]
    assert shelf.found(NOW - timedelta(days=365)) == ["always.ics", "past.ics"]
    assert shelf.found(datetime(2500, 1, 1, tzinfo=UTC)) == ["always.ics"]
    assert shelf.rows()[0].form


def test_a_folder_is_asked_alone_and_another_collection_is_not(shelf: Shelf) -> None:
    shelf.put("a.ics", on("20261121"))
    shelf.put("work/b.ics", on("20261121", "|LOCATION:there"))
    other = StoreProvider(shelf.store, "other", Calendars())
    drive(put(other, "/c.ics", on("20261121")))
    assert shelf.found(folder="/calendars/work") == ["b.ics"]
    assert shelf.found(folder="/calendars") == ["a.ics", "b.ics"]
    assert shelf.found(folder="/calendars/w") == []
    assert shelf.found(mount="other") == ["c.ics"]


def test_two_files_of_one_content_are_both_found(shelf: Shelf) -> None:
    shelf.put("a.ics", on("20261121"))
    drive(shelf.files.copy(path("/calendars/a.ics"), path("/calendars/work/a.ics"), change("cp")))
    assert shelf.found() == ["a.ics", "a.ics"]
    drive(shelf.files.remove(path("/calendars/a.ics"), change("rm")))
    assert [row.node.path for row in shelf.rows()] == ["/calendars/work/a.ics"]


@pytest.mark.parametrize("filler", [0, 100_000], ids=["small", "large"])
def test_undo_redo_and_restore_keep_it_true(shelf: Shelf, filler: int) -> None:
    more = f"|X-FILLER:{'x' * filler}" if filler else ""
    shelf.put("a.ics", on("20261121", more))
    shelf.put("a.ics", on("20251121", more))
    assert shelf.found() == []
    drive(shelf.history.undo())
    assert shelf.found() == ["a.ics"]
    drive(shelf.history.redo())
    assert shelf.found() == []
    drive(shelf.history.undo())
    drive(shelf.files.move(path("/calendars/a.ics"), path("/calendars/work/b.ics"), change("mv")))
    assert shelf.found() == ["b.ics"]
    drive(shelf.files.remove(path("/calendars/work"), change("rm -r"), recursive=True))
    assert shelf.found() == []
    drive(shelf.history.undo())
    assert shelf.found() == ["b.ics"]


def test_forgetting_takes_it_away(shelf: Shelf) -> None:
    shelf.put("a.ics", on("20261121"))
    shelf.put("b.ics", on("20261122"))
    drive(shelf.history.forget(path("/calendar/calendars/a.ics")))
    kept = shelf.ask("SELECT form FROM span WHERE user_id = ?")
    assert ["20261122" in form for (form,) in kept] == [True]


def test_what_a_service_sends_is_found(shelf: Shelf) -> None:
    def describe(data: bytes, whole: bool) -> RemoteDescribed:
        return RemoteDescribed("text/calendar", {}, "")

    small, large = on("20261121"), on("20261121", f"|X-FILLER:{'x' * 100_000}")
    items = [
        Item(str(at), "1", str(at), {}, content=data, whole=True)
        for at, data in enumerate((small, large, b"no calendar"))
    ]
    arrivals = drive(arrivals_of(shelf.store.objects, items, describe))
    assert [one.ready.content.span is not None for one in arrivals] == [True, True, False]


def test_the_first_and_the_last_of_all_and_the_next_are_known(shelf: Shelf) -> None:
    user = shelf.store.user

    def asked(question: Any, *args: Any) -> Any:
        return drive(shelf.store.read(lambda connection: question(connection, user, "calendar", *args)))

    assert asked(spans.bounds) is None
    shelf.put("a.ics", on("20260105"))
    shelf.put("work/b.ics", on("20260305", "|RRULE:FREQ=DAILY"))
    first, last = asked(spans.bounds)
    assert 0 <= _micros("2026-01-05T09:00") - first < 2 * 86_400_000_000
    assert last == FOREVER
    assert asked(spans.bounds, "/calendars/work")[0] > first
    assert asked(spans.following, first + 1) > _micros("2026-03-01T00:00")
    assert asked(spans.following, _micros("2027-01-01T00:00")) is None
    [row] = shelf.rows(datetime(2026, 1, 5, tzinfo=UTC))
    assert drive(shelf.store.read(lambda connection: spans.of_node(connection, user, row.node.seq))) == row
    assert drive(shelf.store.read(lambda connection: spans.of_node(connection, user, 1))) is None


def _micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def test_spans_that_are_missing_are_made_when_the_index_is_rebuilt(shelf: Shelf) -> None:
    shelf.put("a.ics", on("20261121"))
    shelf.put("large.ics", on("20261121", f"|X-FILLER:{'x' * 100_000}"))
    before = shelf.rows()
    shelf.ask("DELETE FROM span WHERE user_id = ? RETURNING form")
    assert shelf.found() == []
    drive(StoreIndexing(shelf.store).rebuild())
    assert sorted(shelf.rows()) == sorted(before)
    assert len(before) == 2


def test_a_day_is_one_range_of_an_index_however_many_files_there_are(shelf: Shelf) -> None:
    if Chosen.engine != "sqlite":
        return
    values = (shelf.store.user, "calendar", 0, 1)
    plan = drive(
        shelf.store.read(
            lambda connection: connection.execute(f"EXPLAIN QUERY PLAN {spans.WINDOW}", values).fetchall()
        )
    )
    text = " ".join(str(row[-1]) for row in plan)
    assert "span_last" in text
    assert "node_calendar" in text
