"""A journal in beancount's language."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from providers.banking.statement import one_line
from vfs.money import plain

if TYPE_CHECKING:
    from providers.banking.journal import Journal

_DAY = timedelta(days=1)


def write(journal: Journal) -> str:
    """The journal's text."""
    parts = ['option "title" "Transactions"\n']
    parts += [f'option "operating_currency" "{code}"\n' for code in journal.currencies]
    parts.append("\n")
    parts += [f"{day} open {account}\n" for account, day in journal.accounts.items()]
    for opening in journal.openings:
        amount = plain(opening.amount, opening.currency)
        back = plain(-opening.amount, opening.currency)
        parts.append(
            f'\n{opening.day} * "Opening balance"\n'
            f"  {opening.account}  {amount} {opening.currency}\n"
            f"  Equity:Opening-Balances  {back} {opening.currency}\n"
        )
    for row, account, other in journal.postings:
        flag = "!" if row.pending else "*"
        amount, back = plain(row.amount, row.currency), plain(-row.amount, row.currency)
        key = f'  id: "{_text(row.id)}"\n' if row.id else ""
        parts.append(
            f'\n{row.date} {flag} "{_text(row.payee)}" "{_text(row.description)}"\n{key}'
            f"  {account}  {amount} {row.currency}\n"
            f"  {other}  {back} {row.currency}\n"
        )
    if journal.assertions:
        parts.append("\n")
    for one in journal.assertions:
        parts.append(
            f"{one.day + _DAY} balance {one.account}  {plain(one.amount, one.currency)} {one.currency}\n"
        )
    return "".join(parts)


def _text(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
