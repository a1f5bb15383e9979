"""Transactions of all ledgers, month by month, as far as they are wanted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from commands.banking.period import Days
from commands.banking.places import ledgers
from commands.command import Context
from vfs.closing import Closing
from vfs.coverage import Gap, tell
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.money import plain
from vfs.path import Path
from vfs.transactions import Transaction, read_month

FOLDER = "transactions"
_MONTH_FILE = re.compile(r"\d{4}-\d\d\.csv")

_BY_DATE = itemgetter(0)

TOLD = 3
"""Broken rows of a file that are told one by one."""


class Rows(NamedTuple):
    """The wanted transactions of a month's file."""

    path: Path
    rows: Sequence[Transaction]


class Wanted(NamedTuple):
    """Which transactions are wanted."""

    days: Days = Days()
    accounts: tuple[str, ...] = ()
    category: str | None = None
    """With all that are below it; "" for none."""
    search: str = ""
    currency: str = ""
    pending: bool | None = None

    def test(self) -> Callable[[Transaction], bool]:
        """What says of one transaction whether it is wanted."""
        tests: list[Callable[[Transaction], bool]] = []
        first, last = self.days
        if first is not None:
            tests.append(lambda row: row.date >= first)
        if last is not None:
            tests.append(lambda row: row.date <= last)
        if self.accounts:
            names = {name.casefold() for name in self.accounts}
            tests.append(lambda row: row.account.casefold() in names)
        if self.category is not None:
            tests.append(_Within(self.category))
        if self.currency:
            tests.append(lambda row: row.currency == self.currency)
        if self.pending is not None:
            tests.append(lambda row: row.pending is self.pending)
        if self.search:
            needle = self.search.casefold()
            tests.append(lambda row: holds_text(row, needle))
        if len(tests) < 2:
            return tests[0] if tests else lambda row: True
        return lambda row: all(test(row) for test in tests)


class _Within:
    """Whether a transaction is in a category; each name is looked at once."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._known: dict[str, bool] = {}

    def __call__(self, row: Transaction) -> bool:
        category = row.category
        found = self._known.get(category)
        if found is None:
            found = self._known[category] = is_within(category, self._wanted)
        return found


def is_within(category: str, wanted: str) -> bool:
    """Whether a category is the wanted one or below it (`food:out` is within `food`); "" is only itself."""
    have, want = category.casefold(), wanted.casefold()
    return have == want or (want != "" and have.startswith(want + ":"))


def holds_text(row: Transaction, needle: str) -> bool:
    """Whether a transaction says this, case aside; an amount is found as it is written, an id whole."""
    if needle in f"{row.payee}\n{row.description}\n{row.category}".casefold() or row.id.casefold() == needle:
        return True
    return needle[:1] in "-0123456789" and plain(row.amount, row.currency).lstrip("-") == needle.lstrip("-")


async def transactions(
    ctx: Context, wanted: Wanted, *, newest_first: bool = False
) -> AsyncIterator[list[Rows]]:
    """The wanted transactions, a month at a time over all ledgers.

    Rows and files that cannot be read are told as missing; the rest comes all the same.
    """
    files = await _months(ctx, wanted.days)
    test = wanted.test()
    order = sorted(files, reverse=newest_first)
    paths = [path for name in order for path in files[name]]
    held: list[Rows] = []
    month = ""
    async with Closing(ctx.tree.contents(paths, text=False)) as contents:
        async for content in contents:
            if content.path.name != month and held:
                yield held
                held = []
            month = content.path.name
            try:
                data = content.data
                if data is None:
                    data = b"".join([block async for block in content.blocks()])
            except VfsError as error:
                tell(Gap(str(content.path), error.reason, error.hint, missing=True))
                continue
            kept = _kept(content.path, data, test)
            if kept:
                held.append(Rows(content.path, kept[::-1] if newest_first else kept))
    if held:
        yield held


async def _months(ctx: Context, days: Days) -> dict[str, list[Path]]:
    """The files of the months that are asked about, by their names."""
    files: dict[str, list[Path]] = {}
    for ledger in ledgers(ctx):
        folder = ledger.child(FOLDER)
        try:
            async with Closing(ctx.tree.list(folder)) as pages:
                async for page in pages:
                    for node in page:
                        if _MONTH_FILE.fullmatch(node.name) and days.holds_month(node.name):
                            files.setdefault(node.name, []).append(folder.child(node.name))
        except (NotFound, NotADirectory):
            continue
    return files


def _kept(path: Path, data: bytes, test: Callable[[Transaction], bool]) -> list[Transaction]:
    """The wanted rows of a file, by date; those that cannot be read are told."""
    month = read_month(data)
    for one in month.broken[:TOLD]:
        reason = f"line {one.line}: {one.reason}"
        tell(Gap(str(path), reason, f"mend it: edit {path}", missing=True))
    if len(month.broken) > TOLD:
        more = len(month.broken) - TOLD
        tell(Gap(str(path), f"{more:,} more lines cannot be read", f"mend it: edit {path}", missing=True))
    rows = [row for row in month.rows if test(row)]
    rows.sort(key=_BY_DATE)
    return rows
