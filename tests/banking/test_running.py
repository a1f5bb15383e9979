"""A running balance is checked, whichever end of the statement is newer; what does not add up is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from providers.banking.running import Step, gap_of, last_of


def steps(*rows: tuple[int, str, str]) -> list[Step]:
    return [Step(date(2026, 11, day), Decimal(money), "EUR", balance) for day, money, balance in rows]


GOOD = steps((1, "-10", "90.00"), (2, "-20", "70.00"), (2, "5.50", "75.50"), (4, "-0.50", "75.00"))


def test_balances_that_add_up_are_fine_in_either_order() -> None:
    assert gap_of(GOOD, ".") == ""
    assert gap_of(GOOD[::-1], ".") == ""


def test_one_that_does_not_is_named() -> None:
    wrong = [*GOOD[:3], GOOD[3]._replace(balance="60.00")]
    said = "the balance of 2026-11-04 should be 75.00, but the statement says 60.00"
    assert gap_of(wrong, ".") == said
    assert gap_of(wrong[::-1], ".") == said


def test_what_is_no_running_balance_is_no_fault() -> None:
    assert gap_of(steps((1, "-10", "5"), (2, "-20", "7"), (3, "1", "9"), (4, "3", "1")), ".") == ""
    assert gap_of(steps((1, "-10", "x"), (2, "-20", "7")), ".") == ""
    assert gap_of([], ".") == ""


def test_the_last_balance_is_that_of_the_newest_end() -> None:
    newest = last_of(GOOD)
    assert newest is not None
    assert (newest.day, newest.balance) == (date(2026, 11, 4), "75.00")
    assert last_of(GOOD[::-1]) == newest
    assert last_of([]) is None
