"""bank transfer: money from one account to another, once, and never without asking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256

from commands.banking.places import FIRST, Account, accounts, named
from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
)
from commands.nearest import nearest
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import Conflict, Exists
from vfs.money import BadAmount, is_currency, minor_units, plain, read_money, written
from vfs.path import Path
from vfs.visible import visible_line

SERVICE = "plaid"
"""One end of a transfer that is no account at a bank: what the person has at the service."""

LONGEST = 140
"""Characters of a note."""


class TransferArguments(Arguments):
    source: str = operand("FROM", help="the account that it leaves", complete=Complete.ACCOUNT)
    target: str = operand("TO", help="the account that gets it", complete=Complete.ACCOUNT)
    amount: str = operand("AMOUNT", help="such as 250 or '250.00 EUR'", complete=Complete.NOTHING)
    note: str = option("--note", metavar="TEXT", default="", help="what stands in the statement")
    currency: str = option("--currency", metavar="CODE", default="", help="the currency of AMOUNT")
    again: int = option(
        "--again", kind=int, metavar="N", default=0, help="the Nth further transfer that equals one of today"
    )


async def run(ctx: Context, args: TransferArguments, io: Io) -> int:
    every = await accounts(ctx)
    source, target = _ends(every, args.source, args.target)
    if target.path == source.path:
        raise Usage(f"{source.title}: money goes from one account to another")
    amount, currency = _amount(args, source)
    if len(args.note) > LONGEST or not args.note.isprintable():
        raise Usage(f"a note has at most {LONGEST} characters, in one line")
    if args.again < 0:
        raise Usage(f"--again must be 0 or more, but is {args.again}")
    verb = (await ctx.tree.verbs(source.ledger)).get("transfer")
    if verb is None or Effect.SPEND not in verb.effect:
        raise Failure(
            f"{source.title}: nothing here can move money of this account",
            hint="only services that offer transfers can: connect plaid; ask your bank otherwise",
        )
    if ctx.tree.guard is None and not await _is_meant(ctx, source, target, amount, currency, args.note):
        raise Failure("nothing was transferred")
    key = _key(ctx, args, source, target, amount, currency)
    try:
        node = await ctx.tree.act(
            source.ledger,
            "transfer",
            {
                "from": source.name,
                "to": target.name,
                "amount": amount,
                "currency": currency,
                "note": args.note,
                "key": key,
            },
        )
    except (Exists, Conflict) as error:
        raise Failure(
            f"the same transfer was asked for today already ({error.reason}); it is not made twice",
            hint=f"look what waits: ls -l /outbox; if a further one is meant: --again {args.again + 1}",
        ) from error
    return await ctx.services.outbox.deliver(Path(("outbox", node.name)), io)


def _ends(every: Sequence[Account], source: str, target: str) -> tuple[Account, Account]:
    """What pays and what is paid: accounts that are here, or on one side the balance at their service."""
    if source.casefold() == SERVICE and not _is_known(every, source):
        other = _end(every, target)
        return _at_service(other), other
    paying = _end(every, source)
    if target.casefold() == SERVICE and not _is_known(every, target):
        return paying, _at_service(paying)
    return paying, _end(every, target)


def _is_known(every: Sequence[Account], word: str) -> bool:
    return any(word.casefold() in (one.name.casefold(), one.title.casefold()) for one in every)


def _at_service(other: Account) -> Account:
    """The person's balance at the service that another account is connected by."""
    path = other.ledger.child(SERVICE)
    return Account(path, other.ledger, SERVICE, "Your balance at Plaid", "", other.currency)


def _end(every: Sequence[Account], word: str) -> Account:
    """Raises Failure: only one's own accounts pay and are paid."""
    try:
        return named(every, word)
    except Failure as wrong:
        if "several" in str(wrong):
            raise
        near = nearest(word, [one.name for one in every])
        known = ", ".join([one.name for one in every])
        hint = f"did you mean {near}?" if near else f"there are: {known}" if known else FIRST
        raise Failure(f"no account is called '{word}'", hint=hint) from None


def _amount(args: TransferArguments, source: Account) -> tuple[Decimal, str]:
    """What is to be moved, in the currency of the account that it leaves. Raises Usage."""
    try:
        amount, currency = read_money(args.amount)
    except BadAmount as wrong:
        raise Usage(str(wrong), hint="write it plainly: 1234.50") from None
    code = args.currency.upper() or currency or source.currency
    if not is_currency(code):
        raise Usage("in which currency?", hint="for example: --currency EUR")
    if (currency and currency != code) or (source.currency and source.currency != code):
        raise Usage(f"{source.title} is in {source.currency or code}, and {args.amount} is not")
    if amount <= 0:
        raise Usage(f"a transfer is more than nothing, but this is {written(amount, code)}")
    if amount != amount.quantize(Decimal(1).scaleb(-minor_units(code))):
        raise Usage(f"{code} has {minor_units(code)} decimals, and {plain(amount)} has more")
    return amount, code


async def _is_meant(
    ctx: Context, source: Account, target: Account, amount: Decimal, currency: str, note: str
) -> bool:
    """The person's word, with everything that will happen in front of them. Raises Failure (77)."""
    if not ctx.interactive:
        raise Failure(
            "a transfer is made only when a person says yes to it", status=77, hint="run it at a terminal"
        )
    lines = [
        f"  From    {_shown(source)}",
        f"  To      {_shown(target)}",
        f"  Amount  {written(amount, currency)}",
        "  Fee     none that is known beforehand",
        f"  Note    {visible_line(note) or '(none)'}",
    ]
    if source.available is not None and source.currency == currency and amount > source.available:
        lines.append(f"  Careful: only {written(source.available, currency)} is available")
    return await ctx.ask("\n".join([*lines, f"Transfer {written(amount, currency)} now?"]))


def _shown(account: Account) -> str:
    more = [account.institution, f"…{account.mask}" if account.mask else "", account.name]
    told = visible_line(f"{account.title} ({', '.join([one for one in more if one])})")
    if account.balance is None:
        return told
    return f"{told}, {written(account.balance, account.currency)}"


def _key(
    ctx: Context, args: TransferArguments, source: Account, target: Account, amount: Decimal, currency: str
) -> str:
    """The same for the same transfer of the same day, so that it is recognised when it is asked for twice."""
    said = [
        str(source.path), str(target.path), plain(amount, currency), currency, args.note,
        ctx.now().date().isoformat(), str(args.again),
    ]  # fmt: skip
    return sha256("\0".join(said).encode("utf-8", "surrogateescape")).hexdigest()[:32]


COMMAND = Command(
    name="bank transfer",
    summary="move money from one account to another",
    args=TransferArguments,
    run=run,
    effects=Effect.READ | Effect.SPEND,
    writes=Shape.RECORDS,
    group="Money",
    description="""
You are always asked first: from where to where, how much, in what currency. The transfer then goes through
/outbox, and happens once: the same one that is asked for twice on a day is recognised. An agent needs your
word for each. Only accounts of services that can move money have transfers. Plaid moves it between an
account and your balance there, which is called `plaid`.
""",
    examples=(Example("bank transfer checking savings 250", "asks, then moves the money"),),
)
