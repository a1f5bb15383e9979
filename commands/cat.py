"""cat: the contents of files, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from commands.command import Arguments, Command, Context, Example, Shape, operand, switch
from commands.entry import look, place, wants_folder
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    number: bool = switch("-n", "--number", help="number all lines")
    nonblank: bool = switch("-b", "--number-nonblank", help="number lines that are not empty")
    squeeze: bool = switch("-s", "--squeeze-blank", help="show several empty lines as one")
    ends: bool = switch("-E", "--show-ends", help="show the end of each line as $")
    tabs: bool = switch("-T", "--show-tabs", help="show tabs as ^I")
    nonprinting: bool = switch("-v", "--show-nonprinting", help="show control characters as ^X and M-x")
    all: bool = switch("-A", "--show-all", help="as -vET")
    ends_and_all: bool = switch("-e", help="as -vE")
    tabs_and_all: bool = switch("-t", help="as -vT")
    unbuffered: bool = switch("-u", help="accepted; nothing is held back")
    raw: bool = switch("--raw", help="the stored bytes, where an entry has a rendered text")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shaping = _Shaping(args)
    status = 0
    async with Closing(_inputs(ctx, args, io)) as inputs:
        async for word, blocks in inputs:
            try:
                async for block in blocks:
                    await io.stdout.write(shaping.shaped(block) if shaping.needed else block)
            except VfsError as error:
                status = max(status, await report(io, "cat", error))
            except _OwnOutput:
                status = max(status, await report(io, "cat", "input file is output file", path=word))
    return status


class _OwnOutput(Exception):
    """What is read is what is being appended to."""


async def _inputs(ctx: Context, args: Args, io: Io) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    """Each operand with its content; runs of files are asked for together."""
    words = args.paths or ["-"]
    at = 0
    while at < len(words):
        if words[at] == "-":
            own = await _is_own_output(ctx, io, getattr(io.stdin, "path", None))
            yield "-", _Failing(_OwnOutput()) if own else io.stdin.blocks()
            at += 1
            continue
        stop = next((i for i in range(at, len(words)) if words[i] == "-"), len(words))
        async with Closing(_files(ctx, args, io, words[at:stop])) as files:
            async for pair in files:
                yield pair
        at = stop


async def _files(
    ctx: Context, args: Args, io: Io, words: Sequence[str]
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    wanted: list[tuple[str, Path]] = []
    for word in words:
        try:
            path = (await look(ctx, word))[0] if wants_folder(word) else place(ctx, word)
            wanted.append((word, path))
        except VfsError as error:
            yield word, _Failing(error)
    async with Closing(ctx.tree.contents([path for _, path in wanted], text=not args.raw)) as contents:
        at = 0
        async for content in contents:
            word, path = wanted[at]
            at += 1
            if await _is_own_output(ctx, io, path):
                yield word, _Failing(_OwnOutput())
            elif content.error is not None:
                yield word, _Failing(content.error)
            else:
                yield word, content.blocks()


async def _is_own_output(ctx: Context, io: Io, path: Path | None) -> bool:
    """Whether `path` holds something and is what standard output is appended to."""
    if path is None or not getattr(io.stdout, "appending", False) or getattr(io.stdout, "path", None) != path:
        return False
    return await ctx.tree.exists(path) and (await ctx.tree.stat(path)).size != 0


class _Failing:
    """A content that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        raise self.error


class _Shaping:
    """What -n -b -s -v -E -T do to the bytes, whatever the borders of blocks and files."""

    def __init__(self, args: Args) -> None:
        self.number = args.number and not args.nonblank
        self.nonblank = args.nonblank
        self.squeeze = args.squeeze
        self.ends = args.ends or args.all or args.ends_and_all
        tabs = args.tabs or args.all or args.tabs_and_all
        visible = args.nonprinting or args.all or args.ends_and_all or args.tabs_and_all
        self.table = _table(visible=visible, tabs=tabs) if visible or tabs else None
        self.needed = bool(
            self.number or self.nonblank or self.squeeze or self.ends or self.table is not None
        )
        self.line = 0
        self.at_start = True
        self.blank_before = False

    def shaped(self, block: bytes) -> bytes:
        lines = block.split(b"\n")
        last = lines.pop()
        parts: list[bytes] = []
        for line in lines:
            parts.extend(self.whole(line))
        if last:
            if self.at_start:
                parts.append(self.numbered(blank=False))
            parts.append(self.seen(last))
            self.at_start = self.blank_before = False
        return b"".join(parts)

    def whole(self, line: bytes) -> Iterator[bytes]:
        """A line, or the rest of one, that ends here."""
        blank = self.at_start and not line
        if blank and self.squeeze and self.blank_before:
            return
        self.blank_before = blank
        if self.at_start:
            yield self.numbered(blank=blank)
        yield self.seen(line)
        yield b"$\n" if self.ends else b"\n"
        self.at_start = True

    def numbered(self, *, blank: bool) -> bytes:
        if not self.number and (not self.nonblank or blank):
            return b""
        self.line += 1
        return b"%6d\t" % self.line

    def seen(self, line: bytes) -> bytes:
        if self.table is None or not line:
            return line
        table = self.table
        return b"".join([table[byte] for byte in line])


def _table(*, visible: bool, tabs: bool) -> list[bytes]:
    """What each byte is shown as."""
    table = [bytes([byte]) for byte in range(256)]
    if visible:
        for byte in range(256):
            low = byte & 0x7F
            shown = b"^" + bytes([low ^ 0x40]) if low < 0x20 or low == 0x7F else bytes([low])
            table[byte] = b"M-" + shown if byte >= 0x80 else shown
        table[0x09], table[0x0A] = b"\t", b"\n"
    if tabs:
        table[0x09] = b"^I"
    return table


COMMAND = Command(
    "cat",
    "show the contents of files",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    description="What has a rendered text (a PDF, say) is shown as that text; --raw gives the stored bytes.",
    examples=[
        Example("cat /notes/meeting-notes.md", "one note"),
        Example("cat /notes/*.md | wc -w", "how many words all notes have"),
        Example(
            "printf 'a\\n\\n\\nb\\n' | cat -ns",
            "numbers lines, empty ones as one",
            "     1\ta\n     2\t\n     3\tb\n",
        ),
    ],
)
