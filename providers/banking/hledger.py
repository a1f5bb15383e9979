"""A journal in hledger's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.banking.statement import one_line
from vfs.money import minor_units, plain

if TYPE_CHECKING:
    from providers.banking.journal import Assertion, Journal

_OUTSIDE = str.maketrans({";": ",", "|": "/"})
_TYPES = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R", "Expenses": "X"}


def write(journal: Journal) -> str:
    """The journal's text. `;` and `|`, which cannot be escaped, become `,` and `/`."""
    parts = ["; Transactions\n\ndecimal-mark .\n"]
    for code in journal.currencies:
        parts.append(f"commodity 1000.{'0' * minor_units(code)} {_commodity(code)}\n")
    parts.append("\n")
    parts += [
        f"account {account}  ; type: {_TYPES[account.partition(':')[0]]}\n" for account in journal.accounts
    ]
    for opening in journal.openings:
        code = _commodity(opening.currency)
        parts.append(
            f"\n{opening.day} * Opening balance\n"
            f"    {opening.account}  {plain(opening.amount, opening.currency)} {code}\n"
            f"    Equity:Opening-Balances  {plain(-opening.amount, opening.currency)} {code}\n"
        )
    waiting = list(journal.assertions)
    for row, account, other in journal.postings:
        while waiting and waiting[0].day < row.date:
            parts.append(_asserted(waiting.pop(0)))
        flag = "!" if row.pending else "*"
        payee, about = _text(row.payee), _text(row.description)
        title = f"{payee} | {about}" if about else payee
        code = _commodity(row.currency)
        parts.append(
            f"\n{row.date} {flag} ({_code(row.id)}) {title}".rstrip()
            + f"\n    {account}  {plain(row.amount, row.currency)} {code}\n"
            f"    {other}  {plain(-row.amount, row.currency)} {code}\n"
        )
    parts += map(_asserted, waiting)
    return "".join(parts)


def _asserted(one: Assertion) -> str:
    code = _commodity(one.currency)
    nothing, held = plain(one.amount * 0, one.currency), plain(one.amount, one.currency)
    return f"\n{one.day} * Balance\n    {one.account}  {nothing} {code} = {held} {code}\n"


def _text(text: str) -> str:
    return one_line(text).translate(_OUTSIDE)


def _code(text: str) -> str:
    return _text(text).replace("(", "[").replace(")", "]")


def _commodity(code: str) -> str:
    return code if code.isalpha() else f'"{code}"'
