"""rm: removes entries; they go to the trash."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Context, Example, Shape, Usage, operand, switch
from commands.entry import Looked, below, confirmed, is_mount, look_each, wants_folder
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import IsADirectory, NotADirectory, NotFound, VfsError
from vfs.fan import in_order
from vfs.node import Node
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, required=False, help="what to remove")
    recursive: bool = switch("-r", "-R", "--recursive", help="folders with all that is in them")
    force: bool = switch("-f", "--force", help="pass over what is not there; never ask")
    ask: bool = switch("-i", "--interactive", help="ask before each")
    empty: bool = switch("-d", "--dir", help="empty folders too")
    verbose: bool = switch("-v", "--verbose", help="say what was removed")


async def run(ctx: Context, args: Args, io: Io) -> int:
    if not args.paths and not args.force:
        raise Usage("missing operand", status=1, hint="run: rm --help")
    removal = _Removal(ctx, args, io)
    status = 0
    found = await look_each(ctx, args.paths)
    silent = not (removal.asks or args.verbose)
    at_once = silent and _are_apart(ctx, found)
    if silent and not at_once:
        return await removal.all_of(found)
    async with Closing(in_order(found, removal.settled, at_once=at_once)) as calls:
        async for _, wrong in calls:
            status = max(status, await removal.told(wrong))
    return status


def _are_apart(ctx: Context, found: Sequence[Looked]) -> bool:
    """Whether these are files, each another one, and removing them waits for a network."""
    files = [one.path for one in found if one.node is not None and not one.node.is_folder]
    return len(found) == len(set(files)) > 1 and ctx.tree.waits(*files)


class _Refused(Exception):
    """rm does not do this, whatever the options."""


def _is_dots(word: str) -> bool:
    return wants_folder(word) and word.rstrip("/").rpartition("/")[2] in (".", "..")


class _Removal:
    """What one call removes, and what it asks and says about it."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        order = [name for name in args.given if name in ("ask", "force")]
        self.asks = order[-1:] == ["ask"]

    async def all_of(self, found: Sequence[Looked]) -> int:
        """Removes operands of which nothing is asked and nothing said; the status."""
        wrong = [self.unfit(looked) for looked in found]
        fit = [looked.path for looked, reason in zip(found, wrong, strict=True) if reason is None]
        tree = self.ctx.tree
        gone = iter(await tree.remove_many(fit, recursive=self.args.recursive) if fit else ())
        status = 0
        for reason in wrong:
            status = max(status, await self.told(next(gone) if reason is None else reason))
        return status

    async def told(self, wrong: VfsError | str | None) -> int:
        """Reports what was wrong, unless -f passes over it; the status."""
        if wrong is None or (isinstance(wrong, (NotFound, NotADirectory)) and self.args.force):
            return 0
        return await report(self.io, "rm", wrong)

    async def settled(self, looked: Looked) -> VfsError | str | None:
        """Removes an operand; what was wrong with that."""
        reason = self.unfit(looked)
        if reason is not None or looked.node is None:
            return reason
        try:
            await self.remove(looked.path, looked.node, looked.word)
        except VfsError as error:
            return error
        return None

    def unfit(self, looked: Looked) -> VfsError | str | None:
        """Why an operand is not removed, whatever its provider says."""
        try:
            if _is_dots(looked.word):
                return f"refusing to remove '.' or '..' directory: skipping '{looked.word}'"
            if looked.node is None:
                return looked.error or NotFound(looked.path)
            self.check(looked.path, looked.node, looked.word)
        except VfsError as error:
            return error
        except _Refused as refused:
            return str(refused)
        return None

    async def remove(self, path: Path, node: Node, word: str) -> None:
        if not node.is_folder:
            await self.file(path, word)
        elif not self.args.recursive:
            await self.folder(path, word)
        elif self.asks or self.args.verbose:
            await self.each(path, word)
        else:
            await self.ctx.tree.remove(path, recursive=True)

    def check(self, path: Path, node: Node, word: str) -> None:
        if not path.parts:
            raise _Refused("it is dangerous to operate recursively on '/'")
        if is_mount(self.ctx.tree, path):
            raise _Refused(f"{path}: something is mounted here; to take it away run: umount {path}")
        if not node.is_folder:
            return
        inside = self.ctx.tree.mounts.below(path)
        if inside:
            raise _Refused(f"{path}: {inside[0].path} is mounted inside")
        if not (self.args.recursive or self.args.empty):
            raise IsADirectory(path)

    async def file(self, path: Path, word: str) -> bool:
        if self.asks and not await confirmed(self.ctx, self.io, f"rm: remove '{word}'?"):
            return False
        await self.ctx.tree.remove(path)
        if self.args.verbose:
            await self.io.stdout.line(f"removed '{word}'")
        return True

    async def folder(self, path: Path, word: str) -> bool:
        if self.asks and not await confirmed(self.ctx, self.io, f"rm: remove directory '{word}'?"):
            return False
        await self.ctx.tree.remove(path)
        if self.args.verbose:
            await self.io.stdout.line(f"removed directory '{word}'")
        return True

    async def each(self, path: Path, word: str) -> bool:
        """A folder entry by entry; whether nothing of it is left."""
        nodes: list[Node] = []
        async with Closing(self.ctx.tree.list(path)) as pages:
            async for page in pages:
                nodes.extend(page)
        descend = f"rm: descend into directory '{word}'?"
        if nodes and self.asks and not await confirmed(self.ctx, self.io, descend):
            return False
        gone = True
        for node in nodes:
            one = self.each if node.is_folder else self.file
            gone = await one(path.child(node.name), below(word, node.name)) and gone
        return gone and await self.folder(path, word)


COMMAND = Command(
    "rm",
    "remove files and folders, to the trash",
    Args,
    run,
    effects=Effect.DELETE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    description="What is removed can be taken back with undo or from the trash. The root, mount points, . "
    "and .. are never removed.",
    examples=[
        Example("rm /notes/meeting-notes.md", "one note"),
        Example("mkdir -p /files/old/2019 && rm -r /files/old", "a folder with all that is in it"),
        Example("rm -f /files/none", "is content when there is nothing to remove"),
    ],
)
