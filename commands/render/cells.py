"""Values as people read them in a table's cell: sizes, times, lists."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from commands.values import decimal_text
from vfs.node import Value
from vfs.visible import visible_line

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def size_text(size: int) -> str:
    """A number of bytes in the largest unit that keeps it above one: `980B`, `2.3KB`, `14MB`."""
    amount = float(size)
    for unit in _UNITS:
        shown = f"{amount:.1f}" if unit != "B" and round(amount, 1) < 10 else f"{amount:.0f}"
        if float(shown) < 1024 or unit == _UNITS[-1]:
            return shown.removesuffix(".0") + unit
        amount /= 1024
    raise AssertionError


def time_text(value: date) -> str:
    """A time in the zone of this machine, to the minute; a date as it is."""
    if not isinstance(value, datetime):
        return value.isoformat()
    local = value.astimezone() if value.tzinfo is not None else value
    return f"{local.date().isoformat()} {local.hour:02}:{local.minute:02}"


def plain(value: Value) -> str:
    """A value as text without loss of precision; "" for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join([plain(item) for item in value])
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def cell(field: str, value: Value) -> str:
    """What stands in a table's cell: one line without control characters."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, int) and field == "size" and value >= 0:
        return size_text(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, date):
        return time_text(value)
    return visible_line(plain(value))
