"""Occurrences: the instances of what happens, computed from the form that is kept of a calendar file.

On the way of every listing of a day: nothing here reads iCalendar, and annotations are no texts, each of
which would be compiled. What recurs too often is cut, and told.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from providers.calendar.form import Date, EndingRule, Form, series_of
from providers.calendar.recurrence import DAY, END, UNIX, Meter, clock_of, passes_by, walls
from providers.calendar.rule import read_rule
from vfs.coverage import Gap, tell
from vfs.zone import find_zone

if TYPE_CHECKING:
    from providers.calendar.event import Said

MOST = 5_000
"""Instances of one series that are named at once."""

_EDGE = 3 * DAY
"""Seconds at either end of the calendar in which nothing happens, so that every zone can tell of the rest."""
_AHEAD = 32 * DAY

FEW = 4
"""Days in which a series is looked for by a glance first."""


class Instance(NamedTuple):
    """One time at which something happens."""

    start: datetime | date
    """Aware, in the zone that was asked for; a date for what takes whole days."""
    end: datetime | date
    """Exclusive."""
    key: str
    """Which of its series it is: the clock time that the rule names, as RECURRENCE-ID has it; "" where it
    happens once."""
    said: "Said | None"
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

    @property
    def days(self) -> tuple[int, int]:
        """The clock times at which its days begin and end."""
        return self.first * DAY, (self.last + 1) * DAY

    def has(self, begins: float, ends: float) -> bool:
        """Whether what is from `begins` to `ends` touches it; what has no length, the moment that it is."""
        if begins >= ends:
            return self.low <= begins < self.high
        return begins < self.high and ends > self.low


@lru_cache(512)
def zone_named(text: str) -> tzinfo:
    """The zone that a form names; what reads zones of a file's own is loaded for these alone."""
    found = None if text.startswith("=") else find_zone(text)
    if found is not None:
        return found
    zone: tzinfo = import_module("providers.calendar.ics.zones").zone_named(text)
    return zone


def unpacked(kept: Sequence[object]) -> "Said":
    """What is said of an instance that differs: most do not, so that what reads it is loaded by the first."""
    said: Said = import_module("providers.calendar.facts").unpacked(kept)
    return said


@lru_cache(64)
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


def timed(form: str, window: Window, name: str) -> list[Timed]:
    """The same, each with when it begins."""
    all_series = series_of(form)
    if len(all_series) == 1:
        found = _of_series(all_series[0], 0, window, name)
        if not all_series[0].overrides:
            return found
    else:
        found = []
        for number, series in enumerate(all_series):
            found += _of_series(series, number, window, name)
    found.sort(key=lambda one: (one[0], one[1].key))
    return found


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
    return [instance for _, instance in timed(form, window, name)]


def _of_series(series: Form, number: int, window: Window, name: str) -> list[Timed]:
    low, high = window.days if series.is_date else _clocks(window, series.zone)
    if not series.overrides:
        if _is_missed(series, low - series.length, high):
            return []
        showing = _Showing(series, number, window)
        longest = max(series.length, series.longest)
        named, lengths = _named(series, low - longest, high, name)
        if series.excluded or series.days:
            named = [wall for wall in named if not showing.excludes(wall)]
        return showing.all_shown(named, lengths)
    showing = _Showing(series, number, window)
    following = [one for one in series.overrides if one.following]
    longest = max([series.length, series.longest, *(one.length for one in following)])
    moves = [0, *(one.move for one in following)]
    named, lengths = _named(series, low - longest - max(moves), high - min(moves), name)
    keyed = {one.key for one in series.overrides}
    found: list[Timed | None] = []
    for wall in named:
        if wall in keyed or showing.excludes(wall):
            continue
        at, said, length = wall, series.said, lengths.get(wall, series.length)
        for one in following:
            if one.key < wall:
                at, said, length = wall + one.move, one.said, one.length
        found.append(showing.shown(wall, at, length, series.zone, series.is_date, said))
    found += [
        showing.shown(one.key, one.start, one.length, one.zone, one.is_date, one.said)
        for one in series.overrides
        if not showing.excludes(one.key)
    ]
    return [one for one in found if one is not None]


