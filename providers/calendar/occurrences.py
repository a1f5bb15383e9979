"""Occurrences: the instances of what happens, computed from the form that is kept of a calendar file.

On the way of every listing of a day: nothing here reads iCalendar. What recurs too often is cut, and told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from providers.calendar.event import Said
from providers.calendar.facts import unpacked
from providers.calendar.form import Date, EndingRule, Form, series_of
from providers.calendar.ics.zones import zone_named
from providers.calendar.recurrence import DAY, END, UNIX, Meter, clock_of, walls
from providers.calendar.rule import read_rule
from vfs.coverage import Gap, tell

MOST = 5_000
"""Instances of one series that are named at once."""

_EDGE = 3 * DAY
"""Seconds at either end of the calendar in which nothing happens, so that every zone can tell of the rest."""
_AHEAD = 32 * DAY


class Instance(NamedTuple):
    """One time at which something happens."""

    start: datetime | date
    """Aware, in the zone that was asked for; a date for what takes whole days."""
    end: datetime | date
    """Exclusive."""
    key: str
    """Which of its series it is: the clock time that the rule names, as RECURRENCE-ID has it; "" where it
    happens once."""
    said: Said | None
    """What is said of it where that is not what its file says."""
    zone: str
    """Of its start, as the file has it; "" where it floats."""
    series: int
    """Which of the file's series it belongs to."""
    uid: str


Timed = tuple[float, Instance]
"""An instance, and when it begins, in seconds since 1970."""


class Window(NamedTuple):
    """The span of time that is asked about."""

    low: float
    """Seconds since 1970."""
    high: float
    first: int
    """Days, by their number."""
    last: int
    home: tzinfo

    def has(self, begins: float, ends: float) -> bool:
        """Whether what is from `begins` to `ends` touches it; what has no length, the moment that it is."""
        if begins >= ends:
            return self.low <= begins < self.high
        return begins < self.high and ends > self.low


def window_of(start: datetime, end: datetime, home: tzinfo) -> Window:
    """[start, end) as seconds, and as the days in `home` that it touches."""
    first = start.astimezone(home).toordinal()
    last = (end - timedelta(microseconds=1)).astimezone(home).toordinal() if end > start else first
    return Window(start.timestamp(), end.timestamp(), first, max(first, last), home)


def instances(
    form: str, start: datetime, end: datetime, home: tzinfo, name: str = "an event"
) -> list[Instance]:
    """What of a file touches [start, end), by start. `name` is what a person calls it, should it be cut."""
    return _instances(form, window_of(start, end, home), name)


def next_or_last(form: str, now: datetime, home: tzinfo) -> Instance | None:
    """The instance that is under way or comes next, else the last there was."""
    bounds = [wall for series in series_of(form) for wall in _bounds(series)]
    first, last = (min(bounds, default=END) - _EDGE, min(max(bounds, default=0), END - _EDGE) + DAY)
    at = int(now.timestamp()) + UNIX
    low, width = max(at, first), _AHEAD
    while low < last:
        found = _instances(form, _between(low, low + width, home), "")
        if found:
            return found[0]
        low, width = low + width, width * 4
    high, width = min(at, last), _AHEAD
    while high > first:
        found = _instances(form, _between(high - width, high, home), "")
        if found:
            return found[-1]
        high, width = high - width, width * 4
    return None


def _between(low: int, high: int, home: tzinfo) -> Window:
    """A window by clock times, as far as the calendar reaches."""
    start, end = (clock_of(min(max(wall, _EDGE), END - _EDGE)).replace(tzinfo=UTC) for wall in (low, high))
    return window_of(start, end, home)


def _bounds(series: Form) -> Iterator[int]:
    """Clock times before and after which a series has no instances."""
    for _, last in series.rules:
        yield END if last is None else last + series.length
    for wall, length in (*series.dates[:1], *series.dates[-1:]):
        yield from (wall, wall + (length or series.length))
    if series.rules and series.start is not None:
        yield series.start
    for override in series.overrides:
        yield from (override.start, override.start + override.length)
        if override.following:
            yield from (DAY, END)


def _instances(form: str, window: Window, name: str) -> list[Instance]:
    found: list[Timed] = []
    for number, series in enumerate(series_of(form)):
        found += _of_series(_Showing(series, number, window), name)
    if len(found) > 1:
        found.sort(key=lambda one: (one[0], one[1].key))
    return [instance for _, instance in found]


def _of_series(showing: _Showing, name: str) -> Iterator[Timed]:
    series, window = showing.series, showing.window
    following = [one for one in series.overrides if one.following]
    keyed = {one.key for one in series.overrides}
    low = (
        int(window.low)
        + UNIX
        - DAY
        - max([series.length, series.longest, *(one.length for one in following)])
    )
    high = int(window.high) + UNIX + DAY + 1
    moves = [0, *(one.move for one in following)]
    for wall, length in _named(series, low - max(moves), high - min(moves), name):
        if wall in keyed or showing.excludes(wall):
            continue
        at, said = wall, series.said
        length = series.length if length is None else length
        for one in following:
            if one.key < wall:
                at, said, length = wall + one.move, one.said, one.length
        found = showing.shown(wall, at, length, series.zone, series.is_date, said)
        if found is not None:
            yield found
    for one in series.overrides:
        if not showing.excludes(one.key):
            found = showing.shown(one.key, one.start, one.length, one.zone, one.is_date, one.said)
            if found is not None:
                yield found


