"""plaid balance and transfers of accounts that are connected, against a server that speaks as Plaid does."""

from __future__ import annotations

import json
import os
import pathlib
import webbrowser
from collections.abc import Iterator, Sequence

import keyring
import keyring.backends.fail
import pytest

from commands.stream import Collected, Given, Io
from spatio.secrets import opening
from spatio.workspace import open_workspace
from tests.plaid.browser import Person
from tests.servers.plaid import CLIENT_ID, SECRET, Bank, Plaid, plaid
from tests.workspaces import MORNING
from vfs.drive import drive


class Home:
    """A workspace whose accounts are at one bank, and a person who says yes."""

    def __init__(self, folder: pathlib.Path, service: Plaid) -> None:
        self.path = folder / "home"
        self.service = service
        self.asked: list[str] = []
        client = folder / "plaid.json"
        told = {"client_id": CLIENT_ID, "secret": SECRET, "environment": service.web.url}
        client.write_text(json.dumps(told))
        bank = Bank("Platypus")
        bank.account("Credit", 1234.56, type="credit", subtype="credit card")
        bank.account("Savings", 45231.89, subtype="savings")
        bank.account("Checking", 12543.21, available=12000)
        checking = list(bank.accounts)[2]
        bank.add("t1", "2026-11-01", 5.25, "Coffee", checking)
        bank.add("t2", "2026-11-02", -1500, "Salary", checking)
        bank.products.append("transfer")
        service.next.append(bank)
        self.bank = bank
        self.connect = f"connect plaid --client {client} --allow transfer --user 'Ada Lovelace'"

    async def _ask(self, question: str) -> bool:
        self.asked.append(question)
        return True

    def run(self, *lines: str, person: bool = True) -> tuple[int, str, str]:
        """Runs lines one after the other in one session."""

        async def work() -> tuple[int, str, str]:
            workspace = open_workspace(self.path)
            session = workspace.session(
                env={"HOME": "/"}, clock=lambda: MORNING, interactive=person, asker=self._ask
            )
            out, errors, status = Collected(), Collected(), 0
            try:
                for line in lines:
                    status = (await session.run(line, Io(Given(), out, errors), last=False)).status
            finally:
                await session.aclose()
                await workspace.aclose()
            return status, out.data.decode(), errors.data.decode()

        return drive(work())


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    monkeypatch.setenv("SPATIO_KEY_FILE", str(key))
    for name in ("SPATIO_PLAID_CLIENT_ID", "SPATIO_PLAID_SECRET", "SPATIO_PLAID_ENV"):
        monkeypatch.delenv(name, raising=False)
    opening.forget_keys()
    with plaid() as service:
        monkeypatch.setenv("DISPLAY", ":77")
        monkeypatch.setattr(webbrowser, "open", Person(service))
        made = Home(tmp_path, service)
        status, _, errors = made.run(made.connect, "sync /banking")
        assert status == 0, errors
        yield made


def test_balances_and_transactions_of_a_connected_bank(home: Home) -> None:
    status, out, _ = home.run("plaid balance")
    assert status == 0
    assert out == "Checking: $12,543.21\nSavings: $45,231.89\nCredit: -$1,234.56\n"
    _, out, _ = home.run("plaid transactions --account checking")
    assert out.splitlines() == [
        "2026-11-02\t1500.00 USD\tSalary\t\tchecking",
        "2026-11-01\t-5.25 USD\tCoffee\t\tchecking",
    ]


def moved(home: Home) -> Sequence[str]:
    return [one["amount"] for one in home.service.transfers]


def test_a_transfer_is_asked_for_made_and_not_made_again(home: Home) -> None:
    line = "bank transfer checking plaid 250 --note rent"
    status, _, errors = home.run(line)
    assert status == 0, errors
    assert "Amount  $250.00" in home.asked[-1]
    assert moved(home) == ["250.00"]
    status, _, errors = home.run(line)
    assert status == 1
    assert "the same transfer was asked for today already" in errors
    assert moved(home) == ["250.00"]
    status, _, errors = home.run(f"{line} --again 1")
    assert status == 0, errors
    assert moved(home) == ["250.00", "250.00"]


def test_what_the_service_cannot_move_is_refused(home: Home) -> None:
    status, _, errors = home.run("bank transfer checking savings 5")
    assert status == 1
    assert "one end is `plaid`" in errors
    status, _, _ = home.run("bank transfer checking plaid 5", person=False)
    assert status == 77
    assert moved(home) == []


def test_categories_are_set_and_rules_work_at_a_connected_bank(home: Home) -> None:
    status, _, errors = home.run("bank transactions --search coffee | bank categories set food:out")
    assert status == 0, errors
    assert "1 transaction changed to food:out" in errors
    status, out, _ = home.run("sync /banking", "bank transactions --category food")
    assert status == 0
    assert out.splitlines()[-1] == "2026-11-01\t-5.25 USD\tCoffee\tfood:out\tchecking"
    status, _, errors = home.run("bank categories rule add salary income:salary", "bank budget set food 20")
    assert status == 0, errors
    status, out, errors = home.run("bank categories", "bank budget show food")
    assert "income:salary\t1\t$1,500.00" in out
    assert "20.00 USD\t5.25 USD\t14.75 USD" in out
