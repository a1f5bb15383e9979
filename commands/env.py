"""env: the exported variables."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Usage, operand, switch
from commands.stream import Io


class Args(Arguments):
    OPTIONS_FIRST = True
    words_after: list[str] = operand(
        "COMMAND [WORD…]", many=True, required=False, help="run this with them", complete=Complete.COMMAND
    )
    null: bool = switch("-0", "--null", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    if args.words_after:
        if "=" in args.words_after[0]:
            raise Usage("variables for one command stand before it", hint="run: NAME=VALUE COMMAND")
        return await ctx.call(args.words_after, io)
    end = "\0" if args.null else "\n"
    await io.stdout.text("".join([f"{name}={value}{end}" for name, value in ctx.env.items()]))
    return 0


COMMAND = Command(
    "env",
    "print the exported variables",
    Args,
    run,
    group="Text",
    misuse=125,
    examples=[Example("export CITY=Rome; env | grep CITY", "one of them", "CITY=Rome\n")],
)
