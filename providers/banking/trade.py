"""What the files of a ledger mean: months, accounts, rules."""

from __future__ import annotations

import re
from importlib import import_module

from providers.mime import mime_of
from providers.store.trade import Described, Trade
from providers.store.words import LONGEST
from vfs.node import Value
from vfs.path import Path

ACCOUNTS, TRANSACTIONS, IMPORTS = "accounts", "transactions", "imports"
LAYOUTS = "layouts"
RULES = "rules.csv"

_MONTH = re.compile(r"\d{4}-\d{2}\.csv")


def is_month(path: Path) -> bool:
    """Whether a path is that of a month's transactions."""
    return len(path.parts) == 2 and path.parts[0] == TRANSACTIONS and _MONTH.fullmatch(path.name) is not None


def is_account(path: Path) -> bool:
    """Whether a path is that of an account."""
    return len(path.parts) == 2 and path.parts[0] == ACCOUNTS and path.name.endswith(".json")


class Money(Trade):
    """Months tell what they come to, accounts their balances; files that make no sense tell nothing."""

    def describe(self, path: Path, head: bytes) -> Described:
        attrs: dict[str, Value] = {}
        if is_month(path) and len(head) < LONGEST:
            month = import_module("vfs.transactions").read_month(head)
            attrs = import_module("providers.banking.summing").month_attributes(month)
        elif is_account(path):
            attrs = import_module("providers.banking.accounts").attributes(path.name[: -len(".json")], head)
        return Described(mime_of(path.name), attrs)
