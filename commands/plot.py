"""plot: numbers of records as bars, or as a line, in the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    operand,
    option,
    switch,
)
from commands.fields import Seen
from commands.moneyfield import currencies_of, currency_of
from commands.render import cell, fit, width
from commands.render.bars import Point, bar_rows, draw_bars
from commands.stream import Io, Record, Sink
from commands.values import Number, field_of, number_of
from vfs.money import written
from vfs.node import Value

MOST = 10_000
"""Records that are drawn."""

NOTHING = "(none)"
"""The name of a bar that has none: what is in no category."""

_TIMES = re.compile(r"\d{4}(-W?\d\d(-\d\d)?)?")
"""Days, weeks, months and years, which stay in their order."""

_RISES = ("▁", "▂", "▃", "▄", "▅", "▆", "▇", "█")


class PlotArguments(Arguments):
    value: str = operand(
        "FIELD",
        required=False,
        help="the number to draw (default: the last that is one)",
        complete=Complete.FIELD,
    )
    by: str = option(
        "--by",
        "-b",
        metavar="FIELD",
        help="the name of each bar (default: the first that is no number)",
        complete=Complete.FIELD,
    )
    line: bool = switch("-l", "--line", help="draw a line over all records instead of bars")
    width: int = option(
        "--width", "-w", kind=int, metavar="COLUMNS", default=0, help="how wide (default: the terminal)"
    )
    height: int = option(
        "--height", kind=int, metavar="ROWS", default=10, help="how high a line is drawn (default 10)"
    )
    ascii: bool = switch("--ascii", help="draw with # and * only")
    order: str = option(
        "--order",
        choices=("auto", "given", "size"),
        default="auto",
        metavar="ORDER",
        help="as given, or by size; auto: by size where it is money and the names are no times",
    )


async def run(ctx: Context, args: PlotArguments, io: Io) -> int:
    records: list[Record] = []
    seen = Seen([name for name in (args.value, args.by) if name])
    async for batch in io.stdin.records():
        seen.look(batch)
        records.extend(batch[: MOST + 1 - len(records)])
        if len(records) > MOST:
            raise Failure(f"more than {MOST:,} records", hint="sum them up first: group-by FIELD --sum FIELD")
    status = await seen.report(io, "plot")
    if status or not records:
        return status
    value = args.value or _number(records)
    by = args.by or _name(records, value)
    _one_currency(records, value)
    points = _points(records, value, by)
    if args.order == "size" or (args.order == "auto" and not args.line and _are_sums(records, value, by)):
        points.sort(key=lambda point: (point.number < 0, -abs(Decimal(point.number))))
    columns = max(20, args.width or io.stdout.width)
    plain = args.ascii or not speaks_unicode(io.stdout, ctx.env)
    if args.line:
        form = currency_of(records[0], value)
        await _draw(io.stdout, line_rows(points, columns, max(2, args.height), plain=plain, currency=form))
    else:
        await draw_bars(io.stdout, bar_rows(points, columns, plain=plain))
    return 0


def _one_currency(records: Sequence[Record], value: str) -> None:
    """Raises Failure where lengths would compare amounts of different currencies."""
    found = currencies_of(records, value)
    if len(found) > 1:
        raise Failure(
            f"'{value}' is in {' and '.join(found)}, which no picture can compare",
            hint=f"draw one of them: where currency == {found[0]} | plot",
        )


def _are_sums(records: Sequence[Record], value: str, by: str | None) -> bool:
    """Whether these are amounts of money by names that have no order of their own."""
    if by is None or currency_of(records[0], value) is None:
        return False
    return not any(_is_time(field_of(record, by)) for record in records)


def _is_time(value: Value) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and _TIMES.fullmatch(value) is not None)


def speaks_unicode(sink: Sink, env: Mapping[str, str]) -> bool:
    """Whether block characters arrive: on a terminal whose locale is UTF-8."""
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    return sink.tty and "utf" in locale.lower()


def _number(records: Sequence[Record]) -> str:
    """The last field that is a number: sums and counts stand behind what they are of."""
    for record in records:
        names = [name for name, value in record.fields.items() if number_of(value) is not None]
        if names:
            return names[-1]
    raise Failure("no field is a number", hint="count something first: group-by FIELD")


def _name(records: Sequence[Record], value: str) -> str | None:
    """The first field that is no number, else the first other one; a currency only where nothing else is."""
    others = [name for name in records[0].fields if name != value]
    texts = [name for name in others if number_of(records[0].fields[name]) is None]
    others = [*texts, *others]
    return next((name for name in others if name != "currency"), next(iter(others), None))


def _points(records: Sequence[Record], value: str, by: str | None) -> list[Point]:
    points = []
    for record in records:
        number = number_of(field_of(record, value))
        if number is None or not _is_finite(number):
            continue
        name = (cell(by, field_of(record, by)) or NOTHING) if by is not None else ""
        points.append(Point(name, number, _shown(record, value, number)))
    if not points:
        raise Failure(f"'{value}' is no number in any record")
    return points


def _is_finite(number: Number) -> bool:
    return number.is_finite() if isinstance(number, Decimal) else abs(number) < float("inf")


def _shown(record: Record, value: str, number: Number) -> str:
    currency = currency_of(record, value)
    if currency is None or isinstance(number, float):
        return cell(value, number)
    return written(Decimal(number), currency)


def line_rows(
    points: Sequence[Point], columns: int, height: int, *, plain: bool, currency: str | None = None
) -> list[tuple[str, str]]:
    """The rows of a line: its scale at the left, its first and last name below."""
    lowest = min(points, key=lambda point: Decimal(point.number))
    highest = max(points, key=lambda point: Decimal(point.number))
    bottom, top = [
        f"{float(point.number):.6g}" if currency is None else point.shown for point in (lowest, highest)
    ]
    scale = max(width(bottom), width(top))
    low, high = float(lowest.number), float(highest.number)
    numbers = [float(point.number) for point in points]
    heights = _levels(numbers, max(4, columns - scale - 2), low, high, height)
    rows = []
    for row in range(height - 1, -1, -1):
        mark = top if row == height - 1 else bottom if row == 0 else ""
        drawn = "".join([_mark(level - row * 8, plain=plain) for level in heights])
        rows.append((mark.rjust(scale), drawn.rstrip()))
    first, last = points[0].name, points[-1].name
    gap = len(heights) - width(first) - width(last)
    names = f"{first}{' ' * gap}{last}" if gap > 0 and len(points) > 1 else fit(first, len(heights))
    return [*rows, (" " * scale, names)] if first or last else rows


def _levels(numbers: Sequence[float], room: int, low: float, high: float, height: int) -> list[int]:
    """How high each column stands, in eighths of a row: the mean of the numbers that share it."""
    across = min(room, max(len(numbers), min(room, 2 * len(numbers))))
    levels = []
    for column in range(across):
        start = column * len(numbers) // across
        stop = max(start + 1, (column + 1) * len(numbers) // across)
        mean = sum(numbers[start:stop]) / (stop - start)
        share = (mean - low) / (high - low) if high > low else 0.5
        levels.append(1 + round(share * (height * 8 - 1)))
    return levels


def _mark(level: int, *, plain: bool) -> str:
    """One cell of a column: full below its level, part at it, blank above."""
    if level <= 0:
        return " "
    if plain:
        return "*" if level <= 8 else "|"
    return _RISES[min(level, 8) - 1]


async def _draw(sink: Sink, rows: Sequence[tuple[str, str]]) -> None:
    for left, drawn in rows:
        await sink.paint([(left + " ", "dim"), (drawn, "cyan"), ("\n", "")])


COMMAND = Command(
    name="plot",
    summary="draw a field of records as bars or a line",
    args=PlotArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.BYTES,
    group="Records",
    description="""
Numbers of both signs are drawn from one axis, what is below zero to its left. Amounts of money are
written with their currency and come by size, unless their names are days, weeks, months or years.
Amounts of different currencies are never drawn together.
""",
    examples=(
        Example("ls /tasks | group-by status | plot", "tasks by status"),
        Example(
            "bank transactions --month 2026-10 | group-by category --sum amount | plot", "a month by category"
        ),
        Example(
            "note list | group-by mtime:week | sort-by mtime_week | plot count --line",
            "notes written over time",
        ),
        Example(
            "printf 'a,n\\nx,1\\ny,4\\n' | from csv | plot --width 20",
            "plain characters in a pipe",
            "x #### 1\ny ################ 4\n",
        ),
    ),
)
