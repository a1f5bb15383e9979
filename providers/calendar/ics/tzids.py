"""TZIDs: which zone the name in a calendar file means.

In turn: the name as IANA or Windows have it, its end (`/mozilla.org/20070129_1/Europe/Berlin`), what the
VTIMEZONE of that name says is its place, the VTIMEZONE's own rules, a distance from UTC, a city that is
named. What is none of these is `unknown`, and its times float.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from providers.calendar.event import Moment
from providers.calendar.ics.component import Component
from providers.calendar.ics.lines import Line
from providers.calendar.ics.values import offset_of, read_moment, read_moments, read_stamp
from providers.calendar.ics.zones import MOST_ONSETS, Onset, fixed, spelt, zone_named
from vfs.zone import all_zones, find_zone

_OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})[:.]?(\d\d)?\)?", re.ASCII | re.IGNORECASE)
_CITIES = re.compile(r"\((?:UTC|GMT)([+-]\d\d)[:.](\d\d)\)\s*(.+)", re.ASCII | re.IGNORECASE)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{0,2})(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_LONGEST = 200
"""Characters of a name that is understood."""
_YEAR = 2026
"""In which winter's clocks are compared with those that a name states."""


class Zones:
    """The zones of one calendar."""

    def __init__(self, calendar: Component) -> None:
        self._calendar = calendar
        self._found: dict[str, str] = {"": ""}
        self._own: dict[str, Component] | None = None
        self.unknown = ""
        """The last name that meant nothing; whoever wants to know empties it before."""

    def of(self, line: Line) -> str:
        """The zone of a line, as `zones.zone_named` takes it; "" when it floats."""
        return self.called(line.param("TZID")) if line.params else ""

    def called(self, name: str) -> str:
        """The zone that a TZID means; "" for one that is unknown."""
        found = self._found.get(name)
        if found is None:
            found = _by_name(name) or self._described(name) or _by_distance(name)
            self._found[name] = found
        if name and not found:
            self.unknown = name
        return found

    def _described(self, name: str) -> str:
        if self._own is None:
            self._own = {
                zone.value("TZID").strip().strip('"'): zone for zone in self._calendar.components("VTIMEZONE")
            }
        zone = self._own.get(name.strip())
        if zone is None:
            return ""
        return _by_name(zone.value("X-LIC-LOCATION").strip()) or _by_rules(zone)


def _by_name(name: str) -> str:
    """A name, or the end of a longer one, that IANA or Windows know."""
    if not 0 < len(name) <= _LONGEST:
        return ""
    words = name.strip().split("/")
    for count in (len(words), *range(min(3, len(words) - 1), 0, -1)):
        tail = "/".join(words[-count:])
        # A city's name alone, at the end of a path, is too little.
        if count == len(words) or count > 1 or tail.upper() == "UTC":
            found = find_zone(tail)
            if found is not None:
                return found.key
    return ""


def _by_distance(name: str) -> str:
    text = name.strip()[:_LONGEST]
    found = _OFFSET.fullmatch(text)
    if found is not None and int(found[2]) < 24 and int(found[3] or 0) < 60:
        seconds = int(found[2]) * 3600 + int(found[3] or 0) * 60
        return fixed(-seconds if found[1] == "-" else seconds) if seconds else "UTC"
    named = _CITIES.fullmatch(text)
    return "" if named is None else _by_cities(named[3], f"{named[1]}{named[2]}")


def _by_cities(cities: str, stated: str) -> str:
    """The zone of the first city whose clocks are as far from UTC in winter, or in summer, as is stated."""
    offset = offset_of(stated)
    by_city = {zone.rpartition("/")[2].replace("_", " ").lower(): zone for zone in all_zones()}
    for city in cities.split(","):
        zone = by_city.get(city.strip().lower())
        if zone is not None and offset is not None:
            winters = (datetime(_YEAR, month, 15, tzinfo=zone_named(zone)) for month in (1, 7))
            if offset.utcoffset(None) == min(wall.utcoffset() or timedelta(0) for wall in winters):
                return zone
    return ""


def _by_rules(zone: Component) -> str:
    onsets: list[Onset] = []
    for part in zone.components("STANDARD", "DAYLIGHT"):
        before, after = offset_of(part.value("TZOFFSETFROM")), offset_of(part.value("TZOFFSETTO"))
        start = read_stamp(part.value("DTSTART"))
        if before is None or after is None or start is None:
            continue
        once = Onset(_seconds(before.utcoffset(None)), _seconds(after.utcoffset(None)), start.wall)
        rules = [rule for rule in (_rule(line.value, once) for line in part.lines("RRULE")) if rule]
        onsets += rules or [once]
        for line in part.lines("RDATE"):
            dates = read_moments(line, lambda _: "")[:MOST_ONSETS]
            onsets += [once._replace(start=one.wall) for one in dates if isinstance(one, Moment)]
    if not onsets:
        return ""
    text = spelt(onsets)
    # Rules that cannot be followed say no more than nothing.
    return text if zone_named(text) is not zone_named("UTC") else ""


def _seconds(offset: timedelta) -> int:
    return int(offset.total_seconds())


def _rule(value: str, once: Onset) -> Onset | None:
    """The onset that a yearly rule repeats; None for a rule of another kind."""
    parts = dict(part.split("=", 1) for part in value.upper().replace(" ", "").split(";") if "=" in part)
    if parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1":
        return None
    month = _number(parts.get("BYMONTH", "")) or once.start.month
    if not 1 <= month <= 12:
        return None
    day, weekday = once.start.day, -1
    days = [_number(part) for part in parts.get("BYMONTHDAY", "").split(",") if _number(part)]
    named = _BY_DAY.fullmatch(parts.get("BYDAY", ""))
    if named is not None:
        nth = _number(named[1])
        weekday = _DAYS.index(named[2])
        day = min(days) if days else (nth - 1) * 7 + 1 if nth >= 0 else (nth + 1) * 7 - 1
        day = 1 if not days and not nth else day
    elif days:
        day = days[0]
    until = read_moment(parts.get("UNTIL", ""), "")
    if not -31 <= day <= 31 or not day:
        return None
    made = once._replace(month=month, day=day, weekday=weekday)
    if until is None:
        return made
    last = until.wall.replace(hour=23, minute=59) if until.is_date else until.wall
    return made._replace(until=last)


def _number(text: str) -> int:
    try:
        return int(text[:4])
    except ValueError:
        return 0
