"""Money in records: an amount is a decimal field of a record that has a `currency` beside it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from commands.stream import Record
from commands.values import field_of, number_of
from vfs.money import is_currency

NAMES = frozenset(
    {"amount", "available", "balance", "budget", "in", "left", "limit", "out", "spent", "total"}
)
"""Fields that are money beside a currency, also where they are written as whole numbers."""


def currency_of(record: Record, field: str) -> str | None:
    """The currency of a field that is an amount of money; None where it is none, or has none."""
    currency = record.fields.get("currency")
    if not isinstance(currency, str) or not is_currency(currency) or field == "currency":
        return None
    number = number_of(field_of(record, field))
    if number is None or isinstance(number, float):
        return None
    return currency if isinstance(number, Decimal) or field in NAMES else None


def currencies_of(records: Sequence[Record], field: str) -> list[str]:
    """The currencies that the amounts in a field are in, the one of most of them first."""
    counts: dict[str, int] = {}
    for record in records:
        currency = currency_of(record, field)
        if currency is not None:
            counts[currency] = counts.get(currency, 0) + 1
    return sorted(counts, key=lambda currency: (-counts[currency], currency))
