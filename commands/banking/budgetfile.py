"""budgets.csv: what may be spent, a row each; what a person wrote beside it stays."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import NamedTuple

from commands.command import Failure
from vfs.coverage import Gap, tell
from vfs.formulas import guarded, unguarded
from vfs.money import decimal_of, is_currency, plain
from vfs.path import Path

FILE = "budgets.csv"
COLUMNS = ("category", "amount", "currency", "period")
PERIODS = ("month", "year")


class Budget(NamedTuple):
    """What may be spent on a category in each period."""

    category: str
    amount: Decimal
    currency: str
    period: str


def budgets(path: Path, data: bytes) -> list[Budget]:
    """The budgets of a file, in its order; a row that is none is told, and left out. Raises Failure."""
    columns, rows = _read(path, data)
    found = []
    for number, cells in enumerate(rows, 2):
        try:
            found.append(_budget(columns, cells))
        except ValueError as wrong:
            tell(Gap(str(path), f"row {number}: {wrong}", f"mend it: edit {path}", missing=True))
    return found


def is_same(one: Budget, other: Budget) -> bool:
    """Whether both are for the same: a category, a currency and a period."""
    return (one.category.casefold(), *one[2:]) == (other.category.casefold(), *other[2:])


def with_budget(data: bytes, budget: Budget, *, remove: bool = False) -> bytes:
    """The file with a budget set or removed; its other rows and columns stay. Raises Failure."""
    columns, rows = _read(Path((FILE,)), data)
    columns = [*columns, *[name for name in COLUMNS if name not in columns]]
    said = {
        "category": guarded(budget.category),
        "amount": plain(budget.amount, budget.currency),
        "currency": budget.currency,
        "period": budget.period,
    }
    kept: list[list[str]] = []
    done = remove
    for cells in rows:
        if not _is_same(columns, cells, budget):
            kept.append(cells)
        elif not done:
            whole = [*cells, *[""] * (len(columns) - len(cells))]
            kept.append([said.get(name, cell) for name, cell in zip(columns, whole, strict=True)])
            done = True
    if not done:
        kept.append([said.get(name, "") for name in columns])
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *kept])
    return out.getvalue().encode()


def _read(path: Path, data: bytes) -> tuple[list[str], Sequence[list[str]]]:
    try:
        rows = [
            row for row in csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True) if any(row)
        ]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Failure(f"{path}: is no CSV file ({wrong})", hint=f"mend it: edit {path}") from None
    if not rows:
        return list(COLUMNS), []
    columns = [name.strip().casefold() for name in rows[0]]
    if not {"category", "amount", "currency"} <= set(columns):
        raise Failure(
            f"{path}: its first line has to name the columns {','.join(COLUMNS)}",
            hint=f"mend it: edit {path}",
        )
    return columns, rows[1:]


def _cells(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(columns, [unguarded(cell).strip() for cell in cells], strict=False))


def _budget(columns: Sequence[str], cells: Sequence[str]) -> Budget:
    """Raises ValueError with the reason."""
    said = _cells(columns, cells)
    amount = decimal_of(said.get("amount", ""))
    currency = said.get("currency", "").upper()
    period = said.get("period", "") or "month"
    if not said.get("category"):
        raise ValueError("has no category")
    if amount is None or amount <= 0:
        raise ValueError(f"'{said.get('amount', '')[:30]}' is no amount such as 400.00")
    if not is_currency(currency):
        raise ValueError(f"'{currency[:20]}' is no currency")
    if period not in PERIODS:
        raise ValueError(f"'{period[:20]}' is no period: write month or year")
    return Budget(said["category"], amount, currency, period)


def _is_same(columns: Sequence[str], cells: Sequence[str], budget: Budget) -> bool:
    said = _cells(columns, cells)
    return (
        said.get("category", "").casefold() == budget.category.casefold()
        and said.get("currency", "").upper() == budget.currency
        and (said.get("period", "") or "month") == budget.period
    )
