"""The accounts at a bank as a mount, over a real server that fails as it is told."""

from __future__ import annotations

import json
import pathlib
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from decimal import Decimal

import pytest

from providers.banking.plaid import changes
from providers.banking.plaid.faults import MUTATED
from providers.banking.plaid.provider import BankMirror
from providers.banking.plaid.remote import PlaidRemote
from providers.mirror.remote import Collection, Delta, Known
from tests.mirror.account import change
from tests.plaid.desk import Desk, api_of
from tests.servers.plaid import Plaid, category, error_of, plaid, refusal
from tests.servers.web import Reply
from tests.store.desk import FULL
from vfs.drive import drive
from vfs.errors import LoginNeeded, Unavailable, VfsError
from vfs.path import Path

SEEDS = range(60) if FULL else range(2)


@pytest.fixture
def service() -> Iterator[Plaid]:
    with plaid() as made:
        yield made


@pytest.fixture
def desk(tmp_path: pathlib.Path, service: Plaid) -> Desk:
    bank = service.bank()
    bank.account("Checking", 12543.21, available=12500.0, mask="1111")
    bank.account("Credit", 1234.56, type="credit", subtype="credit card", limit=5000, mask="2222")
    return Desk(tmp_path, service, bank)


def test_accounts_are_files_with_exact_amounts(desk: Desk) -> None:
    desk.synced()
    checking = desk.account("checking")
    assert checking == {
        "name": "Checking", "kind": "checking", "institution": "First Platypus Bank", "mask": "1111",
        "currency": "USD", "balance": "12543.21", "available": "12500.00", "as_of": "2026-11-21T09:00:00Z",
        "id": "acc-item-1-1", "source": "plaid",
    }  # fmt: skip
    assert (desk.account("credit")["balance"], desk.account("credit")["limit"]) == ("-1234.56", "5000.00")
    node = desk.nodes("/accounts")["checking.json"]
    assert (node.attrs["title"], node.attrs["balance"]) == ("Checking", Decimal("12543.21"))


def test_what_a_person_writes_into_an_account_stays(desk: Desk) -> None:
    desk.synced()
    desk.write("/accounts/checking.json", json.dumps({**desk.account("checking"), "note": "joint"}).encode())
    desk.bank.accounts["acc-item-1-1"]["balances"]["current"] = 10
    desk.synced()
    assert (desk.account("checking")["note"], desk.account("checking")["balance"]) == ("joint", "10.00")


def test_balances_are_asked_for_live_where_that_was_chosen(tmp_path: pathlib.Path, service: Plaid) -> None:
    bank = service.bank()
    id = bank.account("Checking", 5)
    bank.live_balances[id] = 7
    desk = Desk(tmp_path, service, bank, balances="live").synced()
    assert desk.account("checking")["balance"] == "7.00"
    assert desk.account("checking")["as_of"] != "2026-11-21T09:00:00Z"
    bank.accounts[id]["balances"]["current"] = 6
    reply = refusal("INSTITUTION_NOT_RESPONDING", "INSTITUTION_ERROR")
    service.web.fail("reply", about="/accounts/balance/get", reply=reply)
    desk.synced()
    assert desk.account("checking")["balance"] == "6.00"


def test_an_account_that_the_bank_shows_no_more_stays(desk: Desk) -> None:
    desk.synced()
    del desk.bank.accounts["acc-item-1-2"]
    desk.synced()
    desk.synced(full=True)
    assert sorted(desk.nodes("/accounts")) == ["checking.json", "credit.json"]


def test_accounts_of_one_name_are_told_apart_and_keep_their_names(desk: Desk) -> None:
    desk.synced()
    desk.bank.account("Checking", 1, mask="0001")
    desk.bank.add("t1", "2026-11-01", 5, "Coffee", account="acc-item-1-3")
    desk.synced()
    assert sorted(desk.nodes("/accounts")) == ["checking-0001.json", "checking.json", "credit.json"]
    assert desk.rows()["t1"].account == "checking-0001"


