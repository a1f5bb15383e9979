"""What a month's rows come to: counts, and sums by currency that are exact and never mixed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext

from vfs.money import EXACT
from vfs.node import Value
from vfs.transactions import Month, Transaction


def totals(rows: Iterable[Transaction]) -> list[tuple[str, Decimal, Decimal]]:
    """Currency, money in and money out of rows, in the order of the currencies' codes."""
    into: dict[str, Decimal] = {}
    out: dict[str, Decimal] = {}
    zero = Decimal(0)
    with localcontext(EXACT):
        for row in rows:
            amount, currency = row[1], row[2]
            if amount < zero:
                out[currency] = out.get(currency, zero) + amount
            else:
                into[currency] = into.get(currency, zero) + amount
    return [(code, into.get(code, zero), out.get(code, zero)) for code in sorted({*into, *out})]


def month_attributes(month: Month) -> dict[str, Value]:
    """What a month's entry tells of its rows."""
    found: dict[str, Value] = {"count": len(month.rows)}
    pending = sum([row[7] for row in month.rows])
    bare = len(month.rows) - sum([1 for row in month.rows if row[6]])
    if pending:
        found["pending"] = pending
    if bare:
        found["uncategorized"] = bare
    if month.broken:
        found["broken"] = len(month.broken)
    sums = totals(month.rows)
    found["currencies"] = tuple(currency for currency, _, _ in sums)
    for currency, into, out in sums:
        found[f"in_{currency}"] = into
        found[f"out_{currency}"] = out
    return found
