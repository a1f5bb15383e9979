"""ISO 20022 statements: camt.052, camt.053 and camt.054, of any version."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

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
from providers.banking.xmltree import Element, read_xml
from vfs.money import EXACT, decimal_of, written

_WHOLE = ("Ntry", "Bal", "Acct", "Id")
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_KIND = {"CACC": "checking", "SVGS": "savings", "CARD": "credit", "LOAN": "loan", "CASH": "cash"}


def is_camt(head: str) -> bool:
    """Whether a file begins as an ISO 20022 statement does."""
    return bool(re.search(r"camt\.05[234]|<(?:\w+:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)\b", head))


def read_camt(data: bytes) -> Statement:
    """The statement of a file. Raises Unreadable."""
    reader = _Reader()
    read_xml(data, _WHOLE, reader.take)
    reader.end()
    if not reader.holdings:
        raise Unreadable("is XML, but no statement of an account")
    return Statement("camt", reader.lines, reader.holdings, reader.problems.told())


class _Reader:
    """Takes accounts, balances and entries in the order of the file."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.holdings: list[Holding] = []
        self.problems = Problems()
        self._at = -1
        self._sum = Decimal(0)
        self._balances: dict[str, tuple[Decimal, date | None]] = {}
        self._notices = False

    def take(self, element: Element, above: tuple[str, ...]) -> None:
        if not above or above[-1] not in _STATEMENTS:
            return
        if element.tag == "Id":
            self.end()
        elif element.tag == "Acct":
            self._account(element)
            self._notices = above[-1] == "Ntfctn"
        elif self._at < 0:
            self.problems.tell("an entry stands outside of any account; left out")
        elif element.tag == "Bal":
            self._balance(element)
        else:
            self._entry(element)

    def _account(self, element: Element) -> None:
        number = element.said("Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id")
        currency = currency_of(element.said("Ccy"))
        holding = Holding(
            one_line(number)[:64], one_line(element.said("Nm"))[:80], _KIND.get(element.said("Tp/Cd"), ""),
            one_line(element.said("Svcr/FinInstnId/Nm"))[:100], currency,
        )  # fmt: skip
        for at, one in enumerate(self.holdings):
            if (one.number, one.currency) == (holding.number, currency):
                self._at = at
                return
        self.holdings.append(holding)
        self._at = len(self.holdings) - 1

    def _balance(self, element: Element) -> None:
        kind = element.said("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
        found = self._money(element)
        if found is None:
            self.problems.tell(f"the balance {kind} is no amount; left out")
            return
        day = _day(element.said("Dt/Dt", "Dt/DtTm"))
        if kind in ("PRCD", "OPBD"):
            self._balances.setdefault("first", (found[0], day))
        elif kind == "CLBD":
            self._balances["last"] = found[0], day
        elif kind in ("CLAV", "ITAV"):
            self._balances["available"] = found[0], day
        elif kind in ("ITBD", "XPCD"):
            self._balances.setdefault("interim", (found[0], day))
        held = self.holdings[self._at]
        if not held.currency:
            self.holdings[self._at] = held._replace(currency=found[1])

    def _money(self, element: Element) -> tuple[Decimal, str] | None:
        """The signed amount of an entry, a detail or a balance, and its currency."""
        stated = element.find("Amt")
        if stated is None:
            return None
        currency = currency_of(stated.attributes.get("Ccy", "")) or self.holdings[self._at].currency
        amount = decimal_of(stated.text.strip())
        if amount is None or not currency:
            return None
        amount = scaled(amount, currency)
        return (-amount if amount and element.said("CdtDbtInd") == "DBIT" else amount), currency

    def _entry(self, element: Element) -> None:
        found = self._money(element)
        key = one_line(element.said("AcctSvcrRef", "NtryDtls/TxDtls/Refs/AcctSvcrRef"))[:255]
        where = f"entry {key or len(self.lines) + 1}"
        day = _day(element.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
        if found is None or day is None:
            self.problems.tell(f"{where}: has no {'amount' if found is None else 'date'}; left out")
            return
        status = element.said("Sts/Cd", "Sts/Prtry", "Sts")
        if status == "INFO":
            return
        if status != "PDNG":
            self._sum = EXACT.add(self._sum, found[0])
        if odd := odd_decimals(*found):
            self.problems.tell(f"{where}: {odd}")
        details = element.all("NtryDtls/TxDtls")
        parts = self._details(element, details, found) if len(details) > 1 else None
        if parts is None:
            one = details[0] if details else element
            self.lines.append(self._line(element, one, day, *found, status == "PDNG", key))
            return
        for number, (detail, amount) in enumerate(parts, 1):
            own = one_line(detail.said("Refs/AcctSvcrRef"))[:200]
            own = own if own and own != key else f"{key}/{number}" if key else ""
            self.lines.append(self._line(element, detail, day, amount, found[1], status == "PDNG", own))

    def _details(
        self, entry: Element, details: list[Element], whole: tuple[Decimal, str]
    ) -> list[tuple[Element, Decimal]] | None:
        """The movements that an entry is the sum of; None where they are not, and it stays one."""
        found = []
        total = Decimal(0)
        for detail in details:
            source = detail if detail.find("Amt") is not None else detail.find("AmtDtls/TxAmt")
            stated = None if source is None else source.find("Amt")
            amount = None if stated is None else decimal_of(stated.text.strip())
            if stated is None or amount is None or currency_of(stated.attributes.get("Ccy", "")) != whole[1]:
                return None
            sign = detail.said("CdtDbtInd") or entry.said("CdtDbtInd")
            amount = scaled(amount, whole[1])
            amount = -amount if amount and sign == "DBIT" else amount
            total = EXACT.add(total, amount)
            found.append((detail, amount))
        if total != whole[0]:
            told = f"{written(total, whole[1])} in its details, {written(whole[0], whole[1])} as a whole"
            self.problems.tell(f"entry {entry.said('AcctSvcrRef', 'NtryRef')}: {told}; taken as a whole")
            return None
        return found

    def _line(
        self,
        entry: Element,
        detail: Element,
        day: date,
        amount: Decimal,
        currency: str,
        pending: bool,
        key: str,
    ) -> Line:
        other = ("Cdtr", "Dbtr") if amount < 0 else ("Dbtr", "Cdtr")
        if entry.said("RvslInd") == "true":
            other = other[1], other[0]
        payee = detail.said(*[f"RltdPties/{who}{rest}" for who in other[:1] for rest in ("/Nm", "/Pty/Nm")])
        payee = payee or detail.said(*[f"RltdPties/Ultmt{other[0]}{rest}" for rest in ("/Nm", "/Pty/Nm")])
        texts = detail.words("RmtInf/Ustrd") or detail.words("RmtInf/Strd/CdtrRefInf/Ref")
        texts = texts or detail.words("RmtInf/Strd/AddtlRmtInf")
        more = detail.said("AddtlTxInf") or entry.said("AddtlNtryInf")
        end = detail.said("Refs/EndToEndId")
        text = one_line(" ".join(texts)) or (one_line(more) if payee else "")
        if not text and end and end not in ("NOTPROVIDED", "NOTAVAIL"):
            text = one_line(end)
        payee = one_line(payee)
        if not payee:
            payee, text = (one_line(more), text) if more else (text, "")
        if entry.said("RvslInd") == "true":
            text = f"reversal {text}".strip()
        return Line(day, amount, currency, self._at, payee, text, "", pending, key)

    def end(self) -> None:
        """Checks what the balances say against what the entries are."""
        first, last = self._balances.get("first"), self._balances.get("last")
        if self._at >= 0:
            held = self.holdings[self._at]
            now = last or self._balances.get("interim")
            if now is not None:
                available = self._balances.get("available")
                self.holdings[self._at] = held._replace(
                    balance=now[0], as_of=now[1], available=available[0] if available else held.available
                )
            if first is not None and last is not None and EXACT.add(first[0], self._sum) != last[0]:
                by = written(EXACT.add(first[0], self._sum), held.currency)
                self.problems.tell(
                    f"{held.number[-4:]}: the statement ends with {written(last[0], held.currency)},"
                    f" but its entries come to {by}"
                )
        self._sum, self._balances = Decimal(0), {}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
