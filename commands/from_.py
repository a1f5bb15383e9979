"""from: text as records: CSV, JSON or plain lines."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from decimal import Decimal

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, option
from commands.csvtext import BadRow, CsvReader
from commands.jsontext import BadJson, JsonReader, fields_of
from commands.stream import Io, Record
from commands.values import decimal_text, line_of, number_from
from vfs.formulas import unguarded
from vfs.node import Value
from vfs.path import Path

FORMATS = ("csv", "json", "jsonl", "lines")


def separator(word: str) -> str:
    """The character between columns. Raises ValueError."""
    char = {"\\t": "\t", "tab": "\t"}.get(word, word)
    if len(char) != 1 or char in '"\r\n':
        raise ValueError(f"must be one character, but is '{word}'")
    return char


class FromArguments(Arguments):
    format: str = operand("FORMAT", choices=FORMATS, help="what is read", complete=Complete.NOTHING)
    separator: str = option(
        "--separator",
        "-s",
        kind=separator,
        default=",",
        metavar="CHAR",
        help="what parts the columns of csv (tab for tabs)",
    )
    columns: str = option(
        "--columns",
        metavar="NAMES",
        default="",
        help="names of the columns, for csv without a first line of names",
    )


async def run(ctx: Context, args: FromArguments, io: Io) -> int:
    if args.format == "csv":
        await _csv(io, args)
    elif args.format == "lines":
        number = 0
        async for batch in io.stdin.as_records():
            await io.stdout.put(
                [
                    Record(line.text, {"number": at, "line": line.text})
                    for at, line in enumerate(batch, number + 1)
                ]
            )
            number += len(batch)
    else:
        await _json(io)
    return 0


async def _text(io: Io) -> AsyncIterator[tuple[str, bool]]:
    """The input as text in pieces, and whether it is the last. Raises Failure for what is no UTF-8."""
    decoder = getincrementaldecoder("utf-8-sig")()
    try:
        async for block in io.stdin.blocks():
            yield decoder.decode(block), False
        yield decoder.decode(b"", True), True
    except UnicodeDecodeError as wrong:
        raise Failure(f"the input is no UTF-8 text: {wrong.reason}") from wrong


async def _csv(io: Io, args: FromArguments) -> None:
    reader = CsvReader(args.separator)
    names = [name.strip() for name in args.columns.split(",")] if args.columns else []
    async for text, last in _text(io):
        try:
            rows = reader.feed(text, last=last)
        except BadRow as wrong:
            raise Failure(f"line {wrong.line}: {wrong}") from wrong
        if rows and not names:
            names = _header(rows.pop(0)[1])
        await io.stdout.put([_csv_record(line, row, names) for line, row in rows])


def _header(row: list[str]) -> list[str]:
    """Names of columns: never empty, each once."""
    names: list[str] = []
    for number, cell in enumerate(row, 1):
        name = unguarded(cell).strip() or f"column{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _csv_record(line: int, row: list[str], names: list[str]) -> Record:
    if len(row) > len(names):
        raise Failure(f"line {line}: {len(row)} columns, but the first line names {len(names)}")
    cells = row + [""] * (len(names) - len(row))
    fields = {name: _cell(cell) for name, cell in zip(names, cells, strict=True)}
    return Record(line_of(fields), fields)


def _cell(text: str) -> Value:
    """A number where it would be written the same way again, else the text; None when empty."""
    number = number_from(text) if text[:1] in "-0123456789." else None
    if isinstance(number, int) and str(number) == text:
        return number
    if isinstance(number, Decimal) and decimal_text(number) == text:
        return number
    return unguarded(text) if text else None


async def _json(io: Io) -> None:
    reader = JsonReader()
    async for text, last in _text(io):
        batch: list[Record] = []
        try:
            for _, value in reader.feed(text, last=last):
                fields = fields_of(value)
                path = fields.get("path")
                place = (
                    Path.parse(path)
                    if isinstance(path, str) and path[:1] == "/" and "\0" not in path
                    else None
                )
                batch.append(Record(line_of(fields), fields, place))
        except BadJson as wrong:
            await io.stdout.put(batch)
            raise Failure(f"line {wrong.line}: {wrong}") from wrong
        await io.stdout.put(batch)


COMMAND = Command(
    name="from",
    summary="read records from csv, json, jsonl or lines",
    args=FromArguments,
    run=run,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Records",
    description="""
csv takes its names from the first line; a number stays a number where it is written plainly (2, -1.50,
but not 007 or 1e5). json reads an array or values one after the other; an object within an object
gives fields such as user.name. Input is worked through as it comes; the line is named where it is wrong.
""",
    examples=(
        Example(
            "printf 'name,n\\nada,2\\nbob,10\\n' | from csv | sort-by -n | select name",
            "numbers sort as numbers",
            "bob\nada\n",
        ),
        Example('printf \'{"a":{"b":1}}\' | from json | select a.b', "fields of an inner object", "1\n"),
        Example(
            "printf 'x\\ny\\n' | from lines | where line == y | select number",
            "lines with their numbers",
            "2\n",
        ),
    ),
)
