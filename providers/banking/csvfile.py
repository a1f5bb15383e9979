"""Statements in CSV of any bank: a table, its layout, and the lines that follow from both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from operator import itemgetter

from providers.banking import amounts
from providers.banking.accounts import Account, account_question, known_as
from providers.banking.charsets import decoded
from providers.banking.days import readings
from providers.banking.headers import directions, is_pending
from providers.banking.layout import Layout, columns_of, fingerprint_of, layout_of, sample
from providers.banking.running import Step, gap_of, last_of
from providers.banking.statement import (
    LONGEST_TEXT,
    Answers,
    Columns,
    Holding,
    Line,
    Problems,
    Question,
    Statement,
    asked,
    currency_of,
    odd_decimals,
    one_line,
    scaled,
)
from providers.banking.table import Table, table_of
from vfs.formulas import unguarded
from vfs.money import BadAmount, minor_units
from vfs.transactions import COLUMNS

_SAMPLE = 1000
"""Cells by which it is judged whether texts come again."""

MOST_TEXTS = 20_000
"""Texts that are remembered, since most payees come again."""


def read_csv(
    data: bytes, name: str, answers: Answers, accounts: Mapping[str, Account], layouts: Mapping[str, Answers]
) -> Statement:
    """The statement, or what has to be asked first. Raises Unreadable."""
    problems = Problems()
    table = table_of(decoded(data, answers.charset), answers.header, problems)
    mark = fingerprint_of(table)
    before = layouts.get(mark, Answers())
    answers = answers._replace(columns=answers.columns or before.columns)
    columns = columns_of(table, answers)
    if isinstance(columns, Question):
        return asked("csv", columns, mark)
    number = "" if "account" in columns else table.own_number()
    account = answers.account or known_as(Holding(number), accounts) or before.account
    if "account" not in columns and not account:
        return asked("csv", account_question(name, accounts, number, sample(table)), mark)
    known = accounts.get(account)
    layout = layout_of(table, columns, answers, before, known.kind if known is not None else "")
    if isinstance(layout, Question):
        return asked("csv", layout, mark)
    currency = layout.currency or (known.currency if known is not None else "")
    if not currency and not _names_currency(table, layout):
        return asked("csv", _ask_currency(accounts, table), mark)
    reader = Reader(table, layout._replace(currency=currency), problems, number)
    lines = reader.lines()
    settled = {"columns": answers.columns, "account": account, "header": answers.header}
    settled |= {"dates": layout.dates, "decimal": layout.decimal, "sign": "out" if layout.flip else "in"}
    settled |= {"charset": answers.charset}
    said = [*problems.told(), *reader.gaps()]
    return Statement("csv", lines, reader.holdings(), said, None, mark, settled)


def _names_currency(table: Table, layout: Layout) -> bool:
    """Whether the rows themselves say their currency."""
    at = layout.at("currency")
    if at >= 0:
        return any(currency_of(cell) for cell in table.column(at))
    money = layout.at("amount") if layout.at("amount") >= 0 else layout.at("credit")
    for cell in table.column(money)[:50]:
        try:
            if amounts.read(cell, layout.decimal)[1]:
                return True
        except BadAmount:
            continue
    return False


def _ask_currency(accounts: Mapping[str, Account], table: Table) -> Question:
    used = [account.currency for account in accounts.values() if account.currency]
    options = tuple((code, code) for code in dict.fromkeys([*used, "EUR", "USD", "GBP"]))
    return Question(
        "currency", "In which currency are the amounts? The statement does not say.", options, sample(table)
    )


class Reader:
    """Makes lines of a table's rows."""

    def __init__(self, table: Table, layout: Layout, problems: Problems, number: str) -> None:
        self._table = table
        self._layout = layout
        self._problems = problems
        self._numbers: dict[str, int] = {} if layout.at("account") >= 0 else {number: 0}
        self._dates: dict[str, date | None] = {}
        self._texts: dict[str, str] = {}
        self._running: dict[int, list[Step]] = {}
        heading = tuple(cell.lower() for cell in table.heading)
        self._own = heading[: len(COLUMNS)] == COLUMNS
        """Whether it is a ledger's own file, whose ids are true and whose cells are guarded."""

    def lines(self) -> Sequence[Line]:
        """The lines of all rows that are movements; the others are told."""
        if self._is_plain() and (plain := self._by_columns()) is not None:
            return plain
        found: list[Line] = []
        first = self._layout.at("date")
        dates, amount, line = self._dates, self._amount(), self._line()
        money_of, known = itemgetter(*self._money_columns()), dict[object, tuple[Decimal, str]]()
        width = self._needed()
        for number, cells in self._table.rows:
            try:
                day = dates[cells[first]]
                money, currency = known[money_of(cells)]
            except (KeyError, IndexError):
                day = self._any_day(cells)
                if day is None:
                    self._strange(number, cells, first)
                    continue
                if self._says_balance_only(cells):
                    continue
                try:
                    money, currency = self._checked(number, amount(cells))
                except BadAmount as error:
                    self._problems.tell(f"line {number}: {error}; left out")
                    continue
                if len(cells) >= width and not odd_decimals(money, currency):
                    known[money_of(cells)] = money, currency
            if day is None and (day := self._any_day(cells)) is None:
                self._strange(number, cells, first)
                continue
            found.append(line(cells, day, money, currency))
        return self._with_keys(found)

    def _needed(self) -> int:
        """How many cells a row has where none is missing."""
        return 1 + max(at for ats in self._layout.columns.values() for at in ats)

    def _is_plain(self) -> bool:
        """Whether a row says no more than a day, money, a payee and one description."""
        others = ("account", "pending", "balance", "category", "id")
        several = len(self._layout.columns.get("description", ())) > 1
        return not several and max(map(self._layout.at, others)) < 0 <= self._layout.at("payee")

    def _by_columns(self) -> Columns | None:
        """`lines` of a table without anything odd, a column at a time; None where a row needs a look."""
        columns = self._table.even()
        if columns is None or len(columns) < self._needed():
            return None
        when = columns[self._layout.at("date")]
        days = {cell: self._day(cell) for cell in set(when)}
        money = None if None in days.values() else self._money_of(columns)
        if money is None:
            return None
        about, payees = self._layout.at("description"), columns[self._layout.at("payee")]
        none = [""] * len(when)
        said = self._texts_of(columns[about]) if about >= 0 else none
        return Columns(
            [
                list(map(days.__getitem__, when)), *money, [0] * len(when), self._texts_of(payees), said,
                none, [False] * len(when), none, none,
            ]
        )  # fmt: skip

    def _money_of(self, columns: Sequence[Sequence[str]]) -> tuple[list[Decimal], list[str]] | None:
        """The amounts and the currencies of all rows, each different one read once; None for an odd one."""
        count, single = len(columns[0]), self._layout.at("amount")
        cells = [column[0] for column in columns]
        used = [at for at in self._money_columns() if columns[at].count(cells[at]) < count]
        if single >= 0 > self._layout.at("type") and used in ([], [single]):
            named = self._layout.at("currency")
            code = (currency_of(cells[named]) if named >= 0 else "") or self._layout.currency
            mark, flip = self._layout.decimal, self._layout.flip
            different = self._table.distinct(single) if code else []
            plain = amounts.plainly(different, mark, minor_units(code), flip=flip)
            if plain and len(self._table.column(single)) == count:
                return list(map(plain.__getitem__, columns[single])), [code] * count
        used = used or self._money_columns()
        keys = list(zip(*[columns[at] for at in used], strict=True))
        read, known = self._amount(), dict[tuple[str, ...], tuple[Decimal, str]]()
        try:
            for key in set(keys):
                for at, cell in zip(used, key, strict=True):
                    cells[at] = cell
                known[key] = read(cells)
                if not known[key][1] or odd_decimals(*known[key]):
                    return None
        except BadAmount:
            return None
        money, currencies = zip(*map(known.__getitem__, keys), strict=True)
        return list(money), list(currencies)

    def _texts_of(self, column: Sequence[str]) -> Sequence[str]:
        """The texts of a column, all clean already as a rule."""
        some = column[:_SAMPLE]
        known = column if 2 * len(set(some)) > len(some) else list(dict.fromkeys(column))
        joined = "\n".join(known)
        one_line_each = joined.count("\n") == len(known) - 1 and joined.replace("\n", "").isprintable()
        if (
            one_line_each
            and not self._own
            and "  " not in joined
            and all(map(str.__eq__, map(str.strip, known), known))
            and max(map(len, known)) <= LONGEST_TEXT
        ):
            return column
        return [self._texts[cell] if cell in self._texts else self._clean(cell) for cell in column]

    def _money_columns(self) -> list[int]:
        """The cells that an amount depends on."""
        roles = ("amount", "debit", "credit", "currency", "type")
        return [at for role in roles if (at := self._layout.at(role)) >= 0]

    def _checked(self, number: int, money: tuple[Decimal, str]) -> tuple[Decimal, str]:
        if not money[1]:
            raise BadAmount("names no currency")
        if odd := odd_decimals(*money):
            self._problems.tell(f"line {number}: {odd}")
        return money

    def _says_balance_only(self, cells: list[str]) -> bool:
        """Whether a row is no movement: a balance at the beginning or the end."""
        balance = self._layout.at("balance")
        money = [at for role in ("amount", "debit", "credit") if (at := self._layout.at(role)) >= 0]
        empty = not any(at < len(cells) and cells[at].strip() for at in money)
        return empty and 0 <= balance < len(cells) and bool(cells[balance].strip())

    def _strange(self, number: int, cells: list[str], first: int) -> None:
        """A row without a day: told, unless it is a total or a remark with hardly anything in it."""
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) > 2 or (first < len(cells) and cells[first].strip() and len(filled) > 1):
            what = cells[first].strip()[:30] if first < len(cells) else ""
            self._problems.tell(
                f"line {number}: '{what}' is no date; left out"
                if what
                else f"line {number}: has no date; left out"
            )

    def _any_day(self, cells: list[str]) -> date | None:
        """The day of posting, or what else a row says where it is not posted yet."""
        days = (self._day(cells[at]) for at in self._layout.columns["date"] if at < len(cells) and cells[at])
        return next(filter(None, days), None)

    def _day(self, cell: str) -> date | None:
        if cell not in self._dates:
            self._dates[cell] = readings(cell).get(self._layout.dates)
        return self._dates[cell]

    def _amount(self) -> Callable[[list[str]], tuple[Decimal, str]]:
        """What reads the amount and the currency of a row. It raises BadAmount."""
        layout, mark = self._layout, self._layout.decimal
        at, named, which = layout.at("amount"), layout.at("currency"), layout.at("type")
        debit, credit = layout.at("debit"), layout.at("credit")
        ways = self._ways(at, which)
        usual = layout.currency
        plain: dict[str, re.Pattern[str]] = {}
        outwards = (
            sum(cell.strip().startswith("-") for cell in self._table.column(debit)) if debit >= 0 else 0
        )
        debits_minus = debit >= 0 and outwards * 2 > len(self._table.column(debit))

        def money(cell: str, code: str) -> tuple[Decimal, str]:
            pattern = plain.get(code)
            if pattern is None and code:
                pattern = plain[code] = amounts.pattern_of(mark, minor_units(code))
            if pattern is not None and pattern.fullmatch(cell):
                amount = Decimal(cell.replace(",", ".") if mark == "," else cell)
                return (amount if amount else amount.copy_abs()), code
            amount, beside = amounts.read(cell, mark)
            code = code or beside
            return (scaled(amount, code) if code else amount), code

        known: dict[str, str] = {"": usual}

        def currency(cells: list[str]) -> str:
            if not 0 <= named < len(cells):
                return usual
            cell = cells[named]
            if cell not in known:
                known[cell] = currency_of(cell) or usual
            return known[cell]

        def single(cells: list[str]) -> tuple[Decimal, str]:
            amount, code = money(cells[at] if at < len(cells) else "", currency(cells))
            if ways:
                way = ways.get(cells[which], 0) if which < len(cells) else 0
                if not way:
                    raise BadAmount("does not say whether it is money in or out")
                amount = amount * way
            return (-amount if layout.flip and amount else amount), code

        def double(cells: list[str]) -> tuple[Decimal, str]:
            code = currency(cells)
            out = cells[debit].strip() if debit < len(cells) else ""
            into = cells[credit].strip() if credit < len(cells) else ""
            if out and into:
                (gone, code), (come, _) = money(out, code), money(into, code)
                if gone and come:
                    raise BadAmount("has both a debit and a credit")
                out, into = (out, "") if gone else ("", into)
            amount, code = money(out or into, code)
            return (-amount if out and amount and not debits_minus else amount), code

        return single if at >= 0 else double

    def _ways(self, at: int, which: int) -> Mapping[str, int]:
        """What the words say of the sign; nothing where amounts have it themselves, which then holds."""
        words = self._table.column(which) if min(at, which) >= 0 else []
        ways = directions(words)
        if (
            not words
            or not all(ways.values())
            or amounts.signs_of(self._table.column(at), self._layout.decimal)[1]
        ):
            return {}
        return ways

    def _line(self) -> Callable[[list[str], date, Decimal, str], Line]:
        """What makes a line of a row's cells, its day and its money."""
        layout, numbers, running = self._layout, self._numbers, self._running
        payee, category, key = layout.at("payee"), layout.at("category"), layout.at("id")
        account, status, balance = layout.at("account"), layout.at("pending"), layout.at("balance")
        about = layout.columns.get("description", [])
        texts, clean = self._texts, self._clean

        def text(cells: list[str], at: int) -> str:
            if not 0 <= at < len(cells) or not (cell := cells[at]):
                return ""
            return texts[cell] if cell in texts else clean(cell)

        def line(cells: list[str], day: date, money: Decimal, currency: str) -> Line:
            holding = 0
            if account >= 0:
                holding = numbers.setdefault(text(cells, account), len(numbers))
            if 0 <= balance < len(cells) and cells[balance].strip():
                running.setdefault(holding, []).append(Step(day, money, currency, cells[balance]))
            description = " ".join(filter(None, [text(cells, at) for at in about]))
            pending = 0 <= status < len(cells) and is_pending(cells[status])
            label, mark = text(cells, category), text(cells, key)
            return Line(day, money, currency, holding, text(cells, payee), description, label, pending, mark)

        return line

    def _clean(self, cell: str) -> str:
        text = one_line(unguarded(cell) if self._own else cell)
        if len(self._texts) < MOST_TEXTS:
            self._texts[cell] = text
        return text

    def _with_keys(self, lines: list[Line]) -> list[Line]:
        """Ids only where they tell the rows of an account apart."""
        if self._layout.at("id") < 0:
            return lines
        keys = [(line.holding, line.key) for line in lines]
        if len(set(keys)) != len(keys) or not all(key for _, key in keys):
            return lines if self._own else [line._replace(key="") for line in lines]
        return [line._replace(further=line.key) for line in lines] if self._own else lines

    def gaps(self) -> list[str]:
        """Where running balances do not add up; read after the lines."""
        return list(filter(None, [gap_of(one, self._layout.decimal) for one in self._running.values()]))

    def holdings(self) -> list[Holding]:
        """The accounts that the rows belong to, with the balances that they end with."""
        found = []
        for number, at in self._numbers.items():
            latest = last_of(self._running.get(at, ()))
            balance = None
            with suppress(BadAmount):
                balance = (
                    amounts.read(latest.balance, self._layout.decimal)[0] if latest is not None else None
                )
            name = number if self._own else ""
            found.append(
                Holding(
                    "" if self._own else number,
                    name,
                    currency=self._layout.currency,
                    balance=balance,
                    as_of=latest.day if latest is not None else None,
                )
            )
        return found
