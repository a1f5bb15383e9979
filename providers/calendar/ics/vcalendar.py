"""Rules of recurrence as files write them: RFC 5545's, made even, and those of vCalendar 1.0."""

from __future__ import annotations

import re
from collections.abc import Iterable

from providers.calendar.event import Moment
from providers.calendar.ics.values import read_stamp, write_moment

LONGEST = 4000
"""Characters of a rule; a longer one is none."""

_OLD = re.compile(r"(D|W|MP|MD|YM|YD)(\d{1,4})((?:\s+[A-Z0-9+$#-]+)*?)(?:\s+(\d{8}(?:T\d{6}Z?)?))?", re.ASCII)
_FREQUENCIES = {"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "Y": "YEARLY"}
_COUNT = re.compile(r"#(\d{1,6})", re.ASCII)
_NTH = re.compile(r"\d[+-]", re.ASCII)
_WEEKDAYS = frozenset(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))


def rules_of(values: Iterable[str], start: Moment) -> tuple[str, ...]:
    """The rules, in capitals and without spaces; what is no rule at all is left out."""
    found = []
    for value in values:
        text = value.strip().upper()
        if "FREQ=" in text and len(text) <= LONGEST:
            found.append(re.sub(r"\s+", "", text).strip(";"))
        elif text and len(text) <= LONGEST:
            old = _OLD.fullmatch(text)
            if old is not None:
                found.append(_new(old, start))
    return tuple(found)


def _new(old: re.Match[str], start: Moment) -> str:
    """A rule of vCalendar 1.0 in the words of its successor."""
    kind, every, words, until = old[1], int(old[2]), old[3].split(), old[4]
    parts = [f"FREQ={_FREQUENCIES[kind[0]]}", f"INTERVAL={max(every, 1)}"]
    count = next((int(found[1]) for word in words if (found := _COUNT.fullmatch(word))), None)
    rest = [word for word in words if not word.startswith("#")]
    if kind in ("W", "MP"):
        days = _by_day(rest)
        parts += [f"BYDAY={','.join(days)}"] if days else []
    elif kind in ("MD", "YM", "YD"):
        numbers = [_signed(word) for word in rest if _signed(word)]
        name = {"MD": "BYMONTHDAY", "YM": "BYMONTH", "YD": "BYYEARDAY"}[kind]
        parts += [f"{name}={','.join(numbers)}"] if numbers else []
    last = read_stamp(until) if until else None
    if last is not None:
        # What a rule ends with is written as its start is, or in UTC.
        zone = "UTC" if last.utc or start.zone else ""
        parts.append(f"UNTIL={write_moment(Moment(last.wall, zone, start.is_date))}")
    elif count != 0:
        # Without any end, version 1.0 means twice.
        parts.append(f"COUNT={2 if count is None else count}")
    return ";".join(parts)


def _by_day(words: Iterable[str]) -> list[str]:
    found: list[str] = []
    nth = ""
    for word in words:
        if _NTH.fullmatch(word):
            nth = word[0] if word[1] == "+" else f"-{word[0]}"
        elif word in _WEEKDAYS:
            found.append(nth + word)
    return found


def _signed(word: str) -> str:
    if word == "LD":
        return "-1"
    digits, sign = word.rstrip("+-"), word[-1:]
    return (
        ""
        if not digits.isdigit() or len(digits) > 3
        else f"-{int(digits)}"
        if sign == "-"
        else f"{int(digits)}"
    )
