"""Money that is moved over Plaid: asked for in order, made once, whatever is cut."""

from __future__ import annotations

import pathlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from providers.banking.plaid.transfers import Transfers, order_of
from providers.outbox import table
from providers.outbox.deed import WAITING, Deed, Performs
from providers.outbox.performing import Performing
from tests.mirror.account import change
from tests.plaid.desk import Desk, api_of
from tests.servers.plaid import Plaid, plaid, refusal
from tests.servers.web import Reply
from tests.store.desk import FULL
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import BadName, Conflict, Exists, Unsupported
from vfs.ids import uuid7
from vfs.path import Path

ROUNDS = 300 if FULL else 6
ORDER: dict[str, Any] = {"from": "checking", "to": "plaid", "amount": Decimal("100.5"), "note": "rent"}


@pytest.fixture
def service() -> Iterator[Plaid]:
    with plaid() as made:
        yield made


def bank_with(folder: pathlib.Path, service: Plaid, **options: str) -> Desk:
    bank = service.bank()
    bank.account("Checking", 1000, mask="1111")
    bank.account("Savings", 1000, mask="2222", subtype="savings")
    told = {"products": "transactions transfer", "holder": "Ada Lovelace"}
    return Desk(folder, service, bank, **{**told, **options})


@pytest.fixture
def desk(tmp_path: pathlib.Path, service: Plaid) -> Desk:
    return bank_with(tmp_path, service)


