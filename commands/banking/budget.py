"""bank budget: what may be spent on a category in a month or a year, and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

from commands.banking.budgetfile import FILE, Budget, budgets, is_same, with_budget
from commands.banking.names import category_named
from commands.banking.period import Days, month_of, month_option, whole_month
from commands.banking.places import accounts, ledgers, own_ledger
from commands.banking.rows import Wanted, is_within, transactions
from commands.banking.shown import joined, sums
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
from commands.plot import speaks_unicode
from commands.render import fit, pad, width
from commands.render.bars import filled, share_of
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import NotFound
from vfs.money import (
    EXACT,
    BadAmount,
    Totals,
    in_units,
    is_currency,
    plain,
    read_money,
    unsigned_zero,
    written,
)
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line

BARS = 10
"""Columns that a bar has at least."""


class BudgetArguments(Arguments):
    action: str = operand(
        "ACTION", required=False, default="show", help="show, set or remove", complete=Complete.NOTHING,
        choices=("show", "set", "remove"),
    )  # fmt: skip
    category: str | None = operand(
        "CATEGORY", required=False, help="a category, with all below it", complete=Complete.CATEGORY
    )
    amount: str | None = operand(
        "AMOUNT", required=False, help="how much, such as 400 or '400 EUR'", complete=Complete.NOTHING
    )
    month: str | None = month_option()
    yearly: bool = switch("--yearly", help="for a year, not for each month")
    currency: str = option("--currency", metavar="CODE", default="", help="the currency of AMOUNT")


async def run(ctx: Context, args: BudgetArguments, io: Io) -> int:
    if args.action == "show":
        if args.amount is not None:
            raise Usage(f"extra operand '{args.amount}'", hint="run: bank budget set CATEGORY AMOUNT")
        return await _show(ctx, args, io)
    if args.category is None:
        raise Usage(f"{args.action} needs a category", hint="for example: bank budget set food 400")
    category = category_named(args.category)
    if not category:
        raise Usage("a budget needs a category")
    if args.action == "set":
        return await _set(ctx, args, category, io)
    return await _remove(ctx, args, category, io)


async def _set(ctx: Context, args: BudgetArguments, category: str, io: Io) -> int:
    if args.amount is None:
        raise Usage("how much?", hint=f"for example: bank budget set {category} 400")
    amount, currency = await _amount(ctx, args.amount, args.currency)
    if amount <= 0:
        raise Usage(f"a budget is more than nothing, but this is {written(amount, currency)}")
    period = "year" if args.yearly else "month"
    budget = Budget(category, amount, currency, period)
    files = await _files(ctx)
    there = [path for path, data in files.items() if any(is_same(one, budget) for one in budgets(path, data))]
    path = next(iter([*there, *files]), own_ledger(ctx).child(FILE))
    await ctx.tree.write(path, with_budget(files.get(path, b""), budget))
    await io.stderr.line(f"Budget: {visible_line(category)} {written(amount, currency)} a {period}")
    return 0


async def _remove(ctx: Context, args: BudgetArguments, category: str, io: Io) -> int:
    gone: list[Budget] = []
    for path, data in (await _files(ctx)).items():
        known = [one for one in budgets(path, data) if one.category.casefold() == category.casefold()]
        if args.yearly:
            known = [one for one in known if one.period == "year"]
        if args.currency:
            known = [one for one in known if one.currency == args.currency.upper()]
        for one in known:
            data = with_budget(data, one, remove=True)
        if known:
            await ctx.tree.write(path, data)
        gone += known
    if not gone:
        raise Failure(f"there is no such budget for '{category}'", hint="run: bank budget")
    told = joined([f"{written(one.amount, one.currency)} a {one.period}" for one in gone])
    await io.stderr.line(f"Removed the budget for {visible_line(category)}: {told}")
    return 0


async def _files(ctx: Context) -> Mapping[Path, bytes]:
    """The files of budgets that there are, the person's own ledger first."""
    found: dict[Path, bytes] = {}
    for ledger in ledgers(ctx):
        with suppress(NotFound):
            found[ledger.child(FILE)] = await ctx.tree.read(ledger.child(FILE))
    return found


async def _amount(ctx: Context, text: str, code: str) -> tuple[Decimal, str]:
    """An amount and its currency, which is the only one in use where none is named. Raises Usage."""
    try:
        amount, currency = read_money(text)
    except BadAmount as wrong:
        raise Usage(str(wrong), hint="write it plainly: 1234.50 EUR") from None
    code = code.upper()
    if code and currency and code != currency:
        raise Usage(f"'{text}' is not in {code}")
    currency = code or currency
    if currency:
        if not is_currency(currency):
            raise Usage(f"'{currency}' is no currency")
        return amount, currency
    used = sorted({one.currency for one in await accounts(ctx) if one.currency})
    if len(used) != 1:
        which = f"accounts are in {joined(used)}" if used else "no account has one"
        raise Usage(f"in which currency? {which}", hint="for example: --currency EUR")
    return amount, used[0]


