"""basename: the last name of a path."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Usage, operand, option, switch
from commands.stream import Io


class Args(Arguments):
    OPTIONS_FIRST = True
    names: list[str] = operand("NAME [SUFFIX]", many=True, help="a path, and an ending to take off")
    multiple: bool = switch("-a", "--multiple", help="every operand is a path")
    suffix: str | None = option(
        "-s",
        "--suffix",
        metavar="SUFFIX",
        help="an ending to take off; implies -a",
        complete=Complete.NOTHING,
    )
    zero: bool = switch("-z", "--zero", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    names, suffix = list(args.names), args.suffix or ""
    if not args.multiple and args.suffix is None:
        if len(names) > 2:
            raise Usage(f"extra operand '{names[2]}'")
        suffix = names.pop() if len(names) == 2 else ""
    end = "\0" if args.zero else "\n"
    await io.stdout.text("".join([_base(name, suffix) + end for name in names]))
    return 0


def _base(name: str, suffix: str) -> str:
    base = name.rstrip("/").rpartition("/")[2] or name[:1]
    return base[: -len(suffix)] if suffix and base != suffix and base.endswith(suffix) else base


COMMAND = Command(
    "basename",
    "print the last name of a path",
    Args,
    run,
    group="Text",
    misuse=1,
    examples=[
        Example("basename /notes/plan.md", "without the folders", "plan.md\n"),
        Example("basename /notes/plan.md .md", "and without the ending", "plan\n"),
    ],
)
