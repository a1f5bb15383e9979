"""where: the records that match an expression."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Reading, Shape, Usage, operand
from commands.expression import parse_expression
from commands.fields import Seen
from commands.stream import Io


class WhereArguments(Arguments):
    RAW = True

    expression: list[str] = operand("EXPRESSION", many=True, help="conditions on fields", default=None)


async def run(ctx: Context, args: WhereArguments, io: Io) -> int:
    words = args.words[1:] if args.words[:1] == ("--",) else args.words
    if not words:
        raise Usage("missing expression", hint="for example: where priority >= 2")
    expression = parse_expression(words, ctx.now())
    seen = Seen(expression.fields)
    test = expression.test
    async for batch in io.stdin.records():
        seen.look(batch)
        kept = [record for record in batch if test(record)]
        if kept:
            await io.stdout.put(kept)
    return await seen.report(io, "where")


COMMAND = Command(
    name="where",
    summary="keep the records that match an expression",
    args=WhereArguments,
    run=run,
    reads=Shape.RECORDS,
    writes=Shape.RECORDS,
    reading=Reading.EXPRESSION,
    group="Records",
    description="""
Conditions compare a field with a value: < <= > >= == != and ~ (holds the text, or matches the
regular expression, case aside) or !~. A field alone asks whether it is set. Conditions are joined
by and, or, not and parentheses. Operators are never redirects here.

A record without the field matches no comparison, not even !=. Numbers compare as numbers (10k, 2MB
are sizes), lists match when one of their items does.

Dates: today, tomorrow, friday, 2026-12-24, 2026-12, 2026, now, today+3d, now-2h, -7d; in quotes also
'next monday', 'last week', '3 days ago'. A day, month or year is compared as a whole: due == 2026-12
is any day of that month.
""",
    examples=(
        Example("ls /tasks | where priority >= 2", "the tasks of priority 2 and higher"),
        Example("ls /tasks | where due < today+7d and not status == done", "what is due within a week"),
        Example("note list | where name ~ meeting and mtime > -30d", "meeting notes changed this month"),
        Example(
            "printf 'name,n\\nada,1\\nbob,2\\n' | from csv | where n > 1 | to csv",
            "text as records",
            "name,n\nbob,2\n",
        ),
    ),
)
