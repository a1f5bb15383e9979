"""Times in jq: seconds since 1970, broken down, and as text."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime
from typing import Any

from commands.jqlang.values import JqError, Value, is_number, normal
from commands.text.timeformat import formatted


def gmtime(value: Value) -> list[Any]:
    """Year, month (from 0), day, hours, minutes, seconds, weekday, day of the year."""
    if not is_number(value):
        raise JqError("gmtime() requires a number")
    seconds = float(value)  # type: ignore[arg-type]
    try:
        when = datetime.fromtimestamp(seconds // 1, UTC)
    except (OverflowError, ValueError, OSError):
        raise JqError("error converting number of seconds since epoch to datetime") from None
    parts = when.timetuple()
    return [
        when.year, when.month - 1, when.day, when.hour, when.minute, normal(when.second + seconds % 1),
        (when.weekday() + 1) % 7, parts.tm_yday - 1,
    ]  # fmt: skip


def mktime(value: Value) -> int:
    """The seconds of a broken-down time."""
    if not isinstance(value, list):
        raise JqError("mktime requires array of 6 numbers")
    if len(value) < 6 or not all(is_number(part) for part in value[:6]):
        raise JqError("mktime requires parsed datetime inputs")
    year, month, day, hour, minute, second = [int(part) for part in value[:6]]
    try:
        return calendar.timegm((year, month + 1, day, hour, minute, second, 0, 0, 0))
    except (ValueError, OverflowError):
        raise JqError("invalid gmtime representation") from None


def strftime(value: Value, form: Value) -> str:
    """A time as text, in UTC."""
    if not isinstance(form, str):
        raise JqError("strftime/1 requires a string format")
    if is_number(value):
        value = gmtime(value)
    if not isinstance(value, list):
        raise JqError("strftime/1 requires parsed datetime inputs")
    return formatted(form, datetime.fromtimestamp(mktime(value), UTC))


def strptime(value: Value, form: Value) -> list[Any]:
    """A broken-down time from text."""
    if not isinstance(value, str) or not isinstance(form, str):
        raise JqError("strptime/1 requires string inputs and arguments")
    try:
        parts = time.strptime(value, form)
    except ValueError:
        raise JqError(f'date "{value}" does not match format "{form}"') from None
    return [
        parts.tm_year, parts.tm_mon - 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        (parts.tm_wday + 1) % 7, parts.tm_yday - 1,
    ]  # fmt: skip
