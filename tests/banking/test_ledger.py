"""Statements become files of transactions: what is new is added, what a person has done stays."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.banking.keeping import File, Files
from providers.banking.verbs import act
from providers.store.history import StoreHistory
from spatio.policy import Pattern, Policy, Rule, Verdict
from tests.banking.ledgers import Desk
from tests.engines import BOTH
from tests.store.alone import change, store_in
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import BadName, NotFound, Refused, Unsupported
from vfs.mount import Mount, MountTable
from vfs.node import Value
from vfs.path import Path
from vfs.tree import Tree

ENGINES = BOTH
FULL = os.environ.get("SPATIO_FULL") == "1"

HEAD = "Date,Payee,Description,Amount,Currency\n"
COFFEE = "2024-01-05,Kahvila,card,-3.50,EUR\n"
RENT = "2024-01-31,Landlord,rent January,-800.00,EUR\n"
PAY = "2024-02-01,Employer,salary,2500.00,EUR\n"

OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>123<ACCTID>4567890<ACCTTYPE>CHECKING
</BANKACCTFROM><BANKTRANLIST>{rows}</BANKTRANLIST>
<LEDGERBAL><BALAMT>{balance}<DTASOF>20240201</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
ROW = "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{key}<NAME>{name}<MEMO>{memo}</STMTTRN>\n"


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Desk:
    return Desk(tmp_path)


def test_an_import_writes_a_file_a_month_an_account_and_a_record(desk: Desk) -> None:
    told = desk.take(HEAD + COFFEE + RENT + PAY, account="checking")
    assert (told["new"], told["duplicates"], told["first"], told["last"]) == (
        3,
        0,
        date(2024, 1, 5),
        date(2024, 2, 1),
    )
    assert told["months"] == ("transactions/2024-01.csv", "transactions/2024-02.csv")
    assert told["totals"] == (("EUR", Decimal("2500.00"), Decimal("-803.50")),)
    assert desk.read("transactions/2024-02.csv").decode().splitlines() == [
        "date,amount,currency,account,payee,description,category,pending,id,source",
        f"2024-02-01,2500.00,EUR,checking,Employer,salary,,,{desk.rows()[2].id},statement.csv",
    ]
    assert desk.attrs("transactions/2024-01.csv")["out_EUR"] == Decimal("-803.50")
    assert desk.attrs("accounts/checking.json")["kind"] == "checking"
    assert told["record"].startswith("imports/")


def test_the_same_statement_twice_adds_nothing_and_writes_nothing(desk: Desk) -> None:
    desk.take(HEAD + COFFEE + RENT, account="checking")
    before = desk.read("transactions/2024-01.csv")
    told = desk.take(HEAD + COFFEE + RENT, account="checking")
    assert (told["new"], told["duplicates"], told["months"], told["record"]) == (0, 2, (), "")
    assert desk.read("transactions/2024-01.csv") == before
    assert len(desk.names("imports")) == 2


def test_two_equal_coffees_on_a_day_are_two(desk: Desk) -> None:
    assert desk.take(HEAD + COFFEE + COFFEE, account="checking")["new"] == 2
    assert desk.take(HEAD + COFFEE + COFFEE, account="checking")["new"] == 0
    assert desk.take(HEAD + COFFEE * 3, account="checking")["new"] == 1
    assert len({row.id for row in desk.rows()}) == 3


def test_an_overlapping_statement_adds_what_is_new_only(desk: Desk) -> None:
    desk.take(HEAD + COFFEE + RENT, account="checking")
    told = desk.take(HEAD + RENT + PAY, name="february.csv", account="checking")
    assert (told["new"], told["duplicates"]) == (1, 1)
    assert [row.source for row in desk.rows()] == ["statement.csv", "statement.csv", "february.csv"]


def test_a_pending_row_that_is_posted_takes_the_place_of_the_pending_one(desk: Desk) -> None:
    head = "Date,Payee,Amount,Currency,Status\n"
    desk.take(head + "2024-01-31,Shop 24,-9.99,EUR,pending\n", account="checking")
    (waiting,) = desk.rows()
    assert waiting.pending
    desk.act("categorize", ids=(waiting.id,), category="food")
    told = desk.take(head + "2024-02-02,SHOP 24 HELSINKI,-9.99,EUR,booked\n", account="checking")
    assert (told["new"], told["replaced"]) == (0, 1)
    (row,) = desk.rows()
    assert (row.date, row.pending, row.category) == (date(2024, 2, 2), False, "food")
    again = desk.take(head + "2024-01-31,Shop 24,-9.99,EUR,pending\n", account="checking")
    assert (again["new"], again["duplicates"]) == (0, 1)
    assert desk.rows() == [row]


def test_a_csv_and_an_ofx_file_of_the_same_month_meet(desk: Desk) -> None:
    desk.take(HEAD + COFFEE + RENT, account="checking")
    rows = ROW.format(day="20240105120000[+2:EET]", amount="-3.50", key="A1", name="KAHVILA", memo="")
    rows += ROW.format(day="20240131", amount="-800.00", key="A2", name="LANDLORD OY", memo="RENT JANUARY")
    rows += ROW.format(day="20240131", amount="-12.00", key="A3", name="CINEMA", memo="")
    told = desk.take(OFX.format(rows=rows, balance="100.00"), name="bank.ofx", account="checking")
    assert (told["new"], told["duplicates"]) == (1, 2)
    again = desk.take(OFX.format(rows=rows, balance="100.00"), name="bank.ofx")
    assert (again["question"], again["new"], again["duplicates"]) == ("", 0, 3)
    assert desk.attrs("accounts/checking.json")["balance"] == Decimal("100.00")


def test_a_bank_that_numbers_two_equal_rows_has_two(desk: Desk) -> None:
    rows = "".join(
        ROW.format(day="20240105", amount="-3.50", key=key, name="KAHVILA", memo="") for key in ("A1", "A2")
    )
    assert desk.take(OFX.format(rows=rows, balance="1"), name="bank.ofx")["new"] == 2
    more = ROW.format(day="20240105", amount="-3.50", key="A3", name="KAHVILA", memo="")
    assert desk.take(OFX.format(rows=more, balance="1"), name="bank.ofx")["new"] == 1


def test_what_the_bank_says_otherwise_under_the_same_number_is_told_and_not_taken(desk: Desk) -> None:
    row = ROW.format(day="20240105", amount="-3.50", key="A1", name="KAHVILA", memo="")
    desk.take(OFX.format(rows=row + row, balance="1"), name="bank.ofx")
    assert len(desk.rows()) == 1
    told = desk.take(OFX.format(rows=row.replace("-3.50", "-4.00"), balance="1"), name="bank.ofx")
    assert (told["new"], told["duplicates"]) == (0, 1)
    assert any("-€3.50 here" in problem for problem in told["problems"])
    assert str(desk.rows()[0].amount) == "-3.50"


def test_other_words_of_the_same_format_are_other_rows(desk: Desk) -> None:
    desk.take(HEAD + COFFEE + "2024-01-31,Shop A,card,-3.50,EUR\n", account="checking")
    told = desk.take(HEAD + "2024-01-31,Shop B,card,-3.50,EUR\n", name="b.csv", account="checking")
    assert told["new"] == 1
    longer = HEAD + "2024-01-05,Kahvila,card in Helsinki,-3.50,EUR\n"
    assert desk.take(longer, name="other-layout.csv", account="checking")["new"] == 0


def test_rows_under_other_words_are_taken_as_others_and_told(desk: Desk) -> None:
    desk.take(HEAD + COFFEE, account="checking")
    told = desk.take(HEAD + "2024-01-05,Parking,meter,-3.50,EUR\n", name="b.csv", account="checking")
    assert told["new"] == 1
    assert any("Parking" in problem and "Kahvila" in problem for problem in told["problems"])


def test_an_import_is_undone_whole(desk: Desk) -> None:
    desk.take(HEAD + COFFEE, account="checking")
    before = desk.read("transactions/2024-01.csv")
    desk.take(HEAD + COFFEE + RENT + PAY, name="more.csv", account="checking")
    drive(StoreHistory(desk.store).undo())
    assert desk.read("transactions/2024-01.csv") == before
    assert desk.names("transactions") == ["2024-01.csv"]
    drive(StoreHistory(desk.store).undo())
    assert desk.names("transactions") == []
    assert desk.names("accounts") == []


def test_a_dry_run_shows_and_writes_nothing(desk: Desk) -> None:
    told = desk.take(HEAD + COFFEE, account="checking", dry_run=True)
    assert told["new"] == 1
    assert told["preview"][0][:3] == (date(2024, 1, 5), Decimal("-3.50"), "EUR")
    assert desk.names("") == []


def test_broken_rows_and_further_columns_outlive_an_import(desk: Desk) -> None:
    desk.write(
        "transactions/2024-01.csv",
        "date,amount,currency,account,payee,note\n"
        "2024-01-02,-1.00,EUR,checking,Kiosk,with Ada\nno date at all\n",
    )
    told = desk.take(HEAD + COFFEE, account="checking")
    assert any("2024-01.csv: line 3" in problem for problem in told["problems"])
    text = desk.read("transactions/2024-01.csv").decode()
    assert "with Ada" in text
    assert text.endswith("no date at all\n")


def test_a_balance_is_taken_from_the_newest_statement_only(desk: Desk) -> None:
    desk.take(
        HEAD.strip() + ",Balance\n2024-01-05,A,b,-1.00,EUR,99.00\n2024-01-06,A,b,-2.00,EUR,97.00\n",
        account="c",
    )
    assert desk.attrs("accounts/c.json")["balance"] == Decimal("97.00")
    desk.take(HEAD.strip() + ",Balance\n2023-12-05,A,b,-1.00,EUR,500.00\n", account="c")
    assert desk.attrs("accounts/c.json")["balance"] == Decimal("97.00")
    assert desk.attrs("accounts/c.json")["as_of"] == date(2024, 1, 6)


def test_a_balance_that_the_transactions_do_not_come_to_is_told(desk: Desk) -> None:
    one = ROW.format(day="20240105", amount="-3.50", key="A1", name="KAHVILA", memo="")
    desk.take(OFX.format(rows=one, balance="100.00").replace("20240201", "20240105"), name="bank.ofx")
    two = ROW.format(day="20240120", amount="-10.00", key="A2", name="CINEMA", memo="")
    told = desk.take(OFX.format(rows=two, balance="80.00"), name="bank.ofx", dry_run=True)
    assert any("€80.00" in problem and "€90.00" in problem for problem in told["problems"])
    true = desk.take(OFX.format(rows=two, balance="90.00"), name="bank.ofx")
    assert true["problems"] == ()


def test_what_no_verb_does_is_refused(desk: Desk) -> None:
    with pytest.raises(Unsupported):
        desk.act("launder")
    assert set(drive(desk.ledger.verbs(Path()))) == {"import", "categorize", "rule", "suggest", "journal"}
    with pytest.raises(BadName, match="not possible"):
        desk.take(HEAD + COFFEE, dates="ydm")


class Interrupted(Files):
    """Files that somebody else changes right after they were read for the first time."""

    def __init__(self, desk: Desk, text: str) -> None:
        super().__init__(desk.store, "banking", desk.ledger.trade)
        self._desk = desk
        self._text = text

    async def read(self, paths: Sequence[str]) -> dict[str, File]:
        found = await super().read(paths)
        if self._text and any(path.startswith("transactions/") for path in paths):
            text, self._text = self._text, ""
            arguments = {"content": text, "account": "checking", "name": "other.csv"}
            await self._desk.ledger.act(Path(), "import", arguments, change())
        return found


def test_two_imports_at_one_time_come_to_both_each_row_once(desk: Desk) -> None:
    desk.take(HEAD + COFFEE, account="checking")
    files = Interrupted(desk, HEAD + COFFEE + RENT)
    arguments = {"content": HEAD + COFFEE + RENT + PAY, "account": "checking"}
    told = drive(act(files, "import", arguments, change()))
    assert (told.attrs["new"], told.attrs["duplicates"]) == (1, 2)
    assert [row.payee for row in desk.rows()] == ["Kahvila", "Landlord", "Employer"]


def test_a_statement_larger_than_any_is_refused(desk: Desk) -> None:
    with pytest.raises(BadName, match="at most 32 MB"):
        desk.take(b"x" * (33 << 20))
    with pytest.raises(BadName, match="at most 300,000"):
        desk.take(HEAD + "\n" * 300_001)


DAYS = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.sampled_from(("Kahvila", "Shop", "Rent")),
        st.sampled_from(("-3.50", "-1.00", "20.00")),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100 if FULL else 6, deadline=None)
@given(DAYS, st.integers(1, 9), st.integers(1, 9))
def test_statements_that_overlap_by_days_come_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[int, str, str]], one: int, other: int
) -> None:
    whole = sorted(days)
    first, last = sorted((one, other))

    def text(rows: list[tuple[int, str, str]]) -> str:
        return HEAD + "".join(f"2024-01-0{day},{payee},x,{amount},EUR\n" for day, payee, amount in rows)

    parts = Desk(tmp_path_factory.mktemp("parts"))
    for part in ([row for row in whole if row[0] <= last], [row for row in whole if row[0] >= first]):
        if part:
            parts.take(text(part), account="checking", sign="in")
    once = Desk(tmp_path_factory.mktemp("once"))
    once.take(text(whole), account="checking", sign="in")
    assert parts.rows() == once.rows()
    parts.close()
    once.close()


KILLED = """
import os, pathlib, sys
sys.path.insert(0, {root!r})
from tests.banking.ledgers import Desk
from tests.store.alone import change, store_in
from providers.store import unit
folder = pathlib.Path({folder!r})
finish = unit.Unit.finish
def dies(self):
    finish(self)
    os.kill(os.getpid(), 9)
