"""Packing: the form of a calendar file, made from what the file says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import NamedTuple

from providers.calendar.event import Calendar, Event, Moment, Period, Series, Span
from providers.calendar.facts import packed
from providers.calendar.form import Date, EndingRule, Form, Override, written
from providers.calendar.ics.zones import zone_named
from providers.calendar.recurrence import DAY, END, UNIX, Meter, last_of, wall_of, walls
from providers.calendar.rule import Written, read_rule

FOREVER = 1 << 62
"""The end of what never ends."""

COUNTED = 100_000
"""Instances of a rule with a COUNT that are counted, where counting them one by one is the only way."""

_MARGIN = DAY
"""Seconds by which clock times may lie off UTC, whatever a later table of zones says."""


class Reach(NamedTuple):
    """A form, and between which moments it may say anything: µs since 1970, UTC."""

    first: int
    last: int
    form: str


def reach_of(calendar: Calendar) -> Reach | None:
    """What is kept of a file; None for one in which nothing happens."""
    made: list[Form] = []
    first, last = END, -1
    for series in calendar.series:
        if series.master is None and not series.overrides:
            continue
        form = _Packing(series).form()
        begins, ends = _bounds(form)
        if begins <= ends:
            made.append(form if made else form._replace(said=None))
            first, last = min(first, begins), max(last, ends)
    if not made:
        return None
    return Reach(_utc(first - _MARGIN), FOREVER if last >= END else _utc(last + _MARGIN), written(made))


def _utc(wall: int) -> int:
    return (wall - UNIX) * 1_000_000


class _Packing:
    """A series on its way into the form."""

    def __init__(self, series: Series) -> None:
        self.series = series
        self.event = series.master or series.overrides[0]
        anchor = self.event.start if series.master else self.event.instance or self.event.start
        self.zone, self.is_date = anchor.zone, anchor.is_date
        self.start = wall_of(self.event.start.wall)
        self.cut = 0

    def form(self) -> Form:
        """The series for the form."""
        event = self.event
        overrides = [self._override(one) for one in self.series.overrides if not self._is_outdated(one)]
        form = Form(
            uid=self.series.uid,
            zone=self.zone,
            is_date=int(self.is_date),
            length=_length(event),
            excluded=sorted({self._wall(one) for one in event.excluded if one.is_date is self.is_date}),
            days=sorted({one.wall.toordinal() for one in event.excluded if one.is_date is not self.is_date}),
            overrides=sorted(overrides, key=lambda one: one.key),
            said=packed(event.said),
        )
        if self.series.master is None:
            return form
        dates = self._dates()
        return form._replace(
            start=self.start,
            rules=self._ending(event.rules),
            dates=dates,
            exrules=self._ending(event.exrules),
            longest=max((length or 0 for _, length in dates), default=0),
            cut=self.cut,
        )

    def _wall(self, moment: Moment) -> int:
        """A moment as a clock time of the series' zone."""
        if self.is_date:
            return wall_of(moment.wall) // DAY * DAY
        if not (moment.zone and self.zone) or moment.zone == self.zone:
            return wall_of(moment.wall)
        try:
            return wall_of(moment.utc(UTC).astimezone(zone_named(self.zone)))
        except OverflowError:
            return wall_of(moment.wall)

    def _dates(self) -> Sequence[Date]:
        """RDATE and the start, which is an instance unless all rules end before it."""
        found: dict[int, int | None] = {}
        for one in self.event.dates:
            if not isinstance(one, Period):
                found[self._wall(one)] = None
            elif one.end is not None:
                found[self._wall(one.start)] = _between(one.start, one.end)
            else:
                found[self._wall(one.start)] = _seconds(one.span or Span())
        limits = [self._limit(rule) for rule in _read(self.event.rules)]
        if not limits or any(limit is None or limit >= self.start for limit in limits):
            found.setdefault(self.start, None)
        return sorted(found.items())

    def _ending(self, texts: Iterable[str]) -> Sequence[EndingRule]:
        """Rules, each with its last clock time; what is no rule is left out."""
        found: list[EndingRule] = []
        for rule in _read(texts):
            last = self._limit(rule)
            if rule.times:
                meter = Meter(COUNTED * 3, COUNTED)
                counted = last_of(rule, self.start, meter)
                self.cut = max(self.cut, counted if meter.cut and counted >= self.start else 0)
                last = counted if last is None else min(counted, last)
            found.append((rule.text, last))
        return found

    def _limit(self, rule: Written) -> int | None:
        """The last clock time up to UNTIL, which is in UTC where the series has a zone."""
        if rule.until is None:
            return None
        if self.is_date:
            return wall_of(rule.until) // DAY * DAY
        if not self.zone:
            return wall_of(rule.until)
        try:
            there = rule.until.replace(tzinfo=UTC).astimezone(zone_named(self.zone))
        except OverflowError:
            return wall_of(rule.until)
        # The hour that clocks show twice happens when they show it first, so before.
        return wall_of(there) // 3600 * 3600 + 3599 if there.fold else wall_of(there)

    def _is_outdated(self, event: Event) -> bool:
        """Whether an instance is left of an older version of the series, which had other instances."""
        master = self.series.master
        if master is None or event.sequence >= master.sequence or not event.rules:
            return False
        key = self._wall(event.instance or event.start)
        return not any(
            walls(read_rule(text).rule, self.start, key, key + 1, Meter())
            for text, last in self._ending(master.rules)
            if last is None or key <= last
        )

    def _override(self, event: Event) -> Override:
        """An instance that differs, and what that means for those that follow."""
        key = self._wall(event.instance or event.start)
        start = wall_of(event.start.wall)
        move = (start if event.start.zone == self.zone else self._wall(event.start)) - key
        return Override(
            key,
            int(event.following),
            event.start.zone,
            int(event.start.is_date),
            start,
            _length(event),
            move if event.following else 0,
            packed(event.said),
        )


def _bounds(form: Form) -> tuple[int, int]:
    """Between which clock times anything of a series may happen; the second before the first for nothing."""
    longest = max(form.length, form.longest)
    following = [one for one in form.overrides if one.following]
    starts = [wall for wall, _ in form.dates]
    ends = [wall + longest for wall in starts]
    if form.rules and form.start is not None:
        starts.append(form.start)
    ends += [END if last is None else last + longest for _, last in form.rules]
    least = min([0, *(one.move for one in following)])
    most = max([0, *(one.move + max(0, one.length - longest) for one in following)])
    starts = [wall + least for wall in starts] + [one.start for one in form.overrides]
    ends = [wall + most for wall in ends] + [one.start + one.length for one in form.overrides]
    return min(starts, default=END), min(END, max(ends, default=-1))


def _read(rules: Iterable[str]) -> list[Written]:
    found = []
    for text in rules:
        try:
            found.append(read_rule(text))
        except ValueError:
            continue
    return found


def _length(event: Event) -> int:
    """How long an event takes, in seconds on its clock."""
    if event.span is not None:
        return _seconds(event.span)
    if event.end is None:
        return DAY if event.start.is_date else 0
    return _between(event.start, event.end)


def _seconds(span: Span) -> int:
    return max(0, span.days * DAY + span.seconds)


def _between(start: Moment, end: Moment) -> int:
    """From one moment to another: by the clock where both are of one zone, else by what really passes."""
    if start.zone == end.zone or not (start.zone and end.zone):
        return max(0, wall_of(end.wall) - wall_of(start.wall))
    return max(0, int((end.utc(UTC) - start.utc(UTC)).total_seconds()))
