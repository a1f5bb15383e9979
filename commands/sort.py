"""sort: lines in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from itertools import groupby, islice
from typing import Any

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.stream import BLOCK, Io, Record, to_bytes
from commands.text import sortkeys
from commands.text.inputs import Inputs
from commands.text.spill import Spill
from commands.text.whole import split_lines, whole_lines
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.provider import Blocks

_LETTERS = {
    "blanks": "b", "dictionary": "d", "fold": "f", "general": "g", "printable": "i", "month": "M",
    "human": "h", "numeric": "n", "version": "V",
}  # fmt: skip


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    numeric: bool = switch("-n", "--numeric-sort", help="by number")
    reverse: bool = switch("-r", "--reverse", help="the other way round")
    unique: bool = switch("-u", "--unique", help="only the first of equal lines")
    keys: list[str] = option(
        "-k", "--key", many=True, metavar="F[.C][OPTS][,F[.C][OPTS]]", help="by this part"
    )
    separator: str | None = option(
        "-t", "--field-separator", metavar="CHAR", help="what stands between fields"
    )
    fold: bool = switch("-f", "--ignore-case", help="upper and lower case are the same")
    blanks: bool = switch("-b", "--ignore-leading-blanks", help="without the blanks in front")
    dictionary: bool = switch("-d", "--dictionary-order", help="only letters, digits and blanks count")
    printable: bool = switch("-i", "--ignore-nonprinting", help="only printable characters count")
    general: bool = switch("-g", "--general-numeric-sort", help="by number, with exponents")
    human: bool = switch("-h", "--human-numeric-sort", help="by size: 2K before 1M")
    month: bool = switch("-M", "--month-sort", help="by the name of a month")
    version: bool = switch("-V", "--version-sort", help="by version: 1.9 before 1.10")
    stable: bool = switch("-s", "--stable", help="leave equal keys as they come")
    check: str | None = option(
        "--check", bare="diagnose-first", metavar="HOW", help="only say whether it is sorted",
        choices=("diagnose-first", "quiet", "silent"),
    )  # fmt: skip
    check_loud: bool = switch("-c", help="as --check")
    check_quiet: bool = switch("-C", help="as --check=quiet")
    merge: bool = switch("-m", "--merge", help="inputs are sorted already")
    output: str | None = option("-o", "--output", metavar="PATH", help="write there", complete=Complete.PATH)
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")
    buffer: str | None = option(
        "-S", "--buffer-size", metavar="SIZE", help="accepted; memory is bounded anyway"
    )
    parallel: str | None = option("--parallel", metavar="N", help="accepted")


async def run(ctx: Context, args: Args, io: Io) -> int:
    ordering = Ordering(args)
    inputs = Inputs(ctx, io, "sort", failure=2)
    if args.check or args.check_loud or args.check_quiet:
        return await _check(args, ordering, inputs, io)
    if not args.paths and args.output is None and not args.zero and await io.stdin.carries_records():
        await _sort_records(ordering, io)
        return 0
    spill = Spill(ordering.sort, ordering.merge_key)
    try:
        async for lines in _lines(inputs, args):
            spill.add(lines)
        if inputs.status:
            return inputs.status
        blocks = _blocks(ordering.unique(spill.sorted()), b"\0" if args.zero else b"\n")
        if args.output is not None:
            try:
                await ctx.tree.write(ctx.resolve(args.output), blocks)
            except VfsError as error:
                raise Failure(f"{args.output}: {error.reason}", status=2, hint=error.hint) from error
            return 0
        async for block in blocks:
            await io.stdout.write(block)
        return 0
    finally:
        spill.close()


class Ordering:
    """How one call of sort orders lines. Raises Usage for options that do not fit together."""

    def __init__(self, args: Args) -> None:
        letters = "".join([letter for name, letter in _LETTERS.items() if getattr(args, name)])
        separator = _separator(args.separator)
        self.reverse = args.reverse
        self.only_unique = args.unique
        try:
            if not args.keys:
                sortkeys.check(letters)
            keys = [sortkeys.key(text, letters + "r" * args.reverse) for text in args.keys]
        except ValueError as wrong:
            raise Usage(str(wrong)) from None
        if not keys and letters:
            keys = [sortkeys.whole(letters + "r" * args.reverse)]
        self.plain = not keys
        self.functions = [(key.function(separator), key.reverse) for key in keys]
        if not self.functions:
            self.functions = [(_whole_line, self.reverse)]
        self.last_resort = bool(keys) and not args.stable and not args.unique
        self.key = sortkeys.composite(self.functions)
        resort = [(_whole_line, self.reverse)] if self.last_resort else []
        self.merge_key: Callable[[bytes], Any] = sortkeys.composite([*self.functions, *resort])

    def sort(self, lines: list[bytes]) -> list[bytes]:
        """The lines in order; each key one stable pass, the least important first."""
        if self.last_resort:
            lines.sort(reverse=self.reverse)
        for function, reverse in reversed(self.functions):
            lines.sort(key=None if function is _whole_line else function, reverse=reverse)
        return lines

    def unique(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """With -u the first of lines that compare equal, else all."""
        if not self.only_unique:
            return lines
        if self.plain:
            return (line for line, _ in groupby(lines))
        return (next(group) for _, group in groupby(lines, key=self.key))


def _whole_line(line: bytes) -> bytes:
    return line


def _separator(text: str | None) -> bytes | None:
    if text is None:
        return None
    if text == "\\0":
        return b"\0"
    data = to_bytes(text)
    if not data:
        raise Usage("the separator must be a character, but is empty")
    if len(data) > 1:
        raise Usage(f"the separator must be a single character, but is '{text}'")
    return data


async def _lines(inputs: Inputs, args: Args) -> AsyncIterator[list[bytes]]:
    end = b"\0" if args.zero else b"\n"
    whole = whole_lines(inputs.blocks(args.paths), end) if args.zero else inputs.lines(args.paths)
    async with Closing(whole) as blocks:
        async for block in blocks:
            yield split_lines(block, end)


async def _blocks(lines: Iterable[bytes], end: bytes) -> Blocks:
    """Lines as blocks of about BLOCK bytes."""
    iterator = iter(lines)
    count = 64
    while batch := list(islice(iterator, count)):
        block = end.join(batch) + end
        yield block
        count = min(max(count * BLOCK // len(block), 1), count * 8, 65536)


async def _sort_records(ordering: Ordering, io: Io) -> None:
    records = [(to_bytes(record.text), record) async for batch in io.stdin.as_records() for record in batch]
    if ordering.last_resort:
        records.sort(key=lambda pair: pair[0], reverse=ordering.reverse)
    for function, reverse in reversed(ordering.functions):
        records.sort(key=_on_line(function), reverse=reverse)
    if ordering.only_unique:
        records = [next(group) for _, group in groupby(records, key=_on_line(ordering.key))]
    await io.stdout.put([record for _, record in records])


def _on_line(function: Callable[[bytes], Any]) -> Callable[[tuple[bytes, Record]], Any]:
    return lambda pair: function(pair[0])


async def _check(args: Args, ordering: Ordering, inputs: Inputs, io: Io) -> int:
    """Status 1, and the first line out of order on standard error, unless the input is sorted."""
    if len(args.paths) > 1:
        raise Usage(f"extra operand '{args.paths[1]}'", hint="only one file can be checked")
    quiet = args.check_quiet or args.check in ("quiet", "silent")
    before: Any = None
    number = 0
    async for lines in _lines(inputs, args):
        for line in lines:
            number += 1
            now = ordering.merge_key(line)
            if number > 1 and (now < before or (args.unique and not before < now)):
                if quiet:
                    return 1
                name = args.paths[0] if args.paths else "-"
                shown = line.decode("utf-8", "surrogateescape")
                raise Failure(f"{name}:{number}: disorder: {shown}")
            before = now
    return inputs.status


COMMAND = Command(
    "sort",
    "sort lines",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    description=(
        "In the order of bytes. A key -k 2,3n is fields 2 to 3 by number; fields stand between blanks or the "
        "character of -t. Records stay records, sorted by their line; sort-by sorts by a field."
    ),
    examples=[
        Example("printf '10\\n9\\n2\\n' | sort -n", "by number", "2\n9\n10\n"),
        Example(
            "printf 'b 2\\na 10\\nc 1\\n' | sort -k2,2nr",
            "by the second field, largest first",
            "a 10\nb 2\nc 1\n",
        ),
    ],
)
