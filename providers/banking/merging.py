"""Which lines of a statement are new: by the bank's number of them, else by account, day, amount and text.

Within one statement two equal lines are two movements; a line that is here already is the same one. What
was pending and is posted takes the place of the pending one. A person's category always stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from itertools import repeat
from struct import pack
from typing import Any, NamedTuple
from zlib import crc32

from providers.banking.accounts import number_hash
from providers.banking.statement import Columns, Line, Statement
from vfs.transactions import Transaction

SETTLING = timedelta(days=10)
"""How much later than it was pending a movement may be posted."""

BY_CONTENT = "csv-"
"""Begins an id that is made of the content."""

_WORDS = re.compile(r"[^\W_]+")
_ALIKE = 0.5

_NUMBERS = (Line._fields.index("key"), Line._fields.index("further"))

Key = tuple[str, int, Decimal, str]
"""Account, day, amount and currency."""


class Merged(NamedTuple):
    """What a statement comes to, beside what is here."""

    new: list[Transaction]
    replaced: list[tuple[Transaction, Transaction]]
    """What was here, and what stands in its place: posted, or told otherwise by the bank."""
    duplicates: int
    settled: int
    """How many of the replaced were pending."""
    doubtful: list[tuple[Transaction, Transaction]]
    """New ones, each with one of the same day and amount whose text is another."""
    differing: list[tuple[Transaction, Transaction]]
    """What is here and posted, and what the bank says of it under the same number; it stays as it is."""


def transactions(statement: Statement, names: Sequence[str], source: str) -> list[Transaction]:
    """The lines as they stand in a ledger; `names` are those of the statement's accounts."""
    accounts = zip(statement.accounts, names, strict=True)
    tags = [number_hash(holding.number)[:6] or name for holding, name in accounts]
    if not statement.lines:
        return []
    lines = statement.lines
    columns = lines.columns if isinstance(lines, Columns) else list(zip(*lines, strict=True))
    bare = _by_contents(columns, names, source)
    if not any(any(columns[at]) for at in _NUMBERS):
        return bare
    found = []
    for line, row in zip(statement.lines, bare, strict=True):
        if line.further:
            found.append(row._replace(id=line.further))
        else:
            found.append(row._replace(id=f"{tags[line.holding]}-{line.key}") if line.key else row)
    ids = [f"{row.account}\0{row.id}" for row in found]
    if len(set(ids)) == len(ids):
        return found
    vague = _not_of_one(found)
    if vague:
        found = [
            plain if (row.account, row.id) in vague and not line.further else row
            for line, row, plain in zip(statement.lines, found, bare, strict=True)
        ]
        ids = [f"{row.account}\0{row.id}" for row in found]
    marked = _numbered(ids)
    return [row._replace(id=id.partition("\0")[2]) for row, id in zip(found, marked, strict=True)]


def _not_of_one(rows: Iterable[Transaction]) -> set[tuple[str, str]]:
    """Numbers that a bank gives to different movements: by these none is known again."""
    told: dict[tuple[str, str], tuple[date, Decimal]] = {}
    return {
        key
        for row in rows
        if told.setdefault(key := (row.account, row.id), (row.date, row.amount)) != (row.date, row.amount)
    }


def _by_contents(columns: Sequence[Sequence[Any]], names: Sequence[str], source: str) -> list[Transaction]:
    """`transactions` of lines that have no number of the bank's, a column at a time."""
    days, amounts, currencies, holdings, payees, said, categories, pending, _, _ = columns
    accounts = [names[holding] for holding in holdings]
    ids = _content_ids(days, amounts, list(zip(accounts, currencies, payees, said, strict=True)))
    if len(set(ids)) != len(ids):
        ids = _numbered(ids)
    made = zip(
        days,
        amounts,
        currencies,
        accounts,
        payees,
        said,
        categories,
        pending,
        ids,
        repeat(source),
        repeat(()),
    )
    return list(map(partial(tuple.__new__, Transaction), made))


