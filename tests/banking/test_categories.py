"""Categories: rules fill what is empty, a person's own stays for ever, the past proposes."""

import pathlib

import pytest

from providers.banking.rules import Categories, Rule, read_rules, write_rules
from providers.store.history import StoreHistory
from tests.banking.ledgers import Desk
from vfs.drive import drive
from vfs.errors import BadName

HEAD = "Date,Payee,Description,Amount,Currency\n"
ROWS = (
    "2024-01-05,Kahvila Helsinki,card,-3.50,EUR\n"
    "2024-01-06,REWE Markt,card,-20.00,EUR\n"
    "2024-01-07,REWE Markt,refund,5.00,EUR\n"
    "2024-02-01,Employer,salary,2500.00,EUR\n"
)


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Desk:
    desk = Desk(tmp_path)
    desk.take(HEAD + ROWS, account="checking")
    return desk


def categories(desk: Desk) -> list[str]:
    return [row.category for row in desk.rows()]


def test_a_rule_fills_rows_without_a_category_and_those_that_come(desk: Desk) -> None:
    told = desk.act("rule", pattern="rewe", category="food", sign="out")
    assert (told["matched"], told["filled"], told["kept"], told["rules"]) == (1, 1, 0, 1)
    assert categories(desk) == ["", "food", "", ""]
    desk.take(HEAD + "2024-03-05,Rewe City,card,-7.00,EUR\n", account="checking")
    assert categories(desk)[-1] == "food"
    assert desk.read("rules.csv").decode() == "pattern,sign,account,category\nrewe,out,,food\n"


def test_a_persons_category_wins_over_rules_and_over_another_import(desk: Desk) -> None:
    desk.act("categorize", ids=(desk.rows()[1].id,), category="gifts")
    told = desk.act("rule", pattern="rewe", category="food")
    assert (told["matched"], told["filled"], told["kept"]) == (2, 1, 1)
    desk.take(HEAD + ROWS, account="checking")
    assert categories(desk) == ["", "gifts", "food", ""]


def test_many_categories_are_one_step_of_undo(desk: Desk) -> None:
    pairs = tuple((row.id, "all") for row in desk.rows())
    told = desk.act("categorize", changes=(*pairs, ("nothing", "x")))
    assert (told["changed"], told["missing"]) == (4, ("nothing",))
    drive(StoreHistory(desk.store).undo())
    assert categories(desk) == [""] * 4
    assert desk.act("categorize", ids="", category="x")["changed"] == 0


def test_a_rule_is_changed_and_removed(desk: Desk) -> None:
    desk.act("rule", pattern="kah*la", category="food")
    desk.act("rule", pattern="Kah*LA", category="cafés", apply=False)
    assert desk.read("rules.csv").decode().splitlines()[1:] == ["Kah*LA,,,cafés"]
    assert categories(desk)[0] == "food"
    assert desk.act("rule", pattern="kah*la", remove=True)["removed"] == 1
    assert desk.act("rule", pattern="kah*la", remove=True)["removed"] == 0


def test_a_dry_run_of_a_rule_changes_nothing(desk: Desk) -> None:
    told = desk.act("rule", pattern="rewe", category="food", dry_run=True)
    assert (told["matched"], told["filled"]) == (2, 2)
    assert categories(desk) == [""] * 4
    assert "rules.csv" not in desk.names("")


@pytest.mark.parametrize(
    "arguments", [{"pattern": " * "}, {"pattern": "x"}, {"pattern": "x" * 300, "category": "y"}]
)
def test_a_rule_that_means_nothing_is_refused(desk: Desk, arguments: dict[str, str]) -> None:
    with pytest.raises(BadName):
        desk.act("rule", **arguments)


def test_a_file_of_rules_that_cannot_be_read_is_not_overwritten(desk: Desk) -> None:
    desk.write("rules.csv", "pattern,category\n,food\n")
    told = desk.act("rule", pattern="rewe", category="food")
    assert "line 2" in told["problems"][0]
    assert desk.read("rules.csv") == b"pattern,category\n,food\n"


def test_proposals_come_from_the_payees_past(desk: Desk) -> None:
    desk.act("categorize", ids=(desk.rows()[1].id,), category="food")
    desk.take(HEAD + "2024-03-05,rewe  MARKT,card,-7.00,EUR\n", account="checking")
    (found,) = desk.act("suggest")["suggestions"]
    assert found[4:] == ("rewe MARKT", "food", 1)


def test_rules_are_written_as_they_are_read() -> None:
    rules = [Rule("=cmd", "", "", "a,b"), Rule('"x"', "in", "checking", "@c")]
    assert read_rules(write_rules(rules)) == (rules, [])
    assert b"'=cmd" in write_rules(rules)
    assert not Categories([])
