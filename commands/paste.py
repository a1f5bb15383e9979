"""paste: lines of several files side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from commands.command import Arguments, Command, Context, Example, Shape, Usage, operand, option, switch
from commands.stream import BLOCK, Io, Source
from commands.text.escapes import SIMPLE
from commands.text.inputs import STDIN, Inputs
from commands.text.whole import split_lines, whole_lines
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, required=False, help="files; - is standard input")
    delimiters: str = option(
        "-d", "--delimiters", default="\t", metavar="LIST", help="between columns, in turn (tab)"
    )
    serial: bool = switch("-s", "--serial", help="each file on one line")
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    delimiters = _delimiters(args.delimiters)
    end = b"\0" if args.zero else b"\n"
    inputs = Inputs(ctx, io, "paste")
    names = args.paths or STDIN
    if args.serial:
        async with Closing(inputs.each(names)) as each:
            async for _, source in each:
                await _serial(source, delimiters, end, io)
        return inputs.status
    async with AsyncExitStack() as stack:
        columns = await _columns(inputs, names, end, stack)
        if inputs.status:
            return inputs.status
        await _parallel(columns, delimiters, end, io)
    return 0


def _delimiters(text: str) -> list[bytes]:
    """The list, its escapes read; `\\0` is no delimiter at all. Raises Usage."""
    found: list[bytes] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char != "\\":
            found.append(char.encode("utf-8", "surrogateescape"))
        elif at + 1 == len(text):
            raise Usage(f"delimiter list ends with an unescaped backslash: {text}")
        else:
            at += 1
            found.append(b"" if text[at] == "0" else SIMPLE.get(text[at], text[at].encode()))
        at += 1
    return found or [b""]


async def _serial(source: Source, delimiters: list[bytes], end: bytes, io: Io) -> None:
    lines = split_lines(await source.readall(), end)
    parts: list[bytes] = []
    for at, line in enumerate(lines):
        parts += [delimiters[(at - 1) % len(delimiters)], line] if at else [line]
    await io.stdout.write(b"".join(parts) + end)


async def _columns(
    inputs: Inputs, names: list[str] | tuple[str, ...], end: bytes, stack: AsyncExitStack
) -> list[AsyncIterator[bytes]]:
    """The lines of each operand; several `-` take turns at standard input."""
    stdin = _lines(inputs.io.stdin, end)
    columns: list[AsyncIterator[bytes]] = []
    for name in names:
        if name == "-":
            columns.append(stdin)
            continue
        each = await stack.enter_async_context(Closing(inputs.each([name])))
        async for _, source in each:
            columns.append(_lines(source, end))
            break
    return columns


async def _lines(source: Source, end: bytes) -> AsyncIterator[bytes]:
    async for block in whole_lines(source.blocks(), end):
        for line in split_lines(block, end):
            yield line


async def _parallel(columns: list[AsyncIterator[bytes]], delimiters: list[bytes], end: bytes, io: Io) -> None:
    held: list[bytes] = []
    size = 0
    while True:
        row = [await anext(column, None) for column in columns]
        if all(line is None for line in row):
            break
        text = row[0] or b""
        for at, line in enumerate(row[1:]):
            text += delimiters[at % len(delimiters)] + (line or b"")
        held.append(text)
        size += len(text) + 1
        if size >= BLOCK:
            await io.stdout.write(end.join(held) + end)
            held, size = [], 0
    if held:
        await io.stdout.write(end.join(held) + end)


COMMAND = Command(
    "paste",
    "put lines side by side",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[
        Example("seq 4 | paste -d, - -", "two lines on one", "1,2\n3,4\n"),
        Example("seq 3 | paste -sd+", "all on one", "1+2+3\n"),
    ],
)
