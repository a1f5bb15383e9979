"""wc: counts of lines, words, characters and bytes."""

from __future__ import annotations

import re
from importlib import import_module
from typing import NamedTuple

from commands.command import Arguments, Command, Context, Example, Shape, operand, switch
from commands.stream import Io, Source
from commands.text.encoding import whole_characters
from commands.text.inputs import STDIN, Inputs
from vfs.action import Effect
from vfs.closing import Closing

_ODD = bytes(range(0x20, 0x7F)) + b"\t\n\v\f\r"
_PIPE_WIDTH = 7
_ASCII_SPACE = b" \t\n\v\f\r"
_SPACE = " \t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2060\u3000"
_NEITHER = re.compile(f"[^{_SPACE}]")


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    lines: bool = switch("-l", "--lines", help="newlines")
    word_count: bool = switch("-w", "--words", help="words")
    chars: bool = switch("-m", "--chars", help="characters")
    bytes: bool = switch("-c", "--bytes", help="bytes")
    longest: bool = switch("-L", "--max-line-length", help="the width of the widest line")


class Counts(NamedTuple):
    """In the order in which they are printed."""

    lines: int = 0
    words: int = 0
    chars: int = 0
    bytes: int = 0
    longest: int = 0


async def run(ctx: Context, args: Args, io: Io) -> int:
    wanted = [args.lines, args.word_count, args.chars, args.bytes, args.longest]
    if not any(wanted):
        wanted = [True, True, False, True, False]
    names = args.paths or STDIN
    rows: list[tuple[str, Counts]] = []
    regular = True
    inputs = Inputs(ctx, io, "wc")
    async with Closing(inputs.each(names)) as each:
        async for name, source in each:
            regular = regular and source.regular
            rows.append((name, await _counted(source, wanted)))
    total = Counts(*map(sum, zip(*[counts[:4] for _, counts in rows], strict=True))) if rows else Counts()
    total = total._replace(longest=max([counts.longest for _, counts in rows], default=0))
    single = len(names) == 1 and wanted.count(True) == 1
    width = 1 if single else max(len(str(total.bytes)), 1 if regular else _PIPE_WIDTH)
    if len(names) > 1:
        rows.append(("total", total))
    for name, counts in rows:
        shown = " ".join([str(n).rjust(width) for n, want in zip(counts, wanted, strict=True) if want])
        await io.stdout.line(f"{shown} {name}" if args.paths else shown)
    return inputs.status


async def _counted(source: Source, wanted: list[bool]) -> Counts:
    lines = size = 0
    _, words, chars, _, longest = wanted
    reading = _Reading(longest) if words or chars or longest else None
    async for block in source.blocks():
        lines += block.count(b"\n")
        size += len(block)
        if reading is not None:
            reading.add(block)
    if reading is None:
        return Counts(lines, 0, 0, size)
    reading.finish()
    return Counts(lines, reading.words, reading.chars, size, reading.longest)


class _Reading:
    """Counts what depends on characters, block by block."""

    def __init__(self, measured: bool) -> None:
        self.words = 0
        self.chars = 0
        self.longest = 0
        self._measured = measured
        self._in_word = False
        self._column = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        if self._rest:
            block = self._rest + block
        stop = len(block) if block.isascii() else whole_characters(block)
        self._rest = block[stop:]
        block = block[:stop]
        if not block:
            return
        if not self._measured and block.isascii() and not block.translate(None, _ODD):
            self.chars += len(block)
            found = len(block.split())
            self.words += found - (self._in_word and block[0] not in _ASCII_SPACE)
            self._in_word = block[-1] not in _ASCII_SPACE
            return
        self._add_text(block.decode("utf-8", "ignore"))

    def _add_text(self, text: str) -> None:
        """Any text: a word needs a printable character; only a space ends one."""
        self.chars += len(text)
        column = self._column
        for char in text:
            if char in " \t\n\v\f\r" or not _NEITHER.match(char):
                self._in_word = False
                column = self._moved(column, char)
            elif char.isprintable():
                self.words += not self._in_word
                self._in_word = True
                column += _columns(char)
        self._column = column

    def _moved(self, column: int, char: str) -> int:
        if char in "\n\r\f":
            self.longest = max(self.longest, column)
            return 0
        if char == "\t":
            return column + 8 - column % 8
        return column if char == "\v" else column + _columns(char)

    def finish(self) -> None:
        self.longest = max(self.longest, self._column)


def _columns(char: str) -> int:
    """The columns a character takes on a terminal; the tables are loaded for what is not ASCII only."""
    if char.isascii():
        return 1
    from_tables: int = import_module("commands.render").width(char)
    return from_tables


COMMAND = Command(
    "wc",
    "count lines, words and bytes",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[
        Example("printf 'a b\\nc\\n' | wc -l", "lines", "2\n"),
        Example("cat /notes/*.md | wc -w", "how many words all notes have"),
    ],
)
