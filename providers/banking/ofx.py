"""OFX and QFX, version 1 (SGML, tags that nobody closes) and 2 (XML), read alike and leniently.

Only what stands between the tags counts: nothing is resolved, included or executed. Elements are read
as they come, so that a file that is cut off gives what came before.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from providers.banking.charsets import decoded, windows
from providers.banking.statement import (
    Holding,
    Line,
    Problems,
    Statement,
    Unreadable,
    currency_of,
    odd_decimals,
    one_line,
    scaled,
)
from vfs.money import BadAmount, decimal_of, read_amount

_TAG = re.compile(r"<(/?)([A-Za-z][\w.\-]{0,63})(?:\s[^<>]{0,200})?/?>([^<]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_WHEN = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?(?:\.\d+)?\s*(?:\[\s*([-+]?\d{1,2}(?:\.\d+)?))?"
)
_KINDS = {
    "CHECKING": "checking", "SAVINGS": "savings", "MONEYMRKT": "savings", "CD": "savings",
    "CREDITLINE": "credit",
}  # fmt: skip
_OPENING = {"STMTTRN", "STMTRS", "CCSTMTRS", "INVSTMTRS", "LEDGERBAL", "AVAILBAL", "CURRENCY", "ORIGCURRENCY"}
_TRADES = {"INVBUY", "INVSELL", "INCOME", "REINVEST"}
_ACCOUNT = ("BANKID", "BRANCHID", "ACCTID", "ACCTTYPE", "BROKERID")


def is_ofx(text: str) -> bool:
    """Whether a file begins as OFX does."""
    head = text[:4000].upper()
    return "OFXHEADER" in head or "<OFX>" in head or "<OFX " in head


def read_ofx(data: bytes) -> Statement:
    """The statement of a file. Raises Unreadable."""
    text = (
        windows(data) if re.search(rb"CHARSET:\s*1252", data[:1000]) and not _is_utf8(data) else decoded(data)
    )
    if "<" not in text:
        raise Unreadable("is OFX without any content")
    reader = _Reader()
    for closes, tag, value in _elements(text):
        reader.take(closes, tag, value)
    reader.end()
    if not reader.holdings:
        raise Unreadable("is OFX, but has no bank or card statement")
    return Statement("ofx", reader.lines, reader.holdings, reader.problems.told())


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _elements(text: str) -> Iterator[tuple[bool, str, str]]:
    start = text.find("<", text.upper().find("<OFX"))
    body = _CDATA.sub(lambda found: html.escape(found.group(1)), text[max(start, 0) :])
    for found in _TAG.finditer(body):
        value = found.group(3)
        yield bool(found.group(1)), found.group(2).upper(), html.unescape(value) if "&" in value else value


class _Reader:
    """Takes a file's elements in order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.holdings: list[Holding] = []
        self.problems = Problems()
        self._numbered: set[Line] = set()
        self._institution = ""
        self._within: list[str] = []
        self._movement: dict[str, str] | None = None
        self._account: dict[str, str] = {}
        self._balances: dict[str, tuple[str, str]] = {}
        self._currency = ""
        self._investment = False

    def take(self, closes: bool, tag: str, value: str) -> None:
        value = value.strip()
        if closes:
            self._close(tag)
        elif tag in _OPENING and not value:
            self._open(tag)
        elif tag in _TRADES and not value:
            self.problems.tell("trades in securities are left out: only movements of money are read")
        elif tag == "ORG" and not self._institution:
            self._institution = one_line(value)[:100]
        elif self._movement is not None:
            if tag == "CURSYM":
                tag = f"{self._within[-1] if self._within else ''}.CURSYM"
            self._movement.setdefault(tag, value)
        elif self._within and self._within[-1] in ("LEDGERBAL", "AVAILBAL"):
            amount, day = self._balances.get(self._within[-1], ("", ""))
            self._balances[self._within[-1]] = (
                (value, day) if tag == "BALAMT" else (amount, value if tag == "DTASOF" else day)
            )
        elif tag == "CURDEF":
            self._currency = currency_of(value)
        elif tag in _ACCOUNT:
            self._account.setdefault(tag, one_line(value)[:64])

    def _open(self, tag: str) -> None:
        if tag == "STMTTRN":
            self._finish_movement()
            self._movement = {}
        elif tag.endswith("STMTRS"):
            self._finish_statement()
            self._account["KIND"] = {"CCSTMTRS": "credit", "INVSTMTRS": "investment"}.get(tag, "")
        else:
            if tag in ("LEDGERBAL", "AVAILBAL"):
                self._finish_movement()
            self._within.append(tag)

    def _close(self, tag: str) -> None:
        if tag in ("STMTTRN", "BANKTRANLIST"):
            self._finish_movement()
        elif tag in ("STMTRS", "CCSTMTRS", "INVSTMTRS"):
            self._finish_statement()
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def end(self) -> None:
        self._finish_statement()

    def _finish_statement(self) -> None:
        """What was read of an account becomes one; its lines carry its number from the beginning."""
        self._finish_movement()
        if not (self._account.keys() - {"KIND"}) and not self._balances:
            self._account, self._balances, self._within = {}, {}, []
            return
        at = self._holding()
        held = self.holdings[at]
        for what, (amount, day) in self._balances.items():
            found = _amount(amount)
            if found is None:
                self.problems.tell(f"the balance '{amount[:40]}' is no amount; left out")
                continue
            balance = scaled(found, held.currency or "USD")
            if what == "LEDGERBAL":
                held = held._replace(balance=balance, as_of=_day(day) or held.as_of)
            else:
                held = held._replace(available=balance)
        self.holdings[at] = held
        self._account, self._balances, self._within = {}, {}, []
        self._currency = ""

    def _holding(self) -> int:
        account = self._account
        number = "/".join(
            filter(None, (account.get("BANKID"), account.get("BROKERID"), account.get("ACCTID")))
        )
        kind = account.get("KIND") or _KINDS.get(account.get("ACCTTYPE", "").upper(), "checking")
        for at, held in enumerate(self.holdings):
            if held.number == number and held.kind == kind:
                return at
        if not self._currency:
            self.problems.tell("the statement names no currency")
        self.holdings.append(Holding(number, "", kind, self._institution, self._currency))
        return len(self.holdings) - 1

    def _finish_movement(self) -> None:
        movement, self._movement = self._movement, None
        if not movement:
            return
        key = one_line(movement.get("FITID", ""))[:255]
        where = f"FITID {key[:60]}" if key else f"movement {len(self.lines) + 1}"
        day = _day(movement.get("DTPOSTED", "")) or _day(movement.get("DTUSER", ""))
        amount = _amount(movement.get("TRNAMT", ""))
        if day is None:
            self.problems.tell(f"{where}: '{movement.get('DTPOSTED', '')[:30]}' is no date; left out")
            return
        if amount is None:
            self.problems.tell(f"{where}: '{movement.get('TRNAMT', '')[:30]}' is no amount; left out")
            return
        at = self._holding()
        currency = currency_of(movement.get("CURRENCY.CURSYM", "")) or self.holdings[at].currency
        if not currency:
            self.problems.tell(f"{where}: names no currency; left out")
            return
        money = scaled(amount, currency)
        if odd := odd_decimals(money, currency):
            self.problems.tell(f"{where}: {odd}")
        payee = one_line(movement.get("NAME", "") or movement.get("PAYEE", ""))
        memo = one_line(movement.get("MEMO", ""))
        number = one_line(movement.get("CHECKNUM", ""))
        if number and number not in memo:
            memo = f"{memo} check {number}".strip()
        pending = movement.get("STATUS", "").upper() == "PENDING"
        about = memo if payee and memo != payee else ""
        line = Line(day, money, currency, at, payee or memo, about, "", pending, key)
        if key and line in self._numbered:
            self.problems.tell(f"{where}: stands in the file more than once; taken once")
            return
        if key:
            self._numbered.add(line)
        self.lines.append(line)


def _amount(text: str) -> Decimal | None:
    found = decimal_of(text.lstrip("+")) if text.isascii() and "_" not in text else None
    if found is None and text:
        try:
            return read_amount(text, "," if text.count(",") == 1 and "." not in text else "")
        except BadAmount:
            return None
    return found


def _day(text: str) -> date | None:
    """The day of a time in OFX, in the zone that it names: the one that the bank's customer sees."""
    found = _WHEN.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, _ = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        moment = datetime(int(year), int(month), int(day), int(hour) % 24, int(minute), min(int(second), 59))
        return (moment + timedelta(days=int(hour) // 24)).date()
    except ValueError:
        return None
