"""bank transfer: asked for each time, with all that will happen, and never made twice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from commands.stream import Io
from providers.memory import Memory
from spatio.policy import Pattern, Policy, Rule, Verdict
from tests.commands.desk import Registered
from tests.commands.till import Till, account
from vfs.action import Arguments, Change, Effect, Verb
from vfs.errors import Exists
from vfs.mount import Mount
from vfs.node import Kind, Node
from vfs.path import ROOT, Path


class Moving(Memory):
    """A ledger whose service moves money."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Arguments] = []

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        return {} if path != ROOT else {"transfer": Verb("transfer", "moves money", Effect.SPEND)}

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        if any(one["key"] == arguments["key"] for one in self.asked):
            raise Exists(Path.parse("/outbox/x"), "the same waits here already")
        self.asked.append(arguments)
        return Node(f"transfer-{len(self.asked)}.json", Kind.FILE)


class Services(Registered):
    """The registry, and an outbox that says what it was given."""

    def __init__(self) -> None:
        self.delivered: list[str] = []

    @property
    def outbox(self) -> Services:
        return self

    async def deliver(self, path: Path, io: Io) -> int:
        self.delivered.append(str(path))
        return 0


def bank(*, interactive: bool = True, answers: tuple[bool, ...] = (True,), guard: Any = None) -> Any:
    """A desk with an account that can pay, one that cannot, and the service behind the first."""
    desk = Till("/own", services=Services(), interactive=interactive, guard=guard)
    desk.answers = list(answers)
    service = Moving()
    desk.tree.mounts.add(Mount(Path.parse("/plaid"), "plaid", lambda: service))
    desk.account("cash", account("Cash", "cash", "20"))
    desk.at = "/plaid"
    told = account("Checking", "checking", "500", available="400", mask="0042", institution="Harbour")
    desk.account("checking", told)
    desk.account("savings", account("Savings", "savings", "900"))
    return desk, service


def test_it_is_asked_for_with_everything_that_will_happen() -> None:
    desk, service = bank()
    ran = desk.run("bank transfer checking savings 250 --note 'for June'")
    assert ran.status == 0
    question = desk.asked[0]
    assert "From    Checking (Harbour, …0042, checking), $500.00" in question
    assert "To      Savings (savings), $900.00" in question
    assert "Amount  $250.00" in question
    assert "Fee     none" in question
    assert "Note    for June" in question
    assert question.endswith("Transfer $250.00 now?")
    told = dict(service.asked[0])
    assert len(str(told.pop("key"))) == 32
    assert told == {
        "from": "checking", "to": "savings", "amount": Decimal(250), "currency": "USD", "note": "for June"
    }  # fmt: skip
    assert desk.services.delivered == ["/outbox/transfer-1.json"]


def test_no_is_no() -> None:
    desk, service = bank(answers=(False,))
    ran = desk.run("bank transfer checking savings 250")
    assert (ran.status, ran.err) == (1, "bank: nothing was transferred\n")
    assert service.asked == []


def test_a_script_moves_no_money() -> None:
    desk, service = bank(interactive=False)
    ran = desk.run("bank transfer checking savings 250")
    assert ran.status == 77
    assert ran.err == ("bank: a transfer is made only when a person says yes to it\n  run it at a terminal\n")
    assert service.asked == []


def test_the_same_transfer_asked_for_twice_is_recognised() -> None:
    desk, service = bank(answers=(True, True, True, True))
    assert desk.run("bank transfer checking savings 250").status == 0
    ran = desk.run("bank transfer checking savings 250.00")
    assert ran.status == 1
    assert "asked for today already (the same waits here already); it is not made twice" in ran.err
    assert "if a further one is meant: --again 1" in ran.err
    assert len(service.asked) == 1
    assert desk.run("bank transfer checking savings 250 --again 1").status == 0
    assert desk.run("bank transfer checking savings 251").status == 0
    assert len({one["key"] for one in service.asked}) == 3


def test_more_than_is_available_is_said() -> None:
    desk, _ = bank()
    desk.run("bank transfer checking savings 450")
    assert "Careful: only $400.00 is available" in desk.asked[0]


def test_one_end_may_be_the_balance_at_the_service() -> None:
    desk, service = bank(answers=(True, True))
    assert desk.run("bank transfer checking plaid 5").status == 0
    assert "To      Your balance at Plaid (plaid)" in desk.asked[0]
    assert desk.run("bank transfer plaid checking 5").status == 0
    assert [(one["from"], one["to"]) for one in service.asked] == [
        ("checking", "plaid"), ("plaid", "checking")
    ]  # fmt: skip
    assert "one account to another" in desk.run("bank transfer checking checking 5").err
    assert desk.run("bank transfer plaid plaid 5").status == 1


def test_an_account_that_no_service_can_pay_from_is_refused() -> None:
    desk, service = bank()
    ran = desk.run("bank transfer cash savings 5")
    assert ran.status == 1
    assert "Cash: nothing here can move money of this account" in ran.err
    assert service.asked == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("checking savings 1.234", "'1.234' could be 1.234 or 1234"),
        ("checking savings 0", "a transfer is more than nothing"),
        ("checking savings -5", "a transfer is more than nothing"),
        ("checking savings 0.001", "USD has 2 decimals"),
        ("checking savings '5 EUR'", "Checking is in USD, and 5 EUR is not"),
        ("checking savings 5 --currency EUR", "Checking is in USD"),
        ("checking savings much", "'much' is no amount"),
        ("checking nobody 5", "no account is called 'nobody'"),
        ("checking savngs 5", "did you mean savings?"),
        ("checking savings 5 --again -1", "--again must be 0 or more"),
    ],
)
def test_what_is_no_transfer_is_refused_before_anything_is_asked(words: str, reason: str) -> None:
    desk, service = bank()
    ran = desk.run(f"bank transfer {words}")
    assert ran.status in (1, 2)
    assert reason in ran.err
    assert desk.asked == []
    assert service.asked == []


def test_a_note_has_one_line() -> None:
    desk, _ = bank()
    assert "a note has at most" in desk.run("bank transfer checking savings 5 --note 'a\nb'").err
    assert "a note has at most" in desk.run(f"bank transfer checking savings 5 --note {'x' * 141}").err


EVERYTHING = Effect.READ | Effect.WRITE | Effect.DELETE | Effect.SEND | Effect.SPEND


@pytest.mark.parametrize("answer", [True, False, None])
def test_an_agent_that_may_do_everything_moves_no_money_without_a_persons_word(answer: bool | None) -> None:
    asked: list[str] = []

    async def ask(question: str) -> bool:
        asked.append(question)
        return bool(answer)

    rules = [Rule(EVERYTHING, Pattern("/"), Verdict.ALLOW)]
    policy = Policy(rules, who="agent payer", asker=None if answer is None else ask)
    desk, service = bank(interactive=False, guard=policy)
    ran = desk.run("bank transfer checking savings 5")
    assert ran.status == (0 if answer else 126)
    assert len(service.asked) == (1 if answer else 0)
    if answer is None:
        assert "needs approval, and nobody is there to give it" in ran.err
    else:
        assert "agent payer wants to spend by" in asked[0]
        assert "savings" in asked[0]
        assert "5" in asked[0]
