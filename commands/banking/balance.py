"""bank balance: what is in each account, and as of when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from commands.banking.places import FIRST, NONE, Account, accounts, named
from commands.banking.shown import counted
from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.money import Totals, written
from vfs.visible import visible_line

NAMED = 5
STALE = 35
"""Days after which a balance is said to be old: statements come each month."""


class BalanceArguments(Arguments):
    accounts: list[str] = operand(
        "ACCOUNT", many=True, required=False, help="only these accounts", complete=Complete.ACCOUNT
    )


async def run(ctx: Context, args: BalanceArguments, io: Io) -> int:
    every = await accounts(ctx)
    if not every:
        raise Failure(NONE, hint=FIRST)
    shown = [named(every, word) for word in args.accounts] or every
    names = _names(shown)
    records = [_record(one, name) for one, name in zip(shown, names, strict=True)]
    if io.stdout.tty:
        for one, record in zip(shown, records, strict=True):
            style = "red" if one.balance is not None and one.balance < 0 else ""
            name, _, amount = record.text.rpartition(": ")
            await io.stdout.paint([(f"{name}: ", ""), (amount, style), ("\n", "")])
    else:
        await io.stdout.put(records)
    await io.stdout.flush()
    for line in _remarks(shown, names, ctx.now().date()):
        await io.stderr.line(visible_line(line))
    return 0


def _names(shown: Sequence[Account]) -> list[str]:
    """What to call each account: its title, and whose it is where two have the same."""
    titles = [one.title for one in shown]
    names = []
    for one in shown:
        more = one.institution or one.mask or one.name
        names.append(f"{one.title} ({more})" if titles.count(one.title) > 1 else one.title)
    return names


def _record(account: Account, name: str) -> Record:
    balance = account.balance
    text = written(balance, account.currency) if balance is not None else "not known"
    fields = {
        "account": account.name,
        "title": account.title,
        "kind": account.kind,
        "balance": balance,
        "currency": account.currency,
        "available": account.available,
        "limit": account.limit,
        "institution": account.institution,
        "mask": account.mask,
        "as_of": account.as_of,
        "path": str(account.path),
    }
    return Record(f"{one_line(name)}: {text}", fields, account.path)


def _remarks(shown: Sequence[Account], names: Sequence[str], today: date) -> list[str]:
    """Totals of each currency, of when they are, and what is old."""
    known = [one for one in shown if one.balance is not None]
    totals = Totals()
    for one in known:
        assert one.balance is not None
        totals.add(one.balance, one.currency)
    remarks = []
    if len(known) > len(totals):
        remarks.append("Total " + ", ".join([written(amount, currency) for currency, amount in totals]))
    days = sorted({one.as_of for one in known if one.as_of is not None})
    if days:
        span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
        remarks.append(f"{remarks.pop()}, as of {span}" if remarks else f"As of {span}")
    unknown = [name for one, name in zip(shown, names, strict=True) if one.balance is None]
    if len(unknown) == 1:
        remarks.append(f"{unknown[0]}: its balance is not known; a statement that tells it: bank import FILE")
    elif unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        listed = ", ".join(unknown[:NAMED]) + more
        remarks.append(f"{listed}: their balances are not known; statements tell them: bank import FILE")
    for one, name in zip(shown, names, strict=True):
        if one.balance is not None and one.as_of is not None and (today - one.as_of).days > STALE:
            age = counted((today - one.as_of).days, "day")
            remarks.append(f"{name}: the balance is {age} old ({one.as_of}); run: bank import FILE, or sync")
    return remarks


COMMAND = Command(
    name="bank balance",
    summary="what is in each account",
    args=BalanceArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Money",
    description="""
Balances are what the bank told last: in a statement, or by a connected service. Totals are made of each
currency for itself, and said on standard error together with the day that the balances are of.
""",
    examples=(
        Example("bank balance", "every account, and what is in it"),
        Example("bank balance checking", "one of them"),
    ),
)
