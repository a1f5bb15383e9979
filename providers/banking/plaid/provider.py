"""The provider `plaid`: what a mount says of the accounts at one bank, over Plaid."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from providers.mirror.mirror import Mirror
from providers.mirror.settings import OPTIONS, MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, Option, ProviderSpec

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

COLLECTION = "banking"


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
        reach=opening.reach,
    )
    return Mirror(opening.store(), options.get("collection") or COLLECTION, remote, settings)


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
        Option("holder", "the legal name of whose accounts these are, for transfers"),
        Option("collection", "where the store keeps it", default=COLLECTION),
        *OPTIONS,
    ),
)
