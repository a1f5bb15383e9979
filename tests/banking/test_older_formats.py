"""MT940 and QIF: what older programs write; MT940 beside mt-940 on the same text."""

from datetime import date
from decimal import Decimal

import mt940
from hypothesis import given
from hypothesis import strategies as st

from providers.banking.accounts import Account
from providers.banking.mt940 import read_mt940
from providers.banking.reading import read_statement
from providers.banking.statement import Answers, Unreadable

SWIFT = """:20:STARTUMSE
:25:12345678/0123456789
:28C:00001/001
:60F:C240101EUR100,00
:61:2401050105DR3,50N024NONREF//B1
:86:166?00SEPA?20two coff?21ees?32Kahvila?33 Oy
:61:2401060106CR1000,N024PAY7
salary
:86:free text about a salary
:61:2401310201RD5,25NRTINONREF
:62F:C240131EUR1101,75
:64:C240131EUR1000,00
-
"""


def test_an_mt940_statement_is_read_as_mt_940_reads_it() -> None:
    found = read_mt940(SWIFT.encode())
    theirs = mt940.parse(SWIFT)
    assert [line.amount for line in found.lines] == [one.data["amount"].amount for one in theirs]
    assert found.problems == []
    assert [line.date for line in found.lines] == [date(2024, 1, 5), date(2024, 1, 6), date(2024, 2, 1)]
    first, second, _ = found.lines
    assert (first.payee, first.description, first.key) == ("Kahvila Oy", "two coffees", "B1")
    assert (second.payee, second.description) == ("PAY7", "free text about a salary")
    (held,) = found.accounts
    assert (held.number, held.currency, held.balance, held.available) == (
        "12345678/0123456789", "EUR", Decimal("1101.75"), Decimal("1000.00"),
    )  # fmt: skip


def test_an_mt940_statement_that_does_not_add_up_is_told() -> None:
    found = read_mt940(SWIFT.replace("EUR1101,75", "EUR1100,00").encode())
    assert len(found.lines) == 3
    assert "€1,100.00" in found.problems[0]


def test_lines_that_are_no_movements_are_told() -> None:
    found = read_mt940(SWIFT.replace(":61:2401050105DR3,50", ":61:nonsense").encode())
    assert len(found.lines) == 2
    assert "nonsense" in found.problems[0]


QIF = "!Type:Bank\nD{day}\nT-1,003.50\nPKahvila\nMcoffee\nLFood\n^\nD1/15'24\nT2.00\nPPay\nL[Savings]\n^\n"


def test_qif_is_read_once_its_days_are_decided() -> None:
    accounts = {"giro": Account("giro", "checking", "EUR")}

    found = read_statement(QIF.format(day="1/ 5'24").encode(), "x.qif", Answers(account="giro"), accounts, {})
    assert [str(line.amount) for line in found.lines] == ["-1003.50", "2.00"]
    assert [line.date for line in found.lines] == [date(2024, 1, 5), date(2024, 1, 15)]
    assert [line.category for line in found.lines] == ["Food", ""]
    open_days = QIF.format(day="1/5/24").replace("1/15'24", "2/3/24")
    asked = read_statement(open_days.encode(), "x.qif", Answers(account="giro"), accounts, {}).question
    assert asked is not None
    assert asked.argument == "dates"
    told = read_statement(open_days.encode(), "x.qif", Answers(account="giro", dates="dmy"), accounts, {})
    assert told.lines[0].date == date(2024, 5, 1)


def test_qif_that_names_no_account_asks_for_it() -> None:
    asked = read_statement(QIF.format(day="1/15'24").encode(), "x.qif", Answers(), {}, {}).question
    assert asked is not None
    assert asked.argument == "account"


def test_investments_of_qif_are_left_out_and_told() -> None:
    text = "!Type:Invst\nD1/15'24\nT5\n^\n" + QIF.format(day="1/14'24")
    found = read_statement(text.encode(), "x.qif", Answers(account="a", currency="USD"), {}, {})
    assert len(found.lines) == 2
    assert "Invst" in found.problems[0]


@given(st.text(max_size=200))
def test_no_text_stops_the_reading(text: str) -> None:
    for content in (f":20:x\n:25:1\n:60F:C240101EUR1,\n:61:{text}", f"!Type:Bank\nD{text}\n^\n{text}"):
        try:
            read_statement(content.encode("utf-8", "surrogatepass"), "x", Answers("a", "EUR"), {}, {})
        except Unreadable:
            continue
