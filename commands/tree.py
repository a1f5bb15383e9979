"""tree: folders and what is in them, drawn as a tree."""

from __future__ import annotations

from typing import NamedTuple

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.entry import look
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import NotADirectory, VfsError
from vfs.node import Node
from vfs.path import Path
from vfs.visible import visible_line


def _level(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise ValueError(f"must be 1 or more, but is {word}")
    return int(word)


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, required=False, help="folders; the current one by default")
    level: int | None = option("-L", metavar="N", kind=_level, help="go down at most N levels")
    all: bool = switch("-a", help="hidden entries too")
    folders: bool = switch("-d", help="folders only")
    full: bool = switch("-f", help="the whole path of each entry")
    classify: bool = switch("-F", help="a / behind folders")


class _Lines(NamedTuple):
    """What the branches are drawn with."""

    fork: str
    last: str
    down: str
    blank: str


DRAWN = _Lines("├── ", "└── ", "│   ", "    ")
PLAIN = _Lines("|-- ", "`-- ", "|   ", "    ")


async def run(ctx: Context, args: Args, io: Io) -> int:
    drawing = _Drawing(ctx, args, io)
    status = 0
    for word in args.paths or ["."]:
        try:
            path, node = await look(ctx, word)
            if not node.is_folder:
                raise NotADirectory(path)
            await drawing.top(path, word)
        except VfsError as error:
            status = max(status, await report(io, "tree", error))
    await io.stdout.line(f"\n{drawing.counted()}")
    return status


class _Drawing:
    """One call: what was counted, and how lines are drawn."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        self.lines = DRAWN if io.stdout.tty else PLAIN
        self.folders = 0
        self.files = 0

    def counted(self) -> str:
        folders = f"{self.folders} director{'y' if self.folders == 1 else 'ies'}"
        return (
            folders if self.args.folders else f"{folders}, {self.files} file{'' if self.files == 1 else 's'}"
        )

    async def top(self, path: Path, word: str) -> None:
        await self.io.stdout.paint([(word, "blue bold"), ("\n", "")])
        await self.below(path, word, "", 1)

    async def below(self, path: Path, word: str, indent: str, level: int) -> None:
        """One folder's entries; each is drawn once it is known whether another follows."""
        waiting: Node | None = None
        async with Closing(self.ctx.tree.list(path)) as pages:
            async for page in pages:
                for node in page:
                    if (node.name[:1] == "." and not self.args.all) or (
                        self.args.folders and not node.is_folder
                    ):
                        continue
                    if waiting is not None:
                        await self.entry(path, word, waiting, indent, level, last=False)
                    waiting = node
        if waiting is not None:
            await self.entry(path, word, waiting, indent, level, last=True)

    async def entry(self, path: Path, word: str, node: Node, indent: str, level: int, *, last: bool) -> None:
        joined = f"{word.rstrip('/')}/{node.name}"
        name = visible_line((joined if self.args.full else node.name) + self.mark(node))
        branch = self.lines.last if last else self.lines.fork
        await self.io.stdout.paint(
            [(indent + branch, ""), (name, "blue bold" if node.is_folder else ""), ("\n", "")]
        )
        if not node.is_folder:
            self.files += 1
            return
        self.folders += 1
        if self.args.level is None or level < self.args.level:
            deeper = indent + (self.lines.blank if last else self.lines.down)
            try:
                await self.below(path.child(node.name), joined, deeper, level + 1)
            except VfsError as error:
                await self.io.stdout.line(f"{deeper}[{visible_line(error.reason)}]")

    def mark(self, node: Node) -> str:
        return "/" if self.args.classify and node.is_folder else ""


COMMAND = Command(
    "tree",
    "draw folders and what is in them",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[
        Example("tree /files", "everything below a folder"),
        Example("tree -L 1 /", "the mounts"),
    ],
)