def test_transactions_lie_in_months_money_out_being_negative(desk: Desk) -> None:
    add = desk.bank.add
    add("t1", "2026-10-31", 89.4, "UBER EATS 123", merchant="Uber Eats", category=category("FOOD_AND_DRINK"))
    add("t2", "2026-11-01", -2500, "PAYROLL", category=category("INCOME", "INCOME_WAGES"))
    add("t3", "2026-11-02", Decimal("0.10"), "=HYPERLINK(1)", original="ＷＩＤＥ\r\nline")
    add("t4", "2026-11-02", 120, "Ramen", currency="JPY", account="acc-item-1-2")
    add("t5", "2026-11-03", 1, "Coin", currency=None, unofficial="btc")
    desk.synced()
    assert sorted(desk.nodes("/transactions")) == ["2026-10.csv", "2026-11.csv"]
    [row] = desk.month("2026-10")
    assert (str(row.amount), row.currency, row.account) == ("-89.40", "USD", "checking")
    assert (row.payee, row.description, row.category) == ("Uber Eats", "UBER EATS 123", "food and drink")
    rows = desk.rows()
    assert (str(rows["t2"].amount), rows["t2"].category) == ("2500.00", "income")
    assert (str(rows["t3"].amount), rows["t3"].payee) == ("-0.10", "=HYPERLINK(1)")
    assert (str(rows["t4"].amount), rows["t4"].account) == ("-120", "credit")
    assert rows["t5"].currency == "BTC"
    attrs = desk.nodes("/transactions")["2026-11.csv"].attrs
    assert (attrs["count"], attrs["in_USD"], attrs["out_USD"]) == (4, Decimal("2500.00"), Decimal("-0.10"))
    desk.same()


