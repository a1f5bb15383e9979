"""Wire: what Plaid's answers hold, read with care: another form than it should have raises Unavailable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from providers.banking.plaid.faults import SERVICE
from providers.httpfaults import unreadable
from vfs.errors import Unavailable
from vfs.money import CURRENCIES, DIGITS, EXACT, is_currency, plain, rounded
from vfs.transactions import Transaction
from vfs.visible import visible_line

Json = Mapping[str, Any]

LONGEST = 1000
"""Characters of a text that are kept."""
NOISE = Decimal("1e-9")
NO_CURRENCY = "XXX"
"""ISO 4217's word for money in none."""
SOURCE = "plaid"


class Account(NamedTuple):
    """An account at the bank."""

    id: str
    name: str
    official: str
    mask: str
    type: str
    subtype: str
    currency: str
    current: Decimal | None
    available: Decimal | None
    limit: Decimal | None
    updated: datetime | None
    """When the bank said so, where that is known."""


class Posted(NamedTuple):
    """A transaction as Plaid lists it."""

    id: str
    account: str
    """The id of its account."""
    row: Transaction
    """As a month holds it, but for the name of its account; with Plaid's category."""
    pending: str
    """The id of the pending transaction that has become this one; ""."""


class Page(NamedTuple):
    """A part of what has happened since a cursor."""

    added: Sequence[Posted]
    """Those that were modified among them."""
    modified: frozenset[str]
    """The ids of those."""
    removed: Sequence[str]
    cursor: str
    more: bool
    status: str
    """How far Plaid is with fetching; "" where it does not say."""


class Item(NamedTuple):
    """The connection to a bank."""

    id: str
    institution: str
    products: Sequence[str]
    error: Json | None
    updated: datetime | None
    """When the bank was asked last."""


def parsed(content: bytes) -> Json:
    """A JSON object, its numbers exact."""
    try:
        value = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise unreadable(SERVICE, "it is no JSON") from error
    return thing(value)


def account_of(said: Json) -> Account:
    """An account."""
    balances = thing(said.get("balances"))
    return Account(
        key(said, "account_id"),
        text(said, "name") or "account",
        text(said, "official_name"),
        text(said, "mask"),
        text(said, "type"),
        text(said, "subtype"),
        currency_of(balances),
        amount(balances, "current"),
        amount(balances, "available"),
        amount(balances, "limit"),
        moment(balances, "last_updated_datetime"),
    )


def posted_of(said: Json) -> Posted:
    """A transaction. What Plaid counts as money out is negative here."""
    value = amount(said, "amount")
    if value is None:
        raise _wrong("amount")
    currency = currency_of(said)
    name = text(said, "name")
    payee = text(said, "merchant_name") or name
    told = text(said, "original_description") or name
    row = Transaction(
        day(said, "date"),
        settled(-value, currency),
        currency,
        "",
        payee,
        "" if told == payee else told,
        category_of(said),
        said.get("pending") is True,
        key(said, "transaction_id"),
        SOURCE,
    )
    return Posted(row.id, key(said, "account_id"), row, text(said, "pending_transaction_id"))


def page_of(said: Json) -> Page:
    """A page of what has happened."""
    rows = [posted_of(one) for name in ("added", "modified") for one in things(said, name)]
    modified = frozenset(key(one, "transaction_id") for one in things(said, "modified"))
    removed = [key(one, "transaction_id") for one in things(said, "removed")]
    status = text(said, "transactions_update_status")
    return Page(rows, modified, removed, text(said, "next_cursor"), said.get("has_more") is True, status)


def item_of(said: Json) -> Item:
    """A connection, as it is told alone or beside its accounts."""
    item = thing(said.get("item"))
    error = item.get("error")
    done = said.get("status")
    fetched = done.get("transactions") if isinstance(done, dict) else None
    products = {one for name in ("products", "billed_products") for one in texts(item, name)}
    return Item(
        key(item, "item_id"),
        text(item, "institution_name"),
        sorted(products),
        error if isinstance(error, dict) else None,
        moment(fetched, "last_successful_update") if isinstance(fetched, dict) else None,
    )


def category_of(said: Json) -> str:
    """Plaid's category in the words of a person; "" where it has none."""
    found = said.get("personal_finance_category")
    if not isinstance(found, dict):
        return ""
    primary, detailed = text(found, "primary"), text(found, "detailed")
    if detailed == "FOOD_AND_DRINK_GROCERIES":
        return "groceries"
    if primary in ("TRANSFER_IN", "TRANSFER_OUT"):
        return "transfer"
    return primary.replace("_", " ").lower()


def currency_of(said: Json) -> str:
    """The currency of an amount: ISO's, else what Plaid calls it."""
    code = (text(said, "iso_currency_code") or text(said, "unofficial_currency_code")).upper()
    return code if is_currency(code) else NO_CURRENCY


def settled(value: Decimal, currency: str) -> Decimal:
    """An amount without what binary numbers leave behind: `0.30000000000000004` is 0.30."""
    if currency in CURRENCIES:
        near = rounded(value, currency)
        if abs(EXACT.subtract(value, near)) < NOISE:
            value = near
    return Decimal(plain(value, currency))


# -- parts of an answer


def thing(value: Any) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise _wrong("its form")
    return value


def things(said: Json, name: str) -> Sequence[Json]:
    """A list of objects; empty when there is none."""
    found = said.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(name)
    return found


def texts(said: Json, name: str) -> Sequence[str]:
    """A list of texts; empty when there is none."""
    found = said.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def text(said: Json, name: str) -> str:
    """A text on one line; "" when there is none."""
    found = said.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _wrong(name)
    # JSON can spell halves of characters, which nothing further on can keep.
    whole = found if found.isascii() else found.encode("utf-8", "replace").decode()
    return visible_line(" ".join(whole[:LONGEST].split()))


def key(said: Json, name: str) -> str:
    """A text that names something: never empty, never long."""
    found = text(said, name)
    if not 0 < len(found) <= 256 or not found.isascii() or not found.isprintable() or " " in found:
        raise _wrong(name)
    return found


def amount(said: Json, name: str) -> Decimal | None:
    """An amount of money; None when it is not told."""
    found = said.get(name)
    if found is None:
        return None
    if isinstance(found, int) and not isinstance(found, bool):
        found = Decimal(found) if abs(found) < 10**DIGITS else None
    if not isinstance(found, Decimal) or not found.is_finite():
        raise _wrong(name)
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -DIGITS or found.adjusted() >= DIGITS:
        raise _wrong(name)
    return found


def day(said: Json, name: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(text(said, name))
    except ValueError:
        raise _wrong(name) from None


def moment(said: Json, name: str) -> datetime | None:
    """A moment; None when it is not told, or makes no sense."""
    try:
        found = datetime.fromisoformat(text(said, name))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _wrong(name: str) -> Unavailable:
    return unreadable(SERVICE, f"`{name}` is not as it should be" if name != "its form" else "another form")
