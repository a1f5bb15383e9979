"""bank: accounts, transactions, categories and budgets, statements in and journals out."""

from __future__ import annotations

from commands.banking.balance import COMMAND as BALANCE
from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.nearest import nearest
from commands.parse import parse
from commands.stream import Io
from vfs.action import Effect

PARTS = {
    "balance": "commands.banking.balance:COMMAND",
    "transactions": "commands.banking.transactions:COMMAND",
    "categories": "commands.banking.categories:COMMAND",
    "budget": "commands.banking.budget:COMMAND",
    "import": "commands.banking.import_:COMMAND",
    "export": "commands.banking.export:COMMAND",
    "transfer": "commands.banking.transfer:COMMAND",
}

ABOUT = """
An account is a file /banking/accounts/NAME.json, a month of transactions /banking/transactions/YYYY-MM.csv:
ls, cat, search, edit and undo work on them, too. They come from statements (`bank import`) and from connected
services (`connect plaid`). Amounts are exact, and each has its currency; those of different currencies
are never added up.
"""


class BankArguments(Arguments):
    RAW = True

    action: str = operand(
        "SUBCOMMAND", help="balance, when there is none", required=False, complete=Complete.NOTHING
    )
    words: list[str] = operand("WORD", many=True, required=False, help="what the subcommand takes")


async def run(ctx: Context, args: BankArguments, io: Io) -> int:
    words = list(args.words)
    if words and not words[0].startswith("-"):
        near = nearest(words[0], PARTS)
        raise Usage(
            f"unknown subcommand '{words[0]}'",
            hint=f"did you mean bank {near}?" if near else "run: bank --help",
        )
    return await BALANCE.run(ctx, parse(BALANCE, words), io)


COMMAND = Command(
    name="bank",
    summary="accounts, transactions, categories and budgets",
    args=BankArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE | Effect.SPEND,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Money",
    also=("plaid",),
    parts=PARTS,
    description=ABOUT,
    examples=(
        Example("bank", "what is in each account"),
        Example("bank transactions --month 2026-10 | group-by category --sum amount | plot", "a month"),
    ),
)
