"""Shifting: a whole series moved, with its rules, its further dates and those that are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from providers.calendar.compose import until_of
from providers.calendar.event import Event, Moment, Period
from providers.calendar.ics.component import Component
from providers.calendar.ics.values import read_stamp, write_moment
from providers.calendar.opened import Opened, nominal, shifted
from providers.calendar.recurrence import Meter, wall_of, walls
from providers.calendar.rule import WEEKDAYS, read_rule
from vfs.errors import BadName

Convert = Callable[[Moment], Moment]

_WEEK = 7
_SIMPLE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")


def shift(opened: Opened, old: Moment, new: Moment, length: timedelta | None) -> Convert:
    """Moves all of a series as one of its instances moves from `old` to `new`.

    Instances that differ only in what they say go along; those that were moved on their own stay where
    they are. `length` is the new length of all; None keeps it. Answers what a key becomes. Raises BadName
    for a rule that names days of which the new one cannot be told.
    """
    master = opened.master
    assert master is not None
    delta = new.wall - old.wall

    def convert(moment: Moment) -> Moment:
        there = shifted(opened.in_key_zone(moment), delta)
        wall = there.wall.replace(hour=0, minute=0, second=0) if new.is_date else there.wall
        return Moment(wall, new.zone, new.is_date)

    event = master.event
    begins = convert(event.start)
    rules = [_rule(rule, event, old, new, begins, convert) for rule in event.rules]
    told = [part.event.instance for part in opened.overrides if part.event.instance is not None]
    keys = [opened.in_key_zone(one) for one in (event.start, old, *event.excluded, *told)]
    _check_named(event, rules, begins, keys, convert)
    for part in opened.overrides:
        own = part.event
        assert own.instance is not None
        if opened.in_key_zone(own.start).wall == opened.in_key_zone(own.instance).wall:
            there = convert(own.start)
            opened.set_span(part.component, there, shifted(there, _length(opened, own, new, length)))
        opened.set_moment(part.component, "RECURRENCE-ID", convert(own.instance))
    opened.set_span(master.component, begins, shifted(begins, _length(opened, event, new, length)))
    _set_rules(opened, master.component, rules)
    for name, dates in (("RDATE", event.dates), ("EXDATE", event.excluded)):
        write_dates(opened, master.component, name, [_date(one, convert) for one in dates])
    return convert


def _check_named(
    event: Event, rules: Sequence[str], begins: Moment, keys: Sequence[Moment], convert: Convert
) -> None:
    """Raises BadName where times that the rules named are to be times that they would not name any more.

    The second Monday and the second Tuesday are not a day apart in each month: what was cancelled or moved
    on its own would come back.
    """
    before, after = wall_of(event.start.wall), wall_of(begins.wall)
    for old, new in zip(event.rules, rules, strict=True):
        named, then = read_rule(old).rule, read_rule(new).rule
        for key in keys:
            at, there = wall_of(key.wall), wall_of(convert(key).wall)
            if walls(named, before, at, at + 1, Meter()) and not walls(
                then, after, there, there + 1, Meter()
            ):
                raise BadName(
                    None, f"the rule names days of its own ({old}): change the rule, or move this one alone"
                )


def _length(opened: Opened, event: Event, new: Moment, length: timedelta | None) -> timedelta:
    """The length that is asked for, else the own one; a day, or an hour, for what becomes the other kind."""
    if length is not None:
        return length
    if new.is_date == event.start.is_date:
        return nominal(event, opened.spot.home)
    return timedelta(days=1) if new.is_date else timedelta(hours=1)


def _set_rules(opened: Opened, component: Component, rules: Sequence[str]) -> None:
    """Writes the rules that have changed, in their places."""
    lines = list(component.lines("RRULE"))
    if len(lines) != len(rules):
        raise BadName(None, "a rule of this series cannot be read")
    for line, rule in zip(lines, rules, strict=True):
        if line.value.upper() != rule:
            component.parts[component.parts.index(line)] = line.with_value(rule, opened.line_end)


def write_dates(opened: Opened, component: Component, name: str, dates: Sequence[Moment | Period]) -> None:
    """RDATE or EXDATE, all anew where they have changed: a line for each kind."""
    made: dict[tuple[str, bool, bool], list[str]] = {}
    for one in dates:
        start = one.start if isinstance(one, Period) else one
        kind = start.zone, start.is_date, isinstance(one, Period)
        made.setdefault(kind, []).append(_period(one) if isinstance(one, Period) else write_moment(one))
    lines = []
    for (zone, is_date, period), values in made.items():
        like = opened.moment_line(name, Moment(datetime(2000, 1, 1), zone, is_date))
        line = like.with_params({"VALUE": "PERIOD"}, opened.line_end) if period else like
        lines.append(line.with_value(",".join(values), opened.line_end))
    old = list(component.lines(name))
    if [line.text for line in old] == [line.text for line in lines]:
        return
    at = component.parts.index(old[0]) if old else _place(component)
    component.drop(name)
    component.parts[at:at] = lines


def _place(component: Component) -> int:
    """Where further dates are written: after the rule, else after the start."""
    for name in ("RRULE", "DTEND", "DTSTART"):
        line = component.first(name)
        if line is not None:
            return component.parts.index(line) + 1
    return 0


def exclude(opened: Opened, at: Moment) -> None:
    """One more EXDATE; the lines that are there stay as they are."""
    assert opened.master is not None
    component = opened.master.component
    lines = list(component.lines("EXDATE"))
    place = component.parts.index(lines[-1]) + 1 if lines else _place(component)
    component.parts.insert(place, opened.moment_line("EXDATE", at))


def _period(period: Period) -> str:
    if period.end is not None:
        return f"{write_moment(period.start)}/{write_moment(period.end)}"
    assert period.span is not None
    return f"{write_moment(period.start)}/PT{period.span.days * 86400 + period.span.seconds}S"


def _date(one: Moment | Period, convert: Convert) -> Moment | Period:
    if isinstance(one, Moment):
        return convert(one)
    start = convert(one.start)
    if start.is_date:
        return start
    return Period(start, convert(one.end) if one.end is not None else None, one.span)


def parts_of(rule: str) -> dict[str, str]:
    """A rule's parts, in their order."""
    return dict(part.split("=", 1) for part in rule.split(";") if "=" in part)


