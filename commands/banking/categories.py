"""bank categories: what money went for, and the rules that say so of new transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

from commands.banking import rules
from commands.banking.names import category_named
from commands.banking.places import ledgers
from commands.banking.rows import transactions
from commands.banking.shown import counted, ledger_of
from commands.banking.transactions import PickArguments, wanted_of
from commands.banking.verbs import asked, everywhere, number, texts, tuples
from commands.command import (
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
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.closing import Closing
from vfs.money import Totals, in_units, written
from vfs.node import Value
from vfs.path import Path
from vfs.visible import visible_line

ACTIONS = ("list", "set", "suggest", "rule")


class CategoriesArguments(PickArguments):
    action: str = operand(
        "ACTION", required=False, default="list", help="list, set, suggest or rule", choices=ACTIONS,
        complete=Complete.NOTHING,
    )  # fmt: skip
    words: list[str] = operand(
        "WORD", many=True, required=False, help="a category, or what a rule needs", complete=Complete.CATEGORY
    )
    money_in: bool = switch("--in", help="a rule for money that comes in only")
    money_out: bool = switch("--out", help="a rule for money that goes out only")
    apply: bool = switch("--apply", help="take what is suggested")
    kept: bool = switch("--new-only", help="a rule for what comes from now on; the past stays as it is")
    ids: list[str] = option("--id", many=True, metavar="ID", help="the transaction of this id")


async def run(ctx: Context, args: CategoriesArguments, io: Io) -> int:
    return await _DEEDS[args.action](ctx, args, io)


async def _list(ctx: Context, args: CategoriesArguments, io: Io) -> int:
    if args.words:
        raise Usage(f"extra operand '{args.words[0]}'", hint="run: bank categories --help")
    wanted = await wanted_of(ctx, args)
    counts: dict[tuple[str, str], int] = {}
    into: dict[str, Totals] = {}
    out: dict[str, Totals] = {}
    async with Closing(transactions(ctx, wanted)) as months:
        async for month in months:
            for row in [row for found in month for row in found.rows]:
                place = (row.category, row.currency)
                counts[place] = counts.get(place, 0) + 1
                side = out if row.amount < 0 else into
                side.setdefault(row.category, Totals()).add(row.amount, row.currency)
    records = []
    for (category, currency), count in counts.items():
        got, spent = [in_units(side.get(category, Totals()).of(currency), currency) for side in (into, out)]
        records.append(_record(category, currency, count, got, spent))
    records.sort(
        key=lambda one: (str(one.fields["currency"]), one.fields["out"], str(one.fields["category"]))
    )
    await io.stdout.put(records)
    if not records:
        await io.stderr.line("No transactions")
    return 0


def _record(category: str, currency: str, count: int, got: Decimal, spent: Decimal) -> Record:
    fields: dict[str, Value] = {
        "category": category,
        "count": count,
        "in": got,
        "out": spent,
        "currency": currency,
    }
    told = f"{one_line(category) or '(none)'}\t{count}\t{written(got, currency)}\t{written(spent, currency)}"
    return Record(told, fields)


async def _set(ctx: Context, args: CategoriesArguments, io: Io) -> int:
    if len(args.words) != 1:
        raise Usage("set takes one category", hint="for example: bank categories set food --search bakery")
    category = category_named(args.words[0])
    chosen = await _chosen(ctx, args, io)
    changed = 0
    status = 0
    for ledger, ids in chosen.items():
        if not ids:
            continue
        answer = await asked(ctx, ledger, "categorize", {"ids": tuple(ids), "category": category})
        changed += number(answer, "changed")
        missing = texts(answer, "missing")
        if missing and not args.ids:
            await io.stderr.line(f"bank categories: {counted(len(missing), 'transaction')} are there no more")
            status = 1
    if args.ids and not changed and not any(chosen.values()):
        raise Failure(f"no transaction has the id '{args.ids[0]}'", hint="run: bank transactions --json")
    what = visible_line(category) or "no category"
    await io.stderr.line(f"{counted(changed, 'transaction')} changed to {what}")
    return status


async def _chosen(ctx: Context, args: CategoriesArguments, io: Io) -> Mapping[Path, list[str]]:
    """The ids of the transactions that options choose, or that come through a pipe, by their ledgers."""
    given = (args.month, args.first, args.last, args.category, args.search, args.currency)
    by_options = any(given) or args.accounts or args.uncategorized or args.ids
    found: dict[Path, list[str]] = {}
    if by_options:
        wanted = await wanted_of(ctx, args)
        ids = set(args.ids)
        async with Closing(transactions(ctx, wanted)) as months:
            async for month in months:
                for one in month:
                    ledger = Path(one.path.parts[:-2])
                    some = [row.id for row in one.rows if not ids or row.id in ids]
                    found.setdefault(ledger, []).extend(some)
        return found
    if io.stdin.tty:
        raise Usage(
            "which transactions?", hint="choose them: --search TEXT, --month MONTH, or through a pipe"
        )
    every = ledgers(ctx)
    async for batch in io.stdin.records():
        for record in batch:
            key, place = record.fields.get("id"), record.fields.get("path")
            if not isinstance(key, str) or not key:
                raise Failure(
                    "what comes has no ids", hint="run: bank transactions ... | bank categories set"
                )
            known = ledger_of(place) if isinstance(place, str) else None
            ledger = known if known is not None and known in every else every[0]
            found.setdefault(ledger, []).append(key)
    return found


async def _suggest(ctx: Context, args: CategoriesArguments, io: Io) -> int:
    """What the past says of transactions without a category."""
    total = 0
    for ledger, answer in await everywhere(ctx, "suggest", {}):
        rows = tuples(answer, "suggestions")
        total += len(rows)
        if args.apply:
            changes = tuple([(row[0], row[5]) for row in rows])
            if changes:
                done = await asked(ctx, ledger, "categorize", {"changes": changes})
                await io.stderr.line(f"{counted(number(done, 'changed'), 'transaction')} changed")
            continue
        await io.stdout.put([_suggestion(row) for row in rows])
    await io.stdout.flush()
    if not total:
        await io.stderr.line("Nothing to suggest")
    elif not args.apply:
        await io.stderr.line("To take them all: bank categories suggest --apply")
    return 0


def _suggestion(row: Sequence[Value]) -> Record:
    names = ("id", "date", "amount", "currency", "payee", "category", "seen")
    fields = dict(zip(names, row, strict=False))
    fields = {name: fields.get(name) for name in (*names[1:], "id")}
    shown = [one_line(fields[name]) for name in ("date", "amount", "currency", "payee", "category")]
    return Record("\t".join(shown), fields)


async def _rule(ctx: Context, args: CategoriesArguments, io: Io) -> int:
    if args.money_in and args.money_out:
        raise Usage("--in goes without --out")
    sign = "in" if args.money_in else "out" if args.money_out else ""
    account = args.accounts[0] if args.accounts else ""
    wish = rules.Wish(args.words[1:], sign, account, apply=not args.kept)
    return await rules.run(ctx, args.words[0] if args.words else "list", wish, io)


_DEEDS: Mapping[str, Callable[[Context, CategoriesArguments, Io], Awaitable[int]]] = {
    "list": _list,
    "set": _set,
    "suggest": _suggest,
    "rule": _rule,
}


COMMAND = Command(
    name="bank categories",
    summary="what money went for, and rules that say so",
    args=CategoriesArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    group="Money",
    description="""
  list                        each category with its sums
  set CATEGORY                for those that options or a pipe choose
  suggest [--apply]           what earlier transactions of a payee say
  rule [list]                 the rules in order: the first that fits counts
  rule add PATTERN CATEGORY   for what comes, and what has no category yet
  rule test PATTERN CATEGORY  what it would do; changes nothing
  rule remove PATTERN         categories stay as they are

food:groceries is below food, and counts there, too. `none` takes a category away. A PATTERN is words that
payee or text hold, `*` standing for anything; case does not matter. What you set yourself stays, whatever
rules and further imports say.
""",
    examples=(
        Example("bank categories --month 2026-10", "a month by category"),
        Example("bank categories set leisure:books --search bookshop", "what was bought there"),
        Example("bank categories rule add 'supermarkt*' food:groceries", "for ever"),
        Example("bank categories rule test supermarkt food:groceries", "what it would do"),
        Example("bank categories suggest", "what has no category, and might have one"),
    ),
)
