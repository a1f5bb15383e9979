"""Statement: what a bank's file says, whatever its format, and what has to be asked to understand it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, overload

from vfs.money import is_currency, minor_units, plain

LARGEST = 32 * 1024 * 1024
"""Bytes of a statement that is read."""

MOST_LINES = 300_000
"""Lines of a statement in CSV: some 500 MB of memory."""

LONGEST_TEXT = 2000
"""Characters of a payee or a description that are kept."""

MOST_PROBLEMS = 50

_UNITS = [Decimal(1).scaleb(-places) for places in range(5)]
_GAPS = re.compile(
    "[\x00-\x20\x7f-\xa0\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]+"
)


class Unreadable(ValueError):
    """A file that is no statement; the message says what it is instead, `hint` what to do."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.hint = hint


class Holding(NamedTuple):
    """An account, as the statement tells of it."""

    number: str = ""
    """The bank's number of it (an IBAN, OFX's BANKID/ACCTID); "" where the statement names none."""
    name: str = ""
    kind: str = ""
    institution: str = ""
    currency: str = ""
    balance: Decimal | None = None
    available: Decimal | None = None
    as_of: date | None = None


class Line(NamedTuple):
    """A movement, as the statement tells it."""

    date: date
    amount: Decimal
    currency: str
    holding: int
    """Which of the statement's accounts it belongs to."""
    payee: str
    description: str
    category: str = ""
    pending: bool = False
    key: str = ""
    """The bank's own number of it, unique within the account; "" where there is none."""
    further: str = ""
    """Its id in a ledger, where the statement is a ledger's own export."""


class Columns(Sequence[Line]):
    """Lines kept a column at a time, in the order of a line's fields."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Line]:
        return map(Line._make, zip(*self.columns, strict=True))

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        if isinstance(at, slice):
            return Columns([column[at] for column in self.columns])
        return Line._make([column[at] for column in self.columns])


class Question(NamedTuple):
    """What the statement leaves open; nothing is written until it is answered."""

    argument: str
    """The argument of `import` that answers it."""
    ask: str
    options: tuple[tuple[str, str], ...] = ()
    """Each answer, and what it means in words."""
    sample: tuple[tuple[str, ...], ...] = ()


class Answers(NamedTuple):
    """What somebody said about a statement, or what was remembered; "" is left to find out."""

    account: str = ""
    currency: str = ""
    dates: str = ""
    decimal: str = ""
    sign: str = ""
    columns: str = ""
    header: str = ""
    charset: str = ""


class Statement(NamedTuple):
    """What a file says."""

    layout: str
    """csv, ofx, camt, qif, mt940."""
    lines: Sequence[Line]
    accounts: list[Holding]
    problems: list[str]
    question: Question | None = None
    fingerprint: str = ""
    """What statements of the same make have in common; "" where nothing needs to be remembered."""
    settled: Mapping[str, str] = {}
    """The answers that were used, by argument."""


def asked(layout: str, question: Question, fingerprint: str = "") -> Statement:
    """A statement that waits for an answer."""
    return Statement(layout, [], [], [], question, fingerprint)


class Problems:
    """What is wrong with a statement, each told once, and not more than a person reads."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}
        self._more = 0

    def tell(self, problem: str) -> None:
        if len(self._told) < MOST_PROBLEMS:
            self._told[problem[:500]] = None
        elif problem not in self._told:
            self._more += 1

    def told(self) -> list[str]:
        return [*self._told, *([f"… and {self._more} more of such"] if self._more else [])]


def one_line(text: str) -> str:
    """A text without line breaks, invisible characters and needless spaces, not too long."""
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = _GAPS.sub(" ", text.encode("utf-8", "replace").decode()).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def scaled(amount: Decimal, currency: str) -> Decimal:
    """The amount with its currency's decimals, exact, and no negative zero."""
    return Decimal(plain(amount, currency))


def odd_decimals(amount: Decimal, currency: str) -> str:
    """What is odd about an amount finer than its currency; "" when nothing is."""
    places = minor_units(currency)
    if amount.same_quantum(_UNITS[places]) or -amount.as_tuple().exponent <= places:  # type: ignore[operator]
        return ""
    return f"{plain(amount)} {currency} is finer than its {places} decimals; kept as it is"


def currency_of(text: str) -> str:
    """A currency's code as it is written in statements; "" when it is none."""
    code = text.strip().upper()
    return code if len(code) == 3 and is_currency(code) and code.isalpha() else ""
