"""Moments: times as Google has them (a date, or a date and time with a zone's name), in both directions."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any

from providers.calendar.event import Moment
from providers.calendar.google.wire import Json, text
from providers.calendar.ics.values import write_moment
from providers.calendar.ics.zones import OWN
from vfs.zone import find_zone


def moment_of(value: Json, zone: str, *, floating: bool = False) -> Moment | None:
    """A time of Google's; None for none. `zone`: the calendar's, for what names none."""
    try:
        if day := text(value, "date"):
            found = date.fromisoformat(day)
            return Moment(datetime(found.year, found.month, found.day), "", True)
        when = datetime.fromisoformat(text(value, "dateTime")).replace(microsecond=0)
        known = find_zone(text(value, "timeZone") or zone)
        name = "UTC" if known is None or known.key in ("UTC", "Etc/UTC") else known.key
        wall = when if when.tzinfo is None else when.astimezone(known or UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return Moment(wall, "" if floating else name)


def value_of(moment: Moment, home: tzinfo) -> dict[str, Any]:
    """A time as Google takes it. What floats happens in `home`; a zone of a file's own is told in UTC."""
    if moment.is_date:
        return {"date": moment.wall.date().isoformat()}
    name = moment.zone or getattr(home, "key", "") or "UTC"
    if name.startswith(OWN):
        name, moment = "UTC", Moment(moment.utc(home).replace(tzinfo=None), "UTC")
    when = moment.at(home)
    return {"dateTime": when.replace(microsecond=0).isoformat(), "timeZone": name}


def stamp_of(moment: Moment, home: tzinfo) -> str:
    """The same for the same instance of a series, however its time is spelled; as instances' ids end."""
    if moment.is_date:
        return write_moment(moment)
    return write_moment(Moment(moment.utc(home).replace(tzinfo=None), "UTC"))
