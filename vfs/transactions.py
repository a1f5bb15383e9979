"""Transactions of an account: the rows of a month's file, read and written exactly.

A month's file is CSV whose first line names its columns. Amounts are decimals beside a currency,
negative for money out. What a person wrote beyond that stays: further columns, and rows that cannot
be read, which are told and written back as they were. A text that a spreadsheet would take for a
formula has a quote before it in the file, and none in the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from itertools import chain, repeat
from operator import itemgetter
from typing import NamedTuple

from vfs.formulas import MARKS, guarded, unguarded
from vfs.money import decimal_of, is_currency, plain

COLUMNS = (
    "date", "amount", "currency", "account", "payee", "description", "category", "pending", "id", "source",
)  # fmt: skip

_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")
_MARKS = re.compile('[,"\n\r]')
_TRUE = frozenset(("true", "yes", "1", "pending"))
_FALSE = frozenset(("", "false", "no", "0"))
_BY_DAY = itemgetter(0, 8)


class Transaction(NamedTuple):
    """One movement of money."""

    date: date
    """When it was posted."""
    amount: Decimal
    """Negative for money out."""
    currency: str
    account: str
    payee: str = ""
    description: str = ""
    category: str = ""
    pending: bool = False
    id: str = ""
    """Stable and unique: the bank's own, or made of the content."""
    source: str = ""
    """The file or the service that it came from."""
    further: tuple[str, ...] = ()
    """The cells of the file's further columns, in their order."""


class Broken(NamedTuple):
    """A row that cannot be read."""

    line: int
    text: str
    """As it stands in the file, with its line end."""
    reason: str


class Month(NamedTuple):
    """A file of transactions."""

    columns: tuple[str, ...]
    """The columns that the file names, in its order."""
    rows: list[Transaction]
    broken: list[Broken]

    @property
    def further(self) -> tuple[str, ...]:
        """The names of the columns beyond `COLUMNS`."""
        return tuple(name for _, name in _further(self.columns))


def empty_month() -> Month:
    """A file that holds nothing yet."""
    return Month(COLUMNS, [], [])


def month_name(day: date) -> str:
    """The name of the file that a day's transactions stand in."""
    return f"{day.year:04}-{day.month:02}.csv"


def months_between(first: date, last: date) -> Iterator[str]:
    """The names of the files from one day's to another's."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12:04}-{number % 12 + 1:02}.csv"


# -- reading


def read_month(data: bytes) -> Month:
    """The transactions of a file. Never raises: what cannot be read is in `broken`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "surrogateescape")
    lines = list(StringIO(text, newline=""))
    if not lines:
        return empty_month()
    try:
        columns = tuple(name.strip().lower() for name in next(csv.reader(lines[:1])))
    except csv.Error:
        columns = ()
    if not {"date", "amount", "currency"} <= set(columns):
        reason = "the first line has to name the columns: " + ",".join(COLUMNS)
        return Month(
            COLUMNS, [], [Broken(at, line, reason) for at, line in enumerate(lines, 1) if line.strip()]
        )
    month = Month(columns, [], [])
    if not _read_rows(month, lines):
        month = Month(columns, [], [])
        _read_lines(month, lines)
    return month


def _read_rows(month: Month, lines: Sequence[str]) -> bool:
    """Reads all lines as one text; False when a row of several lines makes no sense."""
    reader = csv.reader(lines[1:])
    taken = _Taker(month.columns)
    rows, before = month.rows, 1
    try:
        for cells in reader:
            now = reader.line_num + 1
            if cells:
                if now - before > 1 and len(cells) < len(month.columns):
                    return False
                try:
                    rows.append(taken(cells))
                except ValueError as error:
                    if now - before > 1:
                        return False
                    if any(cells):
                        month.broken.append(Broken(now, "".join(lines[before:now]), str(error)))
            before = now
    except csv.Error:
        return False
    return True


def _read_lines(month: Month, lines: Sequence[str]) -> None:
    """Reads each line for itself, so that an open quote spoils its own line only."""
    taken = _Taker(month.columns)
    for number, line in enumerate(lines[1:], 2):
        try:
            cells = next(csv.reader([line], strict=True), [])
            if any(cells):
                month.rows.append(taken(cells))
        except csv.Error as error:
            month.broken.append(Broken(number, line, str(error)))
        except ValueError as error:
            month.broken.append(Broken(number, line, str(error)))


