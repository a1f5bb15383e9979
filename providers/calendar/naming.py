"""Naming: what the paths of a calendar mean, and how what happens on a day is called.

/calendars/NAME/SLUG.ics     what is stored: an event or a series a file
/2026-11-21/1400-SLUG.ics    what happens on a day, by the time at which it begins
/today /tomorrow /yesterday  that day's folder
/week/2026-11-21/            the days of this week
"""

import re
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from vfs.errors import NotFound
from vfs.names import distinct, marked, slug
from vfs.path import Path

CALENDARS = "calendars"
WEEK = "week"
ALIASES = {"yesterday": -1, "today": 0, "tomorrow": 1}
"""Folders that are a day, by how far it is from today."""
SUFFIX = ".ics"
ALL_DAY = "allday"

EARLIEST, LATEST = date(2, 1, 1), date(9998, 12, 30)
"""The days that have folders: each has a day before and after it, in every zone."""

_TIMED = r"(?as)([01]\d|2[0-3])([0-5]\d)-(.+)"
_MARK = r"(?a)~[a-z0-9]{3}$"
"""Compiled by their first use: a listing needs neither."""
_ONE_DAY = timedelta(days=1)


class Called(NamedTuple):
    """What the name of an entry of a day says."""

    minute: int | None
    """The minute of the day at which it begins; None where the name tells no time."""
    all_day: bool
    slug: str


def day_of(name: str) -> date | None:
    """The day that a folder's name says; None for any other name."""
    if len(name) != 10 or not name.isascii() or name[4] != "-" or name[7] != "-":
        return None
    if not (name[:4] + name[5:7] + name[8:]).isdigit():
        return None
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if is_shown(day) else None


def is_shown(day: date) -> bool:
    """Whether a day has a folder."""
    return EARLIEST <= day <= LATEST


def is_stored(path: Path) -> bool:
    """Whether a path is about what is stored, not about a day."""
    return bool(path.parts) and (path.parts[0] == CALENDARS or path.parts[0].startswith("."))


def is_relative(path: Path) -> bool:
    """Whether a path means another day tomorrow."""
    return bool(path.parts) and (path.parts[0] in ALIASES or path.parts[0] == WEEK)


def week_of(day: date) -> Sequence[date]:
    """The days of a day's week, from Monday."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def resolved(path: Path, today: date) -> Path:
    """The path by its date, where it goes by a day's other name. Raises NotFound for another week's."""
    if not path.parts:
        return path
    first, *rest = path.parts
    if first in ALIASES:
        return Path(((today + ALIASES[first] * _ONE_DAY).isoformat(), *rest))
    if first == WEEK and rest:
        day = day_of(rest[0])
        if day is None or day not in week_of(today):
            raise NotFound(path)
        return Path(tuple(rest))
    return path


@lru_cache(maxsize=4096)
def slug_of(title: str) -> str:
    """The part of a name that is made of a title."""
    return slug(title)


def entry_name(day: date, start: datetime | date, slug: str) -> str:
    """What an event is called on a day that it touches; `start` is in the user's zone, or a date."""
    if not isinstance(start, datetime):
        return f"{ALL_DAY}-{slug}{SUFFIX}"
    if start.date() < day:
        return f"0000-{slug}{SUFFIX}"
    return f"{start.hour:02}{start.minute:02}-{slug}{SUFFIX}"


def named(items: Iterable[tuple[str, str]]) -> Sequence[str]:
    """The names of a day's entries, each given with what tells it from its twins."""
    return distinct(items)


def called(name: str) -> Called:
    """What a name asks for; a mark that tells twins apart is no part of it."""
    stem = re.sub(_MARK, "", name[: -len(SUFFIX)] if name.lower().endswith(SUFFIX) else name)
    timed = re.fullmatch(_TIMED, stem)
    if timed is not None:
        return Called(int(timed[1]) * 60 + int(timed[2]), False, timed[3])
    if stem.startswith(f"{ALL_DAY}-") and len(stem) > len(ALL_DAY) + 1:
        return Called(None, True, stem[len(ALL_DAY) + 1 :])
    return Called(None, False, stem)


def stored_name(title: str) -> str:
    """What the file of an event is called."""
    return f"{slug_of(title)}{SUFFIX}"


def title_of(name: str) -> str:
    """The title that a name was meant to be made of."""
    words = name.replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def free(name: str, key: str, taken: Container[str]) -> str:
    """`name`, with a mark when it is taken."""
    number = 0
    chosen = name
    while chosen in taken:
        number += 1
        chosen = marked(name, f"{key}#{number}")
    return chosen
