"""ls: lists folders and shows entries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from time import monotonic

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.entry import Looked, below, human, look_each, minute, mode_text, record_of
from commands.report import report
from commands.stream import LINE_ONLY, Io, Record, Sink
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.node import Kind, Node, Value
from vfs.path import Path

TROUBLE = 2
"""GNU's status when an operand cannot be listed; what lies below one gives 1."""

TOGETHER = 1000
SOON = 0.1
"""A screen's grid gathers up to TOGETHER names, or what came within SOON seconds."""


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="what to list; the current folder by default"
    )
    all: bool = switch("-a", "--all", help="hidden entries too, with . and ..")
    almost_all: bool = switch("-A", "--almost-all", help="hidden entries too, without . and ..")
    long: bool = switch("-l", "--long", help="kind, size, time of change and name of each")
    human: bool = switch("-h", "--human-readable", help="with -l: sizes as 1.2K, 3.4M")
    one: bool = switch("-1", help="one name a line, on a terminal too")
    columns: bool = switch("-C", help="columns, as on a terminal")
    itself: bool = switch("-d", "--directory", help="folders themselves, not what is in them")
    recursive: bool = switch("-R", "--recursive", help="what is in folders below, too")
    by_time: bool = switch("-t", help="newest first")
    by_size: bool = switch("-S", help="largest first")
    unsorted: bool = switch("-U", help="in the order of the names, whatever -t and -S say")
    reverse: bool = switch("-r", "--reverse", help="the other way round")
    classify: bool = switch("-F", "--classify", help="a / behind folders")
    slash: bool = switch("-p", help="as -F")
    colour: str = option(
        "--color", metavar="WHEN", choices=("auto", "always", "never"), bare="always", default="auto",
        help="accepted for the fingers' sake; a terminal shows colours, anything else none",
    )  # fmt: skip


async def run(ctx: Context, args: Args, io: Io) -> int:
    listing = _Listing(ctx, args, io)
    folders: list[Looked] = []
    files: list[Looked] = []
    for looked in await look_each(ctx, args.paths or ["."]):
        if looked.node is None:
            await listing.trouble(looked.error)
        elif looked.node.is_folder and not args.itself:
            folders.append(looked)
        else:
            files.append(looked)
    if files:
        await listing.entries(files)
    folders = listing.ordered_words(folders)
    headed = args.recursive or len(args.paths) > 1
    for folder in folders:
        await listing.folder(folder.path, folder.word, headed=headed)
    return listing.status


