"""bank import, categories and export, over the workspace's own ledger."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import pytest

from commands.stream import Given
from tests.commands.till import Till, stored_till
from tests.workspaces import run_in
from vfs.action import Effect
from vfs.errors import Refused
from vfs.path import Path

STATEMENT = """Date,Description,Amount,Balance
2026-10-01,Salary ACME,4200.00,5000.00
2026-10-02,Rent October,-1850.00,3150.00
2026-10-03,Albert Heijn 1234,-62.10,3087.90
2026-10-10,Coffee,-4.00,3083.90
2026-10-10,Coffee,-4.00,3079.90
"""
TWO_DAYS = "Date,Payee,Amount\n03/04/2026,Shop,-5.00\n04/05/2026,Shop,-6.00\n"
KNOWN = "--account checking --currency EUR"


class Typing(Given):
    """A terminal at which lines are typed."""

    tty = True

    def __init__(self, *lines: str) -> None:
        super().__init__("".join([line + "\n" for line in lines]).encode())


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Till:
    made = stored_till(tmp_path)
    made.write("/files/statement.csv", STATEMENT)
    return made


def ids(desk: Till, options: str = "") -> Sequence[str]:
    return [str(one.fields["id"]) for one in desk.run(f"bank transactions {options}").records]


def test_a_statement_becomes_transactions_and_a_balance(desk: Till) -> None:
    ran = desk.run(f"bank import /files/statement.csv {KNOWN}")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "statement.csv: 5 new; 2026-10-01 to 2026-10-10, in checking; in €4,200.00, out -€1,920.10\n"
    )
    assert ran.records[0].fields["new"] == 5
    assert desk.run("bank balance").out == "Checking: €3,079.90\n"
    assert len(ids(desk)) == 5


def test_the_same_statement_twice_adds_nothing(desk: Till) -> None:
    desk.run(f"bank import /files/statement.csv {KNOWN}")
    before = ids(desk)
    ran = desk.run("bank import /files/statement.csv --account checking")
    assert "0 new, 5 there already" in ran.out
    assert ids(desk) == before


def test_a_dry_run_shows_what_would_be_new_and_changes_nothing(desk: Till) -> None:
    ran = desk.run(f"bank import /files/statement.csv {KNOWN} --dry-run")
    assert len(ran.records) == 5
    assert ran.records[0].fields["payee"] == "Salary ACME"
    assert "statement.csv: 5 would be new" in ran.err
    assert ids(desk) == []


def test_a_script_is_told_what_is_asked_and_which_option_answers(desk: Till) -> None:
    ran = desk.run("bank import /files/statement.csv")
    assert (ran.status, ran.out) == (2, "")
    assert "Of which account is this statement?" in ran.err
    assert "say it: --account checking" in ran.err
    desk.write("/files/two.csv", TWO_DAYS)
    ran = desk.run(f"bank import /files/two.csv {KNOWN}")
    assert "Is `03/04/2026` 2026-04-03 or 2026-03-04?" in ran.err
    assert "--dates dmy (" in ran.err
    assert "or --dates mdy (" in ran.err
    assert ids(desk) == []
    assert (
        "2 new; 2026-04-03 to 2026-05-04" in desk.run(f"bank import /files/two.csv {KNOWN} --dates dmy").out
    )


def test_a_person_is_asked_once_and_the_answers_are_remembered(desk: Till) -> None:
    desk.write("/files/two.csv", TWO_DAYS)
    desk.interactive = True
    ran = desk.run("bank import /files/two.csv", source=Typing("my-bank", "9", "2", "chf"))
    assert ran.status == 0, ran.err
    assert "1) " in ran.err
    assert "'9' is none of them" in ran.err
    assert "2 new; 2026-03-04 to 2026-04-05, in my-bank" in ran.out
    desk.write("/files/next.csv", TWO_DAYS.replace("2026", "2027"))
    again = desk.run("bank import /files/next.csv --account my-bank", source=Typing())
    assert "2 new; 2027-03-04 to 2027-04-05" in again.out


def test_who_does_not_answer_has_imported_nothing(desk: Till) -> None:
    desk.interactive = True
    ran = desk.run("bank import /files/statement.csv", source=Typing(""))
    assert ran.status == 1
    assert "not answered, nothing was imported" in ran.err
    assert ids(desk) == []


def test_columns_can_be_told(desk: Till) -> None:
    desk.write("/files/odd.csv", "2026-10-01;X1;shop;a;12,50\n2026-10-02;X2;pub;b;7,25\n")
    refused = desk.run(f"bank import /files/odd.csv {KNOWN}")
    assert refused.status == 2
    assert "--columns date=1,amount=3,payee=2" in refused.err
    ran = desk.run(f"bank import /files/odd.csv {KNOWN} --columns date=1,amount=5,payee=3 --sign out")
    assert "2 new" in ran.out
    assert "out -€19.75" in ran.out


def test_several_statements_are_taken_in_one_after_the_other(desk: Till) -> None:
    desk.write("/files/empty.csv", "")
    desk.write("/files/page.csv", "<!DOCTYPE html><html></html>")
    line = f"bank import /files/empty.csv /files/page.csv /files/none.csv /files/statement.csv {KNOWN}"
    ran = desk.run(line)
    assert ran.status == 1
    told = [line.split(":")[1].strip() for line in ran.err.splitlines() if line.startswith("bank import")]
    assert told == ["/files/empty.csv", "/files/page.csv", "/files/none.csv"]
    assert "5 new" in ran.out


def test_a_statement_comes_through_standard_input(desk: Till) -> None:
    assert "5 new" in desk.run(f"bank import {KNOWN}", STATEMENT.encode()).out
    assert "5 there already" in desk.run(f"bank import - {KNOWN}", STATEMENT.encode()).out


def test_a_person_at_a_terminal_has_to_name_a_file(desk: Till) -> None:
    ran = desk.run("bank import", source=Typing())
    assert ran.err == "bank: which statement?\n  run: bank import FILE\n"


def test_a_file_of_this_computer_is_taken_where_the_tree_has_none(desk: Till, tmp_path: pathlib.Path) -> None:
    (tmp_path / "host.csv").write_text(STATEMENT)
    assert "host.csv: 5 new" in desk.run(f"bank import {tmp_path}/host.csv {KNOWN}").out


def test_what_is_no_file_is_named(desk: Till, tmp_path: pathlib.Path) -> None:
    ran = desk.run(f"bank import {tmp_path}")
    assert (ran.status, ran.err.startswith(f"bank import: {tmp_path}: is a folder of this computer\n")) == (
        1,
        True,
    )
    assert "standard input is empty" in desk.run("bank import -").err


class Nobody:
    """A guard that lets everything of the tree be done, as an agent's may."""

    def sees(self, path: Path) -> bool:
        return True

    async def check(self, effect: Effect, path: Path, deed: object = None) -> None:
        if Effect.SPEND in effect:
            raise Refused(path)


