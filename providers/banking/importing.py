"""An import: a statement is read, compared with what is here, and written whole in one transaction.

Each file that it changes has one event with its content before and after, so that `undo` takes the
import back whole, and `history` of a month shows it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from providers.banking import layouts
from providers.banking.accounts import (
    Account,
    account_question,
    balance_of,
    fresh_name,
    known_as,
    masked,
    read_account,
    updated,
    write_account,
)
from providers.banking.keeping import TRIES, File, Files, Made, Stale, account_path, busy, month_path
from providers.banking.merging import SETTLING, Merged, by_month, merge, transactions
from providers.banking.reading import read_statement
from providers.banking.resting import collector_resting
from providers.banking.rules import Categories, read_rules
from providers.banking.statement import Answers, Question, Statement, Unreadable
from providers.banking.summing import month_attributes, totals
from providers.banking.trade import ACCOUNTS, IMPORTS, LAYOUTS, RULES, TRANSACTIONS
from vfs.action import Change
from vfs.drive import hop
from vfs.errors import BadName
from vfs.money import EXACT, plain, written
from vfs.names import slug
from vfs.node import Value
from vfs.transactions import Month, Transaction, months_between, read_month, write_month

PREVIEW = 20
_RULES_PATH = RULES


class Wanted(NamedTuple):
    """What is to be imported."""

    data: bytes
    name: str
    answers: Answers
    kind: str = ""
    dry_run: bool = False


class Facts(NamedTuple):
    """What a ledger knows that statements are read by."""

    accounts: dict[str, Account]
    layouts: dict[str, Answers]
    categories: Categories
    problems: list[str]


Told = dict[str, Value]


def told_question(question: Question) -> Told:
    """The answer of a verb that has to ask first."""
    return {
        "question": question.argument,
        "ask": question.ask,
        "options": question.options,
        "sample": question.sample,
    }


class Importing:
    """Imports into one ledger."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def run(self, wanted: Wanted, change: Change) -> Told:
        """What an import came to, or what has to be asked. Raises BadName for what is no statement."""
        with collector_resting():
            return await self._run(wanted, change)

    async def _run(self, wanted: Wanted, change: Change) -> Told:
        for _ in range(TRIES):
            facts = await self._facts(wanted.name)
            answers = wanted.answers._replace(account=_named(wanted.answers.account, facts))
            wanted = wanted._replace(answers=answers)
            statement = await _read(wanted, facts)
            if statement.question is not None:
                return told_question(statement.question)
            names = _names(statement, wanted, facts)
            if isinstance(names, Question):
                return told_question(names)
            try:
                return await self._entered(statement, names, wanted, facts, change)
            except Stale:
                continue
        raise busy(TRANSACTIONS)

    async def _facts(self, name: str) -> Facts:
        names = [name[:-5] for name in await self._files.names(ACCOUNTS) if name.endswith(".json")]
        marks = [
            name[:-5] for name in await self._files.names(f"{IMPORTS}/{LAYOUTS}") if name.endswith(".json")
        ]
        paths = [*map(account_path, names), *map(_layout_path, marks), _RULES_PATH]
        files = await self._files.read(paths)
        rules, problems = read_rules(files[_RULES_PATH].data)
        return Facts(
            {name: read_account(name, files[account_path(name)].data) for name in names},
            {mark: layouts.read_layout(files[_layout_path(mark)].data, name) for mark in marks},
            Categories(rules),
            problems,
        )

    async def _entered(
        self, statement: Statement, names: Sequence[str], wanted: Wanted, facts: Facts, change: Change
    ) -> Told:
        rows = await hop(lambda: _categorized(transactions(statement, names, wanted.name), facts.categories))
        days = {row[0] for row in rows}
        ends = {one.as_of for one in statement.accounts if one.as_of is not None}
        before = await self._files.read(
            [*_paths_around(days | ends), *map(account_path, names), *_made(statement)]
        )
        months = {
            path: read_month(before[path].data) for path in before if path.startswith(f"{TRANSACTIONS}/")
        }
        here = [row for month in months.values() for row in month.rows]
        merged = await hop(lambda: merge(rows, here))
        changed = await hop(lambda: _months(months, merged))
        kept = len(changed)
        problems = [*statement.problems, *facts.problems, *_doubts(merged), *_broken(before, months)]
        problems += _unbalanced(statement, names, facts.accounts, months, merged)
        changed |= _accounts(statement, names, wanted.kind, facts.accounts, before)
        changed |= _remembered(statement, wanted.name, before)
        sums = totals(merged.new)
        result: Told = {
            "question": "",
            "rows": len(rows),
            "new": len(merged.new),
            "duplicates": merged.duplicates,
            "replaced": merged.settled,
            "changed": len(merged.replaced) - merged.settled,
            "first": min(days, default=None),
            "last": max(days, default=None),
            "accounts": tuple(map(account_path, dict.fromkeys(names))),
            "months": tuple(path for path in changed if path in months),
            "problems": tuple(problems),
            "totals": tuple(sums),
            "layout": statement.layout,
            "record": "",
        }
        if wanted.dry_run:
            result["preview"] = tuple(tuple(row[:10]) for row in merged.new[:PREVIEW])
            return result
        if not changed:
            return result
        if kept:
            changed[_record_path(wanted.name)] = Made(_record(wanted, statement, result, sums))
        paths = await self._files.write(changed, before, change)
        result["record"] = paths[-1] if kept else ""
        return result


