"""select: some fields of each record, in the order asked."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand
from commands.fields import Seen
from commands.moneyfield import currencies_of
from commands.stream import Io, Record
from commands.values import field_of, line_of


class SelectArguments(Arguments):
    fields: list[str] = operand(
        "FIELD", many=True, help="a field, or NEW=FIELD to call it something else", complete=Complete.FIELD
    )


async def run(ctx: Context, args: SelectArguments, io: Io) -> int:
    wanted = [_named(word) for word in args.fields]
    seen = Seen(field for _, field in wanted)
    lost = _Lost([field for _, field in wanted])
    async for batch in io.stdin.records():
        seen.look(batch)
        lost.look(batch)
        chosen: list[Record] = []
        for record in batch:
            fields = {name: field_of(record, field) for name, field in wanted}
            chosen.append(Record(line_of(fields), fields, record.path))
        await io.stdout.put(chosen)
    if len(lost.currencies) > 1:
        await io.stdout.flush()
        told = " and ".join(sorted(lost.currencies))
        await io.stderr.line(f"select: amounts in {told} stand here without their currency")
        await io.stderr.line("  to keep it: select ... currency")
    return await seen.report(io, "select")


class _Lost:
    """Notes in which currencies amounts are whose currency is not selected."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = () if "currency" in fields else tuple(fields)
        self.currencies: set[str] = set()

    def look(self, batch: Sequence[Record]) -> None:
        for field in self._fields:
            self.currencies.update(currencies_of(batch, field))


def _named(word: str) -> tuple[str, str]:
    name, equals, field = word.partition("=")
    if not name or (equals and not field):
        raise Usage(f"FIELD must be a name or NEW=FIELD, but is '{word}'")
    return (name, field) if equals else (word, word)


COMMAND = Command(
    name="select",
    summary="keep only some fields of each record",
    args=SelectArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    group="Records",
    description="For a text command, and in a file, a record is a line with tabs between fields.",
    examples=(
        Example("search invoice | first 3 | select path", "where the best three results are"),
        Example("ls /tasks | select name deadline=due | to csv", "two columns, one of them renamed"),
        Example("printf 'a,b\\n1,2\\n' | from csv | select b a", "columns in another order", "2\t1\n"),
    ),
)
