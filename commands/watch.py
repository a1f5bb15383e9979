"""watch: says what changes, as it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, option
from commands.first import count
from commands.sleep import duration
from commands.stream import Io, Record, Sink
from vfs.action import Effect
from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Changed
from vfs.visible import visible_line

LOOKING = 0.2
"""Seconds between two looks whether the reader is still there."""


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="files and folders; of a folder all that lies below")
    number: int | None = option(
        "-n", "--count", kind=count, metavar="N", help="end after N changes", complete=Complete.NOTHING
    )
    seconds: float | None = option(
        "--for", kind=duration, metavar="NUMBER[smhd]", help="end after that time",
        complete=Complete.NOTHING,
    )  # fmt: skip


async def run(ctx: Context, args: Args, io: Io) -> int:
    await event_loop()
    asyncio = import_module("asyncio")
    try:
        async with asyncio.timeout(None) as clock:

            def begin() -> None:
                if args.seconds is not None:
                    clock.reschedule(asyncio.get_running_loop().time() + args.seconds)

            await _watch(ctx, _topmost([ctx.resolve(word) for word in args.paths]), args.number, io, begin)
    except TimeoutError:
        if not clock.expired():
            raise
    return 0


def _topmost(paths: Sequence[Path]) -> list[Path]:
    """Those that lie below no other one, each once."""
    found: list[Path] = []
    for path in sorted(set(paths), key=lambda path: path.parts):
        if not any(path.is_under(above) for above in found):
            found.append(path)
    return found


async def _watch(
    ctx: Context, paths: Sequence[Path], number: int | None, io: Io, begin: Callable[[], None]
) -> None:
    left = number
    merged: AsyncIterator[Sequence[Changed]] = import_module("vfs.watching").watch_all(ctx.tree, paths)
    async with Closing(merged) as batches:
        await anext(batches)
        begin()
        shown = " ".join(visible_line(str(path)) for path in paths)
        await io.stderr.line(f"watching {shown}" + (" (Ctrl-C ends it)" if ctx.interactive else ""))
        while left != 0:
            batch = await _next(batches, io.stdout)
            records = [record_of(change) for change in (batch if left is None else batch[:left])]
            if left is not None:
                left -= len(records)
            if io.stdout.tty:
                for record in records:
                    await io.stdout.line(record.text)
            else:
                await io.stdout.put(records)
            await io.stdout.flush()


async def _next(batches: AsyncIterator[Sequence[Changed]], out: Sink) -> Sequence[Changed]:
    """The next batch. Raises ReaderGone soon after whoever reads `out` has left, whether or not one comes."""
    asyncio = import_module("asyncio")
    coming = asyncio.ensure_future(anext(batches))
    try:
        while not (await asyncio.wait({coming}, timeout=LOOKING))[0]:
            await out.write(b"")
        batch: Sequence[Changed] = coming.result()
        return batch
    finally:
        if not coming.done():
            coming.cancel()
            await asyncio.wait({coming})


def record_of(change: Changed) -> Record:
    """A change as a record; its line has the time, what was done, and where."""
    where = str(change.path) if change.target is None else f"{change.path} -> {change.target}"
    at = change.at.isoformat(timespec="seconds")
    fields: dict[str, Value] = {
        "at": change.at,
        "op": change.op,
        "path": str(change.path),
        "target": None if change.target is None else str(change.target),
    }
    entry = change.path if change.target is None else change.target
    return Record(" ".join(f"{at}\t{change.op}\t{where}".splitlines()), fields, entry)


COMMAND = Command(
    "watch",
    "say what changes, as it changes",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    description="""
Until Ctrl-C, or until --count or --for is reached. One line for each change: the time, what was done (write,
mkdir, remove, move, touch, attrs), and the path. Changes by other programs and other devices on the same
store are seen, too. In a folder of this computer a move shows as a removal and a write, and what comes and
goes within a moment is not seen.
""",
    examples=[
        Example("watch /notes --for 0.5s", "what changes there within half a second"),
        Example("watch /notes /tasks --for 0.5s | grep remove", "only what is removed"),
        Example(
            "(sleep 0.5; touch /notes/new.md) & watch /notes -n 1 | cut -f 2,3",
            "waits for one change",
            "write\t/notes/new.md\n",
        ),
    ],
)
