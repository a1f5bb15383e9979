"""head: the first lines or bytes of its inputs."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
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
        help="so many lines (10); with -N all but the last N",
    )  # fmt: skip
    bytes: Amount | None = option(
        "-c", "--bytes", kind=amount, metavar="N", help="so many bytes; with -N all but the last N"
    )
    quiet: bool = switch("-q", "--quiet", "--silent", help="no titles")
    verbose: bool = switch("-v", "--verbose", help="titles even for one input")
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    sizes = [name for name in args.given if name in ("lines", "bytes")]
    by_bytes = sizes[-1:] == ["bytes"] and args.bytes is not None
    wanted = args.bytes if by_bytes and args.bytes is not None else args.lines
    end = b"\0" if args.zero else b"\n"
    names = args.paths or STDIN
    titles = Titles(len(names) > 1, args.quiet, args.verbose, args.given)
    inputs = Inputs(ctx, io, "head")
    async with Closing(inputs.each(names)) as each:
        async for name, source in each:
            await titles.show(io.stdout, name)
            if by_bytes:
                await (_but_last_bytes if wanted.sign == "-" else _first_bytes)(
                    source, io.stdout, wanted.size
                )
            elif await source.carries_records():
                await (_but_last_records if wanted.sign == "-" else _first_records)(
                    source, io.stdout, wanted.size
                )
            else:
                await (_but_last_lines if wanted.sign == "-" else _first_lines)(
                    source, io.stdout, wanted.size, end
                )
    return inputs.status


async def _first_lines(source: Source, out: Sink, count: int, end: bytes) -> None:
    while count:
        block = await next_block(source)
        if block is None:
            return
        here = block.count(end)
        if here < count:
            await out.write(block)
            count -= here
            continue
        stop = 0
        for _ in range(count):
            stop = block.find(end, stop) + 1
        source.unread(block[stop:])
        await out.write(block[:stop])
        return


async def _first_bytes(source: Source, out: Sink, count: int) -> None:
    while count:
        block = await next_block(source)
        if block is None:
            return
        source.unread(block[count:])
        await out.write(block[:count])
        count -= min(count, len(block))


async def _first_records(source: Source, out: Sink, count: int) -> None:
    if not count:
        return
    async for batch in source.as_records():
        await out.put(batch[:count])
        count -= min(count, len(batch))
        if not count:
            return


async def _but_last_lines(source: Source, out: Sink, count: int, end: bytes) -> None:
    """Holds back as many blocks as the last `count` lines need."""
    held: deque[tuple[bytes, int]] = deque()
    lines = 0
    while (block := await next_block(source)) is not None:
        here = block.count(end)
        held.append((block, here))
        lines += here
        while held and lines - held[0][1] > count:
            first, few = held.popleft()
            lines -= few
            await out.write(first)
    rest = b"".join([block for block, _ in held])
    stop = len(rest)
    for _ in range(count):
        if not stop:
            break
        stop = rest.rfind(end, 0, stop - 1) + 1
    await out.write(rest[:stop])


async def _but_last_bytes(source: Source, out: Sink, count: int) -> None:
    held: deque[bytes] = deque()
    size = 0
    while (block := await next_block(source)) is not None:
        held.append(block)
        size += len(block)
        while held and size - len(held[0]) >= count:
            size -= len(held[0])
            await out.write(held.popleft())
    await out.write(b"".join(held)[: max(size - count, 0)])


async def _but_last_records(source: Source, out: Sink, count: int) -> None:
    held: list[Record] = []
    async for batch in source.as_records():
        held.extend(batch)
        if len(held) > count:
            ready: Sequence[Record] = held[: len(held) - count]
            held = held[len(held) - count :]
            await out.put(ready)


async def next_block(source: Source) -> bytes | None:
    """The next bytes of a source that carries bytes; records that come after all as their lines."""
    async for block in source.blocks():
        return block
    return None


COMMAND = Command(
    "head",
    "print the first lines",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    misuse=1,
    description="Stops reading as soon as it has enough. Records stay records.",
    examples=[
        Example("seq 100 | head -3", "the first three lines", "1\n2\n3\n"),
        Example("ls /notes | head -n 5", "five entries, still with their fields"),
        Example("printf abcdef | head -c 2", "two bytes", "ab"),
    ],
)
