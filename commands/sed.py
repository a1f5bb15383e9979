"""sed: edits lines by a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.regex.syntax import BadPattern
from commands.report import report
from commands.sedscript.files import Files
from commands.sedscript.lines import Lines
from commands.sedscript.machine import Machine
from commands.sedscript.parser import Parser
from commands.sedscript.program import Program, Quit
from commands.stream import Io, Source
from commands.text.inputs import STDIN, Inputs
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import VfsError


class Args(Arguments):
    operands: list[str] = operand(
        "[SCRIPT] [PATH…]", many=True, required=False, help="the script, unless -e or -f gives it, and files"
    )
    silent: bool = switch("-n", "--quiet", "--silent", help="print only what p and its like print")
    expressions: list[str] = option(
        "-e", "--expression", many=True, metavar="SCRIPT", help="a part of the script"
    )
    files: list[str] = option(
        "-f", "--file", many=True, metavar="PATH", help="a script from a file", complete=Complete.PATH
    )
    extended: bool = switch("-E", "-r", "--regexp-extended", help="extended regular expressions")
    in_place: str | None = option(
        "-i", "--in-place", bare="", metavar="SUFFIX", help="change the files themselves"
    )
    separate: bool = switch("-s", "--separate", help="each file for itself")
    zero: bool = switch("-z", "--null-data", help="lines end in NUL")
    unbuffered: bool = switch("-u", "--unbuffered", help="accepted; output is never kept for long")
    posix: bool = switch("--posix", help="accepted")


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = list(args.operands)
    script = await _script(ctx, args, io, words)
    parser = Parser(script, extended=args.extended)
    editing = Editing(ctx, args, io, parser)
    try:
        if args.in_place is not None:
            status = await editing.in_place(words)
        else:
            status = await editing.stream(words or STDIN)
    except BadPattern as wrong:
        status = await report(io, "sed", str(wrong))
    return max(status, await editing.files.finish())


async def _script(ctx: Context, args: Args, io: Io, words: list[str]) -> str:
    """The whole script; takes its operand off `words`."""
    parts = list(args.expressions)
    for name in args.files:
        if name == "-":
            data = await io.stdin.readall()
        else:
            data = b"".join([block async for block in _content(ctx, name)])
        parts.append(data.decode("utf-8", "surrogateescape").removesuffix("\n"))
    if not args.expressions and not args.files:
        if not words:
            raise Usage("missing operand SCRIPT")
        parts = [words.pop(0)]
    return "\n".join(parts)


async def _content(ctx: Context, name: str) -> AsyncIterator[bytes]:
    async with ctx.tree.text(ctx.resolve(name)) as blocks:
        async for block in blocks:
            yield block


class TreeFiles(Files):
    """The files of r and w commands; what is written becomes a file when sed ends."""

    def __init__(self, ctx: Context, io: Io, names: Sequence[str]) -> None:
        self._ctx = ctx
        self._io = io
        self._written: dict[str, list[bytes]] = {
            name: [] for name in names if name not in ("/dev/stdout", "/dev/stderr")
        }

    async def content(self, name: str) -> bytes:
        if name == "/dev/stdin":
            return await self._io.stdin.readall()
        if name in self._written:
            return b"".join(self._written[name])
        try:
            return b"".join([block async for block in _content(self._ctx, name)])
        except VfsError:
            return b""

    def write(self, name: str, line: bytes, end: bytes) -> None:
        parts = self._written.setdefault(name, [])
        if parts and not parts[-1].endswith(end):
            parts.append(end)
        parts.append(line)

    async def finish(self) -> int:
        """Writes the files; the status is 4 when one could not be written."""
        status = 0
        for name, parts in self._written.items():
            try:
                if name == "/dev/stderr":
                    await self._io.stderr.write(b"".join(parts))
                else:
                    await self._ctx.tree.write(self._ctx.resolve(name), b"".join(parts))
            except VfsError as error:
                await report(self._io, "sed", error, path=name)
                status = 4
        return status


class Editing:
    """One call of sed, its program read."""

    def __init__(self, ctx: Context, args: Args, io: Io, parser: Parser) -> None:
        program = parser.parse()
        self.ctx = ctx
        self.args = args
        self.io = io
        self.inputs = Inputs(ctx, io, "sed", failure=2, raw=args.in_place is not None)
        self.files = TreeFiles(ctx, io, _files_of(program))
        self.end = b"\0" if args.zero else b"\n"
        self.machine = Machine(program, self.files, silent=args.silent, end=self.end)
        self.finder = None if args.zero else parser.line_finder

    async def stream(self, names: Sequence[str]) -> int:
        """Edits the operands, one after the other or each for itself, to standard output."""
        try:
            if self.finder is not None:
                async with Closing(self.inputs.lines(names)) as blocks:
                    await self.machine.run_sieved(blocks, self.finder.finder(), self.io.stdout.write)
            elif self.args.separate:
                async with Closing(self.inputs.each(names)) as each:
                    async for name, source in each:
                        self.machine.new_input()
                        self.machine.names = [(1, name)]
                        await self.machine.run(Lines(source.blocks(), self.end), self.io.stdout.write)
            else:
                async with Closing(self._joined(names)) as blocks:
                    await self.machine.run(Lines(blocks, self.end), self.io.stdout.write)
        except Quit as leaving:
            return leaving.status or self.inputs.status
        return self.inputs.status

    async def in_place(self, names: Sequence[str]) -> int:
        """Edits the files themselves, each for itself; a file that stays as it is is not written."""
        status = 0
        if not names:
            raise Usage("-i needs files")
        async with Closing(self.inputs.each(names)) as each:
            async for name, source in each:
                self.machine.new_input()
                self.machine.names = [(1, name)]
                try:
                    await self._edit_file(name, source)
                except Quit as leaving:
                    status = leaving.status
                    break
                except VfsError as error:
                    status = max(await report(self.io, "sed", error, path=name), 4)
        return status or self.inputs.status

    async def _edit_file(self, name: str, source: Source) -> None:
        path = self.ctx.resolve(name)
        node = await self.ctx.tree.stat(path)
        before = await source.readall()
        out: list[bytes] = []

        async def keep(data: bytes) -> None:
            out.append(data)

        async def given() -> AsyncIterator[bytes]:
            yield before

        lines = Lines(given(), self.end)
        leaving: Quit | None = None
        try:
            await self.machine.run(lines, keep)
        except Quit as quitting:
            leaving = quitting
        after = b"".join(out)
        if after != before:
            suffix = self.args.in_place
            if suffix:
                backup = suffix.replace("*", path.name) if "*" in suffix else path.name + suffix
                await self.ctx.tree.copy(path, path.parent.child(backup))
            await self.ctx.tree.write(path, after, etag=node.etag)
        if leaving is not None:
            raise leaving

    async def _joined(self, names: Sequence[str]) -> AsyncIterator[bytes]:
        """All operands as one text; a missing last newline is added between them."""
        marks = self.machine.names
        marks.clear()
        ended = True
        number = 1
        async with Closing(self.inputs.each(names)) as each:
            async for name, source in each:
                begun = False
                async for block in source.blocks():
                    if not begun:
                        if not ended:
                            yield self.end
                            number += 1
                        marks.append((number, name))
                    begun = True
                    ended = block.endswith(self.end)
                    number += block.count(self.end)
                    yield block


def _files_of(program: Program) -> list[str]:
    """The files that the program writes, which are emptied first."""
    names = [step.text.decode("utf-8", "surrogateescape") for step in program.steps if step.letter in "wW"]
    more = [step.substitution.file for step in program.steps if step.substitution is not None]
    return [*names, *[name for name in more if name is not None]]


COMMAND = Command(
    "sed",
    "edit lines by a script",
    Args,
    run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    description=(
        "Commands: s/RE/TEXT/[g][p][N][I][w FILE] y/AB/CD/ p P d D n N h H g G x a i c = l q Q r R "
        "w W b t T :LABEL {…} z F. Addresses: N, $, /RE/, FIRST~STEP, A,B, A,+N, A,~N, "
        "and ! for all other lines. In the text of s: & \\1 \\n \\t \\U \\L \\u \\l \\E."
    ),
    examples=[
        Example("echo hello | sed 's/l/L/g'", "every l", "heLLo\n"),
        Example("seq 5 | sed -n '2,3p'", "two lines", "2\n3\n"),
        Example("seq 4 | sed '/2/d; $s/$/ end/'", "without one, and the last one longer", "1\n3\n4 end\n"),
    ],
)
