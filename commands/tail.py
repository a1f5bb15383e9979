"""tail: the last lines or bytes of its inputs, or what follows the first ones."""

from __future__ import annotations

from collections import deque

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.head import next_block
from commands.stream import Io, Record, Sink, Source
from commands.text.amounts import Amount, amount
from commands.text.inputs import STDIN, Inputs
from commands.text.titles import Titles
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    lines: Amount = option(
        "-n", "--lines", "-#", kind=amount, default=Amount(10), metavar="N",
        help="so many lines (10); with +N all from line N on",
    )  # fmt: skip
    bytes: Amount | None = option(
        "-c", "--bytes", kind=amount, metavar="N", help="so many bytes; with +N all from byte N on"
    )
    quiet: bool = switch("-q", "--quiet", "--silent", help="no titles")
    verbose: bool = switch("-v", "--verbose", help="titles even for one input")
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    sizes = [name for name in args.given if name in ("lines", "bytes")]
    by_bytes = sizes[-1:] == ["bytes"] and args.bytes is not None
    wanted = args.bytes if by_bytes and args.bytes is not None else args.lines
    from_start = wanted.sign == "+"
    if not wanted.size and not from_start:
        return 0
    skipped = max(wanted.size - 1, 0)
    end = b"\0" if args.zero else b"\n"
    names = args.paths or STDIN
    titles = Titles(len(names) > 1, args.quiet, args.verbose, args.given)
    inputs = Inputs(ctx, io, "tail")
    async with Closing(inputs.each(names)) as each:
        async for name, source in each:
            await titles.show(io.stdout, name)
            if by_bytes and from_start:
                await _from_byte(source, io.stdout, skipped)
            elif by_bytes:
                await _last_bytes(source, io.stdout, wanted.size)
            elif await source.carries_records():
                await (_from_record if from_start else _last_records)(
                    source, io.stdout, skipped if from_start else wanted.size
                )
            elif from_start:
                await _from_line(source, io.stdout, skipped, end)
            else:
                await _last_lines(source, io.stdout, wanted.size, end)
    return inputs.status


async def _from_line(source: Source, out: Sink, skipped: int, end: bytes) -> None:
    while (block := await next_block(source)) is not None:
        here = block.count(end) if skipped else 0
        if here < skipped:
            skipped -= here
            continue
        start = 0
        for _ in range(skipped):
            start = block.find(end, start) + 1
        skipped = 0
        if start < len(block):
            await out.write(block[start:])


async def _from_byte(source: Source, out: Sink, skipped: int) -> None:
    while (block := await next_block(source)) is not None:
        if skipped < len(block):
            await out.write(block[skipped:])
        skipped = max(skipped - len(block), 0)


async def _from_record(source: Source, out: Sink, skipped: int) -> None:
    async for batch in source.as_records():
        if skipped < len(batch):
            await out.put(batch[skipped:])
        skipped = max(skipped - len(batch), 0)


async def _last_lines(source: Source, out: Sink, count: int, end: bytes) -> None:
    """Holds no more blocks than the last `count` lines need."""
    held: deque[tuple[bytes, int]] = deque()
    ends = 0
    while (block := await next_block(source)) is not None:
        here = block.count(end)
        held.append((block, here))
        ends += here
        while len(held) > 1 and ends - held[0][1] > count:
            ends -= held.popleft()[1]
    rest = b"".join([block for block, _ in held])
    start = len(rest)
    if not rest or not count:
        return
    if rest.endswith(end):
        start -= 1
    for _ in range(count):
        start = rest.rfind(end, 0, start)
        if start < 0:
            break
    await out.write(rest[start + 1 :])


async def _last_bytes(source: Source, out: Sink, count: int) -> None:
    held: deque[bytes] = deque()
    size = 0
    while (block := await next_block(source)) is not None:
        held.append(block)
        size += len(block)
        while size - len(held[0]) >= count:
            size -= len(held.popleft())
            if not held:
                break
    await out.write(b"".join(held)[max(size - count, 0) :])


async def _last_records(source: Source, out: Sink, count: int) -> None:
    held: list[Record] = []
    async for batch in source.as_records():
        held.extend(batch)
        if len(held) > 2 * count + 1000:
            held = held[len(held) - count :]
    await out.put(held[max(len(held) - count, 0) :])


COMMAND = Command(
    "tail",
    "print the last lines",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    misuse=1,
    description="Records stay records.",
    examples=[
        Example("seq 100 | tail -n 2", "the last two lines", "99\n100\n"),
        Example("seq 5 | tail -n +4", "from the fourth line on", "4\n5\n"),
    ],
)
