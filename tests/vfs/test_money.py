"""Money: what people and statements write is read exactly, or refused; and written one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfs.money import (
    CURRENCIES,
    DECIMALS,
    DIGITS,
    BadAmount,
    Totals,
    TwoReadings,
    decimal_of,
    in_units,
    is_currency,
    minor_units,
    plain,
    read_amount,
    read_money,
    rounded,
    written,
)

AMOUNTS = st.decimals(min_value=-(10**18), max_value=10**18, places=4, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("12543.21", "USD", "$12,543.21"),
        ("-1234.56", "USD", "-$1,234.56"),
        ("12", "CHF", "12.00 CHF"),
        ("-0.00", "EUR", "€0.00"),
        ("100", "JPY", "¥100"),
        ("1.5", "KWD", "1.500 KWD"),
        ("1E-9", "USD", "$0.000000001"),
        ("1E15", "JPY", "¥1,000,000,000,000,000"),
        ("1.10", "JPY", "¥1.1"),
        ("5.10000", "USD", "$5.10"),
        ("0.5", "BTC", "0.50 BTC"),
        ("-7.5", "", "-7.5"),
    ],
)
def test_an_amount_is_written_one_way_without_losing_a_digit(
    amount: str, currency: str, expected: str
) -> None:
    assert written(Decimal(amount), currency) == expected


def test_a_plus_is_written_where_it_is_asked_for() -> None:
    assert written(Decimal(5), "USD", signed=True) == "+$5.00"
    assert written(Decimal(0), "USD", signed=True) == "$0.00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234'567.5", "1234567.5"),
        ("1,23,456.00", "123456.00"),
        ("1.234.567", "1234567"),
        ("(12.00)", "-12.00"),
        ("12-", "-12"),
        ("12,-", "12.00"),
        ("-1.234,--", "-1234.00"),
        ("12.-", "12.00"),
        ("\u22125", "-5"),
        ("+7", "7"),
        ("-0", "0"),
        ("12,5", "12.5"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("1234,567", "1234.567"),
    ],
)
def test_amounts_are_read_as_they_are_written_in_the_world(text: str, expected: str) -> None:
    assert plain(read_amount(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1e5", "1..2", "12.3.4", "1,234,56", "(-5)", "-5-", "٣", "NaN", "Infinity", "1_000", "--5"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        read_amount(text)


def test_an_amount_that_could_be_two_is_refused_with_both() -> None:
    with pytest.raises(TwoReadings, match=r"'1\.234' could be 1\.234 or 1234") as caught:
        read_amount("1.234")
    assert (caught.value.point, caught.value.comma) == (Decimal("1.234"), Decimal(1234))
    with pytest.raises(TwoReadings, match=r"'-1,234' could be -1234 or -1\.234"):
        read_amount("-1,234")


def test_a_known_decimal_mark_decides() -> None:
    assert read_amount("1.234", ".") == Decimal("1.234")
    assert read_amount("1.234", ",") == Decimal(1234)
    with pytest.raises(BadAmount, match="no amount with ',' before its decimals"):
        read_amount("1,234.56", ",")


@pytest.mark.parametrize("text", ["9" * (DIGITS + 1), "0." + "1" * (DECIMALS + 1), "1" + "0" * 10_000])
def test_no_amount_is_longer_than_any_bank_has(text: str) -> None:
    with pytest.raises(BadAmount, match="at most"):
        read_amount(text)
    assert decimal_of(text) is None


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$12,543.21", "12543.21", "USD"),
        ("-$3", "-3", "USD"),
        ("€ 1.234,50", "1234.50", "EUR"),
        ("12 CHF", "12", "CHF"),
        ("eur 12,50", "12.50", "EUR"),
        ("($5.00)", "-5.00", "USD"),
        ("CA$5", "5", "CAD"),
        ("7.5", "7.5", ""),
    ],
)
def test_an_amount_may_name_its_currency(text: str, amount: str, currency: str) -> None:
    assert read_money(text) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["kr 5", "10 ABC", "5 EURO", "5 EUR USD", "$"])
def test_a_currency_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        read_money(text)


def test_currencies_have_their_own_decimals() -> None:
    assert [minor_units(code) for code in ("JPY", "USD", "KWD", "UYW", "XYZ")] == [0, 2, 3, 4, 2]
    assert len(CURRENCIES) > 150
    assert is_currency("EUR")
    assert is_currency("USDC")
    assert not is_currency("eur")
    assert not is_currency("=1+1")


def test_what_a_file_holds_is_bounded_and_has_no_negative_zero() -> None:
    assert decimal_of("-0.00") == 0
    assert not decimal_of("-0.00").is_signed()  # type: ignore[union-attr]
    assert [decimal_of(text) for text in ("1e999", "NaN", "x", "", "1E+30", "1_0", "٣")] == [None] * 7
    assert plain(in_units(Decimal("20.5"), "EUR")) == "20.50"
    assert plain(in_units(Decimal("1E+3"), "JPY")) == "1000"


def test_a_share_is_rounded_half_to_even() -> None:
    assert rounded(Decimal("0.125"), "USD") == Decimal("0.12")
    assert rounded(Decimal("0.5"), "JPY") == 0


def test_sums_stay_exact_and_apart() -> None:
    totals = Totals()
    for _ in range(100_000):
        totals.add(Decimal("0.1"), "USD")
    totals.add(Decimal("1E-9"), "USD")
    totals.add(Decimal(10**15), "USD")
    totals.add(Decimal(5), "EUR")
    assert list(totals) == [("EUR", Decimal(5)), ("USD", Decimal("1000000000010000.000000001"))]
    assert totals.of("CHF") == 0
    assert len(totals) == 2


@given(AMOUNTS, st.sampled_from(["USD", "EUR", "JPY", "KWD", "CHF"]))
def test_what_was_written_is_read_as_the_same(amount: Decimal, currency: str) -> None:
    assert read_money(written(amount, currency), ".") == (amount, currency)
    assert decimal_of(plain(amount, currency)) == amount
    assert Decimal(plain(amount)) == amount


@given(st.text(alphabet="0123456789.,-+()'’ \u00a0\u2212$€EURUSDe_x٣", max_size=20))
def test_whatever_is_read_is_an_amount_or_refused(text: str) -> None:
    for read in (read_amount, lambda word: read_money(word)[0]):
        try:
            amount = read(text)
        except BadAmount:
            continue
        assert amount.is_finite()
        assert decimal_of(plain(amount)) == amount
        assert amount or not amount.is_signed()


@given(st.text(alphabet="0123456789.-+eE_ NaInfx", max_size=50))
def test_what_a_file_says_is_an_amount_or_none(text: str) -> None:
    amount = decimal_of(text)
    assert amount is None or decimal_of(plain(amount)) == amount
