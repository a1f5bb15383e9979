"""diff: what differs between files, or between folders."""

from __future__ import annotations

from typing import NamedTuple

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.difference import blocks, normal, unified
from commands.entry import below, look, place
from commands.moment import precise
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.node import Kind, Node
from vfs.path import Path

TROUBLE = 2


def _lines_around(word: str) -> int:
    if not word.isdecimal():
        raise ValueError(f"must be 0 or more, but is {word}")
    return int(word)


class Args(Arguments):
    left: str = operand("LEFT", help="a file, a folder, or - for standard input")
    right: str = operand("RIGHT", help="what to compare it with")
    unified: bool = switch("-u", help="with three lines around each change")
    context: int | None = option(
        "-U", metavar="N", kind=_lines_around, help="with N lines around each change"
    )
    around: int | None = option(
        "--unified", metavar="N", kind=_lines_around, bare="3", help="as -U, three without N"
    )
    brief: bool = switch("-q", "--brief", help="only whether they differ")
    same: bool = switch("-s", "--report-identical-files", help="say when they do not differ, too")
    recursive: bool = switch("-r", "--recursive", help="folders below, too")
    new: bool = switch("-N", "--new-file", help="what is missing on one side counts as empty")
    case: bool = switch("-i", "--ignore-case", help="upper and lower case alike")
    blanks: bool = switch("-b", "--ignore-space-change", help="blanks alike, however many")
    all_blanks: bool = switch("-w", "--ignore-all-space", help="blanks do not count")
    text: bool = switch("-a", "--text", help="files with NUL bytes as text")


async def run(ctx: Context, args: Args, io: Io) -> int:
    comparing = _Comparing(ctx, args, io)
    try:
        left = await comparing.side(args.left)
        right = await comparing.side(args.right)
        if left.node.is_folder != right.node.is_folder:
            left, right = await comparing.counterpart(left, right)
        if left.node.is_folder:
            return await comparing.folders(left, right)
        return await comparing.files(left, right, named=False)
    except VfsError as error:
        got = await report(io, "diff", error)
        return TROUBLE if got == 1 else got


class _Side(NamedTuple):
    """One of the two things compared."""

    word: str
    path: Path | None
    """None for standard input, and for what is missing with -N."""
    node: Node
    stdin: bool = False


