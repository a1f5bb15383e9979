"""bank import: statements of a bank become transactions, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from commands.banking.places import KINDS, ledgers, own_ledger
from commands.banking.shown import joined
from commands.banking.verbs import Answer, asked, number, text, texts, tuples
from commands.choice import choose
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
from commands.hostfile import read_file
from commands.report import report
from commands.stream import Io, Record
from commands.values import line_of, one_line
from vfs.action import Effect
from vfs.errors import TooLarge, VfsError
from vfs.money import written
from vfs.node import Value
from vfs.path import Path
from vfs.transactions import COLUMNS
from vfs.visible import visible_line

LARGEST = 64 * 1024 * 1024
"""Bytes of a statement."""

QUESTIONS = 12
"""Questions about one statement."""

ANSWERS = ("account", "currency", "kind", "dates", "decimal", "sign", "columns", "header", "charset")
"""What options answer before it is asked."""


NAMED = ("account", "currency")
"""Questions that have other answers than those that are offered."""


class ImportArguments(Arguments):
    files: list[str] = operand(
        "FILE", many=True, required=False, help="statements; - or none for standard input"
    )
    account: str = option(
        "--account",
        "-a",
        metavar="NAME",
        default="",
        help="the account they are of",
        complete=Complete.ACCOUNT,
    )
    kind: str = option(
        "--kind",
        metavar="KIND",
        default="",
        choices=KINDS,
        help="what kind of account that is, when it is new",
    )
    currency: str = option("--currency", metavar="CODE", default="", help="the currency, such as EUR")
    dates: str = option(
        "--dates", metavar="ORDER", default="", choices=("dmy", "mdy", "ymd"),
        help="what comes first in a date: day, month or year",
    )  # fmt: skip
    decimal: str = option(
        "--decimal", metavar="MARK", default="", choices=(".", ","), help="what stands before the decimals"
    )
    sign: str = option(
        "--sign", metavar="SIGN", default="", choices=("in", "out"),
        help="whether an amount without a minus came in or went out",
    )  # fmt: skip
    columns: str = option(
        "--columns", metavar="LIST", default="", help="what columns hold: date=1,amount=3,payee=Name"
    )
    header: str = option(
        "--header",
        metavar="YES|NO",
        default="",
        choices=("yes", "no"),
        help="whether the first row names them",
    )
    charset: str = option("--charset", metavar="NAME", default="", help="the encoding, such as cp1252")
    dry: bool = switch("--dry-run", "-n", help="say what would be new; change nothing")
    ledger: str | None = option(
        "--in", metavar="MOUNT", help="the ledger, where there are several", complete=Complete.MOUNT
    )


class Statement(NamedTuple):
    """A file as it is to be imported."""

    name: str
    data: bytes


async def run(ctx: Context, args: ImportArguments, io: Io) -> int:
    ledger = _ledger(ctx, args.ledger)
    words = args.files or ["-"]
    if "-" in words and io.stdin.tty:
        raise Usage("which statement?", hint="run: bank import FILE")
    status = 0
    for word in words:
        try:
            statement = await _statement(ctx, io, word)
            answer = await _import(ctx, io, ledger, statement, args)
            status = max(status, await _tell(io, statement.name, answer, dry=args.dry))
        except (VfsError, Failure, Usage) as error:
            place = word if isinstance(error, VfsError) and word != "-" else None
            status = max(status, await report(io, "bank import", error, path=place))
    return status


def _ledger(ctx: Context, word: str | None) -> Path:
    if word is None:
        return own_ledger(ctx)
    path = ctx.resolve(word)
    if path not in ledgers(ctx):
        raise Failure(
            f"{path}: is no ledger", hint=f"there are: {joined([str(one) for one in ledgers(ctx)])}"
        )
    return path


async def _statement(ctx: Context, io: Io, word: str) -> Statement:
    """A file of the tree, of this computer where the tree has none, or what comes through a pipe."""
    if word == "-":
        read = bytearray()
        async for block in io.stdin.blocks():
            read += block
            if len(read) > LARGEST:
                raise TooLarge("standard input", f"a statement has at most {LARGEST // 1024**2} MB")
        if not read:
            raise Failure("standard input is empty", hint="name a statement: bank import FILE")
        return Statement("standard input", bytes(read))
    return Statement(word.rpartition("/")[2], await read_file(ctx, word, LARGEST, "a statement"))


async def _import(ctx: Context, io: Io, ledger: Path, statement: Statement, args: ImportArguments) -> Answer:
    """Imports one statement; what it leaves open is asked. Raises Usage where nobody can be asked."""
    told: dict[str, Value] = {name: getattr(args, name) for name in ANSWERS}
    told["currency"] = args.currency.upper()
    told |= {"content": statement.data.decode("latin-1"), "name": statement.name, "dry_run": args.dry}
    for _ in range(QUESTIONS):
        answer = await asked(ctx, ledger, "import", told)
        question = text(answer, "question")
        if not question:
            return answer
        options = [(str(one[0]), one_line(one[1])) for one in tuples(answer, "options") if len(one) > 1]
        sample = ["  ".join([one_line(cell) for cell in row]) for row in tuples(answer, "sample")]
        sentence = f"{statement.name}: {text(answer, 'ask')}"
        reply = await choose(ctx, io, sentence, options, sample, free=question in NAMED)
        if reply is None:
            raise _unanswered(ctx, io, sentence, question, options)
        told[question] = reply.upper() if question == "currency" else reply
    raise Failure(f"{statement.name}: too many questions; nothing was imported")


def _unanswered(
    ctx: Context, io: Io, sentence: str, question: str, options: Sequence[tuple[str, str]]
) -> Usage | Failure:
    """What is said where nobody answered: the question, and the option that answers it."""
    if options:
        ways = [
            f"--{question} {value}" + (f" ({meaning})" if meaning != value else "")
            for value, meaning in options
        ]
        hint = f"say it: {', or '.join(ways)}"
    else:
        value = {"columns": "date=1,amount=3,payee=2", "account": "checking", "currency": "EUR"}
        hint = f"say it: --{question} {value.get(question, 'VALUE')}"
    if ctx.interactive and io.stdin.tty:
        return Failure(f"{sentence}: not answered, nothing was imported", hint=hint)
    return Usage(sentence, hint=hint)


async def _tell(io: Io, name: str, answer: Answer, *, dry: bool) -> int:
    """Says what an import did, or would do; 3 where lines of the statement could not be read."""
    if dry:
        preview = [_previewed(row) for row in tuples(answer, "preview")]
        await io.stdout.put(preview)
    record = _record(name, answer, dry=dry)
    if dry or io.stdout.tty:
        await io.stdout.flush()
        await io.stderr.line(visible_line(record.text))
    else:
        await io.stdout.put([record])
        await io.stdout.flush()
    problems = texts(answer, "problems")
    for problem in problems:
        await io.stderr.line(f"bank import: {visible_line(name)}: {visible_line(problem)}")
    return 3 if problems else 0


def _previewed(row: Sequence[Value]) -> Record:
    said = dict(zip(COLUMNS, row, strict=False))
    fields = {name: said.get(name) for name in COLUMNS[:7]}
    return Record(line_of(fields), fields)


_COUNTS: Mapping[str, str] = {
    "duplicates": "there already",
    "replaced": "booked that were pending",
    "changed": "changed",
}


def _record(name: str, answer: Answer, *, dry: bool) -> Record:
    first, last = answer.get("first"), answer.get("last")
    accounts = [one.rpartition("/")[2].removesuffix(".json") for one in texts(answer, "accounts")]
    counts = [f"{number(answer, 'new'):,} {'would be new' if dry else 'new'}"]
    counts += [f"{number(answer, key):,} {word}" for key, word in _COUNTS.items() if number(answer, key)]
    line = f"{one_line(name)}: {', '.join(counts)}"
    if isinstance(first, date) and isinstance(last, date):
        line += f"; {first} to {last}" if first != last else f"; {first}"
    if accounts:
        line += f", in {one_line(joined(accounts))}"
    for total in tuples(answer, "totals"):
        currency, came, went = (*total, None, None)[:3]
        sides = [("in", came), ("out", went)]
        told = [
            f"{word} {written(one, str(currency))}" for word, one in sides if isinstance(one, Decimal) and one
        ]
        line += f"; {', '.join(told)}" if told else ""
    fields: dict[str, Value] = {
        "file": name,
        "new": number(answer, "new"),
        "duplicates": number(answer, "duplicates"),
        "replaced": number(answer, "replaced"),
        "changed": number(answer, "changed"),
        "rows": number(answer, "rows"),
        "first": first,
        "last": last,
        "accounts": tuple(accounts),
        "layout": text(answer, "layout"),
        "problems": len(texts(answer, "problems")),
    }
    return Record(line, fields)


COMMAND = Command(
    name="bank import",
    summary="take in statements of a bank",
    args=ImportArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Money",
    description="""
Statements are CSV, OFX, QFX or CAMT files, as banks offer them. What is there already is not taken in
again, by the bank's own number or by date, amount and text, so that statements may overlap. What a CSV
leaves open (which column is what, whether 3/4 is in March or in April) is asked once at a terminal and
remembered; in a script it is refused, and the line says which option answers it. `undo` takes an import
back whole. A FILE that is not in the tree may be one of this computer.

Exit status 3: done, but some lines of the statement could not be read, and are named.
""",
    examples=(
        Example("bank import /files/statement.csv --account checking --dry-run", "what would be new"),
        Example("bank import /files/*.ofx", "several at once"),
    ),
)