async def _read(wanted: Wanted, facts: Facts) -> Statement:
    try:
        accounts, name = facts.accounts, wanted.answers.account
        if wanted.kind and name and name not in accounts:
            accounts = accounts | {name: Account(name, wanted.kind)}
        return await hop(
            lambda: read_statement(wanted.data, wanted.name, wanted.answers, accounts, facts.layouts)
        )
    except Unreadable as error:
        raise BadName(wanted.name or "the statement", str(error), hint=error.hint) from None


def _named(text: str, facts: Facts) -> str:
    """The names of accounts that somebody gave, as their files have them."""
    names = filter(None, map(str.strip, text.split(",")))
    return ",".join(name if name in facts.accounts else slug(name) for name in names)


def _names(statement: Statement, wanted: Wanted, facts: Facts) -> list[str] | Question:
    """The accounts of the ledger that those of the statement are; what is not known is asked."""
    count = len(statement.accounts)
    said = list(filter(None, (wanted.answers.account or statement.settled.get("account", "")).split(",")))
    if len(said) == count:
        return said
    unmarked = [account for account in facts.accounts.values() if not account.mark]
    found = [known_as(holding, facts.accounts) for holding in statement.accounts]
    fresh = _fresh(statement, facts)
    if not said and (all(found) or not unmarked or all(holding.name for holding in statement.accounts)):
        return fresh
    if count == 1:
        return account_question(wanted.name, facts.accounts, statement.accounts[0].number)
    numbers = ", ".join(masked(holding.number) or holding.kind or "?" for holding in statement.accounts)
    ask = f"The statement is of {count} accounts: {numbers}. Name one for each, in this order: a,b."
    return Question("account", ask, ((",".join(fresh), "these"),))


def _fresh(statement: Statement, facts: Facts) -> list[str]:
    names: list[str] = []
    for holding in statement.accounts:
        known = known_as(holding, facts.accounts)
        names.append(known or fresh_name(holding, [*facts.accounts, *names]))
    return names


def _categorized(rows: list[Transaction], categories: Categories) -> list[Transaction]:
    """Rows with what the rules say; a bank's own category stands where none fits."""
    if not categories:
        return rows
    found = []
    for row in rows:
        category = categories.of(row)
        found.append(row._replace(category=category) if category else row)
    return found


def _paths_around(days: Collection[date]) -> list[str]:
    """The months in which rows, or what they were while pending, may stand."""
    around = set()
    for day in days:
        around |= {(near.year, near.month) for near in (_moved(day, -SETTLING), day, _moved(day, SETTLING))}
    return [month_path(*one) for one in sorted(around)]


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _months(months: Mapping[str, Month], merged: Merged) -> dict[str, Made]:
    """The bytes of the months that change."""
    gone: dict[str, set[int]] = {}
    where = {id(row): path for path, month in months.items() for row in month.rows} if merged.replaced else {}
    added: dict[str, list[Transaction]] = {}
    for old, new in merged.replaced:
        gone.setdefault(where[id(old)], set()).add(id(old))
        added.setdefault(month_path(new.date.year, new.date.month), []).append(new)
    for (year, number), rows in by_month(merged.new).items():
        added.setdefault(month_path(year, number), []).extend(rows)
    changed = {}
    for path in sorted({*gone, *added}):
        month = months[path]
        left = gone.get(path, ())
        rows = [row for row in month.rows if id(row) not in left] if left else month.rows
        month = month._replace(rows=[*rows, *added.get(path, ())])
        changed[path] = Made(write_month(month), month_attributes(month))
    return changed


