"""Rules of planning in the words of the config, `hours = "09:00-18:00"`, and lengths such as 90m."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from commands.command import Context, Usage
from commands.planning.planfile import weekday
from commands.planning.terms import Rules
from vfs.node import Value

PREFIX = "plan."
_ESTIMATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(min|m|h|d|w)?[a-z]*\s*\Z")
_MINUTES = {"min": 1, "m": 1, "h": 60, "d": 480, "w": 2400, None: 1}
"""A day of work has eight hours, a week five days."""
MOST = 60 * 24 * 60


def rules_of(ctx: Context) -> Rules:
    """The rules that `[plan]` of the config gives. Raises Usage for one that cannot be meant."""
    said = {
        name.removeprefix(PREFIX): value
        for name, value in ctx.services.settings.values()
        if name.startswith(PREFIX)
    }
    return read_rules(said)


def read_rules(said: Mapping[str, str], base: Rules | None = None) -> Rules:
    """Rules by their names in the config, all others as in `base`. Raises Usage."""
    found: dict[str, Any] = base._asdict() if base is not None else {}
    for name, value in said.items():
        if name == "hours":
            found["opens"], found["closes"] = _hours(name, value)
        elif name == "lunch":
            none = value.strip() in ("", "none")
            found["lunch_from"], found["lunch_to"] = (time(), time()) if none else _hours(name, value)
        elif name == "peak":
            found["peak_from"], found["peak_to"] = _hours(name, value)
        else:
            found[name] = _days(value) if name == "days" else _length(name, value)
    rules = Rules(**found)
    if rules.shortest > rules.longest:
        raise Usage("plan: the shortest block is longer than the longest")
    return rules


def _hours(name: str, value: str) -> tuple[time, time]:
    first, dash, last = value.partition("-")
    try:
        opens, closes = (
            time(int(hour), int(minute or 0))
            for hour, _, minute in (part.strip().partition(":") for part in (first, last))
        )
    except ValueError:
        opens = closes = time()
    if not dash or opens >= closes:
        raise Usage(f"plan: {name} must be such as 09:00-18:00, but is '{value}'")
    return opens, closes


def _days(value: str) -> tuple[int, ...]:
    """`mon-fri`, `mon, tue, thu`."""
    found: set[int] = set()
    for part in filter(None, (one.strip() for one in value.split(","))):
        first, dash, last = part.partition("-")
        start, end = weekday(first), weekday(last) if dash else weekday(first)
        if start is None or end is None:
            raise Usage(f"plan: days must be such as mon-fri or mon,wed,fri, but is '{value}'")
        found |= {(start + at) % 7 for at in range((end - start) % 7 + 1)}
    return tuple(sorted(found))


def _length(name: str, value: str) -> timedelta:
    minutes = 0 if value.strip() in ("0", "0m") else estimate(value)
    if minutes is None or (minutes == 0 and name in ("longest", "shortest", "usual")):
        raise Usage(f"plan: {name} must be a length such as 90m or 4h, but is '{value}'")
    return timedelta(minutes=minutes)


def estimate(value: Value) -> int | None:
    """Minutes of an estimate: 45m, 2h, 1.5d, or a plain number of minutes; None for anything else."""
    found = _ESTIMATE.match(str(value).lower()) if value is not None else None
    if found is None:
        return None
    minutes = round(float(found[1]) * _MINUTES[found[2]])
    return minutes if 0 < minutes <= MOST else None
