"""What the files of a calendar mean: iCalendar, with the attributes of the first event in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from importlib import import_module

from providers.store.trade import Described, Trade
from vfs.node import Value
from vfs.path import Path

MIME = "text/calendar"


class Events(Trade):
    """Files of events."""

    def __init__(self, mine: tuple[str, ...] = (), zone: Callable[[], tzinfo] | None = None) -> None:
        """`mine`: the person's own addresses; `zone`: where what floats happens, by default at home."""
        self.mine = mine
        self._zone = zone

    def describe(self, path: Path, head: bytes) -> Described:
        return Described(MIME, described(path, head, self._home(), self.mine))

    def _home(self) -> tzinfo:
        zone: tzinfo = (self._zone or import_module("vfs.zone").home_zone)()
        return zone


def described(
    path: Path, data: bytes, zone: tzinfo, mine: tuple[str, ...] = (), account: str = ""
) -> dict[str, Value]:
    """The attributes of a stored file: those of its first event, of a series with its first time.

    None for a file without an event. Never raises.
    """
    series = import_module("providers.calendar.reading").read_calendar(data).series
    if not series:
        return {}
    event = series[0].master or series[0].overrides[0]
    start, stop = event.start, event.stop
    read: dict[str, Value] = import_module("providers.calendar.facts").attributes(
        event.said,
        start.wall.date() if start.is_date else start.at(zone),
        (stop.wall.date() if stop.is_date else stop.at(zone)),
        all_day=start.is_date,
        zone=start.zone,
        uid=event.uid,
        instance="",
        recurring=event.recurs,
        calendar=path.parts[1] if len(path.parts) > 2 else "",
        account=account,
        series="",
        mine=mine,
    )
    return read
