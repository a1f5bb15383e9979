"""What a month's rows come to: counts, and sums by currency that are exact and never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, localcontext

from vfs.money import EXACT
from vfs.node import Value
from vfs.transactions import Month, Transaction

_ZERO = Decimal(0)


def totals(rows: Iterable[Transaction]) -> list[tuple[str, Decimal, Decimal]]:
    """Currency, money in and money out of rows, in the order of the currencies' codes."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        amounts[row[2]].append(row[1])
    found = []
    with localcontext(EXACT):
        for code in sorted(amounts):
            out = [amount for amount in amounts[code] if amount.is_signed()]
            into = [amount for amount in amounts[code] if not amount.is_signed()]
            found.append((code, sum(into, _ZERO), sum(out, _ZERO)))
    return found


def month_attributes(month: Month) -> dict[str, Value]:
    """What a month's entry tells of its rows."""
    found: dict[str, Value] = {"count": len(month.rows)}
    pending = [row[7] for row in month.rows].count(True)
    bare = [row[6] for row in month.rows].count("")
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
