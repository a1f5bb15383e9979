"""Journals: what is written is what beancount and hledger read, whatever payees are called."""

import pathlib
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.banking import beancount, hledger
from providers.banking.accounts import Account
from providers.banking.journal import made
from tests.banking.ledgers import Desk
from vfs.errors import BadName
from vfs.transactions import Transaction

CHECKING = Account("checking", "checking", "EUR", as_of="2024-01-31", stored={"balance": "96.50"})
CARD = Account("visa gold", "credit", "EUR")
HOSTILE = ('a"b\\', "x; y | z", "(code) *", "= 5", "line\nbreak", "會議 ☕", "  ", "2024-01-01 open X")


def row(day: int, amount: str, category: str = "", *, payee: str = "Shop", **more: object) -> Transaction:
    fields = {"account": "checking", "currency": "EUR", "id": f"i{day}", "description": "", **more}
    return Transaction(date(2024, 1, day), Decimal(amount), payee=payee, category=category, **fields)  # type: ignore[arg-type]


ROWS = [
    row(5, "-3.50", "food/out"),
    row(6, "1000.00", "Salary", payee="Employer"),
    row(7, "-50", "transfer", account="visa gold"),
    row(8, "1.00", "food/out", payee="refund"),
    row(9, "-100", currency="JPY"),
    row(10, "-2.00", pending=True, account="visa gold"),
]


def beancount_errors(text: str) -> list[str]:
    _, errors, _ = loader.load_string(text)
    return [error.message for error in errors]


def hledger_errors(text: str, folder: pathlib.Path) -> str:
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed")
    file = folder / "journal.hledger"
    file.write_text(text, "utf-8")
    ended = subprocess.run(
        [program, "-f", str(file), "check", "--strict"],
        capture_output=True, text=True, timeout=60, check=False, env={"LANG": "C.UTF-8", "PATH": "/usr/bin"},
    )  # fmt: skip
    return ended.stderr


def test_beancount_reads_the_journal_and_finds_its_balances_true() -> None:
    text = beancount.write(made(ROWS, {"checking": CHECKING, "visa gold": CARD}, None, None))
    assert beancount_errors(text) == []
    assert "Liabilities:Credit:Visa-gold" in text
    assert "Expenses:Food:Out" in text
    assert "Income:Salary" in text
    assert "Equity:Transfers" in text
    assert "2024-02-01 balance Assets:Checking  96.50 EUR" in text
    assert '2024-01-10 ! "Shop" ""' in text
    assert beancount_errors(text.replace("Checking  96.50", "Checking  97.50"))


def test_hledger_reads_the_journal_and_finds_its_balances_true(tmp_path: pathlib.Path) -> None:
    text = hledger.write(made(ROWS, {"checking": CHECKING, "visa gold": CARD}, None, None))
    assert hledger_errors(text, tmp_path) == ""
    assert hledger_errors(text.replace("= 96.50", "= 96.51"), tmp_path) != ""


def test_hostile_texts_stay_texts(tmp_path: pathlib.Path) -> None:
    rows = [
        row(1 + at, "-1.00", one, payee=one, description=other, id=other, account=one)
        for at, (one, other) in enumerate((one, other) for one in HOSTILE for other in HOSTILE[:3])
    ]
    journal = made(rows, {}, None, None)
    entries, errors, _ = loader.load_string(beancount.write(journal))
    assert errors == []
    assert sum(type(entry).__name__ == "Transaction" for entry in entries) == len(rows)
    assert hledger_errors(hledger.write(journal), tmp_path) == ""


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=12), st.text(max_size=12), st.decimals(-(10**15), 10**15, places=2)),
        max_size=6,
    )
)
def test_any_text_and_amount_is_a_journal_that_beancount_reads(rows: list[tuple[str, str, Decimal]]) -> None:
    made_rows = [
        row(1, str(amount), category, payee=payee, account=payee) for payee, category, amount in rows
    ]
    assert beancount_errors(beancount.write(made(made_rows, {}, None, None))) == []


def test_a_period_begins_with_what_was_there() -> None:
    text = beancount.write(made(ROWS, {"checking": CHECKING}, date(2024, 1, 6), date(2024, 1, 6)))
    assert "Kahvila" not in text
    assert beancount_errors(text) == []
    # 96.50 at the end of the month, less the refund that came later, less the salary itself.
    assert '2024-01-06 * "Opening balance"\n  Assets:Checking  -904.50 EUR' in text


def test_the_verb_gives_the_text_and_names_rows_that_are_left_out(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    desk.write(
        "transactions/2024-01.csv",
        "date,amount,currency,account,payee\n2024-01-05,-1.00,EUR,a,Shop\nbroken\n",
    )
    told = desk.act("journal", format="beancount", first="2024-01-01", last="2024-12-31")
    assert beancount_errors(told["text"]) == []
    assert "line 3" in told["problems"][0]
    assert desk.act("journal", format="hledger", first="2025-01-01")["text"].count("Shop") == 0
    with pytest.raises(BadName, match="hledger or beancount"):
        desk.act("journal", format="excel")
    with pytest.raises(BadName, match="no date"):
        desk.act("journal", format="hledger", first="soon")