def _is_missed(series: Form, low: int, high: int) -> bool:
    """Whether a glance tells that a series names nothing in a few days, as most series do not."""
    if high - low > FEW * DAY or len(series.rules) != 1 or series.start is None or series.cut:
        return False
    text, last = series.rules[0]
    if last is not None:
        high = min(high, last + 1)
    dates = series.dates
    if len(dates) > 1 or (dates and low <= dates[0][0] < high):
        return False
    return high <= low or passes_by(read_rule(text).rule, series.start, low, high)


@lru_cache(1024)
def _clocks(window: Window, zone: str) -> tuple[int, int]:
    """What the clocks of a zone show at both ends of a window; more where they were set a day before."""
    place = zone_named(zone) if zone else window.home
    low, high = int(window.low), int(window.high) + 1
    try:
        before, first, last, after = (
            _offset(datetime.fromtimestamp(at, place)) for at in (low - DAY, low, high - DAY, high)
        )
    except (OverflowError, ValueError):
        return low + UNIX - DAY, high + UNIX + DAY
    return low + UNIX + min(before, first), high + UNIX + max(last, after)


def _named(series: Form, low: int, high: int, name: str) -> tuple[Sequence[int], Mapping[int, int]]:
    """The clock times that rules and dates name, in order, each once, and the lengths that some have."""
    dates = series.dates
    if len(dates) > 1:
        dates = dates[_at(dates, low) : _at(dates, high)]
    listed = [wall for wall, _ in dates if low <= wall < high]
    lengths = {wall: length for wall, length in dates if length is not None} if series.longest else {}
    if not series.rules or series.start is None:
        return listed, lengths
    meter = Meter(most=MOST)
    found = _by_rules(series.rules, series.start, low, high, meter)
    if listed or len(series.rules) > 1:
        found = sorted({*listed, *found})
    if series.exrules:
        out = set(_by_rules(series.exrules, series.start, low, high, Meter(most=MOST)))
        found = [wall for wall in found if wall not in out]
    if name and meter.cut:
        tell(Gap(name, f"recurs so often that only the first {MOST:,} times are shown", missing=True))
    if name and 0 < series.cut < high:
        tell(Gap(name, "recurs more often than can be counted: its last times are not shown", missing=True))
    return found, lengths


def _at(dates: Sequence[Date], wall: int) -> int:
    found: int = import_module("bisect").bisect_left(dates, wall, key=lambda date: date[0])
    return found


def _by_rules(rules: Sequence[EndingRule], start: int, low: int, high: int, meter: Meter) -> list[int]:
    found: list[int] = []
    for text, last in rules:
        before = high if last is None else min(high, last + 1)
        if low < before:
            found += walls(read_rule(text).rule, start, low, before, meter)
    return found


