"""Editing: an event moved, changed, cancelled or answered: one instance, those that follow, or all.

Pure functions from a file to what becomes of it. Every line that an edit is not about stays to the byte.
All raise BadName, without a path, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

from providers.calendar import splitting
from providers.calendar.compose import check_order, rule_for
from providers.calendar.event import Moment
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import Line
from providers.calendar.occurrences import next_or_last
from providers.calendar.opened import (
    ALL,
    FOLLOWING,
    RECURRING,
    THIS,
    Edited,
    Opened,
    Spot,
    in_zone_of,
    key_of,
    shifted,
    wanted,
)
from providers.calendar.packing import reach_of
from providers.calendar.reading import read_calendar
from providers.calendar.recurrence import Meter, wall_of, walls
from providers.calendar.rule import read_rule
from providers.calendar.shifting import exclude, shift
from providers.calendar.wording import SETTABLE, address_of, alike, set_word, text
from vfs.errors import BadName
from vfs.node import Value

__all__ = [
    "ALL",
    "FOLLOWING",
    "THIS",
    "Edited",
    "Spot",
    "answered",
    "cancelled",
    "changed",
    "instance_of",
    "moved",
]

CHANGEABLE = (*SETTABLE, "rule", "start", "end")
"""What `changed` takes."""

_ANSWERS = ("accepted", "declined", "tentative")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Edit = Callable[[Opened], str]
"""Changes what is open; answers the key that the instance has then."""


def moved(data: bytes, spot: Spot, start: datetime | date, end: datetime | date | None = None) -> Edited:
    """The event at another time, by default as long as it was. The end of whole days is the day after."""
    return _scoped(data, spot, partial(_move, start=start, end=end))


def changed(data: bytes, spot: Spot, changes: Mapping[str, Value]) -> Edited:
    """The event with other words, people, reminders, or another rule.

    `attendees` are added, those in `uninvite` taken out; `categories` and `remind` replace what is there.
    """
    unknown = sorted(changes.keys() - set(CHANGEABLE))
    if unknown:
        raise BadName(None, f"an event has no {unknown[0]} to be changed; it has {', '.join(CHANGEABLE)}")
    return _scoped(data, spot, partial(_change, changes=changes))


def cancelled(data: bytes, spot: Spot) -> Edited:
    """The file without the instance, without it and all later ones, or none."""
    opened = Opened(data, spot)
    if spot.scope == ALL or not opened.recurs or opened.at is None:
        return Edited(_without_series(opened))
    if spot.scope == FOLLOWING:
        kept = splitting.ended(data, spot)
        return Edited(_without_series(opened) if kept is None else kept)
    part = opened.exact(opened.at)
    if opened.master is not None:
        if part is not None:
            opened.take_out(part)
        exclude(opened, opened.at)
        opened.stamp(opened.master.component)
    elif part is None:
        raise BadName(None, "the file holds no such time of the series")
    else:
        opened.take_out(part)
    kept = opened.raw()
    reach = reach_of(read_calendar(kept))
    empty = reach is None or next_or_last(reach.form, spot.now, spot.home) is None
    return Edited(None if empty else kept, key=key_of(opened.at))


def answered(data: bytes, spot: Spot, mine: Collection[str], answer: str) -> Edited:
    """The event with the own answer noted; `mine` are the own addresses, in lower case. Tells nobody."""
    if answer not in _ANSWERS:
        raise BadName(None, f"an answer is {', '.join(_ANSWERS)}, not {answer!r}")
    opened = Opened(data, spot)
    if spot.scope == FOLLOWING:
        raise BadName(None, "an answer is to one time, or to all")
    at = opened.at
    if spot.scope == THIS and opened.recurs and at is not None:
        components = [opened.override(at)]
    else:
        components = [part.component for part in opened.parts]
    done = [_answer(opened, component, mine, answer) for component in components]
    if not any(done):
        raise BadName(None, "you are not invited to this event")
    return Edited(opened.raw(), key=spot.key)


def instance_of(
    data: bytes, instance: Moment, start: datetime | date, end: datetime | date, uid: str = ""
) -> bytes:
    """A file with one instance alone, from `start` to `end`, without a rule."""
    home = (start.tzinfo if isinstance(start, datetime) else None) or UTC
    opened = Opened(data, Spot(key_of(instance), THIS, _NEVER, home, "", uid))
    assert opened.at is not None
    exact = opened.exact(opened.at) is not None
    component = opened.override(opened.at)
    if not exact:
        like = opened.before(opened.at).event.start
        first = wanted(start, like, opened.spot.home)
        opened.set_span(component, first, wanted(end, first, opened.spot.home))
    calendar = opened.calendar
    used = {line.param("TZID") for line in component.lines() if line.params}
    calendar.parts = [
        part
        for part in calendar.parts
        if isinstance(part, Line)
        or part is component
        or (part.name == "VTIMEZONE" and part.value("TZID") in used)
    ]
    return calendar.raw()


def _scoped(data: bytes, spot: Spot, edit: Edit) -> Edited:
    """An edit of one instance or of all; of those that follow, once they are a series of their own."""
    opened = Opened(data, spot)
    if spot.scope != FOLLOWING or not opened.recurs or opened.at is None:
        return _done(opened, edit)
    if splitting.begins_with(opened):
        return _done(Opened(data, spot._replace(scope=ALL)), edit)
    new, key = splitting.rest(data, spot)
    edited = _done(Opened(new, spot._replace(scope=ALL, uid=spot.new_uid, key=key)), edit)
    return Edited(splitting.ended(data, spot), edited.kept, edited.key)


def _done(opened: Opened, edit: Edit) -> Edited:
    key = edit(opened)
    return Edited(opened.raw(), key=key)


def _one(opened: Opened) -> Component | None:
    """The component of the one instance that is edited; None when all of a series are."""
    if not opened.recurs:
        assert opened.master is not None
        return opened.master.component
    if opened.spot.scope == ALL and opened.master is not None:
        return None
    if opened.at is None:
        raise BadName(None, "it recurs: say which time of it, or all")
    return opened.override(opened.at)


def _move(opened: Opened, start: datetime | date | None, end: datetime | date | None) -> str:
    master, home = opened.master, opened.spot.home
    at = opened.at or opened.anchor
    if opened.recurs:
        first, last = opened.span_of(at)
    else:
        assert master is not None
        first = master.event.start
        last = in_zone_of(first, master.event.stop, home)
    new = wanted(start, first, home) if start is not None else first
    until = wanted(end, new, home) if end is not None else shifted(new, _length(first, last, new))
    check_order(new, until)
    component = _one(opened)
    if component is not None:
        opened.set_span(component, new, until)
        opened.stamp(component)
        return opened.spot.key
    assert master is not None
    alone = opened.exact(at)
    convert = shift(opened, first, new, until.wall - new.wall if end is not None else None)
    if alone is not None:
        opened.set_span(alone.component, new, until)
    for part in opened.parts:
        opened.stamp(part.component)
    return key_of(convert(at))


def _length(first: Moment, last: Moment, new: Moment) -> timedelta:
    """How long what is moved takes; a day, or an hour, where it is the other kind than before."""
    if new.is_date == first.is_date:
        return last.wall - first.wall
    return timedelta(days=1) if new.is_date else timedelta(hours=1)


def _change(opened: Opened, changes: Mapping[str, Value]) -> str:
    key = opened.spot.key
    start, end = (_time(changes.get(name)) for name in ("start", "end"))
    if start is not None or end is not None:
        key = _move(opened, start, end)
    if "rule" in changes:
        _set_rule(opened, text(changes["rule"]))
    component = _one(opened)
    words = {name: value for name, value in changes.items() if name in SETTABLE}
    if component is not None:
        for name, value in words.items():
            set_word(component, name, value, opened.line_end)
        opened.stamp(component)
        return key
    assert opened.master is not None
    main = opened.master.component
    for name, value in words.items():
        chosen = [part.component for part in opened.overrides if alike(part.component, main, name)]
        for one in (main, *chosen):
            set_word(one, name, value, opened.line_end)
    for part in opened.parts:
        opened.stamp(part.component)
    return key


def _time(value: Value) -> datetime | date | None:
    if value is None or isinstance(value, date):
        return value
    raise BadName(None, f"not a time: {value!r}")


def _set_rule(opened: Opened, rule: str) -> None:
    """Another rule, or none; instances that differ and that it does not name go."""
    master = opened.master
    if master is None or (opened.recurs and opened.spot.scope == THIS):
        raise BadName(None, "a rule is about all times: change all, or those that follow")
    component, start = master.component, master.event.start
    if not rule.strip():
        component.drop(*RECURRING)
        for part in list(opened.overrides):
            opened.take_out(part)
        return
    value = rule_for(rule, start)
    component.drop("EXRULE")
    lines = list(component.lines("RRULE"))
    component.put(
        lines[0].with_value(value, opened.line_end) if lines else Line.of("RRULE", value, end=opened.line_end)
    )
    low, named = wall_of(start.wall), read_rule(value).rule
    for part in list(opened.overrides):
        assert part.event.instance is not None
        at = wall_of(opened.in_key_zone(part.event.instance).wall)
        if at != low and not walls(named, low, at, at + 1, Meter()):
            opened.take_out(part)


def _answer(opened: Opened, component: Component, mine: Collection[str], answer: str) -> bool:
    """Notes an answer in one component; False when it does not invite any of `mine`."""
    found = [line for line in component.lines("ATTENDEE") if address_of(line) in mine]
    for line in found:
        changes = {"PARTSTAT": answer.upper(), "RSVP": ""}
        component.parts[component.parts.index(line)] = line.with_params(changes, opened.line_end)
    if found:
        opened.stamp(component, significant=False)
    return bool(found)


def _without_series(opened: Opened) -> bytes | None:
    """The file without the series; None when it holds no other event."""
    for part in opened.parts:
        opened.calendar.remove(part.component)
    kept = opened.raw()
    return kept if read_calendar(kept).series else None