def test_no_agent_reads_a_file_of_this_computer(tmp_path: pathlib.Path) -> None:
    (tmp_path / "host.csv").write_text(STATEMENT)
    desk = stored_till(tmp_path / "store", guard=Nobody())
    ran = desk.run(f"bank import {tmp_path}/host.csv {KNOWN}")
    assert ran.status == 1
    assert "no such file or directory" in ran.err


def test_lines_that_cannot_be_read_are_named(desk: Till) -> None:
    desk.write("/files/bad.csv", STATEMENT + "2026-10-11,Broken,many,\n")
    ran = desk.run(f"bank import /files/bad.csv {KNOWN}")
    assert ran.status == 3
    assert "5 new" in ran.out
    assert "bank import: bad.csv: " in ran.err


def test_categories_are_set_for_what_options_choose_and_for_what_comes_through_a_pipe(desk: Till) -> None:
    desk.run(f"bank import /files/statement.csv {KNOWN}")
    assert (
        "1 transaction changed to income:salary"
        in desk.run("bank categories set income:salary --search salary").err
    )
    piped = desk.pipe("bank transactions --search coffee", "bank categories set food:out")
    assert piped.err == "2 transactions changed to food:out\n"
    assert len(ids(desk, "--category food")) == 2
    assert (
        desk.run("bank categories set none --category food").err == "2 transactions changed to no category\n"
    )
    one = ids(desk, "--search rent")[0]
    assert "1 transaction changed to home" in desk.run(f"bank categories set home --id {one}").err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bank categories set", "set takes one category"),
        ("bank categories set a:", "'a:' is no name of a category"),
        ("bank categories sett x", "did you mean set?"),
        ("bank categories set x --id nothing", "no transaction has the id 'nothing'"),
        ("bank categories rule add '*' food", "'*' would fit everything"),
        ("bank categories rule add shop", "rule add takes a PATTERN and a CATEGORY"),
        ("bank categories rule ad shop food", "did you mean rule add?"),
        ("bank categories rule add shop food --in --out", "--in goes without --out"),
        ("bank categories rule remove shop", "there is no rule 'shop'"),
        ("bank categories list food", "extra operand 'food'"),
    ],
)
def test_what_makes_no_sense_of_categories_is_refused(desk: Till, line: str, reason: str) -> None:
    ran = desk.run(line)
    assert ran.status in (1, 2)
    assert reason in ran.err


def test_set_wants_to_know_which(desk: Till) -> None:
    assert "which transactions?" in desk.run("bank categories set food", source=Typing()).err
    text = desk.run("bank categories set food", [])
    assert text.err == "0 transactions changed to food\n"