def joined(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def last_moment(until: str, start: Moment) -> Moment | None:
    """The moment that UNTIL names; None for what is none."""
    stamp = read_stamp(until)
    if stamp is None:
        return None
    wall = stamp.wall
    if stamp.is_date and not start.is_date:
        wall = wall.replace(hour=23, minute=59, second=59)
    return Moment(wall, "UTC" if stamp.utc else start.zone)


def _rule(rule: str, event: Event, old: Moment, new: Moment, begins: Moment, convert: Convert) -> str:
    try:
        read_rule(rule)
    except ValueError as error:
        raise BadName(None, f"its rule cannot be followed: {error}") from None
    parts = parts_of(rule)
    last = last_moment(parts["UNTIL"], event.start) if "UNTIL" in parts else None
    if last is not None:
        timed = last if not event.start.is_date else Moment(last.wall, "", True)
        parts["UNTIL"] = until_of(convert(timed), begins)
    if any(name in parts for name in _CLOCK) and new.wall.time() != old.wall.time():
        raise BadName(
            None, f"the rule names times of its own ({rule}): change the rule, or move this one alone"
        )
    if new.wall.date() != old.wall.date() and not _turned(parts, old, new):
        raise BadName(
            None, f"the rule names days of its own ({rule}): change the rule, or move this one alone"
        )
    return joined(parts)


def _turned(parts: dict[str, str], old: Moment, new: Moment) -> bool:
    """Makes a rule name the days that are as far from those it named; False when it cannot be told which."""
    days = (new.wall.date() - old.wall.date()).days
    if parts.keys() <= _SIMPLE:
        return True
    others = parts.keys() - _SIMPLE - {"BYDAY"}
    named = [part for part in parts.get("BYDAY", "").split(",") if part]
    if parts["FREQ"] in ("WEEKLY", "DAILY") and not others and all(day in WEEKDAYS for day in named):
        parts["BYDAY"] = ",".join(_later(day, days) for day in named)
        if parts.get("INTERVAL", "1") != "1":
            parts["WKST"] = _later(parts.get("WKST", "MO"), days)
        return True
    if not _in_month(parts, old, new, others):
        return False
    if "BYMONTHDAY" in parts and not named:
        number = int(parts["BYMONTHDAY"]) if parts["BYMONTHDAY"].lstrip("+").isdigit() else 0
        if number == old.wall.day:
            parts["BYMONTHDAY"] = str(new.wall.day)
            return True
    elif len(named) == 1 and "BYMONTHDAY" not in parts:
        back = named[0].startswith("-")
        if named[0].lstrip("+") == f"{_nth(old.wall, back=back)}{WEEKDAYS[old.wall.weekday()]}":
            parts["BYDAY"] = f"{_nth(new.wall, back=back)}{WEEKDAYS[new.wall.weekday()]}"
            return True
    return False


def _in_month(parts: dict[str, str], old: Moment, new: Moment, others: set[str]) -> bool:
    """Whether a rule about months still is about the right ones, once its month is that of the new day."""
    if parts["FREQ"] not in ("MONTHLY", "YEARLY") or others - {"BYMONTHDAY", "BYMONTH"}:
        return False
    if "BYMONTH" in parts:
        if parts["BYMONTH"] != str(old.wall.month):
            return False
        parts["BYMONTH"] = str(new.wall.month)
    return "BYMONTH" in parts or (parts["FREQ"] == "MONTHLY" and old.wall.month == new.wall.month)


def _nth(wall: datetime, *, back: bool) -> int:
    """Which such weekday of its month it is, from the end when `back`."""
    if not back:
        return (wall.day - 1) // _WEEK + 1
    last = ((wall.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    return -((last - wall.day) // _WEEK + 1)


def _later(weekday: str, days: int) -> str:
    return WEEKDAYS[(WEEKDAYS.index(weekday) + days) % _WEEK]
