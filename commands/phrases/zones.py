"""Zones as they are said: `UTC`, `+02:00`, `Europe/Berlin`, `EST`, `Berlin time`, `in London`.

A short name that several countries use stands for all of them. One of winter time (EST) that is said of a
summer's day stands for the clock of that place, too.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from commands.phrases.parts import Sentence, Ways, ZonePart
from commands.phrases.words import KNOWN

_SHORT: dict[str, tuple[str | int, ...]] = {
    "utc": ("UTC",), "gmt": ("UTC",), "z": ("UTC",), "zulu": ("UTC",),
    "cet": (60, "Europe/Paris"), "cest": (120, "Europe/Paris"), "eet": (120, "Europe/Athens"),
    "eest": (180, "Europe/Athens"), "wet": (0, "Europe/Lisbon"), "west": (60, "Europe/Lisbon"),
    "msk": ("Europe/Moscow",),
    "est": (-300, "America/New_York"), "edt": (-240, "America/New_York"), "et": ("America/New_York",),
    "cdt": (-300, "America/Chicago"), "ct": ("America/Chicago",),
    "mst": (-420, "America/Denver"), "mdt": (-360, "America/Denver"), "mt": ("America/Denver",),
    "pst": (-480, "America/Los_Angeles"), "pdt": (-420, "America/Los_Angeles"),
    "pt": ("America/Los_Angeles",),
    "akst": (-540, "America/Anchorage"), "akdt": (-480, "America/Anchorage"), "hst": ("Pacific/Honolulu",),
    "cst": (-360, "America/Chicago", "Asia/Shanghai"),
    "bst": (60, "Europe/London", "Asia/Dhaka"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "jst": ("Asia/Tokyo",), "kst": ("Asia/Seoul",), "hkt": ("Asia/Hong_Kong",), "sgt": ("Asia/Singapore",),
    "pkt": ("Asia/Karachi",), "npt": ("Asia/Kathmandu",), "wib": ("Asia/Jakarta",), "ict": ("Asia/Bangkok",),
    "aest": (600, "Australia/Sydney"), "aedt": (660, "Australia/Sydney"), "awst": ("Australia/Perth",),
    "acst": ("Australia/Darwin",), "nzst": (720, "Pacific/Auckland"), "nzdt": (780, "Pacific/Auckland"),
    "sast": ("Africa/Johannesburg",), "eat": ("Africa/Nairobi",), "brt": ("America/Sao_Paulo",),
}  # fmt: skip
"""Short names. A number of minutes beside a zone: what the name says, and the place whose clock it is."""

_PLACES = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "central european": "Europe/Paris", "eastern european": "Europe/Athens",
    "finland": "Europe/Helsinki", "finnish": "Europe/Helsinki", "sweden": "Europe/Stockholm",
    "germany": "Europe/Berlin", "german": "Europe/Berlin", "france": "Europe/Paris", "uk": "Europe/London",
    "british": "Europe/London", "spain": "Europe/Madrid", "italy": "Europe/Rome", "japan": "Asia/Tokyo",
    "india": "Asia/Kolkata", "china": "Asia/Shanghai", "korea": "Asia/Seoul", "israel": "Asia/Jerusalem",
    "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "frankfurt": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "barcelona": "Europe/Madrid", "milan": "Europe/Rome", "geneva": "Europe/Zurich", "basel": "Europe/Zurich",
    "tampere": "Europe/Helsinki", "espoo": "Europe/Helsinki", "edinburgh": "Europe/London",
    "manchester": "Europe/London", "glasgow": "Europe/London", "lyon": "Europe/Paris",
    "boston": "America/New_York", "washington": "America/New_York", "miami": "America/New_York",
    "atlanta": "America/New_York", "philadelphia": "America/New_York", "nyc": "America/New_York",
    "dallas": "America/Chicago", "houston": "America/Chicago", "austin": "America/Chicago",
    "seattle": "America/Los_Angeles", "san francisco": "America/Los_Angeles", "la": "America/Los_Angeles",
    "sf": "America/Los_Angeles", "california": "America/Los_Angeles", "las vegas": "America/Los_Angeles",
    "montreal": "America/Toronto", "ottawa": "America/Toronto", "rio": "America/Sao_Paulo",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "beijing": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "osaka": "Asia/Tokyo",
    "tel aviv": "Asia/Jerusalem",
    "canberra": "Australia/Sydney", "cape town": "Africa/Johannesburg", "abu dhabi": "Asia/Dubai",
}  # fmt: skip
_OFFSET = re.compile(r"(\d\d?)(?::?(\d\d))?")


def zones(said: Sentence, at: int, *, loose: bool = True) -> Ways[ZonePart]:
    """Every zone that is named from `at` on; a place alone only where `loose`."""
    word = said.text(at)
    yield from _offsets(said, at)
    if word in _SHORT and said.text(at + 1) not in ("+", "-"):
        yield ZonePart(word.upper(), _SHORT[word]), said.past(at + 1, "time")
    elif word in _SHORT and said.text(at + 1) == "-" and not said.tokens[at + 1].glued:
        yield ZonePart(word.upper(), _SHORT[word]), at + 1
    if said.kind(at) == "zone":
        key = _keys().get(word)
        if key is not None:
            yield ZonePart(key, (key,)), said.past(at + 1, "time")
        else:
            said.refused(f"'{word}' is no time zone")
        return
    start = said.past(at, "in")
    if said.kind(start) != "word" or (said.text(start) in KNOWN and said.text(start) not in ("new", "st")):
        return
    for count in (3, 2, 1):
        words = [said.text(place) for place in range(start, start + count)]
        if any(said.kind(place) != "word" for place in range(start, start + count)):
            continue
        key = _place(" ".join(words))
        end = start + count
        if key is not None and (start > at or loose or said.text(end) in ("time", "'s")):
            yield ZonePart(key, (key,)), said.past(said.past(end, "standard"), "time")
            return


def _offsets(said: Sentence, at: int) -> Ways[ZonePart]:
    """`+02:00`, `UTC+2`, `GMT-05:00`; a minus only after UTC or GMT: else it is a range."""
    place = said.past(at, "utc", "gmt")
    sign = said.text(place)
    if (
        sign not in ("+", "-")
        or (sign == "-" and place == at)
        or said.kind(place + 1) not in ("number", "clock")
    ):
        return
    match = _OFFSET.fullmatch(said.text(place + 1)) if said.tokens[place + 1].glued else None
    if match is None or int(match[1]) > 14 or int(match[2] or 0) > 59 or (place == at and len(match[0]) < 4):
        return
    minutes = (int(match[1]) * 60 + int(match[2] or 0)) * (1 if sign == "+" else -1)
    yield ZonePart(offset_name(minutes), (minutes,)), place + 2


def offset_name(minutes: int) -> str:
    """`+02:00`."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def known(word: str) -> bool:
    """Whether a word belongs to the name of a zone or of a place."""
    return word in _SHORT or word in _words()


