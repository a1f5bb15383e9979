"""to: records as JSON, CSV, Markdown or a table of text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, option
from commands.csvtext import csv_row
from commands.render import json_line, plain
from commands.render.table import Table
from commands.stream import Io, Record

FORMATS = ("json", "jsonl", "csv", "md", "table")

HELD = 2000
"""Records held back until the columns are settled."""


class ToArguments(Arguments):
    format: str = operand("FORMAT", choices=FORMATS, help="what to write", complete=Complete.NOTHING)
    width: int = option(
        "--width", "-w", kind=int, metavar="COLUMNS", help="cut a table to this width", default=0
    )


async def run(ctx: Context, args: ToArguments, io: Io) -> int:
    if args.format in ("json", "jsonl"):
        await _json(io, array=args.format == "json")
        return 0
    held: list[Record] = []
    batches = io.stdin.records()
    async for batch in batches:
        held.extend(batch)
        if len(held) >= HELD:
            break
    if args.format == "table":
        await _table(io, held, batches, args.width)
    elif held:
        await _rows(io, held, batches, args.format)
    return 0


async def _json(io: Io, *, array: bool) -> None:
    before = "[" if array else ""
    async for batch in io.stdin.records():
        lines = [json_line(record) for record in batch]
        if array:
            await io.stdout.text(before + "\n" + ",\n".join(lines))
            before = ","
        else:
            await io.stdout.text("\n".join(lines) + "\n")
    if array:
        await io.stdout.text("[]\n" if before == "[" else "\n]\n")


async def _table(io: Io, held: list[Record], more: AsyncIterator[Sequence[Record]], width: int) -> None:
    told = [record if record.fields else Record(record.text, {"text": record.text}) for record in held]
    table = Table(told, width if width > 0 else io.stdout.width if io.stdout.tty else 1_000_000)
    if told:
        await io.stdout.line(table.header().rstrip())
    await _lines(io, table.lines(told))
    async for batch in more:
        await _lines(io, table.lines(batch))


async def _lines(io: Io, lines: Iterable[str]) -> None:
    await io.stdout.text("".join([line.rstrip() + "\n" for line in lines]))


async def _rows(io: Io, held: list[Record], more: AsyncIterator[Sequence[Record]], form: str) -> None:
    names: dict[str, None] = {}
    for record in held:
        names.update(dict.fromkeys(record.fields or {"text": None}))
    columns = list(names)
    head = csv_row(columns) if form == "csv" else _markdown_head(columns)
    await io.stdout.text(head + _body(held, columns, form))
    done = len(held)
    async for batch in more:
        for number, record in enumerate(batch, done + 1):
            other = next((name for name in record.fields if name not in names), None)
            if other is not None:
                raise Failure(
                    f"record {number} has a field '{other}' that the first {len(held)} have not",
                    hint="choose the columns first: select FIELD ...",
                )
        await io.stdout.text(_body(batch, columns, form))
        done += len(batch)


def _body(records: Sequence[Record], columns: Sequence[str], form: str) -> str:
    rows = [
        [record.fields.get(name) if record.fields else record.text for name in columns] for record in records
    ]
    if form == "csv":
        return "".join([csv_row(row) for row in rows])
    return "".join(["| " + " | ".join([_escaped(plain(value)) for value in row]) + " |\n" for row in rows])


def _markdown_head(columns: Sequence[str]) -> str:
    names = " | ".join([_escaped(name) for name in columns])
    return f"| {names} |\n|{'|'.join([' --- '] * len(columns))}|\n"


def _escaped(text: str) -> str:
    """Text that stays one cell, and text, in a Markdown table."""
    for char in "\\|<*_`[":
        text = text.replace(char, "&lt;" if char == "<" else "\\" + char)
    return "<br>".join(text.splitlines())


COMMAND = Command(
    name="to",
    summary="write records as json, jsonl, csv, md or table",
    args=ToArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.BYTES,
    group="Records",
    description="""
json writes one array, jsonl one object a line. In csv, a text that a spreadsheet would run as a
formula (it begins with = + - @, a tab or a return) gets a quote before it; `from csv` takes it away
again. md is a Markdown table.
""",
    examples=(
        Example(
            "ls /tasks | select name due priority | to csv > /files/tasks.csv", "a file for a spreadsheet"
        ),
        Example(
            'printf \'[{"a":1,"b":"x|y"}]\' | from json | to md',
            "a table for a note",
            "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n",
        ),
    ),
)
