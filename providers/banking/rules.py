"""Rules that give categories: a file of patterns, the first that fits counts; they fill what is empty."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from providers.banking.merging import normal
from vfs.formulas import guarded, unguarded
from vfs.transactions import Transaction

COLUMNS = ("pattern", "sign", "account", "category")
SIGNS = ("", "in", "out")
LONGEST = 200
MOST = 5000


class Rule(NamedTuple):
    """What a payee or a description contains, and the category that this means."""

    pattern: str
    sign: str
    """`in`, `out`, or "" for both."""
    account: str
    category: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other rules."""
        return _worded(self.pattern), self.sign, self.account


def read_rules(data: bytes) -> tuple[list[Rule], list[str]]:
    """The rules of a file, and what is wrong with the lines that are none."""
    rules: list[Rule] = []
    problems = []
    lines = list(StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    try:
        found = list(csv.reader(lines))
    except csv.Error as error:
        return [], [f"rules.csv: {error}"]
    heading = [cell.strip().lower() for cell in found[0]] if found else []
    if found and not {"pattern", "category"} <= set(heading):
        return [], [f"rules.csv: the first line has to name the columns: {','.join(COLUMNS)}"]
    for number, cells in enumerate(found[1:], 2):
        named = dict(zip(heading, map(unguarded, cells), strict=False))
        rule = Rule(*[named.get(name, "").strip() for name in COLUMNS])
        if not any(cells):
            continue
        if not _worded(rule.pattern) or rule.sign not in SIGNS or not rule.category:
            problems.append(f"rules.csv: line {number} needs a pattern, a category, and in, out or no sign")
        else:
            rules.append(rule)
    return rules[:MOST], problems


def write_rules(rules: Sequence[Rule]) -> bytes:
    """The file's bytes."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in rule] for rule in rules)
    return out.getvalue().encode("utf-8", "replace")


def with_rule(rules: Sequence[Rule], rule: Rule) -> list[Rule]:
    """The rules with one more, or with another category for the same pattern."""
    if any(one.key == rule.key for one in rules):
        return [rule if one.key == rule.key else one for one in rules]
    return [*rules, rule]


def without_rule(rules: Sequence[Rule], pattern: str, sign: str, account: str) -> list[Rule]:
    """The rules without those of a pattern, and of a sign and an account where these are named."""
    gone = _worded(pattern)
    return [
        one
        for one in rules
        if not (_worded(one.pattern) == gone and sign in ("", one.sign) and account in ("", one.account))
    ]


def _worded(pattern: str) -> str:
    """A pattern as it is compared: words and stars."""
    return " ".join(
        filter(None, (normal(part) if part != "*" else "*" for part in re.split(r"(\*)", pattern)))
    )


class Categories:
    """The category that rules give to a row."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [(_Matcher(rule.pattern), rule) for rule in rules]
        self._known: dict[tuple[str, str, bool, str], str] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, row: Transaction) -> str:
        """The category; "" when no rule fits."""
        if not self._rules:
            return ""
        asked = row.payee, row.description, row.amount < 0, row.account
        found = self._known.get(asked)
        if found is None:
            found = self._found(row)
            if len(self._known) < 200_000:
                self._known[asked] = found
        return found

    def _found(self, row: Transaction) -> str:
        texts = f" {normal(row.payee)} ", f" {normal(row.description)} "
        sign = "out" if row.amount < 0 else "in"
        for fits, rule in self._rules:
            if rule.sign in ("", sign) and rule.account in ("", row.account) and any(map(fits.fits, texts)):
                return rule.category
        return ""


class _Matcher:
    """Tells whether the parts between a pattern's stars stand in a text, in their order."""

    __slots__ = ("_parts",)

    def __init__(self, pattern: str) -> None:
        self._parts = [part for part in map(normal, pattern.split("*")) if part]

    def fits(self, text: str) -> bool:
        at = 0
        for part in self._parts:
            found = text.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return bool(self._parts)
