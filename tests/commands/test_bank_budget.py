"""bank budget: what was set is kept, what was spent is exact, and what is left is drawn."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commands.render import width
from providers.memory import Memory
from tests.commands.till import Till, account, till
from vfs.coverage import gathered
from vfs.mount import Mount
from vfs.path import Path

BUDGETS = "category,amount,currency,period\r\nfood,50,USD,month\r\nhome,2000,USD,month\r\n"


@pytest.fixture
def desk() -> Till:
    made = till()
    made.write("/banking/budgets.csv", BUDGETS)
    return made


def test_a_budget_counts_what_is_below_its_category_and_takes_refunds_off(desk: Till) -> None:
    ran = desk.run("bank budget --month 2026-10")
    food, home = [record.fields for record in ran.records]
    assert (food["spent"], food["left"]) == (Decimal("50.00"), Decimal("0.00"))
    assert (home["budget"], home["left"]) == (Decimal("2000.00"), Decimal("150.00"))
    assert ran.out.splitlines()[1] == "home\t2000.00 USD\t1850.00 USD\t150.00 USD\tmonth"
    assert ran.err == "In other currencies, and not counted: -€20.50\n"


def test_this_month_is_the_usual_one(desk: Till) -> None:
    assert [record.fields["spent"] for record in desk.run("bank budget").records] == [Decimal("0.00")] * 2
    assert desk.run("bank budget show food --month 2026-10").records[0].fields["category"] == "food"


def test_a_budget_of_a_year_counts_from_its_beginning(desk: Till) -> None:
    desk.run("bank budget set food 600 --yearly")
    year = desk.run("bank budget show food --month 2026-11").records[1].fields
    assert (year["period"], year["spent"]) == ("year", Decimal("50.00"))


def test_what_was_set_is_written_beside_what_was_there(desk: Till) -> None:
    desk.write("/banking/budgets.csv", "category,note,amount,currency\nfood,why,50,USD\n'=x,,1,USD\n")
    ran = desk.run("bank budget set food '€1,234.50'")
    assert ran.err == "Budget: food €1,234.50 a month\n"
    assert desk.read("/banking/budgets.csv") == (
        "category,note,amount,currency,period\nfood,why,50,USD\n'=x,,1,USD\nfood,,1234.50,EUR,month\n"
    )
    desk.run("bank budget set food 60 --currency usd")
    assert "food,why,60.00,USD,month\n" in desk.read("/banking/budgets.csv")
    assert desk.run("bank budget remove food --currency EUR").status == 0
    assert "1234.50" not in desk.read("/banking/budgets.csv")


def test_the_first_budget_makes_the_file() -> None:
    made = till()
    assert made.run("bank budget").err.startswith("bank: there is no budget\n  to make one: bank budget set")
    assert made.run("bank budget set travel:trips 99.5").status == 0
    assert made.read("/banking/budgets.csv") == (
        "category,amount,currency,period\ntravel:trips,99.50,USD,month\n"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set food 1.234", "'1.234' could be 1.234 or 1234"),
        ("set food much", "'much' is no amount"),
        ("set food 0", "a budget is more than nothing"),
        ("set food -5", "a budget is more than nothing"),
        ("set food", "how much?"),
        ("set", "set needs a category"),
        ("set a::b 5", "is no name of a category"),
        ("set food '5 EUR' --currency USD", "'5 EUR' is not in USD"),
        ("remove nothing", "there is no such budget for 'nothing'"),
        ("show food 5", "extra operand '5'"),
        ("sett food 5", "ACTION must be one of show, set, remove"),
    ],
)
def test_what_makes_no_budget_is_refused(desk: Till, line: str, reason: str) -> None:
    ran = desk.run(f"bank budget {line}")
    assert ran.status in (1, 2)
    assert reason in ran.err
    assert desk.read("/banking/budgets.csv") == BUDGETS


def test_which_currency_is_asked_where_there_are_several(desk: Till) -> None:
    desk.account("euro", account("Euro", "savings", "1", currency="EUR"))
    ran = desk.run("bank budget set food 5")
    assert ran.err == "bank: in which currency? accounts are in EUR and USD\n  for example: --currency EUR\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",5,USD,month", "has no category"),
        ("food,x,USD,month", "'x' is no amount"),
        ("food,-5,USD,month", "'-5' is no amount"),
        ("food,5,usd!,month", "'USD!' is no currency"),
        ("food,5,USD,decade", "'decade' is no period"),
    ],
)
def test_a_row_that_is_no_budget_is_told_and_the_others_count(desk: Till, row: str, reason: str) -> None:
    desk.write("/banking/budgets.csv", BUDGETS + row + "\n")
    with gathered() as gaps:
        assert len(desk.run("bank budget").records) == 2
    assert [gap.missing for gap in gaps] == [True]
    assert reason in next(iter(gaps)).reason


def test_a_file_that_is_no_table_is_refused(desk: Till) -> None:
    desk.write("/banking/budgets.csv", "hello\n")
    assert "its first line has to name the columns" in desk.run("bank budget").err
    desk.write("/banking/budgets.csv", b"\xff\xfe\x00")
    assert "is no CSV file" in desk.run("bank budget set food 5").err


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_bars_fit_the_terminal(desk: Till, columns: int) -> None:
    desk.run("bank budget set food:groceries:and:much:longer:than:that 40")
    desk.run("bank budget set home:rent 1000")
    ran = desk.run("bank budget --month 2026-10", tty=columns)
    lines = ran.out.splitlines()
    assert lines[0] == "October 2026"
    assert all(width(line) <= columns for line in lines)
    assert lines[1].endswith("$0.00 left")
    assert lines[-1].endswith("$850.00 over")
    assert "#" in lines[1]


def test_bars_are_of_blocks_where_they_arrive(desk: Till) -> None:
    desk.env = {"LANG": "C.UTF-8"}
    rows = desk.run("bank budget --month 2026-10", tty=80).out.splitlines()
    assert "█" in rows[2]
    assert "░" in rows[2]
    assert "$1,850.00 of $2,000.00" in rows[2]


def test_budgets_of_several_ledgers_are_one_list_and_stay_where_they_are(desk: Till) -> None:
    desk.tree.mounts.add(Mount(Path.parse("/bank2"), "plaid", Memory))
    desk.write("/bank2/budgets.csv", "category,amount,currency,period\ntravel,7,USD,month\n")
    assert [one.fields["category"] for one in desk.run("bank budget").records] == ["food", "home", "travel"]
    desk.run("bank budget set travel 8")
    assert desk.read("/bank2/budgets.csv") == "category,amount,currency,period\ntravel,8.00,USD,month\n"
    desk.run("bank budget set food 51")
    desk.run("bank budget set leisure 9")
    assert "food,51.00" in desk.read("/banking/budgets.csv")
    assert "leisure,9.00" in desk.read("/banking/budgets.csv")
    assert desk.run("bank budget remove travel").status == 0
    assert "travel" not in desk.read("/bank2/budgets.csv")
