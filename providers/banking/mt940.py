"""SWIFT MT940 and MT942: tagged lines, of which `:61:` is a movement and `:86:` its text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from providers.banking.charsets import decoded
from providers.banking.statement import Holding, Line, Problems, Statement, Unreadable, one_line, scaled
from vfs.money import EXACT, BadAmount, read_amount, written

_TAG = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,.]+)")
_MOVEMENT = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<sign>R?[CD]|E[CD])[A-Z]?(?P<amount>[\d,.]+)"
    r"(?P<type>[A-Z]\w{3})?(?P<reference>[^\n/]*(?:/(?!/)[^\n/]*)*)(?://(?P<bank>[^\n]*))?(?P<more>\n[^\n]*)?"
)
_FIELD = re.compile(r"\?(\d{2})")


def is_mt940(head: str) -> bool:
    """Whether a file begins as MT940 does."""
    return ":20:" in head and (":25:" in head or ":60F:" in head)


def read_mt940(data: bytes) -> Statement:
    """The statement of a file. Raises Unreadable."""
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader()
    parts = _TAG.split(text)
    for tag, value in zip(parts[1::2], parts[2::2], strict=False):
        reader.take(tag, re.sub(r"\n-?\}?\s*$|\n-\}.*$", "", value, flags=re.DOTALL).strip("\n"))
    reader.end()
    if not reader.holdings:
        raise Unreadable("is MT940 without an account")
    return Statement("mt940", reader.lines, reader.holdings, reader.problems.told())


class _Reader:
    """Takes a file's fields in order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.holdings: list[Holding] = []
        self.problems = Problems()
        self._at = -1
        self._open: Decimal | None = None
        self._sum = Decimal(0)
        self._told = False

    def take(self, tag: str, value: str) -> None:
        if tag == "20":
            self.end()
        elif tag == "25":
            self._account(one_line(value)[:64])
        elif self._at < 0:
            return
        elif tag in ("60F", "60M", "34F"):
            self._opening(value)
        elif tag == "61":
            self._movement(value)
        elif tag == "86" and self.lines and not self._told:
            self.lines[-1] = _described(self.lines[-1], value)
            self._told = True
        elif tag in ("62F", "62M"):
            self._closing(value)
        elif tag == "64":
            balance = _balance(value)
            if balance is not None:
                self.holdings[self._at] = self.holdings[self._at]._replace(available=balance[0])

    def _account(self, number: str) -> None:
        found = [at for at, one in enumerate(self.holdings) if one.number == number]
        if not found:
            self.holdings.append(Holding(number))
        self._at = found[0] if found else len(self.holdings) - 1

    def _opening(self, value: str) -> None:
        balance = _balance(value)
        if balance is not None:
            amount, currency, _ = balance
            if not self.holdings[self._at].currency:
                self.holdings[self._at] = self.holdings[self._at]._replace(currency=currency)
            self._open = amount if self._open is None else self._open

    def _movement(self, value: str) -> None:
        self._told = True
        found = _MOVEMENT.match(value)
        currency = self.holdings[self._at].currency
        where = f"movement {len(self.lines) + 1}"
        if found is None or not currency:
            self.problems.tell(f"{where}: '{one_line(value)[:60]}' cannot be read; left out")
            return
        day = _entry_day(_day(found["value"]), found["entry"])
        try:
            amount = scaled(read_amount(found["amount"].rstrip(",") or "0", ","), currency)
        except BadAmount as error:
            self.problems.tell(f"{where}: {error}; left out")
            return
        if day is None:
            self.problems.tell(f"{where}: '{found['value']}' is no date; left out")
            return
        if found["sign"] in ("D", "ED", "RC"):
            amount = -amount if amount else amount
        self._sum = EXACT.add(self._sum, amount)
        reference = one_line(found["reference"] or "")
        key = one_line(found["bank"] or "")[:255]
        text = reference if reference not in ("NONREF", "") else one_line(found["more"] or "")
        self.lines.append(Line(day, amount, currency, self._at, text, "", "", False, key))
        self._told = False

    def _closing(self, value: str) -> None:
        balance = _balance(value)
        if balance is None:
            return
        amount, currency, day = balance
        held = self.holdings[self._at]
        self.holdings[self._at] = held._replace(balance=amount, as_of=day, currency=held.currency or currency)
        if self._open is not None and EXACT.add(self._open, self._sum) != amount:
            by = written(EXACT.add(self._open, self._sum), currency)
            self.problems.tell(
                f"{held.number[-4:]}: the statement ends with {written(amount, currency)},"
                f" but its movements come to {by}"
            )
        self._open, self._sum = None, Decimal(0)
        self._told = True

    def end(self) -> None:
        """A statement ends; what follows belongs to the next."""
        self._open, self._sum, self._told = None, Decimal(0), True
        keys = [(line.holding, line.key) for line in self.lines if line.key]
        if len(set(keys)) != len(keys):
            self.lines = [line._replace(key="") for line in self.lines]


def _described(line: Line, value: str) -> Line:
    """A movement with the text that follows it: numbered fields where a bank has them, else free text."""
    parts = _FIELD.split(value.replace("\n", ""))
    if len(parts) < 3:
        text = one_line(value)
        return line._replace(description=text) if line.payee else line._replace(payee=text)
    fields: dict[str, str] = {}
    for number, text in zip(parts[1::2], parts[2::2], strict=False):
        fields.setdefault(number, text)
    name = one_line(fields.get("32", "") + fields.get("33", ""))
    about = one_line("".join(fields.get(str(number), "") for number in (*range(20, 30), *range(60, 64))))
    kind = one_line(fields.get("00", ""))
    return line._replace(payee=name or kind or about, description=about if name or kind else "")


def _balance(value: str) -> tuple[Decimal, str, date | None] | None:
    found = _BALANCE.match(value.strip())
    if found is None:
        return None
    try:
        amount = scaled(read_amount(found[4].rstrip(",") or "0", ","), found[3])
    except BadAmount:
        return None
    return (-amount if found[1] == "D" and amount else amount), found[3], _day(found[2])


def _day(text: str) -> date | None:
    year = int(text[:2])
    try:
        return date(2000 + year if year < 70 else 1900 + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def _entry_day(value: date | None, entry: str | None) -> date | None:
    """The day of booking, whose year is the one that brings it next to the value's."""
    if value is None or not entry:
        return value
    found = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            found.append(date(year, int(entry[:2]), int(entry[2:])))
        except ValueError:
            continue
    return min(found, key=lambda day: abs((day - value).days)) if found else value
