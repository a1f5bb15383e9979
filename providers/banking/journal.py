"""A ledger as a journal for hledger or beancount: accounts by kind, categories, asserted balances."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from unicodedata import category, normalize

from providers.banking import beancount, hledger
from providers.banking.accounts import Account, read_account
from providers.banking.keeping import Files, account_path
from providers.banking.trade import ACCOUNTS, TRANSACTIONS
from vfs.drive import hop
from vfs.errors import BadName
from vfs.money import EXACT, decimal_of
from vfs.node import Value
from vfs.transactions import Transaction, read_month

FORMATS = {"hledger": hledger.write, "beancount": beancount.write}
OWED = ("credit", "loan")
OPENING = "Equity:Opening-Balances"
TRANSFERS = "Equity:Transfers"
_TRANSFER = re.compile(r"(?:internal |bank |account )?transfers?(?: in| out)?", re.IGNORECASE)
_LEVELS = re.compile(r"[:/>]")
_DAY = timedelta(days=1)


class Posting(NamedTuple):
    """A transaction between an account and what it was for."""

    row: Transaction
    account: str
    other: str


class Opening(NamedTuple):
    """What an account held before the first transaction of a journal."""

    day: date
    account: str
    amount: Decimal
    currency: str


class Assertion(NamedTuple):
    """What an account held at the end of a day."""

    day: date
    account: str
    amount: Decimal
    currency: str


class Journal(NamedTuple):
    """What both formats write."""

    accounts: dict[str, date]
    """Every account, by the day from which it is used."""
    openings: list[Opening]
    postings: list[Posting]
    """In order of their days."""
    assertions: list[Assertion]
    currencies: list[str]


async def journal(files: Files, format: str, first: date | None, last: date | None) -> dict[str, Value]:
    """The text of a journal, and what could not be in it. Raises BadName for another format."""
    if format not in FORMATS:
        raise BadName(format[:40] or "format", "a journal is written for hledger or beancount")
    names = [name[:-5] for name in await files.names(ACCOUNTS) if name.endswith(".json")]
    months = [name for name in await files.names(TRANSACTIONS) if name.endswith(".csv")]
    found = await files.read([*map(account_path, names), *[f"{TRANSACTIONS}/{name}" for name in months]])

    def work() -> tuple[str, list[str]]:
        accounts = {name: read_account(name, found[account_path(name)].data) for name in names}
        rows: list[Transaction] = []
        problems = []
        for name in months:
            month = read_month(found[f"{TRANSACTIONS}/{name}"].data)
            rows += month.rows
            problems += [
                f"{TRANSACTIONS}/{name}: line {one.line} {one.reason}; left out" for one in month.broken[:5]
            ]
        return FORMATS[format](made(rows, accounts, first, last)), problems

    text, problems = await hop(work)
    return {"text": text, "problems": tuple(problems)}


def made(
    rows: Iterable[Transaction], accounts: dict[str, Account], first: date | None, last: date | None
) -> Journal:
    """The journal of a period; `first` and `last` are in it."""
    rows = sorted(rows, key=lambda row: (row.date, row.id))
    start, end = first or date.min, last or date.max
    names = _Names(rows, accounts)
    within = [row for row in rows if start <= row.date <= end]
    postings = [Posting(row, names.account(row.account), names.other(row)) for row in within]
    openings, assertions = _balances(rows, within, accounts, names, start, end)
    used: dict[str, date] = {}
    for day, account in [
        *[(one.day, account) for one in openings for account in (one.account, OPENING)],
        *[(one.row.date, account) for one in postings for account in (one.account, one.other)],
        *[(one.day, one.account) for one in assertions],
    ]:
        used[account] = min(day, used.get(account, day))
    currencies = sorted({*[row.currency for row in within], *[one.currency for one in openings]})
    return Journal(dict(sorted(used.items())), openings, postings, assertions, currencies)


def _balances(
    rows: Sequence[Transaction],
    within: Sequence[Transaction],
    accounts: dict[str, Account],
    names: _Names,
    start: date,
    end: date,
) -> tuple[list[Opening], list[Assertion]]:
    """What each account with a known balance held before the period, and what it held at its end."""
    openings, assertions = [], []
    for name, account in accounts.items():
        stored = account.stored.get("balance")
        balance = decimal_of(stored) if isinstance(stored, str) else None
        known = _day(account.as_of)
        mine = [row for row in rows if row.account == name and row.currency == account.currency]
        inside = [row for row in within if row.account == name and row.currency == account.currency]
        if balance is None or known is None or not account.currency or not inside:
            continue
        posted = [row for row in mine if not row.pending]
        begun = max(start, inside[0].date)
        if known >= begun:
            opening = EXACT.subtract(balance, _sum(row for row in posted if begun <= row.date <= known))
        else:
            opening = EXACT.add(balance, _sum(row for row in posted if known < row.date < begun))
        title = names.account(name)
        if opening:
            openings.append(Opening(begun, title, opening, account.currency))
        until = min(known, end)
        if until >= begun and not any(row.pending and row.date <= until for row in inside):
            held = EXACT.add(opening, _sum(row for row in inside if row.date <= until))
            assertions.append(Assertion(until, title, held, account.currency))
    return openings, sorted(assertions)


def _sum(rows: Iterable[Transaction]) -> Decimal:
    total = Decimal(0)
    for row in rows:
        total = EXACT.add(total, row.amount)
    return total


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


class _Names:
    """The names of accounts and categories in a journal, each thing one name."""

    def __init__(self, rows: Sequence[Transaction], accounts: dict[str, Account]) -> None:
        self._accounts: dict[str, str] = {}
        self._categories: dict[str, str] = {}
        taken: dict[str, str] = {OPENING: "", TRANSFERS: ""}
        for name in sorted({*accounts, *[row.account for row in rows]}):
            kind = accounts[name].kind if name in accounts else ""
            title = ":".join(dict.fromkeys([part_of(kind or "account"), part_of(name)]))
            root = "Liabilities" if kind in OWED else "Assets"
            self._accounts[name] = _free(f"{root}:{title}", taken)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            sums[row.category] = EXACT.add(sums[row.category], row.amount)
        for name in sorted(filter(None, sums)):
            if _TRANSFER.fullmatch(name):
                self._categories[name] = TRANSFERS
                continue
            levels = [part_of(level) for level in _LEVELS.split(name) if level.strip()] or ["Other"]
            root = "Income" if sums[name] > 0 else "Expenses"
            self._categories[name] = _free(":".join([root, *levels]), taken)

    def account(self, name: str) -> str:
        return self._accounts[name]

    def other(self, row: Transaction) -> str:
        """Where the money of a row went to, or came from."""
        if row.category:
            return self._categories[row.category]
        return "Expenses:Uncategorized" if row.amount < 0 else "Income:Uncategorized"


def _free(name: str, taken: dict[str, str]) -> str:
    chosen, number = name, 1
    while chosen.lower() in taken:
        number += 1
        chosen = f"{name}-{number}"
    taken[chosen.lower()] = name
    return chosen


def part_of(text: str) -> str:
    """A part of an account's name that both formats take: letters, digits and `-`, beginning large."""
    letters = [
        char if category(char)[0] == "L" or category(char) == "Nd" else " "
        for char in normalize("NFKC", text)
    ]
    bare = "-".join("".join(letters).split())[:60].rstrip("-") or "X"
    first = bare[0].upper()
    fits = len(first) == 1 and (category(first) in ("Lu", "Nd"))
    return (first if fits else f"X{bare[0]}") + bare[1:]
