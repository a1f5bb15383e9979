"""du: how much folders hold."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand, option, switch
from commands.entry import below, human, look
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import Incomplete, VfsError
from vfs.node import Node, Value
from vfs.path import Path


def _depth(word: str) -> int:
    if not word.isdecimal():
        raise ValueError(f"must be 0 or more, but is {word}")
    return int(word)


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files and folders; the current folder by default"
    )
    summary: bool = switch("-s", "--summarize", help="only the sum of each operand")
    all: bool = switch("-a", "--all", help="a line for each file, too")
    human: bool = switch("-h", "--human-readable", help="sizes as 1.2K, 3.4M")
    bytes: bool = switch("-b", "--bytes", help="sizes in bytes")
    total: bool = switch("-c", "--total", help="a last line with the sum of all")
    depth: int | None = option(
        "-d", "--max-depth", metavar="N", kind=_depth, help="lines for N levels at most"
    )
    kilobytes: bool = switch("-k", help="sizes in units of 1,024 bytes, as without options")


async def run(ctx: Context, args: Args, io: Io) -> int:
    counting = _Counting(ctx, args, io)
    status = 0
    total = 0
    for word in args.paths or ["."]:
        try:
            path, node = await look(ctx, word)
            total += await counting.operand(path, node, word)
        except VfsError as error:
            await counting.flush()
            status = max(status, await report(io, "du", error))
    if args.total:
        await counting.line(total, "total", None)
    await counting.flush()
    if counting.unknown:
        lacking = Incomplete(reason=f"{counting.unknown} entries do not say how large they are")
        status = max(status, await report(io, "du", lacking))
    return status


class _Counting:
    """One call's lines, held back a batch at a time, and the entries of unknown size."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        self.depth = 0 if args.summary else args.depth
        self.unknown = 0
        self.held: list[Record] = []

    async def operand(self, path: Path, node: Node, word: str) -> int:
        if not node.is_folder:
            size = self.size(node)
            await self.line(size, word, path)
            return size
        return await self.folder(path, word)

    def size(self, node: Node) -> int:
        if node.size is None:
            self.unknown += 1
        return node.size or 0

    async def folder(self, top: Path, word: str) -> int:
        """A folder's sum; those below it have their lines first. One walk, one sum for each level."""
        open_folders: list[tuple[Path, int]] = [(top, 0)]
        lacking: Incomplete | None = None
        try:
            async with Closing(self.ctx.tree.walk(top)) as pages:
                async for page in pages:
                    for path, node in page:
                        await self.entry(path, node, open_folders, top, word)
        except Incomplete as error:
            lacking = error
        while len(open_folders) > 1:
            await self.close(open_folders, top, word)
        await self.line(open_folders[0][1], word, top)
        if lacking is not None:
            raise lacking
        return open_folders[0][1]

    async def entry(
        self, path: Path, node: Node, open_folders: list[tuple[Path, int]], top: Path, word: str
    ) -> None:
        while not path.is_under(open_folders[-1][0]):
            await self.close(open_folders, top, word)
        if node.is_folder:
            open_folders.append((path, 0))
            return
        size = self.size(node)
        folder, so_far = open_folders[-1]
        open_folders[-1] = (folder, so_far + size)
        if self.args.all and self.shown(path, top):
            await self.line(size, below(word, str(path.below(top))[1:]), path)

    async def close(self, open_folders: list[tuple[Path, int]], top: Path, word: str) -> None:
        path, size = open_folders.pop()
        above, so_far = open_folders[-1]
        open_folders[-1] = (above, so_far + size)
        if self.shown(path, top):
            await self.line(size, below(word, str(path.below(top))[1:]), path)

    def shown(self, path: Path, top: Path) -> bool:
        return self.depth is None or len(path.parts) - len(top.parts) <= self.depth

    async def line(self, size: int, word: str, path: Path | None) -> None:
        if self.args.bytes:
            text = str(size)
        else:
            text = human(size) if self.args.human else str(-(-size // 1024))
        fields: dict[str, Value] = {"size": size, "path": word if path is None else str(path)}
        self.held.append(Record(f"{text}\t{word}", fields, path))
        if len(self.held) >= 256:
            await self.flush()

    async def flush(self) -> None:
        held, self.held = self.held, []
        await self.io.stdout.put(held)


COMMAND = Command(
    "du",
    "sum up how much folders hold",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Files",
    misuse=1,
    description="Sizes are those of the contents, in units of 1,024 bytes unless -b or -h says otherwise.",
    examples=[
        Example("du -h /files", "each folder below, and the whole"),
        Example("du -s /notes /files", "two sums"),
        Example("du -a /files | sort-by size | last 5", "the five largest"),
    ],
)
