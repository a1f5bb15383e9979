"""What the tests of Plaid share: a bank at the fake service, a mount of it, a look at its files."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from providers.banking.plaid.api import Api
from providers.banking.plaid.faults import Faults
from providers.banking.plaid.item import open_item
from providers.banking.plaid.keys import Keys, keys_name, token_name
from providers.banking.plaid.provider import PROVIDER, BankMirror
from providers.banking.plaid.remote import PlaidRemote
from providers.http import Bounds
from providers.mirror.mirror import Mirror
from providers.mirror.run import Report
from providers.spec import Opening, Reach
from tests.engines import new_user_store
from tests.mirror.account import blocks, change
from tests.servers.plaid import CLIENT_ID, SECRET, Bank, Plaid
from vfs.coverage import Gap, gathered
from vfs.drive import drive
from vfs.node import Node
from vfs.path import Path
from vfs.transactions import Transaction, read_month, write_month

QUICK = Bounds(connect=2.0, read=5.0, total=10.0, pause=0.001, tries=4)


def api_of(service: Plaid, bank: Bank) -> Api:
    faults = Faults(bank.name, "run: connect plaid platypus")
    return Api(service.web.url, lambda: Keys(CLIENT_ID, SECRET), lambda: bank.token, faults, bounds=QUICK)


class Desk:
    """A bank and the mount of it."""

    def __init__(self, folder: pathlib.Path, service: Plaid, bank: Bank, **options: str) -> None:
        self.service, self.bank = service, bank
        self.store = new_user_store(folder)
        self.secrets = {
            keys_name(service.web.url): Keys(CLIENT_ID, SECRET).text(),
            token_name(bank.item): bank.token,
        }
        told = {"item": bank.item, "institution": bank.name, "environment": service.web.url, **options}
        self.opening = Opening(
            told, lambda: self.store, secret=self.secrets.get, reach=lambda: Reach.BACKGROUND
        )
        mirror = PROVIDER.open(self.opening)
        assert isinstance(mirror, Mirror)
        self.mirror = BankMirror(self.store, "banking", self.remote, mirror.settings)

    def remote(self) -> PlaidRemote:
        return open_item(self.opening, QUICK)

    @staticmethod
    async def no_rules() -> bytes:
        return b""

    def sync(self, **how: Any) -> Report:
        async def synced() -> Report:
            try:
                return await self.mirror.engine.sync(**how)
            finally:
                await self.mirror.aclose()

        report = drive(synced())
        self.mirror.freshness.forget()
        return report

    def synced(self, **how: Any) -> Desk:
        assert self.sync(**how).problems == ()
        return self

    def nodes(self, folder: str) -> dict[str, Node]:
        async def listed() -> dict[str, Node]:
            pages = self.mirror.list(Path.parse(folder))
            return {node.name: node async for page in pages for node in page}

        return drive(listed())

    def gaps(self) -> Sequence[Gap]:
        self.mirror.freshness.forget()
        with gathered() as gaps:
            self.nodes("/transactions")
            return list(gaps)

    def read(self, path: str) -> bytes:
        async def whole() -> bytes:
            async with self.mirror.open(Path.parse(path)) as found:
                return b"".join([block async for block in found])

        return drive(whole())

    def write(self, path: str, data: bytes) -> None:
        drive(self.mirror.write(Path.parse(path), blocks(data), change()))

    def act(self, verb: str, **arguments: Any) -> Mapping[str, Any]:
        return drive(self.mirror.act(Path(), verb, arguments, change())).attrs

    def remove(self, path: str) -> None:
        drive(self.mirror.remove(Path.parse(path), change()))

    def month(self, name: str) -> list[Transaction]:
        return read_month(self.read(f"/transactions/{name}.csv")).rows

    def rows(self) -> dict[str, Transaction]:
        """All transactions, by id; none twice."""
        found: dict[str, Transaction] = {}
        for name in self.nodes("/transactions"):
            for row in read_month(self.read(f"/transactions/{name}")).rows:
                assert row.id not in found
                found[row.id] = row
        return found

    def edit(self, id: str, **fields: Any) -> None:
        """A person changes a row."""
        for name in self.nodes("/transactions"):
            month = read_month(self.read(f"/transactions/{name}"))
            if any(row.id == id for row in month.rows):
                rows = [row._replace(**fields) if row.id == id else row for row in month.rows]
                self.write(f"/transactions/{name}", write_month(month._replace(rows=rows)))
                return
        raise AssertionError(f"no {id}")

    def account(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read(f"/accounts/{name}.json"))
        return found

    def same(self) -> None:
        """What Plaid has is here, once."""
        here = {id: row for id, row in self.rows().items() if row.source == "plaid"}
        assert set(here) == set(self.bank.live())
        for id, row in self.bank.live().items():
            assert float(here[id].amount) == -float(row["amount"]), id
            assert here[id].date.isoformat() == row["date"]
