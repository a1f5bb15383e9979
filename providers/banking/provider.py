"""`/banking`: accounts, a CSV of transactions a month, rules and budgets, kept in the workspace's own store.

They are plain files: editing them by hand, undo, history, search and backup are the store's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from providers.banking.trade import Money
from providers.spec import Opening, Option, ProviderSpec
from providers.store.provider import StoreProvider
from vfs.action import Arguments, Change, Verb
from vfs.errors import Unsupported
from vfs.node import Node
from vfs.path import Path


class Ledger(StoreProvider):
    """The accounts and transactions of a person."""

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        if path.parts:
            return {}
        offered: Mapping[str, Verb] = import_module("providers.banking.verbs").VERBS
        return offered

    async def reached(self, path: Path, verb: str, arguments: Arguments) -> Sequence[Path]:
        """See vfs.door.Reaching."""
        found: Sequence[Path] = import_module("providers.banking.verbs").reached(verb)
        return found

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        """Does a deed; see `providers.banking.verbs`."""
        if path.parts:
            raise Unsupported(path, f"has no verb `{verb}`")
        keeping = import_module("providers.banking.keeping")
        files = keeping.Files(self.store, self.mount, self.trade)
        node: Node = await import_module("providers.banking.verbs").act(files, verb, arguments, change)
        return node


COLLECTION = Option("collection", "the collection of the store that is shown", default="banking")


def _open(opening: Opening) -> Ledger:
    return Ledger(opening.store(), opening.options.get("collection", "banking"), Money())


PROVIDER = ProviderSpec(
    "banking", "accounts and transactions, kept in the workspace's own store", _open, (COLLECTION,)
)
