"""plot: numbers of records as bars, or as a line, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

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
from commands.render import cell, fit, pad, width
from commands.stream import Io, Record, Sink
from commands.values import field_of, number_of

MOST = 10_000
"""Records that are drawn."""

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
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


class Point(NamedTuple):
    """One number to draw, its name, and how it is written."""

    name: str
    number: float
    shown: str


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
    points = _points(records, value, by)
    columns = max(20, args.width or io.stdout.width)
    plain = args.ascii or not speaks_unicode(io.stdout, ctx.env)
    if args.line:
        await _draw(io.stdout, line_rows(points, columns, max(2, args.height), plain=plain))
    else:
        await _draw(io.stdout, bar_rows(points, columns, plain=plain))
    return 0


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
    """The first field that is no number, else the first other one."""
    others = [name for name in records[0].fields if name != value]
    texts = [name for name in others if number_of(records[0].fields[name]) is None]
    return next(iter([*texts, *others]), None)


def _points(records: Iterable[Record], value: str, by: str | None) -> list[Point]:
    points = []
    for record in records:
        number = number_of(field_of(record, value))
        if number is None or number != number:
            continue
        name = cell(by, field_of(record, by)) if by is not None else ""
        points.append(Point(name, float(number), cell(value, number)))
    if not points:
        raise Failure(f"'{value}' is no number in any record")
    return points


def bar_rows(points: Sequence[Point], columns: int, *, plain: bool) -> list[tuple[str, str, str]]:
    """Each bar's name, bar and number. Bars begin at zero; those below it are drawn with `-`."""
    names = min(max(width(point.name) for point in points), columns // 3)
    numbers = max(width(point.shown) for point in points)
    room = max(1, columns - names - numbers - 2)
    most = max(abs(point.number) for point in points)
    rows = []
    for point in points:
        length = room * abs(point.number) / most if most else 0.0
        if point.number < 0:
            bar = "-" * round(length)
        elif plain:
            bar = "#" * round(length)
        else:
            bar = "█" * int(length) + _EIGHTHS[int(length % 1 * 8)]
        rows.append((pad(fit(point.name, names), names), bar, pad(point.shown, numbers, right=True)))
    return rows


def line_rows(
    points: Sequence[Point], columns: int, height: int, *, plain: bool
) -> list[tuple[str, str, str]]:
    """The rows of a line: its scale at the left, its first and last name below."""
    low, high = min(point.number for point in points), max(point.number for point in points)
    scale = max(len(f"{low:.6g}"), len(f"{high:.6g}"))
    heights = _levels([point.number for point in points], max(4, columns - scale - 2), low, high, height)
    rows = []
    for row in range(height - 1, -1, -1):
        mark = f"{high:.6g}" if row == height - 1 else f"{low:.6g}" if row == 0 else ""
        drawn = "".join([_mark(level - row * 8, plain=plain) for level in heights])
        rows.append((mark.rjust(scale), drawn.rstrip(), ""))
    first, last = points[0].name, points[-1].name
    gap = len(heights) - width(first) - width(last)
    names = f"{first}{' ' * gap}{last}" if gap > 0 and len(points) > 1 else fit(first, len(heights))
    return [*rows, (" " * scale, names, "")] if first or last else rows


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


async def _draw(sink: Sink, rows: Sequence[tuple[str, str, str]]) -> None:
    for left, drawn, right in rows:
        if right:
            await sink.paint([(left + " ", ""), (drawn, "cyan"), (" " + right.strip() + "\n", "dim")])
        else:
            await sink.paint([(left + " ", "dim"), (drawn, "cyan"), ("\n", "")])


COMMAND = Command(
    name="plot",
    summary="draw a field of records as bars or a line",
    args=PlotArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.BYTES,
    group="Records",
    examples=(
        Example("ls /tasks | group-by status | plot", "tasks by status"),
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