def test_a_second_sync_changes_nothing_and_is_cheap(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    before = desk.nodes("/transactions")["2026-11.csv"].etag
    asked = len(desk.service.web.seen)
    report = desk.sync()
    assert (report.counts.new, report.counts.changed) == (0, 0)
    assert desk.nodes("/transactions")["2026-11.csv"].etag == before
    assert len(desk.service.web.seen) - asked == 4


def test_a_category_and_a_note_of_a_person_stay_whatever_happens_to_the_row(desk: Desk) -> None:
    bank = desk.bank
    bank.add("p1", "2026-10-31", 5, "Coffee", pending=True, category=category("FOOD_AND_DRINK"))
    bank.add("t2", "2026-11-02", 7, "Books", category=category("GENERAL_MERCHANDISE"))
    desk.synced()
    desk.edit("p1", category="treats")
    content = desk.read("/transactions/2026-11.csv").decode().splitlines()
    desk.write("/transactions/2026-11.csv", f"{content[0]},note\n{content[1]},for Bob\n".encode())
    bank.post("p1", "t1", date="2026-11-03", amount=5.5)
    bank.modify("t2", date="2026-12-01", personal_finance_category=category("EDUCATION"))
    desk.synced()
    rows = desk.rows()
    assert (rows["t1"].category, str(rows["t1"].amount), rows["t1"].pending) == ("treats", "-5.50", False)
    assert rows["t2"].category == "general merchandise"
    assert b"for Bob" in desk.read("/transactions/2026-12.csv")
    assert rows["t2"].further == ("for Bob",)
    desk.same()
    desk.synced(full=True)
    assert desk.rows()["t1"].category == "treats"
    assert desk.rows()["t2"].further == ("for Bob",)


def test_a_category_that_plaid_learns_later_fills_what_is_empty(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    desk.bank.modify("t1", personal_finance_category=category("FOOD_AND_DRINK"))
    desk.synced()
    assert desk.rows()["t1"].category == "food and drink"


def test_rows_that_people_add_stay_and_broken_ones_too(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    own = b"2026-11-04,-3.00,USD,cash,Market,,,,mine-1,hand\nno row at all\n"
    desk.write("/transactions/2026-11.csv", desk.read("/transactions/2026-11.csv") + own)
    desk.write("/transactions/2019-01.csv", desk.read("/transactions/2026-11.csv").splitlines(True)[0])
    desk.bank.add("t2", "2026-11-05", 6, "Tea")
    desk.synced()
    desk.synced(full=True)
    assert sorted(desk.rows()) == ["mine-1", "t1", "t2"]
    assert b"no row at all\n" in desk.read("/transactions/2026-11.csv")
    assert "2019-01.csv" in desk.nodes("/transactions")


def test_a_month_that_was_begun_here_is_gone_on_with(desk: Desk) -> None:
    desk.synced()
    desk.write(
        "/transactions/2026-11.csv",
        b"date,amount,currency,account,payee,id,source\n2026-11-04,-3,USD,c,M,m,h\n",
    )
    desk.bank.add("t1", "2026-11-05", 6, "Tea")
    desk.synced()
    assert list(desk.nodes("/transactions")) == ["2026-11.csv"]
    assert sorted(desk.rows()) == ["m", "t1"]


def test_a_renamed_month_is_left_alone_when_its_name_is_taken_again(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-05", 6, "Tea")
    desk.synced()
    kept = desk.read("/transactions/2026-11.csv")
    drive(
        desk.mirror.move(
            Path.parse("/transactions/2026-11.csv"), Path.parse("/transactions/old.csv"), change()
        )
    )
    desk.write("/transactions/2026-11.csv", kept.splitlines(True)[0])
    desk.synced()
    assert sorted(desk.nodes("/transactions")) == ["2026-11.csv", "old.csv"]
    assert desk.read("/transactions/old.csv") == kept


def test_what_was_removed_at_the_bank_goes_from_whichever_month(desk: Desk) -> None:
    for month in range(1, 10):
        desk.bank.add(f"t{month}", f"2026-{month:02}-01", 5, "Coffee")
    desk.synced()
    desk.bank.remove("t2")
    desk.bank.remove("t9")
    desk.synced()
    desk.same()


def test_many_pages_are_read_and_a_change_between_them_begins_anew(desk: Desk) -> None:
    desk.service.page = 7
    for number in range(40):
        desk.bank.add(f"t{number}", f"2026-{number % 9 + 1:02}-01", number + 1, "Coffee")
    desk.service.web.fail("reply", times=2, about="/transactions/sync", after=3, reply=refusal(MUTATED))
    desk.synced()
    desk.same()
    cursors = [asked.get("cursor", "") for path, asked in desk.service.asked if path == "/transactions/sync"]
    assert cursors.count("") >= 2


def test_a_cursor_that_plaid_has_forgotten_lists_everything_and_keeps_what_people_wrote(desk: Desk) -> None:
    for number in range(9):
        desk.bank.add(f"t{number}", f"2026-{number + 1:02}-01", number + 1, "Coffee")
    desk.synced()
    desk.edit("t3", category="treats")
    desk.bank.remove("t5")
    desk.bank.forgotten = 1000
    desk.synced()
    desk.same()
    assert desk.rows()["t3"].category == "treats"


def test_a_new_connection_to_the_same_bank_takes_the_rows_and_files_over(desk: Desk) -> None:
    bank = desk.bank
    for number in range(80):
        bank.add(f"t{number}", f"2026-{number % 9 + 1:02}-01", number + 1, "Coffee")
    desk.synced()
    desk.edit("t3", category="treats")
    new = [{**row, "transaction_id": f"n-{id}", "account_id": "other-1"} for id, row in bank.live().items()]
    bank.log = [("added", row) for row in new]
    bank.forgotten = 1000
    bank.accounts = {
        f"other-{at}": {**one, "account_id": f"other-{at}"}
        for at, one in enumerate(bank.accounts.values(), 1)
    }
    desk.synced()
    desk.same()
    assert desk.rows()["n-t3"].category == "treats"
    assert sorted(desk.nodes("/accounts")) == ["checking.json", "credit.json"]
    assert desk.account("checking")["id"] == "other-1"


def test_an_account_that_suddenly_has_nothing_is_not_emptied(desk: Desk) -> None:
    for number in range(80):
        desk.bank.add(f"t{number}", f"2026-{number % 9 + 1:02}-01", number + 1, "Coffee")
    desk.synced()
    desk.bank.log = desk.bank.log[:3]
    report = desk.sync(full=True)
    assert len(report.problems) == 1
    assert "nothing was changed here" in report.problems[0]
    assert len(desk.rows()) == 80
    log, desk.bank.log = desk.bank.log, []
    desk.sync(full=True)
    assert len(desk.rows()) == 80
    desk.bank.log = log
    desk.synced(full=True, accept=True)
    assert len(desk.rows()) < 80
    desk.same()


@pytest.mark.parametrize(
    ("code", "kind", "error", "hint"),
    [
        ("ITEM_LOGIN_REQUIRED", "ITEM_ERROR", LoginNeeded, "connect plaid"),
        ("INVALID_ACCESS_TOKEN", "INVALID_INPUT", LoginNeeded, "connect plaid"),
        ("ITEM_NOT_FOUND", "ITEM_ERROR", LoginNeeded, "connect plaid"),
        ("INVALID_API_KEYS", "INVALID_INPUT", LoginNeeded, "--client"),
        ("INTERNAL_SERVER_ERROR", "API_ERROR", Unavailable, ""),
    ],
)
def test_each_error_is_told_with_the_next_step(
    desk: Desk, code: str, kind: str, error: type[VfsError], hint: str
) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    status = 500 if kind == "API_ERROR" else 400
    desk.service.web.fail("reply", times=9, about="/transactions/sync", reply=refusal(code, kind, status))
    with pytest.raises(error) as raised:
        desk.sync()
    assert type(raised.value.hint or "") is str
    assert hint in (raised.value.hint or "")
    assert desk.rows().keys() == {"t1"}


def test_no_token_is_in_what_is_said(desk: Desk) -> None:
    desk.bank.token, right = "access-sandbox-wr0ngcanary", desk.bank.token
    del desk.service.banks[right]
    with pytest.raises(LoginNeeded) as raised:
        desk.sync()
    assert right not in str(raised.value)
    words = f"bad token {right}"
    desk.service.web.fail("reply", times=9, reply=refusal("INVALID_PRODUCT", "INVALID_INPUT", message=words))
    report = desk.sync()
    assert report.problems
    assert right not in "".join(report.problems)


def test_a_bank_that_is_down_keeps_nothing_else_from_being_synced(desk: Desk) -> None:
    desk.synced()
    desk.bank.accounts["acc-item-1-1"]["balances"]["current"] = 10
    reply = refusal("INSTITUTION_DOWN", "INSTITUTION_ERROR")
    desk.service.web.fail("reply", times=1, about="/transactions/sync", reply=reply)
    report = desk.sync()
    [problem] = report.problems
    assert "First Platypus Bank cannot be reached by Plaid (INSTITUTION_DOWN)" in problem
    assert desk.account("checking")["balance"] == "10.00"
    assert any("INSTITUTION_DOWN" in gap.reason for gap in desk.gaps())
    desk.synced()
    assert desk.gaps() == []


def test_a_login_that_the_bank_wants_is_told_though_what_there_is_comes(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.bank.error = error_of("ITEM_LOGIN_REQUIRED")
    with pytest.raises(LoginNeeded) as raised:
        desk.sync()
    assert "First Platypus Bank wants you to log in again" in raised.value.reason
    assert desk.rows().keys() == {"t1"}
    desk.bank.error = None
    desk.bank.add("t2", "2026-11-01", 5, "Tea")
    desk.synced()
    desk.same()


def test_what_plaid_is_still_fetching_is_told_and_comes_later(desk: Desk) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.bank.status = "NOT_READY"
    [problem] = desk.sync().problems
    assert "still fetching" in problem
    assert list(desk.nodes("/transactions")) == []
    desk.bank.status = "INITIAL_UPDATE_COMPLETE"
    [problem] = desk.sync().problems
    assert "older transactions" in problem
    assert desk.rows().keys() == {"t1"}
    desk.bank.add("t0", "2025-01-01", 5, "Coffee")
    desk.bank.status = "HISTORICAL_UPDATE_COMPLETE"
    desk.synced()
    desk.same()


@pytest.mark.parametrize("kind", ["cut", "drop", "lost"])
def test_whatever_is_cut_the_next_sync_is_right(desk: Desk, kind: str) -> None:
    desk.service.page = 5
    for number in range(20):
        desk.bank.add(f"t{number}", f"2026-{number % 9 + 1:02}-01", number + 1, "Coffee")
    for after in range(0, 8, 3):
        desk.service.web.faults = []
        desk.service.web.fail(kind, times=4, after=after)
        with suppress(Unavailable):
            desk.sync()
        desk.bank.add(f"x{after}", "2026-11-01", 3, "More")
    desk.service.web.faults = []
    desk.synced()
    desk.same()


def test_a_pause_that_is_asked_for_is_kept(desk: Desk) -> None:
    reply = refusal("TRANSACTIONS_LIMIT", "RATE_LIMIT_EXCEEDED", 429, retry_after="0")
    desk.service.web.fail("reply", times=3, about="/transactions/sync", reply=reply)
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    desk.same()


@pytest.mark.parametrize(
    "field",
    [{"amount": "12"}, {"amount": None}, {"date": "tomorrow"}, {"transaction_id": ""}, {"amount": True}],
)
def test_an_answer_in_another_form_is_told_and_changes_nothing(desk: Desk, field: dict[str, object]) -> None:
    desk.bank.add("t1", "2026-11-01", 5, "Coffee")
    desk.synced()
    row = {**desk.bank.live()["t1"], **field}
    said = {"added": [row], "modified": [], "removed": [], "next_cursor": "c1", "has_more": False}
    desk.service.web.fail("reply", about="/transactions/sync", reply=Reply(200, json.dumps(said).encode()))
    with pytest.raises(Unavailable, match="cannot be read"):
        desk.sync()
    desk.same()


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ends_agree_whatever_happens(tmp_path: pathlib.Path, service: Plaid, seed: int) -> None:
    chance = random.Random(seed)
    bank = service.bank()
    accounts = [bank.account(name, 1) for name in ("Checking", "Savings")]
    desk = Desk(tmp_path, service, bank)
    wanted: dict[str, str] = {}
    became: dict[str, str] = {}
    count = 0
    for _ in range(12):
        service.page = chance.choice([3, 10, 500])
        for _ in range(chance.randrange(8)):
            live = list(bank.live())
            day = f"2026-{chance.randrange(1, 12):02}-{chance.randrange(1, 28):02}"
            what = chance.random()
            count += 1
            if what < 0.5 or not live:
                pending = chance.random() < 0.3
                bank.add(f"t{count}", day, count, "Shop", chance.choice(accounts), pending=pending)
            elif what < 0.65:
                bank.modify(chance.choice(live), date=day, amount=count)
            elif what < 0.8:
                bank.remove(chance.choice(live))
            else:
                old = chance.choice(live)
                bank.post(old, f"t{count}", date=day)
                became[old] = f"t{count}"
        fault = chance.choice(["", "", "drop", "cut", MUTATED])
        if fault == MUTATED:
            service.web.fail("reply", about="/transactions/sync", after=1, reply=refusal(MUTATED))
        elif fault:
            service.web.fail(fault, times=4, after=chance.randrange(5))
        with suppress(Unavailable):
            desk.sync(full=chance.random() < 0.1)
        service.web.faults = []
        here = [id for id, row in desk.rows().items() if row.source == "plaid"] if count else []
        if here:
            id = chance.choice(here)
            desk.edit(id, category=f"c{count}")
            wanted[id] = f"c{count}"
    desk.synced()
    desk.same()
    for id, name in list(wanted.items()):
        while id in became:
            id = became[id]
        wanted[id] = name
    rows = desk.rows()
    assert {id: row.category for id, row in rows.items() if id in wanted} == {
        id: name for id, name in wanted.items() if id in rows
    }


def test_what_can_be_done_to_any_ledger_can_be_done_here(desk: Desk) -> None:
    add = desk.bank.add
    add("t1", "2026-11-01", 5, "Corner Coffee")
    add("t2", "2026-11-02", 6, "Corner Coffee")
    add("t3", "2026-11-03", 7, "Books")
    desk.synced()
    told = desk.act("rule", pattern="corner coffee", category="treats")
    assert told["filled"] == 2
    assert desk.act("categorize", ids=("t3",), category="study")["changed"] == 1
    add("t4", "2026-11-04", 7, "Books")
    add("t5", "2026-11-05", 5, "Corner Coffee", category=category("FOOD_AND_DRINK"))
    desk.synced()
    assert {id: row.category for id, row in desk.rows().items()} == {
        "t1": "treats", "t2": "treats", "t3": "study", "t4": "", "t5": "treats",
    }  # fmt: skip
    assert b"corner coffee" in desk.read("/rules.csv")
    desk.write("/rules.csv", b"pattern,sign,account,category\nbooks,,,study\n")
    desk.synced(full=True)
    assert b"books" in desk.read("/rules.csv")
    assert "Corner Coffee" in desk.act("journal", format="hledger")["text"]


def test_a_statement_that_is_imported_meets_what_plaid_says(desk: Desk) -> None:
    add = desk.bank.add
    add("t1", "2026-11-01", 5, "Corner Coffee")
    desk.synced()
    statement = "Date,Amount,Description\n2026-11-01,-5.00,CORNER COFFEE\n" + "2026-11-02,-6.00,TEA\n" * 2
    told = desk.act("import", content=statement, name="s.csv", account="checking", currency="USD")
    assert (told["question"], told["new"]) == ("", 2)
    imported = [row.id for row in desk.rows().values() if row.source != "plaid"]
    desk.edit(imported[0], category="treats")
    add("t2", "2026-11-02", 6, "Tea House")
    add("t3", "2026-11-02", 6, "Tea House")
    add("t4", "2026-11-02", 6, "Tea House")
    desk.synced()
    rows = desk.rows()
    assert sorted(rows) == ["t1", "t2", "t3", "t4"]
    assert sorted(row.category for row in rows.values()) == ["", "", "", "treats"]
    assert list(desk.nodes("/imports"))


class Killed(PlaidRemote):
    """Breaks off after so many parts."""

    left = 0

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        async for delta in super().changes(collection, cursor, known):
            if type(self).left == 0:
                raise Unavailable(None, "killed")
            type(self).left -= 1
            yield delta


def test_broken_off_after_any_part_nothing_is_lost_or_doubled(
    desk: Desk, service: Plaid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PART", 1)
    desk.mirror = BankMirror(
        desk.store, "banking", lambda: Killed(api_of(service, desk.bank), desk.no_rules), desk.mirror.settings
    )
    for number in range(20):
        desk.bank.add(f"t{number}", f"2026-{number % 9 + 1:02}-01", number + 1, "Coffee", pending=True)
    for left in (1, 3, 8, 100):
        Killed.left = left
        with suppress(Unavailable):
            desk.sync()
        known = list(desk.bank.live())
        desk.bank.post(known[0], f"p{left}", date="2026-03-02")
        desk.bank.remove(known[1])
        if "t9" in desk.rows() and left == 8:
            desk.edit("t9", category="treats")
    Killed.left = 100
    desk.synced()
    desk.same()