unit.Unit.finish = dies
Desk(folder, store_in(folder)).take({text!r}, account="checking")
"""


def test_an_import_that_is_killed_has_done_nothing(tmp_path: pathlib.Path) -> None:

    before = Desk(tmp_path, store_in(tmp_path))
    before.take(HEAD + COFFEE, account="checking")
    before.close()
    root = str(pathlib.Path(__file__).parents[2])
    program = KILLED.format(root=root, folder=str(tmp_path), text=HEAD + COFFEE + RENT + PAY)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert ended.returncode == -9, ended.stderr
    after = Desk(tmp_path, store_in(tmp_path))
    assert len(after.rows()) == 1
    assert after.names("transactions") == ["2024-01.csv"]
    told = after.take(HEAD + COFFEE + RENT + PAY, account="checking")
    assert (told["new"], told["duplicates"]) == (2, 1)
    after.close()


def test_an_unknown_layout_is_asked_once_and_forgotten_with_the_import(desk: Desk) -> None:
    text = "Foo;Bar;Baz\n03/04/2024;{};-3,50\n"
    asked = []
    answers: dict[str, Value] = {}
    told = desk.take(text.format("Kahvila"))
    replies = {
        "columns": "date=Foo,payee=Bar,amount=Baz",
        "account": "Giro",
        "dates": "dmy",
        "currency": "EUR",
    }
    while told["question"]:
        asked.append(told["question"])
        answers[told["question"]] = replies[told["question"]]
        told = desk.take(text.format("Kahvila"), **answers)
    assert asked == ["columns", "account", "dates", "currency"]
    assert told["accounts"] == ("accounts/giro.json",)
    assert desk.rows()[0].date == date(2024, 4, 3)
    again = desk.take(text.format("Cinema"), name="statement (2).csv")
    assert (again["question"], again["new"]) == ("", 1)
    drive(StoreHistory(desk.store).undo())
    drive(StoreHistory(desk.store).undo())
    assert desk.take(text.format("Cinema"))["question"] == "columns"


def test_a_layout_of_two_accounts_asks_which_one_it_is(desk: Desk) -> None:
    for account in ("checking", "savings"):
        assert desk.take(HEAD + COFFEE, account=account)["new"] == 1
    told = desk.take(HEAD + RENT)
    assert told["question"] == "account"
    assert {value for value, _ in told["options"]} >= {"checking", "savings"}


def test_who_may_not_read_all_transactions_gets_none_of_them_by_a_deed(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    desk.take(HEAD + COFFEE, account="checking")
    mounts = MountTable()
    mounts.add(Mount(Path.parse("/banking"), "banking", lambda: desk.ledger))

    def journal(*rules: Rule) -> str:
        tree = Tree(mounts, guard=Policy(rules))
        return str(drive(tree.act(Path.parse("/banking"), "journal", {"format": "hledger"})).attrs["text"])

    def rule(text: str, verdict: Verdict = Verdict.ALLOW) -> Rule:
        return Rule(Effect.READ, Pattern(text), verdict)

    assert "Kahvila" in journal(rule("/banking/**"))
    with pytest.raises(NotFound):
        journal(rule("/banking/accounts/**"))
    with pytest.raises(Refused, match="reaches what is denied"):
        journal(rule("/banking/**"), rule("/banking/transactions/2023-*", Verdict.DENY))
    assert "Kahvila" in journal(rule("/banking/**", Verdict.DENY), rule("/banking"))
