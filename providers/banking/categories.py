"""Categories of rows that are here: set by a person, filled by rules, and proposed from the past."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from providers.banking.keeping import TRIES, File, Files, Made, Stale, busy
from providers.banking.merging import normal
from providers.banking.rules import Categories, Rule, read_rules, with_rule, without_rule, write_rules
from providers.banking.statement import one_line
from providers.banking.summing import month_attributes
from providers.banking.trade import RULES, TRANSACTIONS
from vfs.action import Change
from vfs.drive import hop
from vfs.node import Value
from vfs.transactions import Month, Transaction, read_month, write_month

LONGEST = 100
"""Characters of a category."""

_SEEN = 0.6
"""Of a payee's rows with a category, how many have to have the same one for a proposal."""

Told = dict[str, Value]


class Categorizing:
    """Changes categories in one ledger; each call is one transaction."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def _months(self) -> dict[str, File]:
        names = await self._files.names(TRANSACTIONS)
        return await self._files.read([f"{TRANSACTIONS}/{name}" for name in names if name.endswith(".csv")])

    async def categorize(self, wanted: Mapping[str, str], change: Change) -> Told:
        """Rows get categories by their ids."""
        for _ in range(TRIES):
            before = await self._months()

            def work(before: dict[str, File] = before) -> tuple[dict[str, Made], int, set[str]]:
                changed, count, found = {}, 0, set[str]()
                for path, file in before.items():
                    month = read_month(file.data)
                    rows = []
                    for row in month.rows:
                        category = wanted.get(row.id) if row.id else None
                        if category is not None:
                            found.add(row.id)
                            if category != row.category:
                                row, count = row._replace(category=category), count + 1
                        rows.append(row)
                    if rows != month.rows:
                        changed[path] = _made(month._replace(rows=rows))
                return changed, count, found

            changed, count, found = await hop(work)
            if not await self._written(changed, before, change):
                continue
            missing = tuple(one for one in wanted if one not in found)
            return {"changed": count, "missing": missing, "months": tuple(changed)}
        raise busy(TRANSACTIONS)

    async def _written(self, changed: dict[str, Made], before: dict[str, File], change: Change) -> bool:
        try:
            if changed:
                await self._files.write(changed, before, change)
        except Stale:
            return False
        return True

    async def rule(self, rule: Rule, change: Change, *, remove: bool, apply: bool, dry_run: bool) -> Told:
        """A rule is added, changed or removed; where it applies, rows without a category are filled."""
        for _ in range(TRIES):
            stored = await self._files.read([RULES])
            rules, problems = read_rules(stored[RULES].data)
            if problems and not dry_run:
                return {
                    "problems": tuple(problems),
                    "matched": 0,
                    "filled": 0,
                    "kept": 0,
                    "rules": len(rules),
                }
            gone = without_rule(rules, rule.pattern, rule.sign, rule.account)
            after = gone if remove else with_rule(rules, rule)
            before: dict[str, File] = {} if remove else await self._months()
            only, all_rules = Categories([rule]), Categories(after)

            def work(
                before: dict[str, File] = before, only: Categories = only, all_rules: Categories = all_rules
            ) -> tuple[dict[str, Made], int, int, int]:
                return _filled(before, only, all_rules, rule.category)

            changed, matched, filled, kept = await hop(work)
            changed = changed if apply and not remove else {}
            if after != rules:
                changed[RULES] = Made(write_rules(after))
            if dry_run or await self._written(changed, before | stored, change):
                told = {
                    "matched": matched,
                    "filled": filled if apply else 0,
                    "kept": kept,
                    "rules": len(after),
                }
                return {**told, "removed": len(rules) - len(gone) if remove else 0, "problems": ()}
        raise busy(RULES)

    async def suggest(self) -> Told:
        """Proposals for rows without a category."""
        months = await self._months()

        def work() -> tuple[Value, ...]:
            return proposals([row for file in months.values() for row in read_month(file.data).rows])

        return {"suggestions": await hop(work)}


def _made(month: Month) -> Made:
    return Made(write_month(month), month_attributes(month))


def _filled(
    before: Mapping[str, File], only: Categories, all_rules: Categories, category: str
) -> tuple[dict[str, Made], int, int, int]:
    changed: dict[str, Made] = {}
    matched = filled = kept = 0
    for path, file in before.items():
        month: Month = read_month(file.data)
        rows = list(month.rows)
        for at, row in enumerate(rows):
            if only.of(row):
                matched += 1
                kept += bool(row.category) and row.category != category
                if not row.category and (given := all_rules.of(row)):
                    rows[at] = row._replace(category=given)
                    filled += 1
        if rows != month.rows:
            changed[path] = _made(month._replace(rows=rows))
    return changed, matched, filled, kept


def proposals(rows: Sequence[Transaction]) -> tuple[Value, ...]:
    """For rows without a category, what most rows of the same payee and direction have."""
    past: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.category and row.payee:
            past[normal(row.payee), row.amount < 0][row.category] += 1
    found: list[Value] = []
    for row in rows:
        counts = None if row.category else past.get((normal(row.payee), row.amount < 0))
        if counts:
            category, seen = counts.most_common(1)[0]
            if seen >= _SEEN * counts.total():
                found.append((row.id, row.date, row.amount, row.currency, row.payee, category, seen))
    return tuple(found)


def category_of(text: str) -> str:
    """A category as it is kept."""
    return one_line(text)[:LONGEST]