class _Taker:
    """Makes a transaction of a row's cells. Raises ValueError with the reason."""

    __slots__ = ("_dates", "_further", "_order", "_usual", "_width")

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._usual = columns == COLUMNS
        self._width = len(columns)
        self._order = [columns.index(name) if name in columns else -1 for name in COLUMNS]
        self._further = [at for at, _ in _further(columns)]
        self._dates: dict[str, date] = {}

    def __call__(self, cells: list[str]) -> Transaction:
        count = len(cells)
        if count != self._width:
            if count > self._width:
                raise ValueError(f"has {count} cells where {self._width} columns are named")
            cells = cells + [""] * (self._width - count)
        if self._usual:
            day, amount, currency, account, payee, description, category, pending, key, source = cells
            further: tuple[str, ...] = ()
        else:
            day, amount, currency, account, payee, description, category, pending, key, source = (
                cells[at] if at >= 0 else "" for at in self._order
            )
            further = tuple([unguarded(cells[at]) for at in self._further])
        when = self._dates.get(day)
        if when is None:
            when = self._dates[day] = _day(day)
        if len(currency) != 3 and not is_currency(currency):
            raise ValueError(f"'{currency[:20]}' is no currency" if currency else "has no currency")
        if pending not in _FALSE and pending.lower() not in _TRUE | _FALSE:
            raise ValueError(f"'{pending[:20]}' is neither pending nor not: write true, or nothing")
        if payee[:1] in MARKS or description[:1] in MARKS:
            payee, description = unguarded(payee), unguarded(description)
        if account[:1] == "'" or category[:1] == "'" or key[:1] == "'" or source[:1] == "'":
            account, category, key, source = map(unguarded, (account, category, key, source))
        if not (payee.isascii() and description.isascii()) and _is_bytes(payee + description):
            raise ValueError("is not UTF-8")
        return Transaction(
            when, _amount(amount), currency, account, payee, description, category,
            pending not in _FALSE and pending.lower() in _TRUE, key, source, further,
        )  # fmt: skip


def _day(text: str) -> date:
    try:
        if len(text.strip()) != 10:
            raise ValueError
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text[:20]}' is no date such as 2026-11-21" if text else "has no date") from None


def _amount(text: str) -> Decimal:
    if _PLAIN_AMOUNT.fullmatch(text):
        amount = Decimal(text)
        return amount if amount else amount.copy_abs()
    found = decimal_of(text.strip()) if text.isascii() and "_" not in text else None
    if found is None:
        raise ValueError(f"'{text[:30]}' is no amount such as -1234.56" if text.strip() else "has no amount")
    return found


def _is_bytes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _further(columns: Iterable[str]) -> list[tuple[int, str]]:
    seen = set()
    found = []
    for at, name in enumerate(columns):
        if name not in COLUMNS or name in seen:
            found.append((at, name))
        seen.add(name)
    return found


# -- writing


def write_month(month: Month) -> bytes:
    """The file's bytes: its rows by date, then id; what could not be read stands at the end."""
    columns = (*month.columns, *[name for name in COLUMNS if name not in month.columns])
    transactions = sorted(month.rows, key=_BY_DAY)
    if columns == COLUMNS and not month.broken and (text := _plainly(transactions)) is not None:
        return text.encode("utf-8", "surrogateescape")
    rows = [_cells(row) for row in transactions]
    if columns != COLUMNS:
        rows = [_arranged(cells, row.further, columns) for cells, row in zip(rows, transactions, strict=True)]
    lines = [_line(list(columns)), *map(_line, rows)]
    lines += [one.text if one.text.endswith("\n") else one.text + "\n" for one in month.broken]
    return "".join(lines).encode("utf-8", "surrogateescape")


def _plainly(rows: Sequence[Transaction]) -> str | None:
    """The file of rows that need neither quotes nor guards, a column at a time; None where one does."""
    if not rows:
        return None
    days, amounts, currencies, accounts, payees, said, categories, pending, keys, sources, _ = zip(
        *rows, strict=True
    )
    texts = chain(payees, said, keys, set(accounts), set(categories), set(sources))
    if not MARKS.isdisjoint({cell[:1] for cell in texts}):
        return None
    written = list(map(str, amounts))
    if "E" in "".join(written):
        return None
    dates = {day: day.isoformat() for day in set(days)}
    waiting = ["true" if one else "" for one in pending] if any(pending) else repeat("", len(rows))
    cells = zip(
        map(dates.__getitem__, days), written, currencies, accounts, payees, said, categories, waiting, keys,
        sources, strict=True,
    )  # fmt: skip
    text = "\n".join([",".join(COLUMNS), *map(",".join, cells), ""])
    lines = len(rows) + 1
    if text.count(",") != lines * (len(COLUMNS) - 1) or text.count("\n") != lines:
        return None
    return None if '"' in text or "\r" in text else text


def _line(cells: list[str]) -> str:
    """A row's cells as they stand in the file."""
    line = ",".join(cells)
    if line.count(",") >= len(cells) or '"' in line or "\n" in line or "\r" in line:
        return ",".join([_quoted(cell) if _MARKS.search(cell) else cell for cell in cells]) + "\n"
    return line + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _arranged(cells: list[str], more: tuple[str, ...], columns: tuple[str, ...]) -> list[str]:
    """A row's cells in the order of a file's own columns."""
    line = [""] * len(columns)
    for which, name in enumerate(COLUMNS):
        line[columns.index(name)] = cells[which]
    for (at, _), cell in zip(_further(columns), more, strict=False):
        line[at] = guarded(cell)
    return line


def _cells(row: Transaction) -> list[str]:
    day, amount, currency, account, payee, description, category, pending, key, source, _ = row
    formula = MARKS
    if payee[:1] in formula:
        payee = guarded(payee)
    if description[:1] in formula:
        description = guarded(description)
    if account[:1] in formula or category[:1] in formula or key[:1] in formula or source[:1] in formula:
        account, category, key, source = map(guarded, (account, category, key, source))
    written = str(amount)
    if "E" in written:
        written = plain(amount)
    return [
        day.isoformat(), written, currency, account, payee, description, category,
        "true" if pending else "", key, source,
    ]  # fmt: skip