def _named(series: Form, low: int, high: int, name: str) -> Sequence[Date]:
    """The clock times that rules and dates name, in order, each once, with an own length where it has one."""
    dates = series.dates
    if len(dates) > 1:
        dates = dates[_at(dates, low) : _at(dates, high)]
    if not series.rules or series.start is None:
        return dates
    listed = {wall: length for wall, length in dates if low <= wall < high}
    meter = Meter(most=MOST)
    for wall in _by_rules(series.rules, series.start, low, high, meter):
        listed.setdefault(wall, None)
    for wall in _by_rules(series.exrules, series.start, low, high, Meter(most=MOST)):
        listed.pop(wall, None)
    if name and meter.cut:
        tell(Gap(name, f"recurs so often that only the first {MOST:,} times are shown", missing=True))
    if name and 0 < series.cut < high:
        tell(Gap(name, "recurs more often than can be counted: its last times are not shown", missing=True))
    return sorted(listed.items(), key=lambda one: one[0])


def _at(dates: Sequence[Date], wall: int) -> int:
    return bisect_left(dates, wall, key=lambda date: date[0])


def _by_rules(rules: Sequence[EndingRule], start: int, low: int, high: int, meter: Meter) -> Iterator[int]:
    for text, last in rules:
        yield from walls(
            read_rule(text).rule, start, low, high if last is None else min(high, last + 1), meter
        )


class _Showing:
    """What turns the clock times of a series into instances, those that the window touches."""

    __slots__ = ("_days", "_out", "number", "series", "window")

    def __init__(self, series: Form, number: int, window: Window) -> None:
        self.series = series
        self.number = number
        self.window = window
        self._out = frozenset(series.excluded)
        self._days = frozenset(series.days)

    def excludes(self, wall: int) -> bool:
        return wall in self._out or wall // DAY in self._days

    def shown(
        self, key: int, wall: int, length: int, zone: str, is_date: int, said: Sequence[object] | None
    ) -> Timed | None:
        """The instance `key`, which begins at `wall`; None when the window does not touch it."""
        window = self.window
        if not _EDGE < wall < END - 2 * _EDGE:
            return None
        length = min(length, END - _EDGE - wall)
        if is_date:
            first = wall // DAY
            after = first + max(1, length // DAY)
            if first > window.last or after <= window.first:
                return None
            start, end = date.fromordinal(first), date.fromordinal(after)
            at = datetime(start.year, start.month, start.day, tzinfo=window.home).timestamp()
            return at, self._made(start, end, key, said, zone)
        home = window.home
        place = zone_named(zone) if zone else home
        aware = _aware(wall, place)
        begins = _instant(wall, aware)
        if begins >= window.high:
            return None
        ends = begins
        if length:
            ends = _instant(wall + length, _aware(wall + length, place))
            if ends - begins != length and _is_skipped(aware):
                ends = begins + length
        if not window.has(begins, ends):
            return None
        start, end = datetime.fromtimestamp(begins, home), datetime.fromtimestamp(ends, home)
        return begins, self._made(start, end, key, said, zone)

    def _made(
        self, start: datetime | date, end: datetime | date, key: int, said: Sequence[object] | None, zone: str
    ) -> Instance:
        series = self.series
        return Instance(
            start,
            end,
            _key(key, series) if series.recurs else "",
            None if said is None else unpacked(said),
            zone,
            self.number,
            series.uid,
        )


def _key(wall: int, series: Form) -> str:
    day, second = divmod(wall, DAY)
    at = date.fromordinal(day)
    named = f"{at.year:04}{at.month:02}{at.day:02}"
    if series.is_date:
        return named
    hour, minute = divmod(second // 60, 60)
    return f"{named}T{hour:02}{minute:02}{second % 60:02}{'Z' if series.zone == 'UTC' else ''}"


def _aware(wall: int, zone: tzinfo) -> datetime:
    """A clock time in a zone. As quick as can be: it is made for each instance, twice."""
    day, second = divmod(wall, DAY)
    at = date.fromordinal(day)
    return datetime(at.year, at.month, at.day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone)


def _instant(wall: int, aware: datetime) -> int:
    """The same in seconds since 1970."""
    offset = aware.utcoffset()
    assert offset is not None
    return wall - UNIX - offset.days * DAY - offset.seconds


def _is_skipped(moment: datetime) -> bool:
    """Whether no clock shows it, because they are set forward then."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(
        tzinfo=None
    )
