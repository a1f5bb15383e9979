"""The provider `plaid`: what a mount says of the accounts at one bank, over Plaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.banking.trade import IMPORTS, RULES, Money
from providers.mirror.mirror import Mirror
from providers.mirror.settings import OPTIONS, MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, Option, ProviderSpec
from vfs.action import Arguments, Change, Verb
from vfs.node import Node
from vfs.path import Path

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

COLLECTION = "banking"
BUDGETS = "budgets.csv"
HERE = frozenset({RULES, BUDGETS, IMPORTS})
"""What a ledger holds beside what the bank has."""


class BankMirror(Mirror):
    """The accounts at a bank, with what can be done to any ledger, and what the bank does."""

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        if path.parts:
            return {}
        offered: Mapping[str, Verb] = import_module("providers.banking.verbs").VERBS
        return {**offered, **await super().verbs(path)}

    async def reached(self, path: Path, verb: str, arguments: Arguments) -> Sequence[Path]:
        """See vfs.door.Reaching."""
        found: Sequence[Path] = import_module("providers.banking.verbs").reached(verb)
        return found

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        verbs = import_module("providers.banking.verbs")
        if path.parts or verb not in verbs.VERBS:
            return await super().act(path, verb, arguments, change)
        await self.freshness.look(path)
        files = import_module("providers.banking.keeping").Files(
            self.store, self.mount, Money(), mirrored=True
        )
        node: Node = await verbs.act(files, verb, arguments, change)
        return node


def _open(opening: Opening) -> Mirror:
    options = opening.options

    def remote() -> Remote:
        made: Remote = import_module("providers.banking.plaid.item").open_item(opening)
        return made

    settings = MirrorSettings(
        options.get("institution") or options["item"],
        max_age=seconds_of(options.get("max_age") or "10m"),
        bodies=bodies_of(options.get("bodies") or "ahead"),
        replaces=frozenset({""}),
        sure=True,
        fixed=False,
        here=HERE,
        reach=opening.reach,
    )
    return BankMirror(opening.store(), options.get("collection") or COLLECTION, remote, settings)


PROVIDER = ProviderSpec(
    "plaid",
    "the accounts at a bank, over Plaid",
    _open,
    (
        Option("item", "the connection, as Plaid calls it", required=True),
        Option("name", "what you call it"),
        Option("institution", "the bank's name"),
        Option("environment", "sandbox, production, or an address", default="production"),
        Option("products", "what the connection may do: transactions transfer", default="transactions"),
        Option(
            "balances",
            "`cached`: what Plaid knows; `live`: the bank is asked at each sync, which Plaid may charge for",
            default="cached",
        ),
        Option("holder", "the legal name of whose accounts these are, for transfers"),
        Option("collection", "where the store keeps it", default=COLLECTION),
        *OPTIONS,
    ),
)
