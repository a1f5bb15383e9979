"""stats: count, sum, mean, least and most of a field over all records."""

from __future__ import annotations

from decimal import Decimal

from spatio.api import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Io,
    Record,
    Shape,
    operand,
)


class StatsArguments(Arguments):
    field: str = operand("FIELD", help="a field that holds numbers", complete=Complete.FIELD)


async def run(ctx: Context, args: StatsArguments, io: Io) -> int:
    count, total, least, most = 0, Decimal(0), Decimal("inf"), Decimal("-inf")
    async for batch in io.stdin.records():
        for record in batch:
            value = record.fields.get(args.field)
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                continue
            number = Decimal(str(value))
            count, total = count + 1, total + number
            least, most = min(least, number), max(most, number)
    if not count:
        raise Failure(f"no record has a number in {args.field}")
    mean = round(total / count, 2)
    fields = {"field": args.field, "count": count, "sum": total, "mean": mean, "least": least, "most": most}
    text = f"{args.field}: {count} values, sum {total}, mean {mean}, {least} to {most}"
    await io.stdout.put([Record(text, fields)])
    return 0


COMMAND = Command(
    name="stats",
    summary="count, sum, mean, least and most of a field",
    args=StatsArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    group="Records",
    examples=(Example("ls /files/invoices | stats size", "how large are the invoices?"),),
)
