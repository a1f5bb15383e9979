"""What a phrase means, as plain values: for programs that embed Spatio, and for `calendar when --json`."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TypedDict

from commands.phrases.when import Ambiguous, When
from commands.phrases.when import read_when as understood
from vfs.zone import home_zone, zone_of


class Reading(TypedDict):
    """One meaning. Dates are `2026-11-20`, moments `2026-11-20T14:00:00+02:00` in the user's zone."""

    kind: str
    """`date`, `daterange` (both ends included), `datetime` or `range`."""
    start: str
    end: str | None
    granularity: str
    all_day: bool
    zone: str
    """The zone that was said, else the user's; empty for days."""
    rule: str
    """The value of an RRULE, of which `start` is the first instance; empty for what happens once."""
    understood: str
    """All of it in words: weekday, date, time, zone. Show it before anything is written."""
    plain: str
    """A phrase that means only this."""


class Answer(TypedDict):
    """What a phrase means: one reading; or several, and then `start` and the like are empty."""

    text: str
    kind: str
    start: str | None
    end: str | None
    granularity: str
    all_day: bool
    zone: str
    rule: str
    understood: str
    readings: list[Reading]
    reason: str
    """Why there are several readings; empty for one."""


def read_when(text: str, now: datetime | str | None = None, zone: tzinfo | str | None = None) -> Answer:
    """What `text` means, said at `now` in `zone`: by default, this moment in the user's zone.

    A `now` without a zone is a wall clock there. Raises ValueError, with the reason, for what is not
    understood, and for a zone that is not known; what may mean several dates has all of them in `readings`.
    """
    own = zone_of(zone) if isinstance(zone, str) else zone
    moment = datetime.fromisoformat(now) if isinstance(now, str) else now
    if moment is None:
        moment = datetime.now(own or home_zone())
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=own or home_zone())
    elif own is not None:
        moment = moment.astimezone(own)
    try:
        when = understood(text, moment)
    except Ambiguous as several:
        return _several(text, several)
    one = reading_of(when)
    return Answer(
        text=text,
        kind=one["kind"],
        start=one["start"],
        end=one["end"],
        granularity=one["granularity"],
        all_day=one["all_day"],
        zone=one["zone"],
        rule=one["rule"],
        understood=one["understood"],
        readings=[one],
        reason="",
    )


def _several(text: str, several: Ambiguous) -> Answer:
    return Answer(
        text=text,
        kind="ambiguous",
        start=None,
        end=None,
        granularity="",
        all_day=False,
        zone="",
        rule="",
        understood="",
        readings=[reading_of(when) for when in several.readings],
        reason=str(several),
    )


def reading_of(when: When) -> Reading:
    """One meaning as plain values."""
    return Reading(
        kind=when.kind,
        start=when.start.isoformat(),
        end=when.end.isoformat() if when.end is not None else None,
        granularity=when.granularity,
        all_day=when.all_day,
        zone=when.zone,
        rule=when.rule,
        understood=when.understood,
        plain=when.plain,
    )
