"""Amounts of a CSV statement: which mark parts the decimals, and which sign is money in, by all of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from providers.banking.table import Table
from vfs.money import EXACT, BadAmount, TwoReadings, plain, read_money

_EVIDENT = re.compile(r"[-+]?[0-9]+([.,])[0-9]{1,2}")
_EVIDENTS = re.compile(rf"^{_EVIDENT.pattern}$", re.MULTILINE)
_PLAIN = {
    mark: {
        places: re.compile(rf"[-+]?[0-9]{{1,18}}{re.escape(mark) + f'[0-9]{{{places}}}' if places else ''}")
        for places in range(5)
    }
    for mark in ".,"
}
_SHARE = 0.8
"""Of neighbouring rows, how many have to agree about the sign."""


def mark_of(cells: Collection[str], others: Sequence[str] = ()) -> str:
    """The decimal mark that most amounts can only have; "" when none decides and one could be two amounts."""
    votes = {".": 0, ",": 0}
    open_ = False
    amounts = dict.fromkeys([*cells, *others])
    points, commas = (text.count(mark) for mark in ".,") if (text := _evident_text(amounts)) else (0, 0)
    if points != commas:
        return "." if points > commas else ","
    for cell in amounts:
        evident = _EVIDENT.fullmatch(cell)
        if evident is not None:
            votes[evident[1]] += 1
            continue
        if "." not in cell and "," not in cell:
            continue
        try:
            read_money(cell)
        except TwoReadings:
            open_ = True
            continue
        except BadAmount:
            continue
        votes[_evident(cell)] += 1
    if votes["."] != votes[","]:
        return "." if votes["."] > votes[","] else ","
    return "" if open_ or votes["."] else "."


def _evident_text(cells: Collection[str]) -> str:
    """Amounts each of which shows its decimal mark, a line each; "" where one does not."""
    text = "\n".join(cells)
    return text if len(_EVIDENTS.findall(text)) == len(cells) == text.count("\n") + 1 else ""


def _evident(cell: str) -> str:
    """The decimal mark of an amount that has one reading."""
    marks = [char for char in cell if char in ".,"]
    last = marks[-1]
    grouped = len(marks) > 1 and len(set(marks)) == 1
    return ("," if last == "." else ".") if grouped else last


def example_of(cells: Sequence[str]) -> tuple[str, str, str]:
    """An amount that is two, and what it is by `.` and by `,`."""
    for cell in cells:
        try:
            read_money(cell)
        except TwoReadings as error:
            return cell.strip(), plain(error.point), plain(error.comma)
        except BadAmount:
            continue
    return (cells[0].strip() if cells else "", "one amount", "another")


def read(cell: str, mark: str) -> tuple[Decimal, str]:
    """An amount and the currency beside it. Raises BadAmount."""
    return read_money(cell, mark)


def plainly(cells: Collection[str], mark: str, places: int, *, flip: bool) -> dict[str, Decimal] | None:
    """The amounts of cells; None unless each has a plain form with these decimals."""
    if not all(map(_PLAIN[mark][places].fullmatch, cells)):
        return None
    read = [Decimal(cell.replace(",", ".")) for cell in cells] if mark == "," else list(map(Decimal, cells))
    signed = [-amount for amount in read] if flip else read
    return dict(zip(cells, [amount if amount else amount.copy_abs() for amount in signed], strict=True))


def pattern_of(mark: str, places: int) -> re.Pattern[str]:
    """What the plain form of an amount with these decimals looks like."""
    return _PLAIN[mark][places]


def signs_of(cells: Collection[str], mark: str) -> tuple[int, int]:
    """How many different amounts are above and below zero."""
    positive = negative = 0
    cells = dict.fromkeys(cells)
    if text := _evident_text(cells):
        negative = f"\n{text}".count("\n-")
        return len(cells) - negative, negative
    for cell in cells:
        word = cell.strip()
        if word[:1] in "-(\u2212" or (word[-1:] == "-" and word.rstrip("-")[-1:] not in ".,"):
            negative += 1
            continue
        if _EVIDENT.fullmatch(word) is not None:
            positive += 1
            continue
        try:
            amount = read_money(word, mark)[0]
        except BadAmount:
            continue
        positive += amount > 0
        negative += amount < 0
    return positive, negative


def sign_by_balance(table: Table, amount: int, balance: int, mark: str) -> str:
    """`in` or `out`, where the running balance proves what positive amounts do; else ""."""
    found: list[tuple[Decimal, Decimal]] = []
    for _, cells in table.rows[:2000]:
        try:
            found.append((read_money(cells[amount], mark)[0], read_money(cells[balance], mark)[0]))
        except (BadAmount, IndexError):
            continue
    pairs = list(itertools.pairwise(found))
    if len(pairs) < 2:
        return ""
    votes = {"in": 0, "out": 0}
    for down in (False, True):
        plus = minus = 0
        for (first_amount, first_balance), (second_amount, second_balance) in pairs:
            moved = first_amount if down else second_amount
            change = (
                EXACT.subtract(first_balance, second_balance)
                if down
                else EXACT.subtract(second_balance, first_balance)
            )
            if moved:
                plus += change == moved
                minus += change == -moved
        votes["in"] = max(votes["in"], plus)
        votes["out"] = max(votes["out"], minus)
    best = max(votes, key=lambda way: votes[way])
    return best if votes[best] >= _SHARE * len(pairs) and votes["in"] != votes["out"] else ""
