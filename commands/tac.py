"""tac: lines, last first."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand
from commands.stream import Io
from commands.text.inputs import STDIN, Inputs
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    inputs = Inputs(ctx, io, "tac")
    async with Closing(inputs.each(args.paths or STDIN)) as each:
        async for _, source in each:
            if await source.carries_records():
                records = [record async for batch in source.as_records() for record in batch]
                await io.stdout.put(records[::-1])
                continue
            lines = (await source.readall()).split(b"\n")
            last = lines.pop()
            lines.reverse()
            await io.stdout.write(last + b"".join([line + b"\n" for line in lines]))
    return inputs.status


COMMAND = Command(
    "tac",
    "print lines in reverse order",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    misuse=1,
    examples=[Example("seq 3 | tac", "last first", "3\n2\n1\n")],
)