def _doubts(merged: Merged) -> list[str]:
    told = []
    if merged.doubtful:
        new, old = merged.doubtful[0]
        names = f"'{new.payee[:40]}' and '{old.payee[:40]}' on {new.date}"
        count = len(merged.doubtful)
        rows = (
            "1 new row has the day and amount of one"
            if count == 1
            else f"{count} new rows have those of some"
        )
        told.append(f"{rows} that is here under other words ({names}): taken as another")
    for old, row in merged.differing[:5]:
        told.append(
            f"{old.date} '{old.payee[:40]}' is {written(old.amount, old.currency)} here,"
            f" but {written(row.amount, row.currency)} in the statement: it stays as it is"
        )
    return told


def _unbalanced(
    statement: Statement,
    names: Sequence[str],
    accounts: Mapping[str, Account],
    months: Mapping[str, Month],
    merged: Merged,
) -> list[str]:
    """Accounts whose transactions since the last balance do not come to the new one."""
    told = []
    for holding, name in zip(statement.accounts, names, strict=True):
        last = balance_of(accounts[name]) if name in accounts else None
        if last is None or holding.balance is None or holding.as_of is None or holding.as_of <= last[0]:
            continue
        known = {f"{TRANSACTIONS}/{one}" for one in months_between(last[0], holding.as_of)}
        if not known <= months.keys() or holding.currency not in ("", accounts[name].currency):
            continue
        gone = {id(old) for old, _ in merged.replaced}
        here = [row for month in months.values() for row in month.rows if id(row) not in gone]
        expected = last[1]
        for row in (*here, *merged.new, *[new for _, new in merged.replaced]):
            if row.account == name and not row.pending and last[0] < row.date <= holding.as_of:
                expected = EXACT.add(expected, row.amount)
        if expected != holding.balance:
            currency = accounts[name].currency
            stated, summed = written(holding.balance, currency), written(expected, currency)
            told.append(
                f"{name}: the statement ends with {stated}, but by the transactions since {last[0]}"
                f" it is {summed}: is one missing?"
            )
    return told


def _broken(before: Mapping[str, File], months: Mapping[str, Month]) -> list[str]:
    return [
        f"{path}: line {one.line} {one.reason}; it stays as it is"
        for path, month in months.items()
        for one in month.broken[:3]
    ]


def _accounts(
    statement: Statement,
    names: Sequence[str],
    kind: str,
    accounts: Mapping[str, Account],
    before: Mapping[str, File],
) -> dict[str, Made]:
    changed: dict[str, Made] = {}
    present = dict(accounts)
    for at, (holding, name) in enumerate(zip(statement.accounts, names, strict=True)):
        currency = holding.currency or next(
            (line.currency for line in statement.lines if line.holding == at), ""
        )
        stored = updated(present.get(name), name, holding, currency, kind)
        if stored is not None:
            data = write_account(stored)
            if data != before[account_path(name)].data:
                changed[account_path(name)] = Made(data)
            present[name] = read_account(name, data)
    return changed


def _made(statement: Statement) -> list[str]:
    return [_layout_path(statement.fingerprint)] if statement.fingerprint else []


def _layout_path(mark: str) -> str:
    return f"{IMPORTS}/{LAYOUTS}/{mark}.json"


def _remembered(statement: Statement, name: str, before: Mapping[str, File]) -> dict[str, Made]:
    if not statement.fingerprint:
        return {}
    path = _layout_path(statement.fingerprint)
    data = layouts.with_answers(before[path].data, statement.settled, statement.layout, name)
    return {path: Made(data)} if data != before[path].data else {}


def _record_path(name: str) -> str:
    stem = slug(name.rpartition("/")[2].rpartition(".")[0] or name) if name else "statement"
    return f"{IMPORTS}/{datetime.now(UTC):%Y-%m-%d}-{stem}.json"


def _record(
    wanted: Wanted, statement: Statement, result: Told, sums: Sequence[tuple[str, Decimal, Decimal]]
) -> bytes:
    """What is kept of an import: where it came from and what it came to."""
    stored = {
        "file": wanted.name,
        "sha256": sha256(wanted.data).hexdigest(),
        "at": datetime.fromtimestamp(int(time.time()), UTC).isoformat(),
        "format": statement.layout,
        "layout": statement.fingerprint,
        "accounts": result["accounts"],
        "months": result["months"],
        **{key: result[key] for key in ("rows", "new", "duplicates", "replaced", "changed")},
        "first": str(result["first"] or ""),
        "last": str(result["last"] or ""),
        "totals": [
            {"currency": currency, "in": plain(into, currency), "out": plain(out, currency)}
            for currency, into, out in sums
        ],
        "problems": result["problems"],
    }
    return (json.dumps(stored, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
