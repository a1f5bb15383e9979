"""Splitting: a series ended before one of its instances, and the rest as a series of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from providers.calendar.compose import until_of
from providers.calendar.event import Event, Moment, Period
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import Line
from providers.calendar.ics.values import escaped
from providers.calendar.opened import Opened, Part, Spot, key_of, nominal, shifted
from providers.calendar.recurrence import END, Meter, clock_of, wall_of, walls
from providers.calendar.rule import Written, read_rule
from providers.calendar.shifting import joined, last_moment, parts_of, shift, write_dates
from vfs.errors import BadName

COUNTED = 100_000
"""Instances that are counted before the one at which a series is split."""


def begins_with(opened: Opened) -> bool:
    """Whether the instance that is edited is the first of its series."""
    at, event = _edited(opened)
    return not _earlier(opened, event, at)


def ended(data: bytes, spot: Spot) -> bytes | None:
    """The series as it is before the instance; None when there is nothing before it."""
    opened = Opened(data, spot)
    at, event = _edited(opened)
    if not _earlier(opened, event, at):
        return None
    assert opened.master is not None
    component = opened.master.component
    last = shifted(at, -timedelta(days=1) if at.is_date else -timedelta(seconds=1))
    for line, rule in zip(component.lines("RRULE"), event.rules, strict=False):
        if _going_on(opened, rule, event, at)[1]:
            parts = parts_of(rule)
            parts.pop("COUNT", None)
            parts["UNTIL"] = until_of(last, event.start)
            component.parts[component.parts.index(line)] = line.with_value(joined(parts), opened.line_end)
    _keep_dates(opened, component, event, at, later=False)
    for part in list(opened.overrides):
        if opened.order(part.event.instance) >= opened.order(at):
            opened.take_out(part)
    opened.stamp(component)
    return opened.raw()


def rest(data: bytes, spot: Spot) -> tuple[bytes, str]:
    """The series from the instance on, with the UID `spot.new_uid`; what the instance is called in it."""
    opened = Opened(data, spot)
    at, event = _edited(opened)
    assert opened.master is not None
    base = opened.before(at)
    _only(opened)
    for part in list(opened.overrides):
        if opened.order(part.event.instance) < opened.order(at) or part is base:
            opened.take_out(part)
    old_uid = event.uid
    component = opened.master.component
    goes_on = [_going_on(opened, rule, event, at) for rule in event.rules]
    begins = min((first for first, _ in goes_on if first is not None), key=opened.order, default=at)
    for line, (_, rule) in zip(list(component.lines("RRULE")), goes_on, strict=False):
        if rule:
            component.parts[component.parts.index(line)] = line.with_value(rule, opened.line_end)
        else:
            component.parts.remove(line)
    # Not the instance's own length: it may be one that differs.
    length = nominal(event, spot.home) if base is opened.master else timedelta(0)
    opened.set_span(component, begins, shifted(begins, length))
    _keep_dates(opened, component, event, at, later=True, begins=begins)
    key = key_of(at)
    if base is not opened.master:
        key = key_of(_follow(opened, base, at))
        component = opened.master.component
    for part in opened.parts:
        part.component.put(Line.of("UID", escaped(spot.new_uid), end=opened.line_end))
        opened.stamp(part.component, significant=False)
    component.drop("SEQUENCE")
    component.add(Line.of("RELATED-TO", escaped(old_uid), [("RELTYPE", "SIBLING")], opened.line_end))
    return opened.raw(), key


def _edited(opened: Opened) -> tuple[Moment, Event]:
    if opened.master is None or opened.at is None:
        raise BadName(None, "the file holds single times of the series only: edit this one, or all")
    return opened.at, opened.master.event


def _read(rule: str) -> Written:
    try:
        return read_rule(rule)
    except ValueError as error:
        raise BadName(None, f"the series cannot be split: {error}") from None


def _earlier(opened: Opened, event: Event, at: Moment) -> bool:
    """Whether anything of the series comes before an instance."""
    starts = [event.start, *(one.start if isinstance(one, Period) else one for one in event.dates)]
    excluded = {opened.order(one) for one in event.excluded}
    there = opened.order(at)
    if any(opened.order(one) < there and opened.order(one) not in excluded for one in starts):
        return True
    low, high = wall_of(event.start.wall), wall_of(at.wall)
    for rule in event.rules:
        for wall in walls(_read(rule).rule, low, low, high, Meter(COUNTED, COUNTED)):
            if opened.order(Moment(clock_of(wall), at.zone, at.is_date)) not in excluded:
                return True
    return False


def _going_on(opened: Opened, rule: str, event: Event, at: Moment) -> tuple[Moment | None, str]:
    """The first time from `at` on that a rule names, and the rule from then on; None where it is over."""
    begun, low = wall_of(event.start.wall), wall_of(at.wall)
    step = 32 * 86400
    named: list[int] = []
    while not named and low < END and step < 1 << 40:
        named = walls(_read(rule).rule, begun, low, min(low + step, END), Meter(most=1))
        step *= 8
    if not named:
        return None, ""
    first = at._replace(wall=clock_of(named[0]))
    until = last_moment(parts_of(rule).get("UNTIL", ""), event.start)
    if until is not None and opened.order(until) < opened.order(first):
        return None, ""
    rest = _remaining(rule, event, first)
    return (first, rest) if rest else (None, "")


def _remaining(rule: str, event: Event, start: Moment) -> str:
    """The rule from a later start on: what COUNT has counted already is taken off."""
    parts = parts_of(rule)
    if "COUNT" not in parts:
        return rule
    written = _read(rule)
    low = wall_of(event.start.wall)
    meter = Meter(COUNTED * 3, COUNTED)
    done = len(walls(written.rule, low, low, wall_of(start.wall), meter))
    if meter.cut:
        raise BadName(
            None, f"more than {COUNTED:,} times of the series come before: give it a rule without COUNT"
        )
    left = (written.times or 0) - done
    parts["COUNT"] = str(max(left, 0))
    return joined(parts) if left > 0 else ""


def _keep_dates(
    opened: Opened,
    component: Component,
    event: Event,
    at: Moment,
    *,
    later: bool,
    begins: Moment | None = None,
) -> None:
    """RDATE and EXDATE of one half alone."""

    def kept(dates: Sequence[Moment | Period]) -> list[Moment | Period]:
        there = opened.order(at)
        starts = ((one.start if isinstance(one, Period) else one, one) for one in dates)
        return [one for start, one in starts if (opened.order(start) >= there) is later]

    dates = kept(event.dates)
    if begins is not None:
        dates = [one for one in dates if one != begins]
    write_dates(opened, component, "RDATE", dates)
    write_dates(opened, component, "EXDATE", kept(event.excluded))


def _only(opened: Opened) -> None:
    """Takes all other series and calendars out of the file."""
    own = {id(part.component) for part in opened.parts}
    calendar = opened.calendar
    calendar.parts = [
        part
        for part in calendar.parts
        if isinstance(part, Line) or part.name == "VTIMEZONE" or id(part) in own
    ]
    if calendar is not opened.root:
        opened.root.parts = [part for part in opened.root.parts if part is calendar or isinstance(part, Line)]


def _follow(opened: Opened, base: Part, at: Moment) -> Moment:
    """Makes the rest what an instance that stands for all later ones says; how `at` is called then."""
    master = opened.master
    assert master is not None
    assert base.event.instance is not None
    made = base.component.copy()
    made.drop("RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE", "DTSTART", "DTEND", "DURATION")
    kept = master.component.lines("DTSTART", "DTEND", "RRULE", "RDATE", "EXDATE", "EXRULE")
    master.component.parts = [*kept, *made.parts]
    again = Opened(opened.raw(), opened.spot)
    assert again.master is not None
    old = again.master.event.start
    length = base.event.stop.wall - base.event.start.wall
    convert = shift(again, old, shifted(old, base.event.start.wall - base.event.instance.wall), length)
    opened.root, opened.calendar, opened.master = again.root, again.calendar, again.master
    opened.overrides = again.overrides
    return convert(at)