class Outbox:
    """The worker of a desk's store."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, **fields: Any) -> None:
        drive(self.desk.mirror.act(Path(), "transfer", {**ORDER, **fields}, change()))

    def turn(self) -> None:
        """Does what is due, all of what waits being due."""

        async def run() -> None:
            await self.desk.store.write(
                lambda connection: connection.execute("UPDATE deed SET due = 0, lease = NULL").rowcount
            )
            remote = self.desk.remote()
            try:

                async def told(row: table.DeedRow) -> None:
                    return None

                await Performing(self.desk.store, lambda account: remote, told).turn()
            finally:
                await remote.aclose()

        drive(run())

    def states(self) -> list[tuple[str, str, str]]:
        sql = "SELECT state, problem, result FROM deed ORDER BY node"
        return drive(self.desk.store.read(lambda connection: [tuple(row) for row in connection.execute(sql)]))


@pytest.fixture
def outbox(desk: Desk) -> Outbox:
    return Outbox(desk)


# -- what is offered


def test_it_is_offered_where_the_bank_can_and_it_was_allowed(desk: Desk) -> None:
    verb = drive(desk.mirror.verbs(Path()))["transfer"]
    assert verb.effect is Effect.SPEND
    assert "transfer" not in drive(desk.mirror.verbs(Path(("accounts",))))


def test_it_is_not_offered_elsewhere(tmp_path: pathlib.Path, service: Plaid) -> None:
    desk = bank_with(tmp_path, service, products="transactions")
    assert "transfer" not in drive(desk.mirror.verbs(Path()))
    with pytest.raises(Unsupported):
        Outbox(desk).ask()


def test_the_remote_performs(desk: Desk) -> None:
    assert isinstance(desk.remote(), Performs)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "savings"}, "one end is `plaid`"),
        ({"from": "plaid"}, "one end is `plaid`"),
        ({"to": ""}, "names what pays"),
        ({"currency": "EUR"}, "US dollars, not EUR"),
        ({"amount": Decimal("0")}, "above zero"),
        ({"amount": Decimal("-5")}, "above zero"),
        ({"amount": Decimal("0.001")}, "no amount of USD"),
        ({"amount": Decimal("1e15")}, "no amount of USD"),
        ({"amount": Decimal("NaN")}, "above zero"),
        ({"amount": "ten"}, "above zero"),
        ({"amount": None}, "above zero"),
        ({"note": "a\nb"}, "short text"),
        ({"note": "x" * 201}, "short text"),
    ],
)
def test_what_can_never_be_moved_is_refused_before_it_waits(
    outbox: Outbox, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadName, match=said):
        outbox.ask(**fields)
    assert outbox.states() == []


def test_amounts_are_read_exactly() -> None:
    assert str(order_of({**ORDER, "amount": "1234.5"}).amount) == "1234.50"
    assert order_of({**ORDER, "amount": Decimal("100")}).summary() == (
        "transfer $100.00 from checking to your balance at Plaid (rent)"
    )


def test_without_a_name_nothing_is_moved(tmp_path: pathlib.Path, service: Plaid) -> None:
    with pytest.raises(BadName, match="whose accounts"):
        Outbox(bank_with(tmp_path, service, holder="")).ask()


# -- what is done


def test_it_is_authorized_and_made(outbox: Outbox, service: Plaid) -> None:
    outbox.ask()
    outbox.turn()
    assert outbox.states() == [("done", "", "transfer transfer-1, pending")]
    [made] = service.transfers
    assert (made["amount"], made["type"], made["description"]) == ("100.50", "debit", "rent")
    assert made["user"]["legal_name"] == "Ada Lovelace"


def test_the_other_way_is_a_credit(outbox: Outbox, service: Plaid) -> None:
    outbox.ask(**{"from": "plaid", "to": "Savings", "note": ""})
    outbox.turn()
    [made] = service.transfers
    assert (made["type"], made["account_id"]) == ("credit", "acc-item-1-2")


def test_the_same_one_asked_for_twice_is_made_once(outbox: Outbox, service: Plaid) -> None:
    outbox.ask(key="k1")
    with pytest.raises(Exists):
        outbox.ask(key="k1")
    outbox.turn()
    with pytest.raises(Conflict):
        outbox.ask(key="k1")
    outbox.ask(key="k2")
    outbox.turn()
    assert len(service.transfers) == 2


@pytest.mark.parametrize("code", ["NSF", "RISK", "TRANSFER_LIMIT_REACHED"])
def test_a_declined_one_is_told_and_can_be_asked_for_again(outbox: Outbox, service: Plaid, code: str) -> None:
    service.decision = ("declined", code)
    outbox.ask()
    outbox.turn()
    [(state, problem, _)] = outbox.states()
    assert (state, service.transfers) == ("failed", [])
    assert problem == f"Plaid has declined the transfer ({code}): because of {code}"
    service.decision = ("approved", "")
    drive(
        outbox.desk.store.write(
            lambda connection: connection.execute("UPDATE deed SET state = 'waiting'").rowcount
        )
    )
    outbox.turn()
    assert outbox.states()[0][0] == "done"
    assert len(service.transfers) == 1


def test_a_bank_that_wants_a_login_first_lets_it_wait(outbox: Outbox, service: Plaid) -> None:
    service.decision = ("user_action_required", "ITEM_LOGIN_REQUIRED")
    outbox.ask()
    outbox.turn()
    assert outbox.states()[0][0] == "waiting"
    assert "log in again" in outbox.states()[0][1]


def test_an_account_that_is_not_there_is_told(outbox: Outbox, service: Plaid) -> None:
    outbox.ask(**{"from": "chequing"})
    outbox.turn()
    [(state, problem, _)] = outbox.states()
    assert (state, problem) == ("failed", "no such account at First Platypus Bank: chequing")


def test_two_accounts_of_one_name_are_not_guessed_at(outbox: Outbox, service: Plaid) -> None:
    outbox.desk.bank.accounts["acc-item-1-2"]["mask"] = "1111"
    outbox.ask(**{"from": "1111"})
    outbox.turn()
    assert outbox.states()[0][:2] == ("failed", "several such accounts at First Platypus Bank: 1111")


def test_a_bank_that_is_down_lets_it_wait(outbox: Outbox, service: Plaid) -> None:
    reply = refusal("INSTITUTION_DOWN", "INSTITUTION_ERROR")
    service.web.fail("reply", times=1, about="/transfer/authorization", reply=reply)
    outbox.ask()
    outbox.turn()
    assert outbox.states()[0][0] == "waiting"
    outbox.turn()
    assert (outbox.states()[0][0], len(service.transfers)) == ("done", 1)


@pytest.mark.parametrize("kind", ["lost", "cut", "drop"])
@pytest.mark.parametrize("where", ["/transfer/create", "/transfer/authorization/create"])
def test_cut_off_anywhere_it_is_made_once(outbox: Outbox, service: Plaid, kind: str, where: str) -> None:
    service.web.fail(kind, times=1, about=where)
    outbox.ask()
    for _ in range(4):
        outbox.turn()
    assert outbox.states()[0][0] == "done"
    assert len(service.transfers) == 1


def test_what_may_have_left_is_found_again_on_any_page(outbox: Outbox, service: Plaid) -> None:
    service.page_of_transfers = 25
    outbox.ask()
    service.web.fail("lost", times=1, about="/transfer/create")
    service.web.fail("reply", times=9, about="/transfer/list", reply=Reply(503))
    outbox.turn()
    assert outbox.states()[0][0] == "leaving"
    service.web.faults = []
    service.transfers += [{**service.transfers[0], "id": f"o-{at}", "metadata": None} for at in range(60)]
    outbox.turn()
    assert outbox.states()[0][0] == "done"
    assert [one["id"] for one in service.transfers if one["metadata"]] == ["transfer-1"]


def test_after_a_day_a_person_decides(desk: Desk, service: Plaid) -> None:
    later = datetime.now(UTC) + timedelta(days=2)
    now = datetime.now(UTC)
    path = Path(("outbox", "x"))
    deed = Deed(
        1, path, "banking", "transfer", WAITING, uuid7(), {}, "", "", "user", now, now, now, 1, "", ""
    )

    async def look(at: datetime) -> bool | None:
        api = api_of(service, desk.bank)
        try:
            return await Transfers(api, "Ada", lambda: at).look(deed, b"")
        finally:
            await api.aclose()

    assert drive(look(now)) is False
    assert drive(look(later)) is None


def test_an_authorization_of_something_else_is_not_used(outbox: Outbox, service: Plaid) -> None:
    real = service._transfer_authorization_create

    def other(asked: dict[str, Any]) -> dict[str, Any]:
        said = real(asked)
        said["authorization"]["proposed_transfer"]["amount"] = "900.00"
        return said

    service._transfer_authorization_create = other  # type: ignore[method-assign]
    outbox.ask()
    outbox.turn()
    assert outbox.states()[0][:2] == ("failed", "Plaid has authorized another transfer than was asked for")
    assert service.transfers == []


def test_whatever_happens_no_money_is_moved_twice(outbox: Outbox, service: Plaid) -> None:
    chance = random.Random(7)
    for number in range(ROUNDS):
        outbox.ask(key=f"key-{number}", amount=Decimal(number + 1))
        for _ in range(chance.randrange(1, 4)):
            kind = chance.choice(["lost", "cut", "drop", "reply"])
            reply = refusal("INTERNAL_SERVER_ERROR", "API_ERROR", 500)
            about = chance.choice(["/transfer/create", "/transfer/list", "/authorization/", "/accounts"])
            service.web.fail(kind, times=chance.choice([1, 4]), about=about, reply=reply)
            outbox.turn()
            service.web.faults = []
        for _ in range(3):
            outbox.turn()
    assert {state for state, _, _ in outbox.states()} == {"done"}
    assert sorted(one["amount"] for one in service.transfers) == sorted(
        f"{number + 1}.00" for number in range(ROUNDS)
    )
