"""Accounts: a JSON file each, amounts as decimal strings; found again by the bank's number of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from providers.banking.statement import Holding, Question
from vfs.money import decimal_of, plain
from vfs.names import slug
from vfs.node import Value

KINDS = ("checking", "savings", "credit", "loan", "investment", "cash")
_AMOUNTS = ("balance", "available", "limit")
_TEXTS = ("name", "kind", "institution", "mask", "currency")
_STEM_NOISE = re.compile(r"[\d_\-. ()]+")


class Account(NamedTuple):
    """An account's file."""

    name: str
    """Of the file, without its ending: what transactions say in their column `account`."""
    kind: str = ""
    currency: str = ""
    mark: str = ""
    """The hash of the bank's number of it."""
    mask: str = ""
    as_of: str = ""
    stored: Mapping[str, Any] = {}
    """All that the file says."""


def read_account(name: str, data: bytes) -> Account:
    """An account from its file. Never raises: what cannot be read is as if it was not there."""
    try:
        stored = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError):
        stored = {}
    if not isinstance(stored, dict):
        stored = {}

    def text(key: str) -> str:
        value = stored.get(key)
        return value if isinstance(value, str) else ""

    return Account(
        name, text("kind"), text("currency"), text("number_hash"), text("mask"), text("as_of"), stored
    )


def attributes(name: str, data: bytes) -> dict[str, Value]:
    """What an account's entry tells: its amounts as decimals, its day as a date."""
    stored = read_account(name, data).stored
    found: dict[str, Value] = {"title": str(stored.get("name") or name)}
    for key in _TEXTS[1:]:
        if isinstance(stored.get(key), str) and stored[key]:
            found[key] = stored[key]
    for key in _AMOUNTS:
        amount = decimal_of(stored[key]) if isinstance(stored.get(key), str) else None
        if amount is not None:
            found[key] = amount
    try:
        if isinstance(stored.get("as_of"), str):
            found["as_of"] = date.fromisoformat(stored["as_of"][:10])
    except ValueError:
        pass
    return found


def balance_of(account: Account) -> tuple[date, Decimal] | None:
    """The day and the amount of the last balance that is known."""
    stored = account.stored.get("balance")
    amount = decimal_of(stored) if isinstance(stored, str) else None
    try:
        return (date.fromisoformat(account.as_of[:10]), amount) if amount is not None else None
    except ValueError:
        return None


def write_account(stored: Mapping[str, Any]) -> bytes:
    """An account's file."""
    return (json.dumps(stored, ensure_ascii=False, indent=2, default=str) + "\n").encode("utf-8", "replace")


def number_hash(number: str) -> str:
    """What stands in the file for a bank's number of an account: it tells no number."""
    bare = re.sub(r"\W", "", number).upper()
    return sha256(b"account:" + bare.encode()).hexdigest()[:16] if bare else ""


def updated(
    account: Account | None, name: str, holding: Holding, currency: str, kind: str
) -> Mapping[str, Any] | None:
    """The file after a statement: what it says anew; None when it says nothing new.

    A balance replaces an older one only; names and kinds that stand there stay.
    """
    stored = dict(account.stored) if account is not None else {}
    before = dict(stored)
    bare = re.sub(r"\W", "", holding.number)
    facts = {
        "name": stored.get("name") or holding.name or name,
        "kind": stored.get("kind") or holding.kind or kind or "checking",
        "institution": stored.get("institution") or holding.institution,
        "mask": stored.get("mask") or (bare[-4:] if len(bare) >= 4 else ""),
        "currency": stored.get("currency") or holding.currency or currency,
        "number_hash": stored.get("number_hash") or number_hash(holding.number),
    }
    stored.update({key: value for key, value in facts.items() if value})
    as_of = holding.as_of.isoformat() if holding.as_of is not None else ""
    if holding.balance is not None and as_of >= str(stored.get("as_of") or "")[:10]:
        stored["balance"] = plain(holding.balance, facts["currency"])
        if holding.available is not None:
            stored["available"] = plain(holding.available, facts["currency"])
        elif before.get("balance") != stored["balance"]:
            stored.pop("available", None)
        stored["as_of"] = as_of
    return stored if stored != before else None


# -- which account a statement is of


def known_as(holding: Holding, accounts: Mapping[str, Account]) -> str:
    """The name of the account that a statement's number belongs to; "" for none that is known."""
    if holding.name and holding.name in accounts:
        return holding.name
    mark = number_hash(holding.number)
    return next((name for name, account in accounts.items() if mark and account.mark == mark), "")


def account_question(
    file: str, accounts: Mapping[str, Account], number: str = "", sample: tuple[tuple[str, ...], ...] = ()
) -> Question:
    """Asks which account a statement is of."""
    options = [(name, _described(account)) for name, account in accounts.items()]
    stem = (
        slug(_STEM_NOISE.sub(" ", file.rpartition("/")[2].rpartition(".")[0] or file).strip()) or "checking"
    )
    if stem in ("statement", "transactions", "export", "untitled", "download", "stdin"):
        stem = "checking"
    if stem not in accounts:
        options.append((stem, f"a new account, {stem}"))
    of = f" It names the account {masked(number)}." if number else ""
    return Question(
        "account",
        f"Of which account is this statement?{of} Any name makes a new one.",
        tuple(options),
        sample,
    )


def _described(account: Account) -> str:
    parts = [account.kind, account.currency, f"…{account.mask}" if account.mask else ""]
    return ", ".join(filter(None, parts)) or account.name


def masked(number: str) -> str:
    """A number that tells which account is meant, and no more."""
    bare = re.sub(r"\W", "", number)
    return f"…{bare[-4:]}" if len(bare) > 4 else bare


def fresh_name(holding: Holding, taken: Sequence[str]) -> str:
    """A name for an account that a statement brings along."""
    base = slug(" ".join(filter(None, (holding.name or holding.institution, holding.kind)))) or "account"
    mask = re.sub(r"\W", "", holding.number)[-4:].lower()
    name = base if not mask or base not in taken else f"{base}-{mask}"
    number = 2
    while name in taken:
        name, number = f"{base}-{mask or 'x'}-{number}", number + 1
    return name
