"""Money: amounts as exact decimals with a currency beside them, read and written one way.

`written` is for people (`-$1,234.56`, `12.00 CHF`), `plain` for files (`-1234.56`). `read_amount`
takes what statements and people write, with either decimal mark, and refuses what could be two
amounts. `Totals` adds up without ever mixing currencies. No float takes part in any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal

DIGITS = 24
"""Digits before the mark that an amount may have."""

DECIMALS = 18
"""Digits behind the mark that an amount may have."""

EXACT = Context(prec=100)
"""Arithmetic that does not round any amount of money."""

_USUAL = 2
_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF"
    " CHE CHF CHW CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD"
    " HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK"
    " MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB"
    " SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD"
    " UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_MINOR = {code: digits for digits, codes in _UNITS.items() for code in codes.split()}

CURRENCIES = frozenset(_MINOR)
"""The codes of ISO 4217 that money is held in."""

_SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫",
    "UAH": "₴", "NGN": "₦", "TRY": "₺", "PHP": "₱", "KZT": "₸",
}  # fmt: skip
_SIGNS = {symbol: code for code, symbol in _SYMBOLS.items()} | {
    "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "MX$": "MXN", "CN¥": "CNY", "JP¥": "JPY", "zł": "PLN", "Kč": "CZK",
    "Fr.": "CHF",
}  # fmt: skip

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")
_SPACES = dict.fromkeys(map(ord, " \u00a0\u2007\u2009\u202f'’"))
_MINUSES = str.maketrans("\u2212\u2012\u2013\ufe63\uff0d", "-----")
_NO_CENTS = re.compile(r"(?<=[0-9])([.,])(?:--?)\Z")
"""Where a dash stands for no cents, as in `12,-`: no minus."""
_NUMBER = re.compile(r"[0-9]*[.,0-9]*[0-9][.,]?")


class BadAmount(ValueError):
    """A text that is no amount; the message says why."""


class TwoReadings(BadAmount):
    """A text that is one amount with a decimal point and another with a decimal comma."""

    def __init__(self, text: str, point: Decimal, comma: Decimal) -> None:
        first, second = plain(point), plain(comma)
        super().__init__(f"'{text}' could be {first} or {second}")
        self.point = point
        """What it is where `.` parts the decimals."""
        self.comma = comma


def is_currency(text: str) -> bool:
    """Whether a text has the form of a currency's code: ISO 4217, or one that a service made up."""
    return _CODE.fullmatch(text) is not None


def minor_units(currency: str) -> int:
    """Digits behind the mark that amounts of a currency usually have."""
    return _MINOR.get(currency, _USUAL)


def unsigned_zero(amount: Decimal) -> Decimal:
    """The amount; a negative zero as zero."""
    return amount if amount else amount.copy_abs()


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount to its currency's smallest unit, half to even: for means and shares, never for sums."""
    return unsigned_zero(amount.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_EVEN, EXACT))


def in_units(amount: Decimal, currency: str) -> Decimal:
    """The same amount with at least the decimals that its currency has."""
    exponent = amount.as_tuple().exponent
    places = minor_units(currency)
    if isinstance(exponent, int) and -exponent < places:
        return unsigned_zero(amount.quantize(Decimal(1).scaleb(-places), context=EXACT))
    return unsigned_zero(amount)


def plain(amount: Decimal, currency: str = "") -> str:
    """An amount as files hold it: a point, no exponent, no grouping, no negative zero.

    With a currency it has at least that currency's decimals; digits that count are never dropped.
    """
    places = minor_units(currency) if currency else 0
    amount = unsigned_zero(amount)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise BadAmount(f"'{amount}' is no amount")
    least = Decimal(1).scaleb(-places)
    if -exponent < places:
        return f"{amount.quantize(least, context=EXACT):f}"
    if -exponent > places and currency:
        trimmed = amount.normalize(EXACT)
        shown = trimmed.as_tuple().exponent
        assert isinstance(shown, int)
        return f"{trimmed if -shown > places else amount.quantize(least, context=EXACT):f}"
    return f"{amount:f}"


def written(amount: Decimal, currency: str = "", *, signed: bool = False) -> str:
    """An amount as people read it: `$12,543.21`, `-$1,234.56`, `12.00 CHF`; `signed` shows `+`, too."""
    text = plain(amount, currency)
    sign = "-" if text.startswith("-") else "+" if signed and amount else ""
    whole, point, decimals = text.lstrip("-").partition(".")
    number = f"{int(whole):,}{point}{decimals}"
    symbol = _SYMBOLS.get(currency)
    if symbol is not None:
        return f"{sign}{symbol}{number}"
    return f"{sign}{number} {currency}" if currency else f"{sign}{number}"


