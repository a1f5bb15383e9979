"""Transactions as records, and sums as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commands.banking.rows import Rows
from commands.stream import Record
from commands.values import one_line
from vfs.money import Totals, in_units, written
from vfs.node import Value
from vfs.path import Path
from vfs.transactions import Transaction


def records_of(found: Rows, *, tty: bool) -> list[Record]:
    """Transactions as records: what fits a terminal, or all that is known of them.

    None is about its file as a whole, which `rm` would then remove; the field `path` says where it stands.
    """
    path = str(found.path)
    return [_record(row, path, tty=tty) for row in found.rows]


def _record(row: Transaction, path: str, *, tty: bool) -> Record:
    amount, currency = in_units(row.amount, row.currency), row.currency
    fields: dict[str, Value] = {
        "date": row.date,
        "amount": amount,
        "currency": currency,
        "payee": row.payee or row.description,
        "category": row.category,
        "account": row.account,
    }
    if not tty:
        fields["payee"] = row.payee
        fields["description"] = row.description
        fields["pending"] = row.pending
        fields["id"] = row.id
        fields["source"] = row.source
        fields["path"] = path
    elif row.pending:
        fields["pending"] = True
    told = (row.payee or row.description, row.category, row.account)
    cells = [text if text.isprintable() else one_line(text) for text in told]
    return Record(f"{row.date}\t{amount:f} {currency}\t" + "\t".join(cells), fields)


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
