"""xargs: runs a command on what its input names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

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
from commands.report import report
from commands.stream import Io, Nothing, Record, Source, to_bytes
from commands.text.escapes import Octal, escape
from commands.text.inputs import Inputs
from commands.text.quoting import quoted
from commands.text.whole import split_lines, whole_lines
from vfs.action import Effect
from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.errors import BadName

if TYPE_CHECKING:
    from asyncio import Task

_LONGEST = 128 * 1024 - 2048
_QUOTED = re.compile(r"""(?:[^\s'"\\]|[\r\v\f]|\\.|'[^'\n]*'|"[^"\n]*")+""", re.DOTALL)
_QUOTES = re.compile(r"""\\(.)|'([^'\n]*)'|"([^"\n]*)\"""", re.DOTALL)
_SPECIAL = re.compile(rb"""['"\\\r\v\f]""")


def _positive(word: str) -> int:
    if not word.isdecimal() or int(word[:9]) < 1:
        raise ValueError(f"must be 1 or more, but is '{word}'")
    return int(word[:9])


def _any_number(word: str) -> int:
    if not word.isdecimal():
        raise ValueError(f"must be 0 or more, but is '{word}'")
    return int(word[:9])


class Args(Arguments):
    OPTIONS_FIRST = True
    command: list[str] = operand(
        "COMMAND [WORD…]", many=True, required=False, help="echo, if none is given", complete=Complete.COMMAND
    )
    null: bool = switch("-0", "--null", help="items end in NUL, and quotes mean nothing")
    delimiter: str | None = option("-d", "--delimiter", metavar="CHAR", help="items end in this, likewise")
    most: int | None = option("-n", "--max-args", kind=_positive, metavar="N", help="at most N items a call")
    lines: int | None = option(
        "-L", "--max-lines", kind=_positive, metavar="N", help="at most N lines a call"
    )
    replaced: str | None = option("-I", metavar="TEXT", help="put each line in place of TEXT")
    replaced_default: str | None = option("-i", "--replace", bare="{}", metavar="TEXT", help="as -I, with {}")
    not_empty: bool = switch("-r", "--no-run-if-empty", help="no call without any item")
    verbose: bool = switch("-t", "--verbose", help="show each call on standard error")
    ask: bool = switch("-p", "--interactive", help="ask before each call")
    parallel: int = option(
        "-P", "--max-procs", kind=_any_number, default=1, metavar="N", help="N calls at a time"
    )
    size: int = option(
        "-s", "--max-chars", kind=_positive, default=_LONGEST, metavar="N", help="at most N bytes a call"
    )
    exact: bool = switch("-x", "--exit", help="fail when a call would be larger than -s")
    end: str | None = option("-E", metavar="WORD", help="stop at this item")
    file: str | None = option(
        "-a", "--arg-file", metavar="PATH", help="items from a file", complete=Complete.PATH
    )


class Item(NamedTuple):
    """One item; `ends_line` when its line of the input ends with it."""

    text: str
    ends_line: bool = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    if args.replaced is None:
        args.replaced = args.replaced_default
    calls = Calls(ctx, args, io)
    inputs = Inputs(ctx, io, "xargs")
    if args.file is None:
        await _feed(calls, args, _items(ctx, io.stdin, args))
        return calls.status
    async with Closing(inputs.each([args.file])) as each:
        async for _, source in each:
            await _feed(calls, args, _items(ctx, source, args))
    return inputs.status or calls.status


async def _feed(calls: Calls, args: Args, items: AsyncIterator[Item]) -> None:
    """Gathers items to calls."""
    batch: list[str] = []
    lines = 0
    size = used = sum(len(to_bytes(word)) + 1 for word in calls.words)
    single = args.replaced is not None
    any_call = False
    async with Closing(items) as each:
        async for item in each:
            if item.text == args.end and args.end is not None:
                break
            if "\0" in item.text:
                item = item._replace(text=item.text.partition("\0")[0])
            length = len(to_bytes(item.text)) + 1
            full = (args.most is not None and args.lines is None and len(batch) >= args.most) or (
                batch and size + length > args.size
            )
            if used + length > args.size:
                raise Failure("argument line too long")
            if full:
                await calls.start(batch)
                any_call, batch, lines, size = True, [], 0, used
            batch.append(item.text)
            size += length
            lines += item.ends_line
            if single or (args.lines is not None and lines >= args.lines):
                await calls.start(batch)
                any_call, batch, lines, size = True, [], 0, used
            if calls.stopped:
                break
    if not calls.stopped and (batch or not (any_call or args.not_empty or single)):
        await calls.start(batch)
    await calls.finish()


class Calls:
    """The calls of one xargs, a number of them at a time."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.words = list(args.command) or ["echo"]
        self.status = 0
        self.stopped = False
        self._ctx = ctx
        self._args = args
        self._io = io
        self._running: set[Task[None]] = set()

    async def start(self, items: Sequence[str]) -> None:
        """Runs the command on `items`, or has it run while others do."""
        words = self._argv(items)
        if self._args.verbose or self._args.ask:
            shown = " ".join([quoted(word) for word in words])
            if self._args.ask and not await self._ctx.ask(f"{shown} ?"):
                return
            if self._args.verbose and not self._args.ask:
                await self._io.stderr.line(shown)
        if self._args.parallel == 1:
            await self._call(words)
            return
        await event_loop()
        asyncio = import_module("asyncio")
        while self._args.parallel and len(self._running) >= self._args.parallel:
            await self._wait(asyncio.FIRST_COMPLETED)
        self._running.add(asyncio.get_running_loop().create_task(self._call(words)))

    async def finish(self) -> None:
        """Waits for what still runs."""
        if self._running:
            await self._wait(import_module("asyncio").ALL_COMPLETED)

    def _argv(self, items: Sequence[str]) -> list[str]:
        if self._args.replaced is None:
            return [*self.words, *items]
        return [self.words[0], *[word.replace(self._args.replaced, items[0]) for word in self.words[1:]]]

    async def _wait(self, until: str) -> None:
        asyncio = import_module("asyncio")
        try:
            done, self._running = await asyncio.wait(self._running, return_when=until)
        except BaseException:
            for task in self._running:
                task.cancel()
            raise
        for task in done:
            task.result()

    async def _call(self, words: Sequence[str]) -> None:
        status = await self._ctx.call(words, self._io._replace(stdin=Nothing()))
        if status in (126, 127, 130):
            self.status = status
            self.stopped = True
        elif status == 255:
            self.status = 124
            self.stopped = True
            await report(self._io, "xargs", f"{words[0]}: exited with status 255; aborting")
        elif status:
            self.status = 123


async def _items(ctx: Context, source: Source, args: Args) -> AsyncIterator[Item]:
    """What the input names: the entries of records, else its words, lines or delimited parts."""
    end = b"\0" if args.null else None if args.delimiter is None else _delimiter(args.delimiter)
    if end is not None:
        async for block in whole_lines(source.blocks(), end):
            for part in split_lines(block, end):
                yield Item(part.decode("utf-8", "surrogateescape"))
        return
    if await source.carries_records():
        async for batch in source.as_records():
            for record in batch:
                name = _name_of(ctx, record)
                if name:
                    yield Item(name)
        return
    by_lines = args.replaced is not None or args.lines is not None
    async for block in source.line_blocks():
        if not by_lines and not _SPECIAL.search(block):
            for word in block.decode("utf-8", "surrogateescape").split():
                yield Item(word)
            continue
        for item in _parsed(block.decode("utf-8", "surrogateescape"), whole_lines=args.replaced is not None):
            yield item


def _name_of(ctx: Context, record: Record) -> str:
    """The record's line where that names its entry from here, as in any shell; else the entry's path."""
    if record.path is None:
        return record.text
    try:
        named = ctx.resolve(record.text)
    except BadName:
        return str(record.path)
    return record.text if named == record.path and not record.text.startswith("-") else str(record.path)


def _parsed(text: str, *, whole_lines: bool) -> list[Item]:
    """Words with quotes and backslashes, or whole lines with them. Raises Failure for an open quote."""
    items: list[Item] = []
    for line in text.removesuffix("\n").split("\n"):
        if whole_lines:
            words = [line.lstrip(" \t")] if line.strip(" \t") else []
        else:
            words = _QUOTED.findall(line)
        plain = _QUOTES.sub("", line)
        for quote, name in (("'", "single"), ('"', "double")):
            if quote in plain:
                raise Failure(f"unmatched {name} quote; quotes are special unless items end in NUL (-0)")
        continued = line.endswith((" ", "\t"))
        found = [_QUOTES.sub(_unquoted, word) for word in words]
        items += [Item(word, at == len(found) and not continued) for at, word in enumerate(found, 1)]
    return items


def _unquoted(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group is not None)


def _delimiter(text: str) -> bytes:
    if text.startswith("\\") and len(text) > 1:
        data, stop = escape(text, 0, Octal.FORMAT)
        if stop == len(text):
            return data
    data = to_bytes(text)
    if len(data) != 1:
        raise Usage(f"the delimiter must be a single character, but is '{text}'")
    return data


COMMAND = Command(
    "xargs",
    "run a command on what the input names",
    Args,
    run,
    effects=Effect.NONE,
    reads=Shape.EITHER,
    group="Text",
    misuse=1,
    description=(
        "Records stand for their entries; text for its words, quotes and backslashes read. The status is 123 "
        "when a call failed, 127 when there is no such command."
    ),
    examples=[
        Example("seq 4 | xargs -n 2 echo", "two at a time", "1 2\n3 4\n"),
        Example("ls /notes | grep plan | xargs cat", "the contents of chosen entries"),
        Example("printf 'a\\nb\\n' | xargs -I {} echo '<{}>'", "each line in its place", "<a>\n<b>\n"),
    ],
)