@cache
def _keys() -> dict[str, str]:
    return {key.lower(): key for key in available_timezones()}


@cache
def _cities() -> dict[str, str]:
    found: dict[str, str] = {}
    for key in sorted(_keys().values()):
        area, slash, city = key.rpartition("/")
        if slash and not area.startswith(("Etc", "US", "posix", "right", "System")):
            found[city.replace("_", " ").lower()] = key
    return found | _PLACES


@cache
def _words() -> frozenset[str]:
    return frozenset(word for name in _cities() for word in name.split())


def _place(name: str) -> str | None:
    return _cities().get(name) if len(name) > 1 and name.replace(" ", "").isalpha() else None


def tzinfo_of(choice: str | int) -> tzinfo:
    """The zone of a choice. Raises ValueError for one that this machine does not know."""
    if isinstance(choice, int):
        return timezone(timedelta(minutes=choice))
    try:
        return ZoneInfo(choice)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"the time zone {choice} is not known on this machine") from None


def meant(part: ZonePart, wall: datetime) -> list[tzinfo]:
    """The zones that may be meant at that wall clock: one where the name and the place's clock agree."""
    found: list[tzinfo] = []
    for choice in part.choices:
        zone = tzinfo_of(choice)
        if all(
            wall.replace(tzinfo=zone).utcoffset() != wall.replace(tzinfo=other).utcoffset() for other in found
        ):
            found.append(zone)
        elif found and not isinstance(choice, int) and isinstance(found[0], timezone):
            found[0] = zone
    return found
