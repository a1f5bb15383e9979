"""Zones as text, so that an index can keep them: an IANA name, or the rules of a file's own VTIMEZONE.

A file's own zone is `=` and its onsets, joined by `|`; `zone_named` makes the zone again from the text.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vfs.zone import find_zone

OWN = "="
MOST_ONSETS = 100
"""Onsets of one zone; of more, the latest count."""
LAST_YEAR = 2100
"""Rules without an end are followed until then; the clocks stand still afterwards."""

_EPOCH = datetime(1970, 1, 1)
_FORM = "%Y%m%dT%H%M%S"
_WEEK = 7


class Onset(NamedTuple):
    """When the clocks change, once or every year."""

    before: int
    """Seconds that they are ahead of UTC until then."""
    after: int
    start: datetime
    """The first time, by the clocks as they were before."""
    month: int = 0
    """0 for what happens once."""
    day: int = 0
    """The day of the month, from its end when negative."""
    weekday: int = -1
    """Monday is 0: the first such day from `day` on; the last until it, when that is negative. -1 for any."""
    until: datetime = datetime.max
    """In UTC."""

    def spelt(self) -> str:
        once = f"{self.before} {self.after} {_stamp(self.start)}"
        if not self.month:
            return once
        return f"{once} {self.month} {self.day} {self.weekday} {_stamp(self.until)}"

    def moments(self) -> Iterator[tuple[datetime, int]]:
        """Each change in UTC, and the seconds ahead of it from then on."""
        delta = timedelta(seconds=self.before)
        if not self.month:
            yield self.start - delta, self.after
            return
        for year in range(self.start.year, LAST_YEAR + 1):
            day = _day(year, self.month, self.day, self.weekday)
            if day is None:
                continue
            wall = datetime.combine(day, self.start.time())
            if wall - delta > self.until:
                return
            if wall >= self.start:
                yield wall - delta, self.after


@lru_cache(1024)
def zone_named(text: str) -> tzinfo:
    """The zone that a `Moment.zone` stands for. UTC for what is none."""
    try:
        return _made(_onsets(text)) if text.startswith(OWN) else find_zone(text) or UTC
    except (ValueError, OverflowError):
        return UTC


def spelt(onsets: Sequence[Onset]) -> str:
    """The text of a zone of a file's own."""
    kept = sorted(onsets, key=lambda onset: onset.start)[-MOST_ONSETS:]
    return OWN + "|".join(onset.spelt() for onset in kept)


def fixed(seconds: int) -> str:
    """The text of a zone whose clocks never change."""
    return spelt([Onset(seconds, seconds, _EPOCH)])


def shown(text: str, at: datetime) -> str:
    """A zone's name for a person: IANA's, or how far the clocks are ahead of UTC at `at`."""
    if not text.startswith(OWN):
        return text
    offset = at.replace(tzinfo=zone_named(text)).utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _stamp(wall: datetime) -> str:
    return f"{wall.year:04}{wall:%m%dT%H%M%S}"


def _onsets(text: str) -> list[Onset]:
    """Raises ValueError."""
    found = []
    for part in text.removeprefix(OWN).split("|")[-MOST_ONSETS:]:
        before, after, start, *rule = part.split(" ")
        once = Onset(int(before), int(after), datetime.strptime(start, _FORM))
        if rule:
            month, day, weekday, until = rule
            once = once._replace(
                month=int(month), day=int(day), weekday=int(weekday), until=datetime.strptime(until, _FORM)
            )
        found.append(once)
    return found


def _made(onsets: Sequence[Onset]) -> ZoneInfo:
    """The zone as the compiled file (RFC 8536) that zoneinfo reads."""
    first = min(onsets, key=lambda onset: onset.start)
    changes = sorted({moment: after for onset in onsets for moment, after in onset.moments()}.items())
    offsets = [first.before]
    offsets += sorted({after for _, after in changes} - {first.before})
    times = [int((moment - _EPOCH).total_seconds()) for moment, _ in changes]
    kinds = bytes(offsets.index(after) for _, after in changes)
    names = b"".join(_abbreviated(offset) for offset in offsets)
    begins, at = [], 0
    for offset in offsets:
        begins.append(at)
        at += len(_abbreviated(offset))
    head = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 1)
    empty = head + struct.pack(">lbB", 0, 0, 0) + b"\0"
    body = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, len(times), len(offsets), len(names))
    body += struct.pack(f">{len(times)}q", *times) + kinds
    body += b"".join(
        struct.pack(">lbB", offset, 0, begin) for offset, begin in zip(offsets, begins, strict=True)
    )
    return ZoneInfo.from_file(io.BytesIO(empty + body + names + b"\n\n"))


def _abbreviated(offset: int) -> bytes:
    minutes = abs(offset) // 60
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}{minutes % 60:02}".encode() + b"\0"


def _day(year: int, month: int, day: int, weekday: int) -> date | None:
    """The day of a year's change; None in a year that lacks it."""
    last = ((date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    if day < 0:
        day += last + 1
        back = 0 if weekday < 0 else (date(year, month, day).weekday() - weekday) % _WEEK if day > 0 else 0
        day -= back
    elif weekday >= 0 and 1 <= day <= last:
        day += (weekday - date(year, month, day).weekday()) % _WEEK
    return date(year, month, day) if 1 <= day <= last else None
