"""bank transactions: what went in and out, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from commands.banking.period import days_of, first_option, last_option, month_option
from commands.banking.places import accounts, named
from commands.banking.rows import Rows, Wanted, transactions
from commands.banking.shown import counted, records_of, rows_of, sums, totals_of
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
    switch,
)
from commands.first import count
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.closing import Closing
from vfs.money import is_currency
from vfs.transactions import Transaction

SHOWN = 50
"""Rows on a terminal without -n and without a period."""

BATCH = 500
"""Records handed on at once."""


class PickArguments(Arguments):
    """What chooses transactions."""

    month: str | None = month_option()
    first: str | None = first_option()
    last: str | None = last_option()
    accounts: list[str] = option(
        "--account", "-a", many=True, metavar="ACCOUNT", help="only of this account",
        complete=Complete.ACCOUNT,
    )  # fmt: skip
    category: str | None = option(
        "--category", "-c", metavar="CATEGORY", help="only of this category and what is below it",
        complete=Complete.CATEGORY,
    )  # fmt: skip
    uncategorized: bool = switch("--uncategorized", "-u", help="only what has no category")
    search: str = option(
        "--search", "-s", metavar="TEXT", default="", help="only where payee or text say this, or an amount"
    )
    currency: str = option("--currency", metavar="CODE", default="", help="only in this currency")


class TransactionsArguments(PickArguments):
    pending: bool = switch("--pending", help="only what is not booked yet")
    booked: bool = switch("--booked", help="only what is booked")
    most: int | None = option(
        "-n", kind=count, metavar="N", help=f"the newest N; 0 for all (on a terminal {SHOWN}, else all)"
    )
    words: list[str] = operand(
        "TEXT", many=True, required=False, help="as --search", complete=Complete.NOTHING
    )


async def wanted_of(ctx: Context, args: PickArguments) -> Wanted:
    """Which transactions the options choose. Raises Usage."""
    if args.uncategorized and args.category is not None:
        raise Usage("--uncategorized goes without --category")
    currency = args.currency.upper()
    if currency and not is_currency(currency):
        raise Usage(f"--currency must be a code such as EUR, but is '{args.currency}'")
    return Wanted(
        days_of(args.month, args.first, args.last, ctx.now()),
        await _account_names(ctx, args.accounts),
        "" if args.uncategorized else args.category,
        args.search,
        currency,
    )


async def _account_names(ctx: Context, words: Sequence[str]) -> tuple[str, ...]:
    """What transactions call these accounts; an account may have transactions and no file of its own."""
    if not words:
        return ()
    every = await accounts(ctx)
    names: list[str] = []
    for word in words:
        try:
            one = named(every, word)
        except Failure as wrong:
            if "several" in str(wrong):
                raise
            names.append(word)
        else:
            names += [one.name, one.title]
    return tuple(dict.fromkeys(names))


async def run(ctx: Context, args: TransactionsArguments, io: Io) -> int:
    if args.pending and args.booked:
        raise Usage("--pending goes without --booked")
    wanted = await wanted_of(ctx, args)
    search = " ".join([part for part in (args.search, *args.words) if part])
    state = True if args.pending else False if args.booked else None
    wanted = wanted._replace(search=search, pending=state)
    tty = io.stdout.tty
    whole = wanted.days.first is not None or wanted.days.last is not None
    most = args.most if args.most is not None else SHOWN if tty and not whole else 0
    shown: list[Rows] = []
    held: list[Record] = []
    drawn: list[Transaction] = []
    done = 0
    more = False
    async with Closing(transactions(ctx, wanted, newest_first=True)) as months:
        async for month in months:
            for found in _newest_first(month):
                kept = found._replace(rows=found.rows[: most - done]) if most else found
                more = more or len(kept.rows) < len(found.rows)
                done += len(kept.rows)
                shown.append(kept)
                if tty:
                    drawn += kept.rows
                else:
                    held += records_of(kept)
            if len(drawn) >= BATCH:
                held, drawn = rows_of(drawn), []
            while len(held) >= BATCH:
                await io.stdout.put(held[:BATCH])
                held = held[BATCH:]
            if more:
                break
    held += rows_of(drawn)
    if held:
        await io.stdout.put(held)
    if not done and args.accounts:
        every = await accounts(ctx)
        for word in args.accounts:
            named(every, word)
    if tty or not done:
        await io.stdout.flush()
        await _summed(io, shown, done, cut=more and args.most is None)
    return 0


def _newest_first(month: list[Rows]) -> list[Rows]:
    """The rows of a month's files, day after day over all of them."""
    if len(month) < 2:
        return month
    every = [(row, found.path) for found in month for row in found.rows]
    every.sort(key=lambda one: one[0].date, reverse=True)
    runs: list[Rows] = []
    for row, path in every:
        if runs and runs[-1].path == path:
            assert isinstance(runs[-1].rows, list)
            runs[-1].rows.append(row)
        else:
            runs.append(Rows(path, [row]))
    return runs


async def _summed(io: Io, shown: Sequence[Rows], done: int, *, cut: bool) -> None:
    if not done:
        await io.stderr.line("No transactions")
        return
    rows = [row for found in shown for row in found.rows]
    spent = sums(totals_of(row for row in rows if row.amount < 0))
    got = sums(totals_of(row for row in rows if row.amount > 0))
    waiting = sum(row.pending for row in rows)
    which = f"The newest {done:,} (-n 0 for all)" if cut else counted(done, "transaction")
    note = f"; {waiting:,} {'is' if waiting == 1 else 'are'} pending (!)" if waiting else ""
    await io.stderr.line(f"{which}: in {got}, out {spent}{note}")


COMMAND = Command(
    name="bank transactions",
    summary="what went in and out, newest first",
    args=TransactionsArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Money",
    description="""
Each is a record with date, amount, currency, payee, category, account, and in a pipe also description,
pending, id, source and path: the file that it stands in. An amount below zero went out. Sums are made by
currency:

  bank transactions --month 2026-10 | group-by category --sum amount | plot
""",
    examples=(
        Example("bank transactions -n 10", "the last ten"),
        Example("bank transactions --month 2026-10 --category food", "what a month's food cost"),
        Example("bank transactions --search book | group-by payee --sum amount", "sums by payee"),
        Example("bank transactions --uncategorized | bank categories set leisure", "many are sorted at once"),
    ),
)
