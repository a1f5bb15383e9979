"""Time zones by name: the person's own, and whichever a file or a person names.

Imports nothing but the standard library; the table of Windows' names and the list of all zones are
read only for a name that is no IANA name as it stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

UTC = ZoneInfo("UTC")
LONGEST = 100
"""Characters of a name that is looked up."""

_FOLDER = "zoneinfo/"
_SIMPLE = r"[\W_]+"
_SIGNS = str.maketrans("_+-", "aaa")


def home_zone(env: Mapping[str, str] | None = None, root: str = "/") -> ZoneInfo:
    """The zone that a person lives in: `TZ` in `env` (by default the process's), the system's, else UTC."""
    given = (os.environ if env is None else env).get("TZ")
    if given:
        return _known(given.removeprefix(":").rpartition(_FOLDER)[2]) or UTC
    return _of_system(root)


def zone_of(name: str) -> ZoneInfo:
    """The zone called `name`: by IANA, in any case, or by Windows. Raises ValueError with the nearest."""
    found = find_zone(name)
    if found is None:
        near = _nearest(name)
        raise ValueError(
            f"there is no time zone {_quoted(name)}" + (f"; did you mean {near}?" if near else "")
        )
    return found


def find_zone(name: str) -> ZoneInfo | None:
    """The zone called `name`, as `zone_of` understands it; None when there is none."""
    return _known(name) or _known(_by_another_name(name))


@cache
def _of_system(root: str) -> ZoneInfo:
    path = os.path.realpath(os.path.join(root, "etc/localtime"))
    _, inside, name = path.rpartition(_FOLDER)
    if not inside:
        try:
            with open(os.path.join(root, "etc/timezone"), encoding="utf-8") as file:
                name = file.read(LONGEST).strip()
        except (OSError, ValueError):
            name = ""
    return _known(name) or UTC


@lru_cache(256)
def _known(name: str) -> ZoneInfo | None:
    if len(name) > LONGEST or not _is_name(name):
        return None
    try:
        return ZoneInfo("UTC" if name == "Etc/UTC" else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _is_name(text: str) -> bool:
    """Whether a text is written as the names of zones are, so that it is no path to anything else."""
    words = text.split("/")
    return (
        len(words) <= 4
        and text.isascii()
        and all(word[:1].isalpha() and word.translate(_SIGNS).isalnum() for word in words)
    )


def _by_another_name(name: str) -> str:
    """The IANA name behind another spelling; "" when there is none."""
    if not 0 < len(name) <= LONGEST:
        return ""
    words = name.strip().upper()
    return _windows().get(words) or _spellings().get(re.sub(_SIMPLE, " ", words.lower()), "")


@cache
def _windows() -> Mapping[str, str]:
    table: Mapping[str, str] = import_module("vfs.windowszones").WINDOWS
    return {name.upper(): zone for name, zone in table.items()}


@cache
def _spellings() -> Mapping[str, str]:
    # `Etc/GMT+3` and `Etc/GMT-3` differ in nothing but the sign.
    return {
        re.sub(_SIMPLE, " ", name.lower()): name for name in all_zones() if not name.startswith("Etc/GMT")
    }


@cache
def all_zones() -> tuple[str, ...]:
    """The names of all zones there are, in order."""
    try:
        listed = (import_module("importlib.resources").files("tzdata") / "zones").read_text("utf-8").split()
    except (ModuleNotFoundError, OSError):
        listed = sorted(available_timezones())
    return tuple(sorted(listed))


def _nearest(name: str) -> str:
    """The zone whose name, or whose city, is most like `name`; "" when none is."""
    words = re.sub(_SIMPLE, " ", name[:LONGEST].strip().lower())
    whole = {re.sub(_SIMPLE, " ", zone.lower()): zone for zone in all_zones()}
    cities = {
        re.sub(_SIMPLE, " ", zone.rpartition("/")[2].lower()): zone for zone in all_zones() if "/" in zone
    }
    if words in cities:
        return cities[words]
    alike = import_module("difflib").get_close_matches
    for names in (cities, whole):
        found: list[str] = alike(words.rpartition("/")[2] if names is cities else words, names, 1, 0.75)
        if found:
            return names[found[0]]
    return ""


def _quoted(name: str) -> str:
    shown = "".join(char if char.isprintable() else "�" for char in name[:40])
    return f"`{shown}…`" if len(name) > 40 else f"`{shown}`"