async def _show(ctx: Context, args: BudgetArguments, io: Io) -> int:
    now = ctx.now()
    month = month_of(args.month, now) if args.month is not None else whole_month(now.date())
    every = [one for path, data in (await _files(ctx)).items() for one in budgets(path, data)]
    if args.category is not None:
        category = category_named(args.category)
        every = [one for one in every if is_within(one.category, category)]
    if not every:
        raise Failure("there is no budget", hint="to make one: bank budget set CATEGORY AMOUNT")
    spent, uncounted = await _spent(ctx, every, month)
    records = [_record(one, spent[one]) for one in every]
    if io.stdout.tty:
        await _draw(ctx, io, every, spent, month, now)
    else:
        await io.stdout.put(records)
    await io.stdout.flush()
    if len(uncounted):
        await io.stderr.line(f"In other currencies, and not counted: {sums(uncounted)}")
    return 0


async def _spent(
    ctx: Context, every: Sequence[Budget], month: Days
) -> tuple[Mapping[Budget, Decimal], Totals]:
    """What each budget's category cost in its period; and what is in a currency that it has no budget in."""
    assert month.first is not None
    assert month.last is not None
    year = Days(date(month.first.year, 1, 1), month.last)
    days = year if any(one.period == "year" for one in every) else month
    spent = dict.fromkeys(every, Decimal(0))
    uncounted = Totals()
    async with Closing(transactions(ctx, Wanted(days))) as months:
        async for some in months:
            for row in [row for found in some for row in found.rows]:
                fitting = [one for one in every if is_within(row.category, one.category)]
                counted = [one for one in fitting if one.currency == row.currency]
                for one in counted:
                    if one.period == "year" or month.holds(row.date):
                        spent[one] = EXACT.subtract(spent[one], row.amount)
                if fitting and not counted and month.holds(row.date):
                    uncounted.add(row.amount, row.currency)
    return {one: unsigned_zero(amount) for one, amount in spent.items()}, uncounted


def _record(budget: Budget, spent: Decimal) -> Record:
    code = budget.currency
    amount, spent = in_units(budget.amount, code), in_units(spent, code)
    left = unsigned_zero(EXACT.subtract(amount, spent))
    fields: dict[str, Value] = {
        "category": budget.category,
        "budget": amount,
        "spent": spent,
        "left": left,
        "currency": code,
        "period": budget.period,
    }
    amounts = [f"{plain(one, code)} {code}" for one in (amount, spent, left)]
    return Record("\t".join([one_line(budget.category), *amounts, budget.period]), fields)


async def _draw(
    ctx: Context,
    io: Io,
    every: Sequence[Budget],
    spent: Mapping[Budget, Decimal],
    month: Days,
    now: datetime,
) -> None:
    """A bar for each budget, full where nothing is left; beside it what was spent, and what is left."""
    assert month.first is not None
    plainly = not speaks_unicode(io.stdout, ctx.env)
    told = []
    for one in every:
        left = EXACT.subtract(one.amount, spent[one])
        rest = f"{written(abs(left), one.currency)} {'left' if left >= 0 else 'over'}"
        of = f"{written(spent[one], one.currency)} of {written(one.amount, one.currency)}"
        told.append((one.category + (" (year)" if one.period == "year" else ""), of, rest, left < 0))
    widths = [max(width(row[at]) for row in told) for at in range(3)]  # type: ignore[arg-type]
    columns = max(40, io.stdout.width)
    names = min(widths[0], max(8, columns - widths[1] - widths[2] - BARS - 5))
    bars = max(BARS, min(40, columns - names - widths[1] - widths[2] - 5))
    narrow = names + bars + widths[1] + widths[2] + 5 > columns
    await io.stdout.paint([(f"{month.first:%B %Y}\n", "bold")])
    for one, (name, of, rest, over) in zip(every, told, strict=True):
        share = min(share_of(max(spent[one], Decimal(0)), one.amount), 1.0)
        bar = filled(bars * share, plain=plainly)
        rest_of_bar = ("." if plainly else "░") * (bars - width(bar))
        await io.stdout.paint(
            [
                (pad(fit(name, names), names) + " ", ""),
                (bar, "red" if over else "cyan"),
                (rest_of_bar + " ", "dim"),
                ("" if narrow else pad(of, widths[1], right=True) + "  ", "dim"),
                (pad(rest, widths[2], right=True) + "\n", "red" if over else ""),
            ]
        )


COMMAND = Command(
    name="bank budget",
    summary="what may be spent, and what is left of it",
    args=BudgetArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.RECORDS,
    group="Money",
    description="""
A budget is for a category and all below it, in one currency, for each month or a year. Refunds are taken
off what was spent. Budgets stand in /banking/budgets.csv.
""",
    examples=(
        Example("bank budget", "this month"),
        Example("bank budget --month 2026-10", "another month"),
        Example("bank budget set food '400 EUR'", "each month"),
        Example("bank budget set travel '2000 EUR' --yearly", "in a year"),
        Example("bank budget | where left < 0", "where too much was spent"),
    ),
)
