"""What Plaid's answers hold: exact, and never trusted."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from providers.banking.plaid import wire
from providers.banking.plaid.keys import Keys, base_of, keys_name
from vfs.errors import BadName, Unavailable


def row(**fields: Any) -> dict[str, Any]:
    return {
        "transaction_id": "t1", "account_id": "a1", "amount": Decimal("1.00"), "iso_currency_code": "USD",
        "date": "2026-11-01", "name": "Coffee", "pending": False, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "currency", "amount"),
    [
        ("89.4", "USD", "-89.40"),
        ("-0.0", "USD", "0.00"),
        ("0", "USD", "0.00"),
        ("1000000000000000", "USD", "-1000000000000000.00"),
        ("0.1", "USD", "-0.10"),
        ("1e-9", "BTC", "-0.000000001"),
        ("120", "JPY", "-120"),
        ("1.5", "KWD", "-1.500"),
        ("0.30000000000000004", "USD", "-0.30"),
        ("89.39999999999999", "USD", "-89.40"),
        ("0.004", "USD", "-0.004"),
        ("12E1", "USD", "-120.00"),
    ],
)
def test_amounts_are_the_very_numbers(number: str, currency: str, amount: str) -> None:
    said = wire.parsed(f'{{"amount": {number}}}'.encode())
    posted = wire.posted_of(row(amount=said["amount"], iso_currency_code=currency))
    assert f"{posted.row.amount:f}" == amount


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "1e-400", "1" + "0" * 30, '"1"', "[]"]
)
def test_what_is_no_amount_is_refused(number: str) -> None:
    with pytest.raises(Unavailable):
        wire.posted_of(row(**wire.parsed(f'{{"amount": {number}}}'.encode())))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"1", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(Unavailable):
        wire.parsed(content)


@pytest.mark.parametrize(
    "fields",
    [
        {"transaction_id": None}, {"transaction_id": "a b"}, {"transaction_id": "x" * 300},
        {"transaction_id": "é"}, {"date": "01/02/2026"}, {"date": None}, {"name": 5}, {"account_id": ""},
    ],
)  # fmt: skip
def test_another_form_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        wire.posted_of(row(**fields))


def test_texts_are_one_visible_line() -> None:
    name = json.loads('"Tea\\r\\n\\u001b[31mshop\\ud800 \\u202e"')
    payee = wire.posted_of(row(name=name)).row.payee
    assert payee.isprintable()
    assert "\n" not in payee


def test_long_texts_are_cut() -> None:
    assert len(wire.posted_of(row(name="x" * 100_000)).row.payee) == wire.LONGEST


@pytest.mark.parametrize(
    ("iso", "other", "currency"),
    [("USD", None, "USD"), (None, "btc", "BTC"), (None, None, "XXX"), ("", "", "XXX"), (None, "a b", "XXX")],
)
def test_each_amount_has_a_currency(iso: str | None, other: str | None, currency: str) -> None:
    posted = wire.posted_of(row(iso_currency_code=iso, unofficial_currency_code=other))
    assert posted.row.currency == currency


@pytest.mark.parametrize(
    ("primary", "detailed", "category"),
    [
        ("FOOD_AND_DRINK", "FOOD_AND_DRINK_RESTAURANT", "food and drink"),
        ("FOOD_AND_DRINK", "FOOD_AND_DRINK_GROCERIES", "groceries"),
        ("TRANSFER_OUT", "TRANSFER_OUT_SAVINGS", "transfer"),
        ("INCOME", "INCOME_WAGES", "income"),
    ],
)
def test_categories_are_words(primary: str, detailed: str, category: str) -> None:
    said = row(personal_finance_category={"primary": primary, "detailed": detailed})
    assert wire.posted_of(said).row.category == category


@pytest.mark.parametrize("said", [None, [], "x", {"primary": None}])
def test_no_category_is_none(said: object) -> None:
    assert wire.posted_of(row(personal_finance_category=said)).row.category == ""


# -- keys


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"client_id": 1, "secret": "b"}', "[" * 100_000])
def test_keys_in_no_form_are_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Keys.parse(text)


def test_keys_are_not_shown() -> None:
    assert "canary" not in repr(Keys("canary", "canary"))
    assert Keys.parse(Keys("a", "b", ("US", "GB")).text()) == Keys("a", "b", ("US", "GB"))


def test_environments_are_places() -> None:
    assert base_of("sandbox") == "https://sandbox.plaid.com"
    assert keys_name("production") == "plaid:client@production.plaid.com"
    for wrong in ("", "staging", "http://example.org", "https://user:pw@example.org", "ftp://x"):
        with pytest.raises(BadName):
            base_of(wrong)