class _Comparing:
    """One call: its options, and how it prints."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        asked = args.context if args.context is not None else args.around
        self.context = asked if asked is not None else 3 if args.unified else None
        self.stdin: bytes | None = None

    async def side(self, word: str) -> _Side:
        if word == "-":
            return _Side(word, None, Node("-", Kind.FILE, mtime=self.ctx.now()), stdin=True)
        try:
            path, node = await look(self.ctx, word)
        except NotFound:
            if not self.args.new:
                raise
            return _Side(word, None, Node(place(self.ctx, word).name, Kind.FILE))
        return _Side(word, path, node)

    async def counterpart(self, left: _Side, right: _Side) -> tuple[_Side, _Side]:
        """For a folder and a file: the file of that name in the folder."""
        if left.node.is_folder:
            if right.path is None:
                raise NotADirectory(left.path, "cannot be compared with standard input")
            return await self.side(below(left.word, right.path.name)), right
        if left.path is None:
            raise NotADirectory(right.path, "cannot be compared with standard input")
        return left, await self.side(below(right.word, left.path.name))

    async def content(self, side: _Side) -> bytes:
        if side.stdin:
            if self.stdin is None:
                self.stdin = await self.io.stdin.readall()
            return self.stdin
        if side.path is None:
            return b""
        async with self.ctx.tree.text(side.path) as flow:
            return b"".join([block async for block in flow])

    # -- files

    async def files(self, left: _Side, right: _Side, *, named: bool) -> int:
        """Compares two files; with `named`, differences come under a line that says which."""
        old, new = await self.content(left), await self.content(right)
        if old == new:
            return await self.alike(left, right)
        if not self.args.text and (b"\0" in old[:32768] or b"\0" in new[:32768]):
            await self.io.stdout.line(
                f"{'F' if self.args.brief else 'Binary f'}iles {left.word} and {right.word} differ"
            )
            return 1
        olds, news = _lines(old), _lines(new)
        changes = blocks([self.key(line) for line in olds], [self.key(line) for line in news])
        if all(one.same for one in changes):
            return await self.alike(left, right)
        if self.args.brief:
            await self.io.stdout.line(f"Files {left.word} and {right.word} differ")
            return 1
        if named:
            await self.io.stdout.line(f"diff {self.options()}{left.word} {right.word}")
        if self.context is None:
            lines = list(normal(changes, olds, news))
        else:
            lines = [self.header(b"---", left), self.header(b"+++", right)]
            lines.extend(unified(changes, olds, news, self.context))
        await self.show(lines)
        return 1

    async def alike(self, left: _Side, right: _Side) -> int:
        if self.args.same:
            await self.io.stdout.line(f"Files {left.word} and {right.word} are identical")
        return 0

    def key(self, line: bytes) -> bytes:
        """What of a line is compared."""
        if self.args.case:
            line = line.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")
        if self.args.all_blanks:
            return b"".join(line.split())
        if self.args.blanks:
            lead = b" " if line[:1].isspace() and line.strip() else b""
            return lead + b" ".join(line.split())
        return line

    def header(self, mark: bytes, side: _Side) -> bytes:
        time = "1970-01-01 00:00:00.000000000 +0000"
        if side.node.mtime is not None:
            time = precise(side.node.mtime, self.ctx.now().tzinfo)
        return mark + f" {side.word}\t{time}\n".encode("utf-8", "surrogateescape")

    async def show(self, lines: list[bytes]) -> None:
        if not self.io.stdout.tty:
            await self.io.stdout.write(b"".join(lines))
            return
        styles = {"-": "red", "<": "red", "+": "green", ">": "green", "@": "cyan"}
        for line in lines:
            text = line.decode("utf-8", "surrogateescape")
            await self.io.stdout.paint([(text, styles.get(text[:1], ""))])

    def options(self) -> str:
        letters = {
            "unified": "u",
            "recursive": "r",
            "new": "N",
            "case": "i",
            "blanks": "b",
            "all_blanks": "w",
        }
        given = "".join(letters[name] for name in self.args.given if name in letters)
        return f"-{given} " if given else ""

    # -- folders

    async def folders(self, left: _Side, right: _Side) -> int:
        """Compares two folders name by name."""
        ours, theirs = await self.entries(left), await self.entries(right)
        status = 0
        for name in sorted({*ours, *theirs}):
            try:
                status = max(status, await self.pair(left, right, ours.get(name), theirs.get(name), name))
            except VfsError as error:
                status = max(status, TROUBLE, await report(self.io, "diff", error))
        return status

    async def entries(self, side: _Side) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        if side.path is not None:
            async with Closing(self.ctx.tree.list(side.path)) as pages:
                async for page in pages:
                    nodes.update({node.name: node for node in page})
        return nodes

    async def pair(self, left: _Side, right: _Side, old: Node | None, new: Node | None, name: str) -> int:
        known = old or new
        assert known is not None
        ours, theirs = (
            _Side(
                below(side.word, name), side.path.child(name) if node and side.path else None, node or known
            )
            for side, node in ((left, old), (right, new))
        )
        if old is None or new is None:
            if not self.args.new or (known.is_folder and not self.args.recursive):
                side = left if new is None else right
                await self.io.stdout.line(f"Only in {side.word}: {name}")
                return 1
            if not known.is_folder:
                gone = Node(name, Kind.FILE)
                ours = ours if old else ours._replace(node=gone)
                theirs = theirs if new else theirs._replace(node=gone)
        elif old.is_folder != new.is_folder:
            shown = [f"File {ours.word} is a {_kind(old)}", f"file {theirs.word} is a {_kind(new)}"]
            await self.io.stdout.line(" while ".join(shown))
            return 1
        if not known.is_folder:
            return await self.files(ours, theirs, named=True)
        if self.args.recursive:
            return await self.folders(ours, theirs)
        await self.io.stdout.line(f"Common subdirectories: {ours.word} and {theirs.word}")
        return 0


def _kind(node: Node) -> str:
    if node.is_folder:
        return "directory"
    return "regular empty file" if node.size == 0 else "regular file"


def _lines(data: bytes) -> list[bytes]:
    """Lines that end in a newline and nothing else."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


COMMAND = Command(
    "diff",
    "show what differs between files or folders",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    writes=Shape.BYTES,
    group="Files",
    description="Exit status: 0 no difference, 1 some, 2 trouble.",
    examples=[
        Example(
            "sed s/the/THE/ /notes/meeting-notes.md | diff -u /notes/meeting-notes.md -",
            "what sed would change",
        ),
        Example(
            "cp -r /notes /files/copy && diff -rq /notes /files/copy",
            "whether the notes and their copies differ",
        ),
    ],
)