def _content_ids(
    days: Sequence[date], amounts: Sequence[Decimal], texts: Sequence[tuple[str, ...]]
) -> list[str]:
    """The ids of movements by day, amount and what else is told of them."""
    joined = list(map(" ".join, texts))
    folded = "\n".join(joined).casefold().encode().split(b"\n")
    if len(folded) != len(joined):
        folded = [text.casefold().encode() for text in joined]
    shown = {day: f"{BY_CONTENT}{day}" for day in set(days)}
    sums = pack(f">{len(folded)}I", *map(crc32, folded)).hex("\n", 4).split("\n")
    return list(map("_".join, zip(map(shown.__getitem__, days), map(str, amounts), sums, strict=True)))


def _numbered(ids: Sequence[str]) -> list[str]:
    """Ids with a number where one came before: two equal lines are two."""
    seen: dict[str, int] = {}
    found = []
    for one in ids:
        number = seen[one] = seen.get(one, 0) + 1
        found.append(one if number == 1 else f"{one}-{number}")
    return found


@lru_cache(maxsize=100_000)
def normal(text: str) -> str:
    """A text by which the same movement is known again: words without case and marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(_WORDS.findall(text.casefold()))


def _text(row: Transaction) -> str:
    return f"{normal(row.payee)} {normal(row.description)}".strip()


def _key(row: Transaction) -> Key:
    return row.account, row.date.toordinal(), row.amount, row.currency


def merge(rows: Sequence[Transaction], here: Iterable[Transaction]) -> Merged:
    """What `rows`, all of one statement, bring beside what is here of the same days and some around them."""
    here = list(here)
    if not here:
        return Merged(list(rows), [], 0, 0, [], [])
    work = _Merging(rows, here)
    work.by_id()
    work.by_content(lambda new, old: _text(new) == _text(old))
    work.by_content(_may_be_same, lest=work.speaks_alike())
    work.by_settling()
    return work.merged()


def _may_be_same(new: Transaction, old: Transaction) -> bool:
    """Whether two of the same day and amount are one that two formats tell in other words."""
    if _is_bank(new) and _is_bank(old) and new.id.partition("-")[0] == old.id.partition("-")[0]:
        return False
    if _is_content(new) and _is_content(old):
        first, second = set(_text(new).split()), set(_text(old).split())
        return first <= second or second <= first
    return _alike(_text(new), _text(old))


def _is_content(row: Transaction) -> bool:
    return row.id.startswith(BY_CONTENT)


def _is_bank(row: Transaction) -> bool:
    return bool(row.id) and not _is_content(row)


def _alike(first: str, second: str) -> bool:
    """Whether texts share most of the words of the shorter one; a movement without any text is like all."""
    a, b = set(first.split()), set(second.split())
    if not a or not b:
        return True
    fewer = min(len(a), len(b))
    if len(a & b) >= _ALIKE * fewer:
        return True
    return first.replace(" ", "") in second.replace(" ", "") or second.replace(" ", "") in first.replace(
        " ", ""
    )


def _is_reused(new: Transaction, old: Transaction) -> bool:
    """Whether the bank has given a number once more, to another movement of another day."""
    return not old.pending and new.date != old.date and new.amount != old.amount


class _Merging:
    """Lines of a statement and rows that are here, paired off step by step, one with one."""

    def __init__(self, rows: Sequence[Transaction], here: Sequence[Transaction]) -> None:
        self._rows = rows
        self._here = here
        self._old: list[int] = [-1] * len(rows)
        """For each line, the row that it is."""
        self._taken = [False] * len(here)

    def by_id(self) -> None:
        places: dict[tuple[str, str], int] = {}
        for at, row in enumerate(self._here):
            if row.id:
                places.setdefault((row.account, row.id), at)
        for at, row in enumerate(self._rows):
            found = places.get((row.account, row.id), -1)
            if found >= 0 and not self._taken[found] and not _is_reused(row, self._here[found]):
                self._pair(at, found)

    def speaks_alike(self) -> bool:
        """Whether rows without a bank's number were known again word by word: the others are others then."""
        return any(old >= 0 and _is_content(row) for row, old in zip(self._rows, self._old, strict=True))

    def by_content(self, same: Callable[[Transaction, Transaction], bool], *, lest: bool = False) -> None:
        """Pairs of one day and amount; never two that the bank itself tells apart.

        With `lest`, none of which both are known by their content only.
        """
        left: dict[Key, list[int]] = defaultdict(list)
        for at, row in enumerate(self._here):
            if not self._taken[at]:
                left[_key(row)].append(at)
        for at, row in enumerate(self._rows):
            if self._old[at] >= 0 or not (choices := left.get(_key(row))):
                continue
            for place, old in enumerate(choices):
                other = self._here[old]
                if lest and _is_content(row) and _is_content(other):
                    continue
                if not self._differ(row, other) and same(row, other):
                    self._pair(at, choices.pop(place))
                    break

    def _differ(self, new: Transaction, old: Transaction) -> bool:
        """Whether the bank gave the two different numbers, both posted."""
        both = _is_bank(new) and _is_bank(old) and not (new.pending or old.pending)
        return both and new.id.partition("-")[0] == old.id.partition("-")[0] and new.id != old.id

    def by_settling(self) -> None:
        """Pending ones that are posted meanwhile, and pending ones of an older statement."""
        waiting: dict[tuple[str, Decimal, str], list[int]] = defaultdict(list)
        for at, row in enumerate(self._here):
            if not self._taken[at]:
                waiting[row.account, row.amount, row.currency].append(at)
        for at, row in enumerate(self._rows):
            if self._old[at] >= 0 or not (choices := waiting.get((row.account, row.amount, row.currency))):
                continue
            for place, which in enumerate(choices):
                old = self._here[which]
                if row.pending == old.pending:
                    continue
                pending, posted = (row, old) if row.pending else (old, row)
                late = posted.date - pending.date
                if timedelta(0) <= late <= SETTLING and _alike(_text(pending), _text(posted)):
                    self._pair(at, choices.pop(place))
                    break

    def _pair(self, at: int, old: int) -> None:
        self._old[at] = old
        self._taken[old] = True

    def merged(self) -> Merged:
        new: list[Transaction] = []
        replaced: list[tuple[Transaction, Transaction]] = []
        differing: list[tuple[Transaction, Transaction]] = []
        settled = 0
        for row, which in zip(self._rows, self._old, strict=True):
            if which < 0:
                new.append(row)
                continue
            old = self._here[which]
            if old.pending and (row.date, row.amount, row.pending) != (old.date, old.amount, True):
                kept = row._replace(category=old.category or row.category, further=old.further)
                replaced.append((old, kept))
                settled += not row.pending
            elif row.id == old.id and row.amount != old.amount and not row.pending:
                differing.append((old, row))
        duplicates = len(self._rows) - len(new) - len(replaced)
        new = self._named_apart(new)
        return Merged(new, replaced, duplicates, settled, self._doubtful(new), differing)

    def _named_apart(self, new: list[Transaction]) -> list[Transaction]:
        """New rows, by their content where their number is another's already."""
        known = {(row.account, row.id) for row in self._here if row.id}
        if known.isdisjoint([(row.account, row.id) for row in new]):
            return new
        found = []
        for row in new:
            id, number = row.id, 1
            while (row.account, id) in known:
                texts = (row.account, row.currency, row.payee, row.description)
                base = _content_ids([row.date], [row.amount], [texts])[0]
                id = base if number == 1 else f"{base}-{number}"
                number += 1
            known.add((row.account, id))
            found.append(row._replace(id=id))
        return found

    def _doubtful(self, new: Sequence[Transaction]) -> list[tuple[Transaction, Transaction]]:
        left: dict[Key, list[Transaction]] = defaultdict(list)
        for row, taken in zip(self._here, self._taken, strict=True):
            if not taken:
                left[_key(row)].append(row)
        found = []
        for row in new:
            twins = left.get(_key(row))
            if twins and not self._differ(row, twins[-1]):
                found.append((row, twins.pop()))
        return found


def by_month(rows: Iterable[Transaction]) -> dict[tuple[int, int], list[Transaction]]:
    """Rows by the year and the month of their days."""
    days: dict[date, list[Transaction]] = {}
    for row in rows:
        day = row[0]
        if day in days:
            days[day].append(row)
        else:
            days[day] = [row]
    found: dict[tuple[int, int], list[Transaction]] = defaultdict(list)
    for day, some in days.items():
        found[day.year, day.month] += some
    return found
