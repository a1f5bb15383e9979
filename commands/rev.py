"""rev: each line backwards."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand
from commands.stream import Io
from commands.text.inputs import Inputs
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    inputs = Inputs(ctx, io, "rev")
    async with Closing(inputs.each(args.paths)) as each:
        async for _, source in each:
            async for block in source.line_blocks():
                lines = block.decode("utf-8", "surrogateescape").split("\n")
                await io.stdout.text("\n".join([line[::-1] for line in lines]))
    return inputs.status


COMMAND = Command(
    "rev",
    "print each line backwards",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[Example("echo abc | rev", "backwards", "cba\n")],
)
