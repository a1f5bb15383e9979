"""fold: long lines broken to a width."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.stream import Io
from commands.text.inputs import Inputs
from vfs.action import Effect
from vfs.closing import Closing


def _width(word: str) -> int:
    if not word.isdecimal() or int(word[:9]) < 1:
        raise ValueError(f"invalid number of columns: '{word}'")
    return int(word[:9])


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    width: int = option("-w", "--width", "-#", kind=_width, default=80, metavar="N", help="columns (80)")
    spaces: bool = switch("-s", "--spaces", help="break after spaces")
    bytes: bool = switch("-b", "--bytes", help="count bytes, tabs and backspaces as one")


async def run(ctx: Context, args: Args, io: Io) -> int:
    inputs = Inputs(ctx, io, "fold")
    async with Closing(inputs.each(args.paths)) as each:
        async for _, source in each:
            async for block in source.line_blocks():
                lines = block.split(b"\n")
                await io.stdout.write(b"\n".join([_folded(line, args) for line in lines]))
    return inputs.status


def _folded(line: bytes, args: Args) -> bytes:
    """One line with the newlines that it needs; columns are bytes, as GNU counts them."""
    width = args.width
    if len(line) <= width and (args.bytes or not any(char in line for char in b"\t\b\r")):
        return line
    pieces: list[bytes] = []
    start = column = at = 0
    while at < len(line):
        moved = column + 1 if args.bytes else _column(column, line[at])
        if moved > width and at > start:
            stop = _break(line, start, at) if args.spaces else at
            pieces.append(line[start:stop])
            start, column = stop, 0
            for code in line[start:at]:
                column = column + 1 if args.bytes else _column(column, code)
            continue
        column = moved
        at += 1
    pieces.append(line[start:])
    return b"\n".join(pieces)


def _break(line: bytes, start: int, at: int) -> int:
    """The place behind the last blank, or `at` where there is none."""
    blank = max(line.rfind(b" ", start, at), line.rfind(b"\t", start, at))
    return blank + 1 if blank >= start else at


def _column(column: int, code: int) -> int:
    if code == 0x08:
        return max(column - 1, 0)
    if code == 0x0D:
        return 0
    if code == 0x09:
        return column + 8 - column % 8
    return column + 1


COMMAND = Command(
    "fold",
    "break long lines",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[Example("echo abcdefgh | fold -w 3", "three columns", "abc\ndef\ngh\n")],
)
