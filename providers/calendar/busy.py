"""Busy: the days on which something happens, from the first one on, for the listing of a mount."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from providers.calendar import naming, spans
from providers.calendar.days import first_day, last_day, midnight
from providers.calendar.occurrences import instances
from providers.calendar.shelf import Shelf
from providers.store import rows

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

AHEAD = 366
"""Days from today up to which `ls` of the mount lists those on which something happens."""
STEP, FEW, LONGEST_STEP = 92, 30, 6000
"""Days that such a listing looks at by one query; more of them, as long as fewer than FEW are found."""

_DAY = timedelta(days=1)


async def busy(store: Store, shelf: Shelf, today: date, zone: tzinfo) -> AsyncIterator[Sequence[date]]:
    """The days on which something happens, up to a year from now."""
    end = today + AHEAD * _DAY
    day: date | None = naming.EARLIEST
    step = STEP

    def some(connection: Connection) -> tuple[list[date], date | None]:
        assert day is not None
        first = _next_busy(connection, shelf, day, zone)
        if first is None or first > end:
            return [], None
        last = min(first + step * _DAY, end)
        return _busy_days(connection, shelf, first, last, zone), last + _DAY

    while day is not None and day <= end:
        found, day = await store.read(some)
        # Where little happens, a longer time is looked at by one query.
        step = min(step * 4, LONGEST_STEP) if len(found) < FEW else STEP
        if found:
            yield found


def _next_busy(connection: Connection, shelf: Shelf, day: date, zone: tzinfo) -> date | None:
    """The first day from `day` on at which something may happen; None when nothing does."""
    start = midnight(day, zone)
    if spans.window(connection, shelf.user, shelf.mount, start, start + _DAY):
        return day
    later = spans.following(connection, shelf.user, shelf.mount, rows.from_time(start))
    return None if later is None else max(day, _local(later, zone))


def _busy_days(connection: Connection, shelf: Shelf, first: date, last: date, zone: tzinfo) -> list[date]:
    """The days from `first` to `last` that something touches."""
    start, end = midnight(first, zone), midnight(last + _DAY, zone)
    days: set[date] = set()
    whole = (last - first).days + 1
    for row in spans.window(connection, shelf.user, shelf.mount, start, end):
        for instance in instances(row.form, start, end, zone, row.node.name):
            day = max(first, first_day(instance, zone))
            ends = min(last, last_day(instance, zone))
            while day <= ends:
                days.add(day)
                day += _DAY
        if len(days) == whole:
            break
    return sorted(days)


def _local(microseconds: int, zone: tzinfo) -> date:
    try:
        return rows.to_time(microseconds).astimezone(zone).date()
    except OverflowError:
        return naming.EARLIEST if microseconds < 0 else naming.LATEST
