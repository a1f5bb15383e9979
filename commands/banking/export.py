"""bank export: transactions as a journal of hledger or beancount, or as one CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from commands.banking.period import Days
from commands.banking.places import ledgers
from commands.banking.rows import transactions
from commands.banking.shown import joined
from commands.banking.transactions import PickArguments, wanted_of
from commands.banking.verbs import asked, text, texts
from commands.command import Command, Complete, Context, Example, Failure, Shape, Usage, option
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import Unsupported
from vfs.path import Path
from vfs.transactions import COLUMNS, Month, write_month
from vfs.visible import visible_line

FORMATS = ("hledger", "beancount", "csv")


class ExportArguments(PickArguments):
    format: str = option(
        "--format", "-f", metavar="FORMAT", choices=FORMATS, default="csv", help="hledger, beancount or csv"
    )
    ledger: str | None = option(
        "--in", metavar="MOUNT", help="the ledger, where there are several", complete=Complete.MOUNT
    )


async def run(ctx: Context, args: ExportArguments, io: Io) -> int:
    if args.format == "csv":
        return await _csv(ctx, args, io)
    if args.accounts or args.category is not None or args.search or args.uncategorized or args.currency:
        raise Usage(
            "a journal is of all accounts and categories",
            hint=f"choose a period only: bank export --format {args.format} --month 2026-10",
        )
    days = (await wanted_of(ctx, args)).days
    journal, problems = await _journal(ctx, args, days)
    await io.stdout.text(journal)
    for problem in problems:
        await io.stderr.line(f"bank export: {visible_line(problem)}")
    return 3 if problems else 0


async def _journal(ctx: Context, args: ExportArguments, days: Days) -> tuple[str, Sequence[str]]:
    """The journal of the one ledger that has anything. Raises Failure where several have."""
    every = _chosen(ctx, args.ledger)
    said = {
        "format": args.format,
        "first": days.first.isoformat() if days.first is not None else "",
        "last": days.last.isoformat() if days.last is not None else "",
    }
    found = []
    for ledger in every:
        if "journal" in await ctx.tree.verbs(ledger):
            answer = await asked(ctx, ledger, "journal", said)
            found.append((ledger, text(answer, "text"), texts(answer, "problems")))
    if not found:
        raise Unsupported(every[0], "keeps no journal", hint="run: bank export --format csv")
    full = [one for one in found if one[1].strip()] or found[:1]
    if len(full) > 1:
        places = joined([str(one[0]) for one in full])
        raise Failure(f"{places} have journals of their own", hint=f"say which: --in {full[0][0]}")
    return full[0][1], full[0][2]


def _chosen(ctx: Context, word: str | None) -> Sequence[Path]:
    every = ledgers(ctx)
    if word is None:
        return every
    path = ctx.resolve(word)
    if path not in every:
        raise Failure(f"{path}: is no ledger", hint=f"there are: {joined([str(one) for one in every])}")
    return [path]


async def _csv(ctx: Context, args: ExportArguments, io: Io) -> int:
    wanted = await wanted_of(ctx, args)
    chosen = _chosen(ctx, args.ledger)
    await io.stdout.line(",".join(COLUMNS))
    async with Closing(transactions(ctx, wanted)) as months:
        async for month in months:
            rows = [row for found in month if Path(found.path.parts[:-2]) in chosen for row in found.rows]
            data = write_month(Month(COLUMNS, [row._replace(further=()) for row in rows], []))
            await io.stdout.write(data.partition(b"\n")[2])
    return 0


COMMAND = Command(
    name="bank export",
    summary="transactions as a journal or as CSV",
    args=ExportArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Money",
    description="""
A journal of hledger or beancount names accounts by their kind, and income and expenses by their
categories; it asserts the balances that banks have told. In CSV, a text that a spreadsheet would run as a
formula gets a quote before it.
""",
    examples=(
        Example("bank export --format hledger --month 2026-10 > /files/2026-10.journal", "for hledger"),
        Example("bank export --format beancount > /files/money.beancount", "for beancount and fava"),
        Example("bank export --from 2026-01-01 --category travel > /files/travel.csv", "for a spreadsheet"),
    ),
)