def test_a_rule_is_tried_added_listed_and_removed(desk: Till) -> None:
    desk.run(f"bank import /files/statement.csv {KNOWN}")
    tried = desk.run("bank categories rule test coffee food:out")
    assert tried.err == "2 transactions fit 'coffee'; 2 would become food:out\n"
    assert ids(desk, "--category food") == []
    assert "2 became food:out" in desk.run("bank categories rule add coffee food:out").err
    assert len(ids(desk, "--category food")) == 2
    assert [one.fields["pattern"] for one in desk.run("bank categories rule").records] == ["coffee"]
    desk.write("/files/more.csv", "Date,Description,Amount\n2026-10-20,COFFEE BAR,-3.00\n")
    desk.run(f"bank import /files/more.csv {KNOWN}")
    assert len(ids(desk, "--category food")) == 3
    assert "Removed the rule 'coffee'" in desk.run("bank categories rule remove Coffee").err
    assert "did you mean" not in desk.run("bank categories rule list").err
    assert len(ids(desk, "--category food")) == 3


def test_what_the_past_says_is_suggested_and_taken(desk: Till) -> None:
    rows = "".join([f"2026-09-{day:02},Bakery,-4.00\n" for day in range(1, 9)])
    desk.write("/files/sept.csv", f"Date,Description,Amount\n{rows}")
    desk.run(f"bank import /files/sept.csv {KNOWN}")
    assert desk.run("bank categories suggest").err == "Nothing to suggest\n"
    desk.run("bank categories set food --from 2026-09-01 --to 2026-09-06")
    ran = desk.run("bank categories suggest")
    assert [one.fields["category"] for one in ran.records] == ["food", "food"]
    assert "To take them all: bank categories suggest --apply" in ran.err
    assert desk.run("bank categories suggest --apply").err == "2 transactions changed\n"
    assert len(ids(desk, "--category food")) == 8


def test_journals_are_written_for_a_period(desk: Till) -> None:
    desk.run(f"bank import /files/statement.csv {KNOWN}")
    hledger = desk.run("bank export --format hledger --month 2026-10").out
    assert "Assets:Checking  -1850.00 EUR" in hledger
    beancount = desk.run("bank export --format beancount").out
    assert 'option "operating_currency" "EUR"' in beancount
    refused = desk.run("bank export --format hledger --category food")
    assert (refused.status, refused.out) == (2, "")
    assert "a journal is of all accounts and categories" in refused.err
    assert "is no ledger" in desk.run("bank export --in /files").err


def test_an_import_is_taken_back_whole_and_redone(tmp_path: pathlib.Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('[mounts."/banking"]\nprovider = "banking"\n')
    answer = run_in(
        home,
        "mkdir -p /files/in",
        "echo 'Date,Payee,Amount' > /files/in/a.csv; echo '2026-10-31,A,-1.00' >> /files/in/a.csv",
        "echo 'Date,Payee,Amount' > /files/in/b.csv; echo '2026-11-01,B,-2.00' >> /files/in/b.csv",
        f"bank import /files/in/a.csv /files/in/b.csv {KNOWN}",
        "undo",
        "bank transactions",
        "redo",
        "bank transactions --search b",
    )
    assert answer.status == 0, answer
    assert "No transactions" in answer.err
    assert answer.out.splitlines()[-1] == "2026-11-01\t-2.00 EUR\tB\t\tchecking"


def test_what_was_exported_is_imported_as_the_same(desk: Till, tmp_path: pathlib.Path) -> None:
    hostile = '2026-10-12,"=HYPERLINK(""x"")",-1.50,0\n2026-10-13,"+49, ""quoted""",-2.50,0\n'
    desk.write("/files/hostile.csv", STATEMENT + hostile)
    desk.run(f"bank import /files/hostile.csv {KNOWN}")
    desk.run("bank categories set food:out --search coffee")
    exported = desk.run("bank export").out
    assert "'=HYPERLINK" in exported
    other = stored_till(tmp_path / "other")
    other.write("/files/export.csv", exported)
    ran = other.run("bank import /files/export.csv")
    assert ran.status == 0, ran.err
    wanted = ("date", "amount", "currency", "payee", "category", "account", "id")
    first, second = [
        [[one.fields[name] for name in wanted] for one in made.run("bank transactions").records]
        for made in (desk, other)
    ]
    assert len(first) == 7
    assert sorted(first, key=str) == sorted(second, key=str)


def test_an_account_is_remembered_for_statements_of_one_name_and_asked_for_under_another(desk: Till) -> None:
    desk.write("/files/check-2026-03.csv", TWO_DAYS)
    desk.write("/files/check-2027-03.csv", TWO_DAYS.replace("2026", "2027"))
    desk.write("/files/savings.csv", TWO_DAYS.replace("2026", "2025"))
    known = "--dates mdy --currency chf"
    assert "in mine" in desk.run(f"bank import /files/check-2026-03.csv --account mine {known}").out
    assert "in mine" in desk.run("bank import /files/check-2027-03.csv --currency chf").out
    other = desk.run("bank import /files/savings.csv --currency chf")
    assert (other.status, other.out) == (2, "")
    assert "--account" in other.err
