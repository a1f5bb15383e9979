"""The layouts in which banks write CSV: read without a question, but for the currency where none is named."""

import pathlib

import pytest

from providers.banking.reading import read_statement
from providers.banking.statement import Answers

DATA = pathlib.Path(__file__).parents[1] / "data" / "banking"
SAID = {
    "chase-checking": "-12.34 AMAZON MKTPL|2000.00 PAYROLL",
    "boa": "-12.34 SHOP|2000.00 PAY",
    "wells": "-12.34 SHOP|100.00 PAY",
    "amex": "12.34 SHOP|-100.00 PAYMENT",
    "revolut": "-12.34 Shop|100.00 Top-up|-5.00 Bar",
    "n26": "-12.34 Shop|100.00 Boss",
    "ing": "-12.34 Albert|100.00 Loon",
    "sparkasse": "-12.34 REWE",
    "dkb": "-12.34 REWE",
    "nordea-fi": "-12.34 Kahvila|100.00 Palkka",
    "op": "-12.34 KAHVILA",
    "monzo": "-3.50 Pret|100.00 Boss",
    "paypal": "-12.34 Shop",
    "barclays": "-12.34 SHOP ON 14 JAN",
    "capital-one": "-12.34 SHOP|100.00 PAYMENT",
    "ubs": "-12.34 Shop|1100.00 Boss",
    "swedbank": "-12.34 Shop",
    "bnp": "-12.34 CARTE SHOP",
    "mint": "-12.34 Shop|100.00 Boss",
}


@pytest.mark.parametrize("bank", SAID)
def test_the_layout_of_a_bank_is_read(bank: str) -> None:
    data = (DATA / f"{bank}.csv").read_bytes()
    found = read_statement(data, f"{bank}.csv", Answers("checking"), {}, {})
    if found.question is not None:
        assert found.question.argument == "currency"
        found = read_statement(data, f"{bank}.csv", Answers("checking", "USD"), {}, {})
    assert found.question is None
    assert [f"{line.amount} {line.payee}" for line in found.lines] == SAID[bank].split("|")
    assert found.problems == []
    assert len(found.accounts) == 1
    assert all(line.date.isoformat()[:7] == "2024-01" for line in found.lines)


def test_every_layout_is_named() -> None:
    assert {path.stem for path in DATA.glob("*.csv")} == set(SAID)


def test_a_row_that_is_not_posted_yet_has_the_day_it_began() -> None:
    found = read_statement((DATA / "revolut.csv").read_bytes(), "x", Answers("a"), {}, {})
    assert [line.pending for line in found.lines] == [False, False, True]


def test_a_card_that_writes_spending_without_a_minus_is_asked_about() -> None:
    rows = "".join(f"01/{day}/2024,SHOP,1{day}.00\n" for day in range(13, 20))
    text = "Date,Description,Amount\n" + rows + "01/21/2024,PAYMENT,-100.00\n"
    asked = read_statement(text.encode(), "x", Answers("card", "USD"), {}, {}).question
    assert asked is not None
    assert asked.argument == "sign"
