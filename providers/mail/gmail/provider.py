"""The provider `gmail`: what a mount says of an account at Gmail."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mail.mailbox import ADDRESS, MAILBOX, settings
from providers.mirror.mirror import Mirror
from providers.spec import Opening, Option, ProviderSpec
from vfs.errors import BadName

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

OPTIONS = (
    Option("address", "the account's address, such as ada@gmail.com", required=True),
    Option("endpoint", "where Gmail's interface is, when it is not at Google"),
)
SETTABLE = frozenset({"unread", "flagged", "labels"})
"""Gmail keeps no note of what was answered or forwarded."""


def address_of(options: Mapping[str, str]) -> str:
    """The account's address, also where it is told as `Name <address>`. Raises BadName."""
    told = options.get("address", "").strip()
    address = told.rpartition("<")[2].removesuffix(">").strip()
    if "@" not in address or not address.isprintable() or " " in address:
        raise BadName(None, f"address is NAME@DOMAIN, but is {told[:60]!r}")
    return address.lower()


def login_name(address: str) -> str:
    """What the login of an account is called where secrets are kept."""
    return f"google:{address}"


def _open(opening: Opening) -> Mirror:
    address = address_of(opening.options)

    def remote() -> Remote:
        made: Remote = import_module("providers.mail.gmail.account").open_account(opening)
        return made

    return Mirror(
        opening.store(),
        opening.options.get("collection") or "mail",
        remote,
        settings(opening, opening.options.get("address") or address, settable=SETTABLE, sure=True),
    )


PROVIDER = ProviderSpec(
    "gmail",
    "an account at Gmail, over Google's own interface",
    _open,
    (*OPTIONS, *(option for option in MAILBOX if option is not ADDRESS)),
)
