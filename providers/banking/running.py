"""A running balance beside the movements of a statement: what it ends with, and whether it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from providers.banking.amounts import read
from vfs.money import EXACT, BadAmount, plain


class Step(NamedTuple):
    """A movement, and the balance beside it as the statement writes it."""

    day: date
    money: Decimal
    currency: str
    balance: str


def last_of(steps: Sequence[Step]) -> Step | None:
    """The newest; of one day, the one at that end where the statement is newer."""
    latest: Step | None = None
    older = False
    for step in steps:
        if latest is None:
            latest = step
        elif step.day > latest.day or (step.day == latest.day and older):
            latest, older = step, True
    return latest


def gap_of(steps: Sequence[Step], mark: str) -> str:
    """Where a balance is not the one before it and the movement between, in words; "" when all are.

    A statement is read from either end; the one in which less is wrong counts.
    """
    try:
        known = [(read(step.balance, mark)[0], step) for step in steps]
    except BadAmount:
        return ""
    ways = [_gaps(known), _gaps(known[::-1])]
    fewest = min(ways, key=len)
    # Where most do not add up it is no running balance, or the rows of a day have no order.
    if not fewest or len(known) - 1 - len(fewest) < len(fewest):
        return ""
    step, should, found = fewest[0]
    said, told = plain(should, step.currency), plain(found, step.currency)
    more = f", and {len(fewest) - 1} more" if len(fewest) > 1 else ""
    return f"the balance of {step.day} should be {said}, but the statement says {told}{more}"


def _gaps(known: Sequence[tuple[Decimal, Step]]) -> list[tuple[Step, Decimal, Decimal]]:
    """The steps whose balance is wrong, oldest first: what it should be, and what it is."""
    found = []
    for (before, _), (after, step) in pairwise(known):
        should = EXACT.add(before, step.money)
        if should != after:
            found.append((step, should, after))
    return found
