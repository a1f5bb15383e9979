"""Calendars of others, damaged by lot: read, shown, edited and merged, or refused. SPATIO_FULL runs more."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from providers.calendar.checking import problem_of
from providers.calendar.editing import Edited, Spot, cancelled, changed, moved
from providers.calendar.ics.component import parse
from providers.calendar.invitation import merged
from providers.calendar.opened import SCOPES
from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar
from providers.calendar.text import text_of
from tests.calendar.test_corpora import FILES
from vfs.errors import BadName

ROUNDS = 3000 if os.environ.get("SPATIO_FULL") else 150
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PIECES = (
    *(b";", b":", b'"', b"\r\n", b"\0", b"\xff", b"=", b",", b"-", b"T", b"Z", b"99999999"),
    *(b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"UNTIL=20200101", b"RRULE:FREQ=YEARLY;BYDAY=53MO\r\n"),
    *(b"RDATE;VALUE=PERIOD:20200101/P1D\r\n", b"RECURRENCE-ID:20200101T000000\r\n"),
    *(b"DTSTART:00010101T000000Z\r\n", b"DTEND:99991231T235959\r\n"),
)
SMALL = [data for data in (path.read_bytes() for path in FILES) if len(data) < 4000]


def damaged(lot: random.Random) -> bytes:
    data = bytearray(lot.choice(SMALL))
    for _ in range(lot.randint(1, 12)):
        at = lot.randrange(len(data) + 1)
        kind = lot.randrange(4)
        if kind == 0:
            del data[at : at + lot.randint(1, 30)]
        elif kind == 1:
            data[at:at] = lot.choice(PIECES)
        elif kind == 2:
            other = lot.choice(SMALL)
            start = lot.randrange(len(other))
            data[at:at] = other[start : start + lot.randint(1, 200)]
        elif at < len(data):
            data[at] = lot.randrange(256)
    return bytes(data)


def edits(data: bytes, lot: random.Random) -> Iterator[Callable[[], Edited]]:
    series = read_calendar(data).series
    if not series:
        return
    event = series[0].master or series[0].overrides[0]
    key = f"{event.start.wall.year:04}{event.start.wall:%m%dT%H%M%S}"
    for scope in SCOPES:
        spot = Spot(lot.choice([key, "", f"{key}Z", "20200101"]), scope, NOW, UTC, "new@test")
        yield partial(moved, data, spot, datetime(2024, 1, 1, tzinfo=UTC))
        yield partial(cancelled, data, spot)
        yield partial(changed, data, spot, {"title": "x"} if scope != "all" else {"rule": ""})


@pytest.mark.parametrize("seed", range(4))
def test_damaged_calendars_are_taken_or_refused(seed: int) -> None:
    lot = random.Random(seed)
    for _ in range(ROUNDS // 4):
        data = damaged(lot)
        assert parse(data).raw() == data
        text_of(data)
        problem_of(data)
        reach_of(read_calendar(data))
        for edit in edits(data, lot):
            try:
                kept = edit().kept
            except BadName:
                continue
            assert kept is None or read_calendar(kept).series
        other = lot.choice(SMALL)
        for stored, incoming in ((data, other), (other, data), (data, data)):
            merged(stored, incoming)
