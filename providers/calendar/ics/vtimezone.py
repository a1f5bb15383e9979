"""VTIMEZONE: the rules of an IANA zone as a calendar file carries them, for programs that do not know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import CRLF, Line
from providers.calendar.ics.values import escaped
from vfs.zone import find_zone

YEARS = 28
"""After so many years weekdays fall on the same dates again, so that a rule seen as long holds."""
EARLIEST, LATEST = 1900, 2400

_WEEK = timedelta(days=7)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Change(NamedTuple):
    """One change of the clocks."""

    wall: datetime
    """By the clocks before it."""
    before: timedelta
    after: timedelta
    summer: bool
    name: str


def timezone_of(zone: str, year: int, end: bytes = CRLF) -> Component | None:
    """The rules of a zone from the year before `year` on; None for what has none in IANA, or needs none."""
    if zone in ("", "UTC") or find_zone(zone) is None:
        return None
    made = Component.new("VTIMEZONE", [Line.of("TZID", escaped(zone), end=end)], end)
    for name, lines in _observances(zone, min(max(year, EARLIEST), LATEST)):
        made.parts.append(Component.new(name, [Line.of(key, value, end=end) for key, value in lines], end))
    return made


@lru_cache(64)
def _observances(zone: str, year: int) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    changes = list(_changes(zone, year))
    found = find_zone(zone)
    assert found is not None
    first = datetime(year - 1, 1, 1, tzinfo=found)
    offset = first.utcoffset() or timedelta(0)
    wall = datetime(year - 1, 1, 1)
    begun = _Change(wall, offset, offset, bool(first.dst()), first.tzname() or zone)
    return [_spelt([begun], ""), *(_spelt(group, rule) for group, rule in _groups(changes, year))]


def _changes(zone: str, year: int) -> Iterator[_Change]:
    """The changes of `YEARS` years from the year before `year` on."""
    there = find_zone(zone)
    assert there is not None
    at = datetime(year - 1, 1, 1, tzinfo=UTC)
    last = datetime(year - 1 + YEARS, 1, 1, tzinfo=UTC)
    before = at.astimezone(there).utcoffset() or timedelta(0)
    while at < last:
        later = at + _WEEK
        after = later.astimezone(there).utcoffset() or timedelta(0)
        if after != before:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                same = middle.astimezone(there).utcoffset() == before
                low, high = (middle, high) if same else (low, middle)
            local = high.astimezone(there)
            yield _Change(
                (high + before).replace(tzinfo=None), before, after, bool(local.dst()), local.tzname() or zone
            )
            before = after
        at = later


def _groups(changes: Sequence[_Change], year: int) -> Iterator[tuple[Sequence[_Change], str]]:
    """Changes that one rule names, with it, where all of them follow rules; else those alike, with none."""

    def kind(change: _Change) -> tuple[int, str, timedelta, timedelta, str]:
        return change.wall.month, f"{change.wall:%H%M%S}", change.before, change.after, change.name

    groups = [list(group) for _, group in groupby(sorted(changes, key=kind), kind)]
    years = set(range(year - 1, year - 1 + YEARS))
    rules = [_rule(group) if {one.wall.year for one in group} == years else "" for group in groups]
    if all(rules):
        yield from zip(groups, rules, strict=True)
        return
    alike = sorted(changes, key=lambda one: (one.before, one.after, one.name, one.wall))
    for _, group in groupby(alike, lambda one: (one.before, one.after, one.name)):
        yield list(group), ""


def _rule(group: Sequence[_Change]) -> str:
    """The rule that names one change a year, always on the same weekday; "" when there is none."""
    weekdays = {one.wall.weekday() for one in group}
    days = sorted({one.wall.day for one in group})
    month = f"FREQ=YEARLY;BYMONTH={group[0].wall.month}"
    if len(days) == 1:
        return f"{month};BYMONTHDAY={days[0]}"
    if len(weekdays) > 1 or len(days) > 7 or days[-1] - days[0] != 6:
        return ""
    day = _DAYS[weekdays.pop()]
    if days[0] % 7 == 1 and days[0] < 29:
        return f"{month};BYDAY={days[0] // 7 + 1}{day}"
    following = group[0].wall.replace(day=days[-1]) + timedelta(days=1)
    if following.day == 1:
        return f"{month};BYDAY=-1{day}"
    return f"{month};BYDAY={day};BYMONTHDAY={','.join(map(str, days))}"


def _spelt(group: Sequence[_Change], rule: str) -> tuple[str, Sequence[tuple[str, str]]]:
    first = group[0]
    lines = [
        ("DTSTART", _stamp(first.wall)),
        ("TZOFFSETFROM", _offset(first.before)),
        ("TZOFFSETTO", _offset(first.after)),
        ("TZNAME", escaped(first.name)),
    ]
    if rule:
        lines.insert(1, ("RRULE", rule))
    elif len(group) > 1:
        lines.append(("RDATE", ",".join(_stamp(one.wall) for one in group[1:])))
    return "DAYLIGHT" if first.summer else "STANDARD", lines


def _stamp(wall: datetime) -> str:
    return f"{wall.year:04}{wall:%m%dT%H%M%S}"


def _offset(delta: timedelta) -> str:
    seconds = int(delta.total_seconds())
    clock = abs(seconds)
    tail = f"{clock % 60:02}" if clock % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{clock // 3600:02}{clock // 60 % 60:02}{tail}"
