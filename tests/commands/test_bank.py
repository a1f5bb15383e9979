"""bank balance, transactions, categories and export: what stands in the files, exactly."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from providers.memory import Memory
from tests.commands.desk import Desk
from tests.commands.render.screen import ESCAPES, findings
from tests.commands.till import HEAD, NOVEMBER, OCTOBER, Till, account, till
from vfs.coverage import gathered
from vfs.mount import Mount
from vfs.path import Path


def test_balances_are_told_account_by_account() -> None:
    ran = till().run("bank balance")
    assert ran.out == "Checking: $12,543.21\nSavings: $45,231.89\nCredit: -$1,234.56\n"
    assert ran.err == "Total $56,540.54, as of 2026-11-17\n"
    assert [record.fields["balance"] for record in ran.records] == [
        Decimal("12543.21"), Decimal("45231.89"), Decimal("-1234.56")
    ]  # fmt: skip
    assert till().run("plaid balance").out == ran.out
    assert till().run("bank").out == ran.out
    assert till().run("bank", tty=60).out == ran.out


def test_totals_are_made_of_each_currency_for_itself() -> None:
    made = till()
    made.account("yen", account("Yen", "savings", "100000", currency="JPY", as_of="2026-11-01"))
    ran = made.run("bank balance")
    assert "Yen: ¥100,000\n" in ran.out
    assert ran.err == "Total ¥100,000, $56,540.54, as of 2026-11-01 to 2026-11-17\n"


def test_an_account_is_named_by_file_title_or_last_digits() -> None:
    for word in ("checking", "Checking", "0042", "check", "/banking/accounts/checking.json"):
        assert till().run(f"bank balance {word}").out == "Checking: $12,543.21\n", word
    ran = till().run("bank balance chekcing")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "bank: no account is called 'chekcing'\n  did you mean checking?\n"


def test_two_accounts_of_one_title_are_told_apart() -> None:
    made = till()
    made.account("other", account("Checking", "checking", "1", institution="Harbour Bank"))
    out = made.run("bank balance").out
    assert "Checking (0042): $12,543.21\n" in out
    assert "Checking (Harbour Bank): $1.00\n" in out
    ran = made.run("bank balance Checking")
    assert "several accounts are called 'Checking'" in ran.err
    assert "/banking/accounts/checking.json" in ran.err


def test_an_old_balance_and_one_that_is_not_known_are_said() -> None:
    made = Till()
    made.account("old", account("Old", "cash", "5", as_of="2026-01-01"))
    made.account("new", account("New", "cash", None))
    ran = made.run("bank balance")
    assert ran.out == "New: not known\nOld: $5.00\n"
    assert "Old: the balance is 321 days old (2026-01-01); run: bank import FILE" in ran.err
    assert "New: its balance is not known" in ran.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is no JSON"),
        ("[1]", "it is no JSON object"),
        ('{"balance": "1,5"}', "'balance' must be an amount"),
        ('{"balance": [1]}', "'balance' must be text"),
        ('{"balance": "1e999999"}', "'balance' must be an amount"),
        ('{"currency": "=1+1"}', "is no currency"),
        ('{"as_of": "yesterday"}', "'as_of' must be a day"),
        ("[" * 100_000, "it is no JSON"),
    ],
)
def test_a_file_that_is_no_account_is_told_and_the_others_stay(text: str, reason: str) -> None:
    made = till()
    made.account("broken", text)
    with gathered() as gaps:
        assert made.run("bank balance").out.count("\n") == 3
    assert [(gap.place, gap.missing) for gap in gaps] == [("/banking/accounts/broken.json", True)]
    assert reason in next(iter(gaps)).reason


def test_an_amount_in_json_is_never_a_float() -> None:
    made = Till()
    made.account("a", '{"name": "A", "currency": "USD", "balance": 0.10000000000000001}')
    assert made.run("bank balance").out == "A: $0.10000000000000001\n"


def test_nothing_to_tell_says_what_to_do() -> None:
    assert "no bank account is here\n  run: bank import FILE, or connect plaid" in Till().run("bank").err
    assert "run: mount /banking banking" in Desk().run("bank").err
    assert Till().run("bank transactions") == (0, "", "No transactions\n", [])


def test_transactions_come_newest_first_as_records() -> None:
    ran = till().run("bank transactions")
    assert [record.fields["id"] for record in ran.records] == ["b2", "b1", "a5", "a4", "a3", "a2", "a1"]
    first, rent = ran.records[1].fields, ran.records[5].fields
    assert first["pending"] is True
    assert (rent["date"], rent["amount"], rent["currency"]) == (date(2026, 10, 2), Decimal("-1850.00"), "USD")
    assert str(rent["amount"]) == "-1850.00"
    assert rent["path"] == "/banking/transactions/2026-10.csv"
    assert ran.records[4].fields["description"] == "=HYPERLINK(1)"
    assert "2026-10-02\t-1850.00 USD\tLandlord\thome:rent\tchecking\n" in ran.out


def test_no_record_of_a_transaction_stands_for_its_whole_file() -> None:
    assert all(record.path is None for record in till().run("bank transactions").records)


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ("--month 2026-10", "a5 a4 a3 a2 a1"),
        ("--month 'last month'", "a5 a4 a3 a2 a1"),
        ("--month this", "b2 b1"),
        ("--month october", "a5 a4 a3 a2 a1"),
        ("--month 'october 2026'", "a5 a4 a3 a2 a1"),
        ("--from 'october 9' --to 'november 1'", "b1 a5 a4"),
        ("--from 2026-10-09 --to 2026-11-01", "b1 a5 a4"),
        ("--account credit", "a5 a4 a3"),
        ("--account 0042 --month 2026-10", "a2 a1"),
        ("--account checking --account credit -n 2", "b2 b1"),
        ("--category food", "a5 a4 a3"),
        ("--category food:out", "a4"),
        ("--category foo", ""),
        ("--uncategorized", "b2 b1"),
        ("--search market", "a5 a3"),
        ("refund", "a5"),
        ("--search 62.10", "a3"),
        ("--currency eur", "a4"),
        ("--pending", "b1"),
        ("--booked --month 2026-11", "b2"),
        ("-n 3", "b2 b1 a5"),
    ],
)
def test_transactions_are_chosen_by_options(options: str, ids: str) -> None:
    ran = till().run(f"bank transactions {options}")
    assert ran.status == 0
    assert " ".join([str(record.fields["id"]) for record in ran.records]) == ids


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("--month 2026-13", "'2026-13' is no month"),
        ("--month 2026", "'2026' is no month"),
        ("--month soon", "--month: 'soon'"),
        ("--month 2026-10 --from 2026-10-01", "--month goes without --from and --to"),
        ("--from 2026-11-01 --to 2026-10-01", "--from 2026-11-01 is after --to 2026-10-01"),
        ("--currency $", "--currency must be a code"),
        ("--pending --booked", "--pending goes without --booked"),
        ("--uncategorized --category food", "--uncategorized goes without --category"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: str, reason: str) -> None:
    ran = till().run(f"bank transactions {options}")
    assert (ran.status, ran.out) == (2, "")
    assert reason in ran.err


def test_an_account_that_nobody_has_is_no_empty_list() -> None:
    ran = till().run("bank transactions --account chekcing")
    assert (ran.status, ran.err) == (1, "bank: no account is called 'chekcing'\n  did you mean checking?\n")
    made = till()
    made.month("2026-08", ["2026-08-01,-1,USD,wallet,Kiosk,,,,w1,x"])
    assert len(made.run("bank transactions --account wallet").records) == 1


def test_a_broken_row_is_told_and_the_others_come() -> None:
    made = till()
    made.month("2026-12", ["2026-12-01,one,USD,checking,X,,,,c1,x", *["nonsense"] * 6])
    with gathered() as gaps:
        assert len(made.run("bank transactions").records) == 7
    told = [gap.reason for gap in gaps]
    assert all(gap.missing for gap in gaps)
    assert told[0].startswith("line 2: 'one' is no amount")
    assert told[-1] == "4 more lines cannot be read"


def test_a_terminal_shows_a_table_and_the_sums_of_each_currency() -> None:
    ran = till().run("bank transactions --month 2026-10", tty=80)
    lines = ran.out.splitlines()
    assert lines[0].split() == ["date", "amount", "payee", "category", "account"]
    assert len({line.index(".") for line in lines[1:]}) == 1
    assert ran.err == "5 transactions: in $4,212.10, out -€20.50 and -$1,912.10\n"
    pending = till().run("bank transactions --month 2026-11", tty=60)
    assert pending.out.splitlines()[0].split()[:2] == ["date", "!"]
    assert pending.err.endswith("; 1 is pending (!)\n")
    assert "The newest 2 (-n 0 for all)" not in till().run("bank transactions -n 2", tty=80).err


def test_a_long_list_is_cut_on_a_terminal_only() -> None:
    made = Till()
    made.month("2026-09", [f"2026-09-01,-1.00,USD,checking,Shop,,,,n{at},x" for at in range(120)])
    ran = made.run("bank transactions", tty=80)
    assert ran.err == "The newest 50 (-n 0 for all): in nothing, out -$50.00\n"
    assert len(made.run("bank transactions").records) == 120
    assert len(made.run("bank transactions --month 2026-09", tty=80).out.splitlines()) == 121


def test_ledgers_of_several_mounts_are_told_as_one() -> None:
    made = till()
    made.tree.mounts.add(Mount(Path.parse("/bank2"), "plaid", Memory))
    made.at = "/bank2"
    made.month("2026-10", ["2026-10-05,-9.99,USD,card,Kiosk,,,,k1,plaid"])
    made.account("card", account("Card", "credit", "-9.99"))
    ids = [record.fields["id"] for record in made.run("bank transactions --month 2026-10").records]
    assert ids == ["a5", "a4", "k1", "a3", "a2", "a1"]
    assert "Card: -$9.99\n" in made.run("bank balance").out


def test_categories_are_summed_by_currency() -> None:
    ran = till().run("bank categories --month 2026-10")
    found = {(str(one.fields["category"]), str(one.fields["currency"])): one.fields for one in ran.records}
    assert found["food:groceries", "USD"]["out"] == Decimal("-62.10")
    assert found["food:groceries", "USD"]["in"] == Decimal("12.10")
    assert found["food:out", "EUR"]["count"] == 1
    assert len(found) == 4


def test_a_month_by_category_is_a_picture() -> None:
    made = till()
    made.env = {"LANG": "C.UTF-8"}
    lines = (
        "bank transactions --month 2026-10 --currency USD",
        "group-by category --sum amount",
        "plot -w 60",
    )
    assert made.pipe(*lines).out.splitlines() == [
        "income:salary            |#######################  $4,200.00",
        "home:rent      ----------|                        -$1,850.00",
        "food:groceries           |                           -$50.00",
    ]
    refused = made.pipe("bank transactions --month 2026-10", "group-by category --sum amount", "plot")
    assert refused.err == (
        "plot: 'sum_amount' is in USD and EUR, which no picture can compare\n"
        "  draw one of them: where currency == USD | plot\n"
    )


def test_sums_of_two_currencies_are_two_groups() -> None:
    ran = till().pipe("bank transactions --month 2026-10", "group-by account --sum amount --avg amount")
    sums = {(one.fields["account"], one.fields["currency"]): one.fields["sum_amount"] for one in ran.records}
    assert sums == {
        ("credit", "USD"): Decimal("-50.00"),
        ("credit", "EUR"): Decimal("-20.50"),
        ("checking", "USD"): Decimal("2350.00"),
    }
    assert ran.records[0].fields["avg_amount"] == Decimal("-25.00")


def test_csv_holds_every_row_and_no_formula() -> None:
    ran = till().run("bank export")
    assert ran.out.splitlines()[0] == HEAD
    assert [line.split(",")[8] for line in ran.out.splitlines()[1:]] == [
        "a1",
        "a2",
        "a3",
        "a4",
        "a5",
        "b1",
        "b2",
    ]
    assert ",'=HYPERLINK(1)," in ran.out
    records = till().pipe("bank export --category food:out", "from csv").records
    assert [record.fields["amount"] for record in records] == [Decimal("-20.5")]


def test_json_lines_hold_amounts_as_text() -> None:
    ran = till().pipe("bank transactions --search landlord", "to jsonl")
    assert json.loads(ran.out)["amount"] == "-1850.00"


def test_what_strangers_write_does_not_act_on_the_terminal() -> None:
    for text in [one.encode("utf-8", "replace").decode() for one in ESCAPES]:
        made = till()
        made.account("odd", account(text, text, "1", institution=text, as_of="2020-01-01"))
        cells = ['"' + text.replace('"', '""').replace("\r", " ").replace("\n", " ") + '"' for _ in range(3)]
        made.month("2026-09", [f"2026-09-01,-1,USD,{cells[0]},{cells[1]},,{cells[2]},,z1,x"])
        made.write("/banking/budgets.csv", f"category,amount,currency,period\n{cells[2]},5,USD,month\n")
        for line in ("balance", "transactions", "categories", "budget --month 2026-09"):
            ran = made.run(f"bank {line}", tty=70)
            assert findings(ran.out.encode()) == [], (line, text)
            assert findings(ran.err.encode()) == [], (line, text)


def test_an_unknown_subcommand_names_the_nearest() -> None:
    ran = till().run("bank balanse")
    assert ran.err == "bank: unknown subcommand 'balanse'\n  did you mean bank balance?\n"


@pytest.mark.parametrize("rows", [OCTOBER, NOVEMBER])
def test_rows_of_the_till_can_all_be_read(rows: tuple[str, ...]) -> None:
    made = Till()
    made.month("2026-10", rows)
    with gathered() as gaps:
        assert len(made.run("bank transactions").records) == len(rows)
    assert not gaps


def test_balances_that_are_not_known_are_told_in_one_line() -> None:
    made = till()
    for number in range(7):
        made.account(f"new{number}", account(f"New {number}", "checking", None))
    ran = made.run("bank balance")
    (told,) = [line for line in ran.err.splitlines() if "not known" in line]
    assert told.startswith("New 0, New 1, New 2, New 3, New 4 and 2 more: their balances are not known; ")
