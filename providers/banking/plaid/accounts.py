"""Accounts as files: what they are called, and what their files say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from providers.banking.plaid.wire import Account, settled
from vfs.money import plain
from vfs.names import slug

OWED = ("credit", "loan")
"""What Plaid counts as owed, positive, is negative here."""

_KINDS = {"credit": "credit", "loan": "loan", "investment": "investment", "brokerage": "investment"}
_SAVINGS = ("savings", "cd", "money market", "hsa", "isa", "cash isa")


def kind_of(account: Account) -> str:
    """checking, savings, credit, loan, investment or cash."""
    if account.type == "depository":
        return "savings" if account.subtype in _SAVINGS else "checking"
    return _KINDS.get(account.type, "cash")


def names_of(accounts: Iterable[Account], before: Mapping[str, str]) -> dict[str, str]:
    """What accounts are called in names of files, by id; those of `before` keep theirs."""
    names = dict(before)
    taken = set(names.values())
    for account in sorted(accounts, key=lambda one: (one.mask, one.id)):
        if account.id in names:
            continue
        first = slug(account.name) or "account"
        tried = [first, f"{first}-{account.mask}"] if account.mask else [first]
        free = next((one for one in tried if one not in taken), None)
        number = 2
        while free is None or free in taken:
            free, number = f"{first}-{number}", number + 1
        names[account.id] = free
        taken.add(free)
    return names


def content_of(account: Account, institution: str, at: datetime, before: bytes | None) -> bytes:
    """The file of an account; what a person wrote in it beside what Plaid says stays.

    `at` is when the balance was true, where the account itself does not say so.
    """
    was = _read(before)
    sign = -1 if account.type in OWED else 1
    said: dict[str, Any] = {
        "name": was.get("name") or account.name,
        "kind": kind_of(account),
        "institution": institution,
        "mask": account.mask,
        "currency": account.currency,
        "balance": _amount(account.current, account.currency, sign),
        "available": _amount(account.available, account.currency, 1),
        "limit": _amount(account.limit, account.currency, 1),
        "as_of": (account.updated or at).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "official_name": account.official,
        "id": account.id,
        "source": "plaid",
    }
    kept = {name: value for name, value in said.items() if value not in (None, "")}
    further = {name: value for name, value in was.items() if name not in said}
    return (json.dumps({**kept, **further}, indent=2, ensure_ascii=False) + "\n").encode()


def described(content: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What the file of an account says, and the same without when that was true."""
    said = _read(content)
    return said, {name: value for name, value in said.items() if name != "as_of"}


def is_same(one: bytes, other: bytes | None) -> bool:
    """Whether two files of an account say the same but for the moment at which it was true."""
    return other is not None and described(one)[1] == described(other)[1]


def found(word: str, accounts: Sequence[Account], names: Mapping[str, str]) -> list[Account]:
    """The accounts that a person may mean: by name, by the bank's name, or by the last digits."""
    wanted = word.strip().removesuffix(".json").lower()
    exact = [one for one in accounts if wanted in (names[one.id], one.id.lower())]
    return exact or [
        one
        for one in accounts
        if wanted in (one.name.lower(), one.official.lower(), one.mask, slug(one.name))
    ]


def _amount(value: Decimal | None, currency: str, sign: int) -> str | None:
    return None if value is None else plain(settled(value * sign, currency), currency)


def _read(content: bytes | None) -> Mapping[str, Any]:
    try:
        value = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
