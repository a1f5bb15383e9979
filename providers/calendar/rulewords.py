"""Rules of recurrence in words: `every 2 weeks on Monday and Friday until 24 December 2026`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from providers.calendar.event import Moment, moved_to
from providers.calendar.ics.values import read_stamp
from providers.calendar.ics.vcalendar import rules_of

_UNITS = {
    "YEARLY": "year",
    "MONTHLY": "month",
    "WEEKLY": "week",
    "DAILY": "day",
    "HOURLY": "hour",
    "MINUTELY": "minute",
    "SECONDLY": "second",
}
_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_WEEK = tuple(_DAYS)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NTH = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_RARE = {
    "BYYEARDAY": "on day {} of the year",
    "BYWEEKNO": "in week {}",
    "BYHOUR": "at {} o'clock",
    "BYMINUTE": "at minute {}",
}
_MOST = 12
"""Days, months and so on that are listed."""


def rule_in_words(rules: Sequence[str], start: Moment) -> str:
    """When something recurs, for a person; "on chosen days" where only dates are listed."""
    return " and ".join(_words(rule, start.zone) for rule in rules) or "on chosen days"


def words_of(value: str) -> str:
    """The same, for the value of an RRULE that stands alone; itself when it is no rule."""
    start = Moment(datetime.min)
    return " and ".join(_words(rule, "") for rule in rules_of([value], start)) or value


@lru_cache(512)
def _words(rule: str, zone: str) -> str:
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    unit = _UNITS.get(parts.get("FREQ", ""))
    if unit is None or parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        return f"by the rule {rule[:80]}"
    every = parts.get("INTERVAL", "1")
    said = [f"every {unit}" if every in ("", "1") else f"every {every} {unit}s"]
    days = _days(parts, unit)
    if unit in ("week", "day") and set(parts.get("BYDAY", "").split(",")) == set(_WEEK[:5]):
        said = ["every weekday"] if every in ("", "1") else [*said, "on weekdays"]
    elif days:
        said.append(days)
    months = [_MONTHS[int(one) - 1] for one in _numbers(parts, "BYMONTH") if 1 <= int(one) <= 12]
    if months:
        said.append(f"in {_listed(months)}")
    said += [form.format(_listed(_numbers(parts, key))) for key, form in _RARE.items() if key in parts]
    said.append(_ending(parts, zone))
    return " ".join(part for part in said if part)


def _days(parts: Mapping[str, str], unit: str) -> str:
    found = [_NTH.fullmatch(part) for part in parts.get("BYDAY", "").split(",")]
    named = [(one[1] or "", _DAYS[one[2]]) for one in found if one is not None]
    places = _numbers(parts, "BYSETPOS")
    numbers = _numbers(parts, "BYMONTHDAY")
    if places and (named or numbers):
        whole = [name for _, name in named]
        kind = (
            "weekday"
            if whole == list(_DAYS.values())[:5]
            else "day"
            if len(whole) in (0, 7)
            else _listed(whole, "or")
        )
        if numbers:
            kind += f" of days {_listed([str(one) for one in numbers])}"
        return f"on the {_listed([_nth(one) for one in places])} {kind}"
    said = []
    if named:
        said.append(f"on {_listed([f'the {_nth(nth)} {name}' if nth else name for nth, name in named])}")
    if numbers:
        said.append(f"on the {_listed([_nth(one) + (' day' if int(one) < 0 else '') for one in numbers])}")
    return " that is ".join(said) if unit != "week" else " ".join(said)


def _numbers(parts: Mapping[str, str], key: str) -> list[str]:
    found = (part.strip().lstrip("+") for part in parts.get(key, "").split(","))
    return [part for part in found if re.fullmatch(r"-?\d{1,4}", part, re.ASCII)]


def _nth(text: str) -> str:
    number = int(text)
    if number < 0:
        return "last" if number == -1 else f"{_nth(str(-number))} to last"
    tail = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def _listed(words: Sequence[str], joint: str = "and") -> str:
    shown = list(words[:_MOST])
    if len(words) > _MOST:
        shown.append("more")
    return f"{', '.join(shown[:-1])} {joint} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _ending(parts: Mapping[str, str], zone: str) -> str:
    count = parts.get("COUNT", "")
    if count.isascii() and count.isdigit():
        return "once" if count == "1" else f"{int(count[:9])} times"
    until = read_stamp(parts.get("UNTIL", ""))
    if until is None:
        return ""
    day = until.wall
    if until.utc and zone:
        day = moved_to(Moment(day, "UTC"), zone, UTC).wall
    return f"until {day.day} {_MONTHS[day.month - 1]} {day.year}"
