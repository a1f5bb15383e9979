"""Transactions as records, and sums as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commands.banking.rows import Rows
from commands.render import pad, width
from commands.stream import Record
from commands.values import one_line
from vfs.money import CURRENCIES, Totals, in_units, minor_units, written
from vfs.node import Value
from vfs.path import Path
from vfs.transactions import Transaction

_CENTS = frozenset([code for code in CURRENCIES if minor_units(code) == 2])


def records_of(found: Rows) -> list[Record]:
    """Transactions as records, with all that is known of them.

    None is about its file as a whole, which `rm` would then remove; the field `path` says where it stands.
    """
    path = str(found.path)
    return [_record(row, path) for row in found.rows]


def rows_of(rows: Sequence[Transaction]) -> list[Record]:
    """Transactions as rows for a terminal: amounts with their currency, and `!` where one is pending."""
    amounts = [written(row.amount, row.currency) for row in rows]
    wide = max([width(one) for one in amounts], default=0)
    pending = any(row.pending for row in rows)
    records = []
    for row, amount in zip(rows, amounts, strict=True):
        fields: dict[str, Value] = {"date": row.date}
        if pending:
            fields["!"] = "!" if row.pending else ""
        fields["amount"] = pad(amount, wide, right=True)
        fields["payee"] = row.payee or row.description
        fields["category"] = row.category
        fields["account"] = row.account
        records.append(Record("", fields))
    return records


def _record(row: Transaction, path: str) -> Record:
    day, amount, currency, account, payee, description, category, pending, key, source, _ = row
    digits = str(amount)
    if digits[-3:-2] != "." or currency not in _CENTS:
        amount = in_units(amount, currency)
        digits = f"{amount:f}"
    fields: dict[str, Value] = {
        "date": day,
        "amount": amount,
        "currency": currency,
        "payee": payee,
        "category": category,
        "account": account,
        "description": description,
        "pending": pending,
        "id": key,
        "source": source,
        "path": path,
    }
    text = f"{payee or description}{category}{account}"
    if text.isprintable():
        return Record(f"{day}\t{digits} {currency}\t{payee or description}\t{category}\t{account}", fields)
    cells = [one_line(cell) for cell in (payee or description, category, account)]
    return Record(f"{day}\t{digits} {currency}\t" + "\t".join(cells), fields)


def totals_of(rows: Iterable[Transaction]) -> Totals:
    """Sums by currency."""
    totals = Totals()
    for row in rows:
        totals.add(row.amount, row.currency)
    return totals


def sums(totals: Totals) -> str:
    """Sums as people read them, one a currency: `$12.00 and 3.00 CHF`."""
    return joined([written(amount, currency) for currency, amount in totals]) or "nothing"


def joined(words: Sequence[str]) -> str:
    """Words as a list in a sentence."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def counted(count: int, noun: str) -> str:
    """`1 transaction`, `2,345 transactions`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def ledger_of(path: str) -> Path | None:
    """The mount in which a transaction stands, by the field `path` of its record."""
    parts = Path.parse(path).parts if path.startswith("/") else ()
    return Path(parts[:-2]) if len(parts) > 2 and parts[-2] == "transactions" else None