class _Showing:
    """What turns the clock times of a series into instances, those that the window touches."""

    __slots__ = ("_days", "_out", "_place", "_recurs", "number", "series", "window")

    def __init__(self, series: Form, number: int, window: Window) -> None:
        self.series = series
        self.number = number
        self.window = window
        self._out = frozenset(series.excluded)
        self._days = frozenset(series.days)
        self._recurs = series.recurs
        self._place = zone_named(series.zone) if series.zone else window.home

    def excludes(self, wall: int) -> bool:
        return wall in self._out or wall // DAY in self._days

    def all_shown(self, named: Sequence[int], lengths: Mapping[int, int]) -> list[Timed]:
        """What `shown` makes of each; quick where a clock goes evenly, as it does for thousands a month."""
        series, (low, high, _, _, home) = self.series, self.window
        length, zone, number, uid, place = series.length, series.zone, self.number, series.uid, self._place
        is_even = not (series.is_date or length > DAY or lengths)
        said = None if series.said is None or not named else unpacked(series.said)
        local, mark = datetime.fromtimestamp, "Z" if zone == "UTC" else ""
        found: list[Timed] = []
        for wall in named:
            day, second = divmod(wall, DAY)
            offset = _even(place, day) if is_even and _EDGE < wall < END - _EDGE else None
            if offset is None:
                one = self.shown(wall, wall, lengths.get(wall, length), zone, series.is_date, series.said)
                if one is not None:
                    found.append(one)
                continue
            begins = wall - UNIX - offset
            ends = begins + length
            if begins < high and (ends > low or (not length and begins >= low)):
                key = f"{_day(day)}T{_clock(second)}{mark}" if self._recurs else ""
                one_more = Instance(local(begins, home), local(ends, home), key, said, zone, number, uid)
                found.append((begins, one_more))
        return found

    def shown(
        self, key: int, wall: int, length: int, zone: str, is_date: int, said: Sequence[object] | None
    ) -> Timed | None:
        """The instance `key`, which begins at `wall`; None when the window does not touch it."""
        window, home = self.window, self.window.home
        if not _EDGE < wall < END - 2 * _EDGE:
            return None
        length = min(length, END - _EDGE - wall)
        start: datetime | date
        end: datetime | date
        if is_date:
            first = wall // DAY
            after = first + max(1, length // DAY)
            if first > window.last or after <= window.first:
                return None
            start, end = date.fromordinal(first), date.fromordinal(after)
            begins = datetime(start.year, start.month, start.day, tzinfo=home).timestamp()
        else:
            begins, ends = _moments(wall, length, zone_named(zone) if zone else home)
            if not window.has(begins, ends):
                return None
            start, end = datetime.fromtimestamp(begins, home), datetime.fromtimestamp(ends, home)
        words = None if said is None else unpacked(said)
        name = _key(key, self.series) if self._recurs else ""
        return begins, Instance(start, end, name, words, zone, self.number, self.series.uid)


def _moments(wall: int, length: int, zone: tzinfo) -> tuple[int, int]:
    """When something begins and ends, in seconds since 1970: by the clock, unless clocks skip the start."""
    aware = _aware(wall, zone)
    begins = ends = _instant(wall, aware)
    if length:
        ends = _instant(wall + length, _aware(wall + length, zone))
        if ends - begins != length and _is_skipped(aware):
            ends = begins + length
    return begins, ends


@lru_cache(16_384)
def _even(place: tzinfo, day: int) -> int | None:
    """The offset of a zone on a day and the one after it; None where clocks are set meanwhile."""
    first, second, third = [
        _offset(datetime.fromordinal(at).replace(tzinfo=place)) for at in (day, day + 1, day + 2)
    ]
    return first if first == second == third else None


def _key(wall: int, series: Form) -> str:
    day, second = divmod(wall, DAY)
    if series.is_date:
        return _day(day)
    return f"{_day(day)}T{_clock(second)}{'Z' if series.zone == 'UTC' else ''}"


@lru_cache(4096)
def _day(number: int) -> str:
    return date.fromordinal(number).isoformat().replace("-", "")


@lru_cache(2048)
def _clock(second: int) -> str:
    return f"{second // 3600:02}{second // 60 % 60:02}{second % 60:02}"


def _aware(wall: int, zone: tzinfo) -> datetime:
    """A clock time in a zone. As quick as can be: it is made for each instance, twice."""
    day, second = divmod(wall, DAY)
    at = date.fromordinal(day)
    return datetime(at.year, at.month, at.day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone)


def _instant(wall: int, aware: datetime) -> int:
    """The same in seconds since 1970."""
    return wall - UNIX - _offset(aware)


def _offset(aware: datetime) -> int:
    offset = aware.utcoffset()
    assert offset is not None
    return offset.days * DAY + offset.seconds


def _is_skipped(moment: datetime) -> bool:
    """Whether no clock shows it, because they are set forward then."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(
        tzinfo=None
    )
