"""What the tests of a ledger share: one on a real store, statements imported, rows read back."""

from __future__ import annotations

import pathlib
from typing import Any

from providers.banking.provider import Ledger
from providers.banking.trade import Money
from tests.engines import new_user_store
from tests.store.alone import change
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import NotFound
from vfs.node import Node, Value
from vfs.path import Path
from vfs.transactions import Transaction, read_month


class Desk:
    """A ledger, asked and told without an event loop."""

    def __init__(self, folder: pathlib.Path, store: Any = None) -> None:
        self.store = store if store is not None else new_user_store(folder)
        self.ledger = Ledger(self.store, "banking", Money())
        self.last: Change = change()

    def act(self, verb: str, **arguments: Value) -> dict[str, Any]:
        self.last = change()
        node: Node = drive(self.ledger.act(Path(), verb, arguments, self.last))
        return dict(node.attrs)

    def take(self, data: bytes | str, name: str = "statement.csv", **answers: Value) -> dict[str, Any]:
        """Imports a statement; answers what is asked as a person with one checking account in euros would."""
        content = data if isinstance(data, bytes) else data.encode()
        return self.act("import", content=content.decode("latin-1"), name=name, **answers)

    def rows(self) -> list[Transaction]:
        """All transactions, in the order of the files."""
        return [
            row
            for name in self.names("transactions")
            for row in read_month(self.read(f"transactions/{name}")).rows
        ]

    def names(self, folder: str) -> list[str]:
        async def ask() -> list[str]:
            return [node.name async for page in self.ledger.list(Path.parse(f"/{folder}")) for node in page]

        try:
            return drive(ask())
        except NotFound:
            return []

    def read(self, path: str) -> bytes:
        async def ask() -> bytes:
            async with self.ledger.open(Path.parse(f"/{path}")) as blocks:
                return b"".join([block async for block in blocks])

        return drive(ask())

    def write(self, path: str, text: str) -> None:
        async def blocks() -> Any:
            yield text.encode()

        async def put() -> None:
            folder = Path.parse(f"/{path}").parent
            if folder.parts:
                try:
                    await self.ledger.stat(folder)
                except NotFound:
                    await self.ledger.mkdir(folder, change())
            await self.ledger.write(Path.parse(f"/{path}"), blocks(), change())

        drive(put())

    def attrs(self, path: str) -> dict[str, Any]:
        return dict(drive(self.ledger.stat(Path.parse(f"/{path}"))).attrs)

    def close(self) -> None:
        drive(self.store.aclose())
