"""uniq: runs of equal lines as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.stream import Io, to_bytes
from commands.text.inputs import Inputs
from commands.text.whole import split_lines, whole_lines
from vfs.action import Effect
from vfs.closing import Closing

_FIELD = re.compile(rb"[ \t]*[^ \t]*")


class Args(Arguments):
    path: str | None = operand("PATH", required=False, help="a file; - or nothing is standard input")
    count: bool = switch("-c", "--count", help="with how often each line came")
    repeated: bool = switch("-d", "--repeated", help="only lines that came more than once")
    all_repeated: bool = switch("-D", help="all lines that came more than once, each as often")
    unique: bool = switch("-u", "--unique", help="only lines that came once")
    ignore_case: bool = switch("-i", "--ignore-case", help="upper and lower case are the same")
    skip_fields: int = option(
        "-f", "--skip-fields", kind=int, default=0, metavar="N", help="without N fields"
    )
    skip_chars: int = option(
        "-s", "--skip-chars", kind=int, default=0, metavar="N", help="without N characters"
    )
    check_chars: int | None = option(
        "-w", "--check-chars", kind=int, metavar="N", help="by N characters at most"
    )
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")


async def run(ctx: Context, args: Args, io: Io) -> int:
    key = _key(args)
    collapsing = Collapsing(args)
    names = [args.path] if args.path is not None else []
    from_stdin = not names or names == ["-"]
    if from_stdin and not args.count and not args.zero and await io.stdin.carries_records():
        async for batch in io.stdin.as_records():
            kept = collapsing.add([(key(to_bytes(record.text)), record) for record in batch])
            await io.stdout.put(kept)
        await io.stdout.put(collapsing.end())
        return 0
    end = b"\0" if args.zero else b"\n"
    inputs = Inputs(ctx, io, "uniq")
    async with Closing(whole_lines(inputs.blocks(names), end)) as blocks:
        async for block in blocks:
            pairs = [(key(line), line) for line in split_lines(block, end)]
            await io.stdout.write(_joined(collapsing.add(pairs), end))
    await io.stdout.write(_joined(collapsing.end(), end))
    return inputs.status


class Collapsing:
    """Makes runs of lines with equal keys into what uniq prints, batch by batch."""

    def __init__(self, args: Args) -> None:
        self._args = args
        self._run: list[Any] = []
        self._length = 0
        self._key: bytes | None = None

    def add(self, lines: Iterable[tuple[bytes, Any]]) -> list[Any]:
        """What is known to be printed after these (key, line) pairs."""
        out: list[Any] = []
        keep_all = self._args.all_repeated
        for key, group in groupby(lines, key=_first):
            members = [line for _, line in group]
            if key != self._key or not self._length:
                out += self.end()
                self._key = key
            self._length += len(members)
            if keep_all:
                self._run += members
            elif not self._run:
                self._run = members[:1]
        return out

    def end(self) -> list[Any]:
        """What the last run comes to."""
        args, run, length = self._args, self._run, self._length
        self._run, self._length = [], 0
        if not length or (args.unique and length > 1):
            return []
        if (args.repeated or args.all_repeated) and (length == 1 or args.unique):
            return []
        return [b"%7d %b" % (length, run[0])] if args.count else run


def _first(pair: tuple[bytes, Any]) -> bytes:
    return pair[0]


def _joined(lines: Sequence[Any], end: bytes) -> bytes:
    return end.join(lines) + end if lines else b""


def _key(args: Args) -> Callable[[bytes], bytes]:
    """What lines are compared by."""
    fields, chars, width = args.skip_fields, args.skip_chars, args.check_chars
    stop = None if width is None else chars + width
    if not fields and not chars and width is None:
        return bytes.upper if args.ignore_case else _same

    def key(line: bytes) -> bytes:
        at = 0
        for _ in range(fields):
            found = _FIELD.match(line, at)
            if found is None or found.end() == at:
                break
            at = found.end()
        part = line[at:][chars:stop]
        return part.upper() if args.ignore_case else part

    return key


def _same(line: bytes) -> bytes:
    return line


COMMAND = Command(
    "uniq",
    "print runs of equal lines once",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    misuse=1,
    description="Only neighbours are compared: sort first. Records stay records, except with -c.",
    examples=[
        Example("printf 'a\\na\\nb\\na\\n' | uniq", "neighbours", "a\nb\na\n"),
        Example(
            "printf 'b\\na\\nb\\n' | sort | uniq -c", "how often each line came", "      1 a\n      2 b\n"
        ),
    ],
)
