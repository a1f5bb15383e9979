"""Cells: what a spreadsheet's number is, written the way a table of plain text has it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache

DAY = 86400
_PHANTOM = 60
"""The day that the first spreadsheets counted though it never was: 29 February 1900."""


class Format(Enum):
    """What a cell's number stands for."""

    NUMBER = "number"
    MOMENT = "moment"
    CLOCK = "clock"
    LAPSE = "lapse"


_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), Format.MOMENT),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), Format.CLOCK),
    46: Format.LAPSE,
}
_LAPSE = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NOISE = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|AM/PM|A/P', re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=512)
def format_of(number: int, code: str | None) -> Format:
    """What a number format stands for; `code` is None for the formats that need none."""
    if code is None:
        return _BUILT_IN.get(number, Format.NUMBER)
    if _LAPSE.search(code):
        return Format.LAPSE
    letters = set(_NOISE.sub("", code.partition(";")[0]).lower())
    if letters & {"d", "y"} or ("m" in letters and not letters & {"h", "s"}):
        return Format.MOMENT
    return Format.CLOCK if letters & {"h", "s"} else Format.NUMBER


def number_text(text: str, format: Format, *, from_1904: bool = False) -> str:
    """A cell's number: a date or a time as ISO writes it, any other with the digits that count."""
    try:
        number = float(text)
    except ValueError:
        return text
    if format is not Format.NUMBER:
        written = _moment(number, format, from_1904)
        if written is not None:
            return written
    if text.lstrip("-").isdigit():
        return text
    return f"{number:.15g}"


def _moment(number: float, format: Format, from_1904: bool) -> str | None:
    """None for what is no time at all."""
    if not 0 <= number < 3_000_000:
        return None
    days, seconds = divmod(round(number * DAY), DAY)
    clock = (datetime.min + timedelta(seconds=seconds)).time()
    if format is Format.LAPSE:
        hours, rest = divmod(days * DAY + seconds, 3600)
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    if format is Format.CLOCK and not days:
        return clock.isoformat()
    day = _day(days, from_1904)
    return day if day is None or clock == time.min else f"{day}T{clock.isoformat()}"


def _day(days: int, from_1904: bool) -> str | None:
    if not from_1904 and days == _PHANTOM:
        return "1900-02-29"
    first = date(1904, 1, 1) if from_1904 else date(1899, 12, 31 if days < _PHANTOM else 30)
    try:
        return (first + timedelta(days=days)).isoformat()
    except OverflowError:
        return None