class _Listing:
    """One call: how entries are shown, what was shown before, and the status so far."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        self.out = io.stdout
        self.status = 0
        self.shown = False
        self.hidden_too = args.all or args.almost_all
        order = [name for name in args.given if name in ("by_time", "by_size", "unsorted")]
        self.order = order[-1] if order else ""
        self.collects = args.reverse or self.order in ("by_time", "by_size")
        self.in_grid = (io.stdout.tty or args.columns) and not args.one and not args.long
        self.zone = ctx.now().tzinfo if args.long else None
        self.marks = args.classify or args.slash
        self.modes_of: Path | None = None
        self.modes: dict[bool, str] = {}
        self.mixed = False
        self.lines_only = type(io.stdout).put is Sink.put

    async def trouble(self, error: VfsError | None, status: int = TROUBLE) -> None:
        """Reports what could not be listed; the worst status stays."""
        if error is not None:
            got = await report(self.io, "ls", error)
            self.status = max(self.status, status if got == 1 else got)

    def ordered_words(self, found: list[Looked]) -> list[Looked]:
        nodes = {id(one.node): one for one in sorted(found, key=lambda one: one.word)}
        ordered = self.ordered([one.node for one in nodes.values() if one.node is not None])
        return [nodes[id(node)] for node in ordered]

    def ordered(self, nodes: list[Node]) -> list[Node]:
        """Entries that come by name, in the order asked for."""
        if self.order == "by_time":
            nodes.sort(key=lambda node: -node.mtime.timestamp() if node.mtime else float("inf"))
        elif self.order == "by_size":
            nodes.sort(key=lambda node: -(node.size or 0))
        if self.args.reverse:
            nodes.reverse()
        return nodes

    async def entries(self, found: list[Looked]) -> None:
        """The operands that are shown themselves, by the words that named them."""
        pairs = [
            (one.path, one.node._replace(name=one.word)) for one in self.ordered_words(found) if one.node
        ]
        await self.show(pairs)
        self.shown = True

    async def folder(self, path: Path, word: str, *, headed: bool) -> None:
        """What is in one folder, and with -R in those below it."""
        if headed:
            await self.heading(word)
        self.shown = True
        inner: list[Node] = []
        try:
            async with Closing(self.pages(path)) as pages:
                async for page in pages:
                    if self.args.recursive:
                        inner.extend(node for node in page if node.is_folder and node.name not in (".", ".."))
                    await self.show([(_at(path, node.name), node) for node in page])
        except VfsError as error:
            await self.trouble(error, status=TROUBLE if word in (self.args.paths or ["."]) else 1)
        for node in inner:
            await self.folder(path.child(node.name), below(word, node.name), headed=True)

    async def pages(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        """Pages as they are shown: filtered, in order, large enough for a grid."""
        kept: list[Node] = []
        if self.args.all:
            kept = [Node(name, Kind.FOLDER) for name in (".", "..")]
        since = monotonic()
        async with Closing(self.ctx.tree.list(path)) as pages:
            async for page in pages:
                shown = page if self.hidden_too else [node for node in page if node.name[:1] != "."]
                kept.extend(shown)
                if self.collects or (self.in_grid and len(kept) < TOGETHER and monotonic() - since < SOON):
                    continue
                if kept:
                    yield kept
                kept = []
                since = monotonic()
        if kept:
            yield self.ordered(kept)

    async def heading(self, word: str) -> None:
        lines = ["", f"{word}:"] if self.shown else [f"{word}:"]
        if self.out.tty:
            await self.out.text("".join(line + "\n" for line in lines))
        else:
            await self.out.put([Record(line, LINE_ONLY) for line in lines])

    async def show(self, pairs: Sequence[tuple[Path, Node]]) -> None:
        """Hands on entries: a grid or a table on a terminal, else a record each."""
        if self.in_grid:
            await self.grid([node for _, node in pairs])
        elif self.out.tty and self.args.long:
            await self.out.put([self.row(path, node) for path, node in pairs])
        elif self.out.tty:
            for _, node in pairs:
                await self.out.paint([(self.named(node), _style(node)), ("\n", "")])
        elif self.lines_only and not self.args.long:
            await self.out.text("".join([self.named(node) + "\n" for _, node in pairs]))
        else:
            await self.out.put([record_of(path, node, self.line(path, node)) for path, node in pairs])

    def named(self, node: Node) -> str:
        return f"{node.name}/" if self.marks and node.is_folder else node.name

    def line(self, path: Path, node: Node) -> str:
        """An entry as the line that a reader of bytes sees."""
        if not self.args.long:
            return self.named(node)
        size = "-" if node.size is None else human(node.size) if self.args.human else str(node.size)
        return f"{self.mode(path, node)} {size:>10} {minute(node.mtime, self.zone):>16} {self.named(node)}"

    def mode(self, path: Path, node: Node) -> str:
        """`drw`, asked once for all files and once for all folders of a folder without mounts."""
        folder = path.parent
        if folder != self.modes_of:
            self.modes_of = folder
            self.modes = {}
            self.mixed = bool(self.ctx.tree.mounts.names_below(folder))
        known = None if self.mixed else self.modes.get(node.is_folder)
        if known is None:
            known = self.modes[node.is_folder] = mode_text(self.ctx.tree, path, node)
        return known

    def row(self, path: Path, node: Node) -> Record:
        """An entry as a row of a table on a terminal."""
        known = record_of(path, node, self.line(path, node))
        if "unread" in node.attrs:
            return known
        fields: dict[str, Value] = {
            "mode": self.mode(path, node),
            "size": node.size,
            "mtime": node.mtime,
            "name": self.named(node),
        }
        for name, value in known.fields.items():
            if name not in ("kind", "path"):
                fields.setdefault(name, value)
        return Record(known.text, fields, path)

    async def grid(self, nodes: Sequence[Node]) -> None:
        rows = import_module("commands.render").grid_rows(
            [self.named(node) for node in nodes], self.out.width
        )
        for row in rows:
            spans: list[tuple[str, str]] = []
            for index, text in row:
                name = text.rstrip(" ") if _style(nodes[index]) else text
                spans += [(name, _style(nodes[index])), (text[len(name) :], "")]
            await self.out.paint([*spans, ("\n", "")])


def _style(node: Node) -> str:
    return "blue bold" if node.is_folder else ""


def _at(folder: Path, name: str) -> Path:
    if name == ".":
        return folder
    return folder.parent if name == ".." else folder.child(name)


COMMAND = Command(
    "ls",
    "list what is in folders",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Files",
    description="Entries come by name; those that start with a dot only with -a or -A. Each is a record "
    "with name, kind, size, mtime, path and the attributes of its mount, for where, sort-by and select.\n\n"
    "Exit status: 0 done, 1 a folder below could not be listed, 2 an operand could not.",
    examples=[
        Example("ls /notes", "the notes"),
        Example("ls -lt /notes | head -3", "the three that changed last, with size and time"),
        Example("ls /tasks | where priority >= 2 | sort-by due | first 3", "what presses most"),
        Example("ls -R /files", "all files, folder by folder"),
    ],
)
