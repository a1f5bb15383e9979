"""dirname: a path without its last name."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, operand, switch
from commands.stream import Io


class Args(Arguments):
    names: list[str] = operand("NAME", many=True, help="paths")
    zero: bool = switch("-z", "--zero", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    end = "\0" if args.zero else "\n"
    await io.stdout.text("".join([_folder(name) + end for name in args.names]))
    return 0


def _folder(name: str) -> str:
    kept = name.rstrip("/")
    if not kept:
        return name[:1] or "."
    folder, slash, _ = kept.rpartition("/")
    return (folder.rstrip("/") or "/") if slash else "."


COMMAND = Command(
    "dirname",
    "print a path without its last name",
    Args,
    run,
    group="Text",
    misuse=1,
    examples=[Example("dirname /notes/plan.md", "the folder", "/notes\n")],
)
