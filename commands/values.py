"""Values compared, ordered and read: what `where`, `sort-by`, `group-by` and `plot` mean by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from commands.stream import Record
from vfs.node import Value

Number = int | float | Decimal

PLACES = 60
"""Digits before or behind the point up to which a decimal number is written out."""

_SIZES = {"K": 1, "KB": 1, "M": 2, "MB": 2, "G": 3, "GB": 3, "T": 4, "TB": 4}


def field_of(record: Record, name: str) -> Value:
    """A field of the record by name; `path` and `text` are there for every record that has them."""
    if name in record.fields:
        return record.fields[name]
    if name == "path" and record.path is not None:
        return str(record.path)
    return record.text if name == "text" else None


def has_field(record: Record, name: str) -> bool:
    return name in record.fields or (name == "path" and record.path is not None) or name == "text"


def number_of(value: Value) -> Number | None:
    """The number that a value is, or spells."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return value
    return number_from(value) if isinstance(value, str) else None


def number_from(text: str) -> Number | None:
    """The number that a text spells exactly, without a float on the way; None when it is none."""
    word = text.strip()
    if not word or word[-1] not in "0123456789." or word.lstrip("+-")[:1] not in (*"0123456789.",):
        return None
    try:
        return int(word) if word.lstrip("+-").isdecimal() else Decimal(word)
    except (ValueError, InvalidOperation):
        return None


def amount_from(text: str) -> Number | None:
    """A number, or one with a size's unit: `10k`, `2MB`, `1.5G` (of 1024)."""
    plain = number_from(text)
    if plain is not None:
        return plain
    unit = text.lstrip("+-.0123456789").upper()
    power = _SIZES.get(unit)
    base = number_from(text[: len(text) - len(unit)]) if power is not None else None
    return None if base is None or power is None else base * 1024**power


def moment_of(value: Value, zone: tzinfo | None) -> datetime | None:
    """The moment that a value is, or spells in ISO 8601; a date's is its first."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    return None


def order_key(value: Value, zone: tzinfo | None) -> tuple[Any, ...]:
    """Sorts values of any kinds: yes and no, numbers, times, texts (case aside first), lists."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float | Decimal):
        return (1, value) if value == value else (1, float("-inf"))
    if isinstance(value, date):
        moment = moment_of(value, zone)
        assert moment is not None
        return (2, moment.timestamp() if moment.year > 1 else float("-inf"), isinstance(value, datetime))
    if isinstance(value, str):
        return (3, value.casefold(), value)
    if isinstance(value, tuple):
        return (4, tuple([order_key(item, zone) for item in value]))
    return (5,)


def line_of(fields: Mapping[str, Value]) -> str:
    """Fields as one line of text, parted by tabs; what a byte reader of such a record sees."""
    from_value = [one_line(value) for value in fields.values()]
    return "\t".join(from_value)


def decimal_text(value: Decimal) -> str:
    """A decimal number in digits, without an exponent and without a negative zero."""
    if not value:
        value = value.copy_abs()
    if value.is_finite() and -PLACES < value.adjusted() < PLACES:
        return f"{value:f}"
    return str(value)


def one_line(value: Value) -> str:
    """A value as text that holds no tab and no line end."""
    if isinstance(value, str):
        text = value
    elif value is None:
        return ""
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, date):
        return value.isoformat()
    elif isinstance(value, tuple):
        text = ",".join([one_line(item) for item in value])
    elif isinstance(value, Decimal):
        return decimal_text(value)
    else:
        return str(value)
    if text.isprintable():
        return text
    return " ".join([" ".join(line.split("\t")) for line in text.splitlines()])
