"""Rows of the service taken into months that people edit, too.

What the bank says of a row (when, how much, who) is the bank's; its category, once it has one, and the
cells of further columns are the person's, also when the row becomes another: posted, or of another month.
Rows of other sources, and those that cannot be read, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from providers.banking.plaid.wire import SOURCE, Posted
from providers.banking.rules import Categories
from vfs.transactions import Month, Transaction, empty_month, month_name, read_month, write_month

_MONTH = re.compile(r"([0-9]{4}-[0-9]{2}\.csv)(?:#[0-9a-f]{8})?")

FEW = 50
"""So many rows go from a whole listing without a doubt."""


def month_of(href: str) -> str:
    """The month that a file is called after; "" for any other file."""
    found = _MONTH.fullmatch(href)
    return found[1] if found else ""


Likeness = tuple[date, Decimal, str, str]


def _likeness(row: Transaction) -> Likeness:
    return row.date, row.amount, row.currency, row.account


class Lost(NamedTuple):
    """What a whole listing does not name any more."""

    lost: int
    known: int

    @property
    def is_doubtful(self) -> bool:
        """Whether it is most of what there is."""
        return self.lost > FEW and self.lost > self.known // 2


class Months:
    """Months of one connection on their way to another state; files by what the mirror calls them."""

    def __init__(self, categories: Categories) -> None:
        """`categories` are those that the person's rules give to what is new."""
        self._categories = categories
        self._months: dict[str, Month] = {}
        self._before: dict[str, bytes] = {}
        self._at: dict[str, tuple[str, int]] = {}
        self._gone: dict[str, set[int]] = {}
        self._touched: set[str] = set()
        self._foreign: dict[Likeness, list[tuple[str, int]]] = {}
        """Rows of other sources, such as statements, by what a row of Plaid's would say of the same."""

    def read(self, href: str, content: bytes) -> None:
        """A file that is here."""
        month = self._months[href] = read_month(content)
        self._before[href] = content
        for at, row in enumerate(month.rows):
            if row.source != SOURCE:
                self._foreign.setdefault(_likeness(row), []).append((href, at))
            elif row.id:
                self._at.setdefault(row.id, (href, at))

    def __contains__(self, id: str) -> bool:
        return id in self._at

    def take(self, posted: Iterable[Posted], names: Mapping[str, str]) -> None:
        """Rows that are new or changed; `names` are the accounts', by id."""
        for one in posted:
            row = one.row._replace(account=names.get(one.account, one.account))
            old = self._taken_out(one.pending) if one.pending else None
            old = self._taken_out(one.id) or old or self._same(row)
            self._put(row, old)

    def drop(self, ids: Iterable[str]) -> None:
        """Rows that the service has no more; unknown ones are passed over."""
        for id in ids:
            self._taken_out(id)

    def adopt(self, posted: Sequence[Posted], names: Mapping[str, str], *, accept: bool = False) -> Lost:
        """Of a whole listing: rows that are here under other ids are those; how many are not named at all.

        Those are dropped, unless they are most of what there is; with `accept`, also then. What is older
        than all that is listed is not asked about: the service keeps some years only.
        """
        listed = {id for one in posted for id in (one.id, one.pending)}
        since = min((one.row.date for one in posted), default=date.max)
        accounts = {names.get(one.account, one.account) for one in posted}
        unnamed: dict[Likeness, list[str]] = {}
        for id, (name, at) in self._at.items():
            row = self._months[name].rows[at]
            if id not in listed and row.date >= since and row.account in accounts:
                unnamed.setdefault(_likeness(row), []).append(id)
        for one in posted:
            if one.id in self._at:
                continue
            account = names.get(one.account, one.account)
            alike = unnamed.get(_likeness(one.row._replace(account=account)))
            if alike:
                self._at[one.id] = self._at.pop(alike.pop(0))
        left = [id for ids in unnamed.values() for id in ids]
        lost = Lost(len(left), len(self._at))
        if accept or not lost.is_doubtful:
            self.drop(left)
        return lost

    def changed(self) -> dict[str, bytes]:
        """The files that are other ones by now."""
        written = {}
        for name in sorted(self._touched):
            month, gone = self._months[name], self._gone.get(name, set())
            rows = [row for at, row in enumerate(month.rows) if at not in gone]
            content = write_month(month._replace(rows=rows))
            if content != self._before.get(name) and (rows or name in self._before):
                written[name] = content
        return written

    # -- rows

    def _same(self, row: Transaction) -> tuple[str, Transaction] | None:
        """A row of another source that is the same movement, taken out; each is one only once."""
        alike = self._foreign.get(_likeness(row))
        return self._out(*alike.pop(0)) if alike else None

    def _taken_out(self, id: str) -> tuple[str, Transaction] | None:
        """A row that is to stand elsewhere or nowhere, with its month; None for an unknown one."""
        place = self._at.pop(id, None)
        return None if place is None else self._out(*place)

    def _out(self, name: str, at: int) -> tuple[str, Transaction]:
        self._gone.setdefault(name, set()).add(at)
        self._touched.add(name)
        return name, self._months[name].rows[at]

    def _file(self, name: str) -> str:
        """The file that rows of a month go to."""
        return min((href for href in self._months if month_of(href) == name), default=name)

    def _put(self, row: Transaction, old: tuple[str, Transaction] | None) -> None:
        name = self._file(month_name(row.date))
        month = self._months.setdefault(name, empty_month())
        if old is not None:
            was, before = old
            cells = dict(zip(self._months[was].further, before.further, strict=False))
            missing = [column for column, cell in cells.items() if cell and column not in month.further]
            if missing:
                month = self._months[name] = month._replace(columns=(*month.columns, *missing))
            row = row._replace(
                category=before.category or self._categories.of(row) or row.category,
                further=tuple(cells.get(column, "") for column in month.further),
            )
        else:
            row = row._replace(category=self._categories.of(row) or row.category)
        self._at[row.id] = name, len(month.rows)
        month.rows.append(row)
        self._touched.add(name)
