"""group-by: one record for each value of a field, with counts and sums."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand, option
from commands.fields import Seen
from commands.moneyfield import currency_of
from commands.stream import Io, Record
from commands.values import Number, field_of, line_of, moment_of, number_of, order_key
from vfs.money import EXACT, rounded
from vfs.node import Value

SPANS = ("day", "week", "month", "year")


class GroupByArguments(Arguments):
    fields: list[str] = operand(
        "FIELD",
        many=True,
        help="what to group by; FIELD:month for a time by its month",
        complete=Complete.FIELD,
    )
    sum: list[str] = option(
        "--sum", "-s", metavar="FIELD", many=True, help="add up a field", complete=Complete.FIELD
    )
    avg: list[str] = option(
        "--avg", "-a", metavar="FIELD", many=True, help="the mean of a field", complete=Complete.FIELD
    )
    min: list[str] = option(
        "--min", metavar="FIELD", many=True, help="the least of a field", complete=Complete.FIELD
    )
    max: list[str] = option(
        "--max", metavar="FIELD", many=True, help="the greatest of a field", complete=Complete.FIELD
    )


class _Group:
    """What is known of one group; memory does not grow with its records."""

    __slots__ = ("best", "count", "currency", "numbers", "sums", "values")

    def __init__(self, values: tuple[Value, ...], currency: str | None) -> None:
        self.values = values
        self.currency = currency
        self.count = 0
        self.sums: dict[str, Number] = {}
        self.numbers: dict[str, int] = {}
        self.best: dict[tuple[str, str], Value] = {}


async def run(ctx: Context, args: GroupByArguments, io: Io) -> int:
    keys = [_key(word) for word in args.fields]
    added = list(dict.fromkeys((*args.sum, *args.avg)))
    zone = ctx.now().tzinfo
    seen = Seen([*(field for field, _ in keys), *added, *args.min, *args.max])
    measured = list(dict.fromkeys((*added, *args.min, *args.max)))
    groups: dict[tuple[Any, ...], _Group] = {}
    async for batch in io.stdin.records():
        seen.look(batch)
        for record in batch:
            currency = _currency(record, measured)
            for values in _groups_of(record, keys, zone):
                known = (
                    currency,
                    *[value if isinstance(value, str) else order_key(value, zone) for value in values],
                )
                group = groups.get(known)
                if group is None:
                    group = groups[known] = _Group(values, currency)
                _take(group, record, added, args, zone)
    names = [word.replace(":", "_") for word in args.fields]
    if "currency" not in names and any(group.currency is not None for group in groups.values()):
        names.append("currency")
        for group in groups.values():
            group.values = (*group.values, group.currency)
    await io.stdout.put([_record(group, args, names) for group in groups.values()])
    return await seen.report(io, "group-by")


def _key(word: str) -> tuple[str, str]:
    field, colon, span = word.rpartition(":")
    if not colon:
        return word, ""
    if span not in SPANS:
        raise Usage(f"a time is grouped by {', '.join(SPANS)}, but not by '{span}'")
    return field, span


def _currency(record: Record, measured: list[str]) -> str | None:
    """The currency that parts what is measured of a record from the same in others."""
    return next((found for field in measured if (found := currency_of(record, field)) is not None), None)


def _groups_of(record: Record, keys: list[tuple[str, str]], zone: tzinfo | None) -> list[tuple[Value, ...]]:
    """The groups that a record belongs to: more than one where a field is a list."""
    found: list[tuple[Value, ...]] = [()]
    for field, span in keys:
        value = field_of(record, field)
        each = (value or (None,)) if isinstance(value, tuple) else (value,)
        found = [(*values, _spanned(one, span, zone)) for values in found for one in each]
    return found


def _spanned(value: Value, span: str, zone: tzinfo | None) -> Value:
    """A time as the day, or the name of the week, month or year, that it lies in."""
    moment = moment_of(value, zone) if span else None
    if moment is None:
        return value
    day = moment.astimezone(zone).date() if isinstance(value, datetime | str) else moment.date()
    if span == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return day if span == "day" else day.isoformat()[: 7 if span == "month" else 4]


def _take(
    group: _Group, record: Record, added: list[str], args: GroupByArguments, zone: tzinfo | None
) -> None:
    group.count += 1
    for field in added:
        number = number_of(field_of(record, field))
        if number is not None:
            group.sums[field] = _plus(group.sums.get(field, 0), number)
            group.numbers[field] = group.numbers.get(field, 0) + 1
    for kind, fields in (("min", args.min), ("max", args.max)):
        for field in fields:
            value = field_of(record, field)
            best = group.best.get((kind, field))
            if value is None:
                continue
            if best is None or (order_key(value, zone) < order_key(best, zone)) == (kind == "min"):
                group.best[kind, field] = value


def _plus(left: Number, right: Number) -> Number:
    """A sum that stays exact as long as no float takes part."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left) + float(right)
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(left, right)


def _mean(total: Number, count: int, currency: str | None) -> Number:
    if isinstance(total, float):
        return total / count
    if currency is not None and isinstance(total, Decimal):
        return rounded(EXACT.divide(total, count), currency)
    mean = Decimal(total) / count
    return int(mean) if isinstance(total, int) and mean == int(mean) else mean


def _record(group: _Group, args: GroupByArguments, names: list[str]) -> Record:
    fields: dict[str, Value] = dict(zip(names, group.values, strict=True))
    fields["count"] = group.count
    fields.update({f"sum_{field}": group.sums.get(field, 0) for field in args.sum})
    for field in args.avg:
        count = group.numbers.get(field, 0)
        fields[f"avg_{field}"] = _mean(group.sums[field], count, group.currency) if count else None
    fields.update({f"min_{field}": group.best.get(("min", field)) for field in args.min})
    fields.update({f"max_{field}": group.best.get(("max", field)) for field in args.max})
    return Record(line_of(fields), fields)


COMMAND = Command(
    name="group-by",
    summary="count, add up and compare records by a field",
    args=GroupByArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    group="Records",
    description="""
Groups come in the order in which they were first seen. A record whose field is a list (labels, tags)
counts in the group of each item. Sums of whole and decimal numbers are exact; what is no number is
left out of sums and means. Amounts of money in different currencies are never added: each currency has
its own group, and a field `currency` says which.
""",
    examples=(
        Example("ls /tasks | group-by status", "how many tasks have each status"),
        Example(
            "note list | group-by mtime:month --sum size | sort-by mtime_month", "what was written each month"
        ),
        Example(
            "printf 'who,n\\na,1\\nb,2\\na,3\\n' | from csv | group-by who --sum n --max n",
            "sums",
            "a\t2\t4\t3\nb\t1\t2\t2\n",
        ),
    ),
)