def read_amount(text: str, mark: str = "") -> Decimal:
    """The amount that a text spells, exactly: `1,234.56`, `1.234,56`, `1 234,56`, `(12.00)`, `12-`, `12,-`.

    `mark` is the decimal mark where that is known. Raises BadAmount, and TwoReadings for what is
    one amount by either mark (`1.234`).
    """
    word = _NO_CENTS.sub(r"\g<1>00", text.strip().translate(_MINUSES))
    negative = False
    if word[:1] == "(" and word[-1:] == ")":
        negative, word = True, word[1:-1].strip()
    elif word[:1] in ("-", "+"):
        negative, word = word[0] == "-", word[1:].lstrip()
    elif word[-1:] in ("-", "+"):
        negative, word = word[-1] == "-", word[:-1].rstrip()
    digits = word.translate(_SPACES)
    if not digits or not digits.isascii() or _NUMBER.fullmatch(digits) is None:
        raise BadAmount(f"'{text.strip()[:40]}' is no amount")
    amount = _between(text.strip(), digits, mark, negative)
    return unsigned_zero(amount.copy_negate() if negative else amount)


def _between(text: str, digits: str, mark: str, negative: bool) -> Decimal:
    """The number that digits with marks between them are."""
    if mark:
        return _with_mark(text, digits, mark)
    marks = [char for char in digits if char in ".,"]
    if not marks:
        return _with_mark(text, digits, ".")
    last = marks[-1]
    if len(set(marks)) == 2:
        return _with_mark(text, digits, last)
    other = "," if last == "." else "."
    if len(marks) > 1:
        return _with_mark(text, digits, other)
    head, _, tail = digits.partition(last)
    decimal = _with_mark(text, digits, last)
    if len(tail) == 3 and 1 <= len(head) <= 3 and head[0] != "0":
        grouped = _with_mark(text, digits, other)
        both = (decimal, grouped) if last == "." else (grouped, decimal)
        raise TwoReadings(text[:40], *[one.copy_negate() if negative else one for one in both])
    return decimal


def _with_mark(text: str, digits: str, mark: str) -> Decimal:
    whole, found, decimals = digits.partition(mark)
    grouping = "," if mark == "." else "."
    groups = whole.split(grouping)
    if grouping in decimals or mark in decimals or not _are_groups(groups):
        raise BadAmount(f"'{text[:40]}' is no amount with '{mark}' before its decimals")
    whole = "".join(groups)
    if len(whole.lstrip("0")) > DIGITS or len(decimals) > DECIMALS:
        raise BadAmount(f"an amount has at most {DIGITS} digits and {DECIMALS} decimals")
    return Decimal(f"{whole or '0'}.{decimals}" if found and decimals else whole or "0")


def _are_groups(groups: list[str]) -> bool:
    """Whether digits are parted as numbers are: by threes, or by twos above them (lakhs and crores)."""
    if len(groups) == 1:
        return True
    *upper, last = groups[1:]
    return 1 <= len(groups[0]) <= 3 and len(last) == 3 and all(2 <= len(one) <= 3 for one in upper)


def read_money(text: str, mark: str = "") -> tuple[Decimal, str]:
    """An amount and its currency, "" when none is named: `$12.50`, `-€3`, `12.50 CHF`, `EUR 1.234,50`.

    Raises BadAmount, TwoReadings.
    """
    word = text.strip().translate(_MINUSES)
    bare = word.strip("()+- \u00a0")
    for sign in sorted(_SIGNS, key=len, reverse=True):
        if bare.startswith(sign) or bare.endswith(sign):
            return read_amount(word.replace(sign, "", 1), mark), _SIGNS[sign]
    found = re.search(r"[A-Za-z]{3}", bare)
    if found is None:
        return read_amount(word, mark), ""
    code = found.group().upper()
    at_edge = bare.startswith(found.group()) or bare.endswith(found.group())
    if code not in CURRENCIES or not at_edge:
        raise BadAmount(f"'{text.strip()[:40]}' is no amount")
    return read_amount(word.replace(found.group(), "", 1), mark), code


def decimal_of(text: str) -> Decimal | None:
    """The amount in a file's plain form; None when it is none, or has more digits than amounts have."""
    if len(text) > DIGITS + DECIMALS + 2 or not text.isascii() or "_" in text:
        return None
    try:
        amount = Decimal(text)
    except ArithmeticError:
        return None
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -DECIMALS or amount.adjusted() >= DIGITS:
        return None
    return amount if amount else amount.copy_abs()


class Totals:
    """Sums by currency, exact however many amounts are added."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums: dict[str, Decimal] = {}

    def add(self, amount: Decimal, currency: str) -> None:
        before = self._sums.get(currency)
        self._sums[currency] = amount if before is None else EXACT.add(before, amount)

    def __iter__(self) -> Iterator[tuple[str, Decimal]]:
        """Each currency with its sum, in the order of the codes."""
        return iter([(currency, unsigned_zero(self._sums[currency])) for currency in sorted(self._sums)])

    def __len__(self) -> int:
        return len(self._sums)

    def of(self, currency: str) -> Decimal:
        """The sum of one currency; zero when nothing was added."""
        return unsigned_zero(self._sums.get(currency, Decimal(0)))
