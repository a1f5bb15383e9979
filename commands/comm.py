"""comm: two sorted files, line by line: what is in one, the other, or both."""

from __future__ import annotations

from collections.abc import AsyncIterator

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.report import report
from commands.stream import BLOCK, Io, Source, to_bytes
from commands.text.inputs import Inputs
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    first: str = operand("PATH1", help="a file; - is standard input")
    second: str = operand("PATH2", help="a file; - is standard input")
    no_first: bool = switch("-1", help="without lines that are only in PATH1")
    no_second: bool = switch("-2", help="without lines that are only in PATH2")
    no_both: bool = switch("-3", help="without lines that are in both")
    total: bool = switch("--total", help="with counts at the end")
    unchecked: bool = switch("--nocheck-order", help="say nothing about input that is not sorted")
    checked: bool = switch("--check-order", help="fail for input that is not sorted")
    output: str = option("--output-delimiter", default="\t", metavar="TEXT", help="between columns (tab)")


async def run(ctx: Context, args: Args, io: Io) -> int:
    inputs = Inputs(ctx, io, "comm")
    async with Closing(inputs.each([args.first])) as one, Closing(inputs.each([args.second])) as other:
        first = await anext(one, None)
        second = await anext(other, None)
        if first is None or second is None:
            return inputs.status or 1
        merging = Merging(args, io)
        await merging.run(_Lines(first[1]), _Lines(second[1]))
    return inputs.status or merging.status


class _Lines:
    """The lines of a source one by one, and whether one came out of order."""

    def __init__(self, source: Source) -> None:
        self._lines = self._read(source)
        self.disorder = False
        self._before = b""

    async def next(self) -> bytes | None:
        line = await anext(self._lines, None)
        if line is not None:
            self.disorder = self.disorder or line < self._before
            self._before = line
        return line

    async def _read(self, source: Source) -> AsyncIterator[bytes]:
        async for block in source.line_blocks():
            for line in block.removesuffix(b"\n").split(b"\n"):
                yield line


class Merging:
    """Walks both inputs at once and prints the columns."""

    def __init__(self, args: Args, io: Io) -> None:
        self.status = 0
        self._args = args
        self._io = io
        self._delimiter = to_bytes(args.output)
        shown = [not args.no_first, not args.no_second, not args.no_both]
        self._leads = [
            self._delimiter * sum(shown[:column]) if shown[column] else None for column in range(3)
        ]
        self._counts = [0, 0, 0]
        self._held: list[bytes] = []

    async def run(self, one: _Lines, other: _Lines) -> None:
        left, right = await one.next(), await other.next()
        while left is not None or right is not None:
            column = 2 if left == right else 0 if right is None or (left is not None and left < right) else 1
            line = right if column == 1 else left
            assert line is not None
            await self._add(column, line)
            if column != 1:
                left = await one.next()
            if column != 0:
                right = await other.next()
            if self._args.checked and await self._disordered(one, other):
                break
        if self._args.total:
            counts = [str(count).encode() for count in self._counts]
            self._held.append(self._delimiter.join([*counts, b"total"]) + b"\n")
        await self._io.stdout.write(b"".join(self._held))
        if not self._args.unchecked and not self._args.checked and (self._counts[0] or self._counts[1]):
            await self._disordered(one, other)

    async def _add(self, column: int, line: bytes) -> None:
        self._counts[column] += 1
        lead = self._leads[column]
        if lead is None:
            return
        self._held.append(lead + line + b"\n")
        if len(self._held) * 16 >= BLOCK:
            await self._io.stdout.write(b"".join(self._held))
            self._held.clear()

    async def _disordered(self, one: _Lines, other: _Lines) -> bool:
        for number, lines in enumerate((one, other), 1):
            if lines.disorder:
                self.status = await report(self._io, "comm", f"file {number} is not in sorted order")
        return bool(self.status)


COMMAND = Command(
    "comm",
    "compare two sorted files",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    description="Three columns: only in the first, only in the second, in both.",
    examples=[Example("seq 3 > /tmp/a; seq 2 4 | comm -12 /tmp/a -", "what is in both", "2\n3\n")],
)
