"""cp: copies files and folders."""

from __future__ import annotations

from contextlib import suppress

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
from commands.entry import below
from commands.report import report
from commands.stream import Io
from commands.target import (
    Refusal,
    Transfer,
    apart,
    came_before,
    check,
    in_few,
    settled,
    told,
    transfers,
    wanted,
)
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import Exists, NotFound, VfsError
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="what to copy, then the file or folder to copy to")
    recursive: bool = switch("-r", "-R", "--recursive", help="folders with all that is in them")
    archive: bool = switch("-a", "--archive", help="as -rp")
    keep: bool = switch("-n", "--no-clobber", help="leave what is there already")
    force: bool = switch("-f", "--force", help="overwrite without asking")
    ask: bool = switch("-i", "--interactive", help="ask before overwriting")
    update: bool = switch("-u", "--update", help="only what is newer than what is there")
    preserve: bool = switch("-p", help="with the time of the last change")
    verbose: bool = switch("-v", "--verbose", help="say what is copied")
    into: str | None = option(
        "-t", "--target-directory", metavar="FOLDER", complete=Complete.FOLDER, help="copy all into FOLDER"
    )
    exactly: bool = switch("-T", "--no-target-directory", help="the target is never a folder to copy into")
    parents: bool = switch("--parents", help="with the folders above, as the source names them")


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = args.paths
    if args.parents and args.into is None:
        if len(words) < 2:
            raise Usage("missing destination file operand", status=1)
        args.into, words = words[-1], words[:-1]
    planned, status = await transfers(ctx, io, "cp", words, into=args.into, exactly=args.exactly)
    copying = _Copying(ctx, args, io)
    landed: dict[Path, Path] = {}
    if not (copying.by_one or args.parents):
        free, planned = apart(ctx.tree, planned)
        status = max(status, await settled(io, "cp", free, copying.start))
        few, planned = in_few(ctx.tree, planned)
        copied = await ctx.tree.copy_many([(one.source, one.target) for one in few]) if few else ()
        status = max(status, await told(io, "cp", copied))
    for one in planned:
        try:
            if args.parents:
                one = await copying.with_parents(one)
            twice = await came_before(io, "cp", one, landed)
            if twice is not None:
                status = max(status, twice)
                continue
            await copying.start(one)
            landed[one.target] = one.source
        except VfsError as error:
            status = max(status, await report(io, "cp", error))
        except Refusal as refused:
            status = max(status, await report(io, "cp", str(refused)))
    return max(status, copying.status)


class _Copying:
    """How one call copies, and the status of what it went on after."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        self.status = 0
        order = [name for name in args.given if name in ("keep", "ask", "force")]
        self.mode = order[-1] if order else ""
        self.recursive = args.recursive or args.archive
        self.times = args.preserve or args.archive
        self.by_one = self.mode in ("keep", "ask") or self.times or args.update or args.verbose

    async def start(self, one: Transfer) -> None:
        if one.node.is_folder and not self.recursive:
            raise Refusal(f"-r not specified; omitting directory '{one.word}'")
        if self.mode == "keep" and one.there is not None and not one.node.is_folder:
            return
        check(one)
        if not one.node.is_folder:
            await self.file(one)
        elif one.target.is_under(one.source):
            raise Refusal(f"cannot copy a directory, '{one.word}', into itself, '{one.target_word}'")
        elif self.by_one:
            await self.folder(one)
        else:
            await self.whole_folder(one)

    async def with_parents(self, one: Transfer) -> Transfer:
        """The transfer with the folders that its word names made below the target."""
        names = [name for name in one.word.split("/")[:-1] if name not in ("", ".", "..")]
        folder = one.target.parent.join(Path(tuple(names)))
        await self.ctx.tree.mkdir(folder, parents=True)
        target = folder.child(one.target.name)
        there = None
        with suppress(NotFound):
            there = await self.ctx.tree.stat(target)
        return one._replace(target=target, target_word=str(target), there=there)

    async def file(self, one: Transfer) -> None:
        update = self.args.update
        if not await wanted(self.ctx, self.io, "cp", one, mode=self.mode, update=update):
            return
        await self.ctx.tree.copy(one.source, one.target)
        await self.done(one)

    async def done(self, one: Transfer) -> None:
        if self.times and one.node.mtime is not None:
            await self.ctx.tree.set_mtime(one.target, one.node.mtime)
        if self.args.verbose:
            await self.io.stdout.line(f"'{one.word}' -> '{one.target_word}'")

    async def whole_folder(self, one: Transfer) -> None:
        """A folder in batches, by the tree's own means."""
        failed: list[VfsError] = []
        async with Closing(self.ctx.tree.copy_folder(one.source, one.target, failed=failed)) as written:
            async for _ in written:
                pass
        for error in failed:
            self.status = max(self.status, await report(self.io, "cp", error))

    async def folder(self, top: Transfer) -> None:
        """A folder entry by entry, for the options that look at each."""
        await self.make(top)
        folders = [top]
        async with Closing(self.ctx.tree.walk(top.source)) as pages:
            async for page in pages:
                for path, node in page:
                    inner = path.below(top.source)
                    one = Transfer(
                        below(top.word, str(inner)[1:]), path, node,
                        below(top.target_word, str(inner)[1:]), top.target.join(inner), None,
                    )  # fmt: skip
                    with suppress(NotFound):
                        one = one._replace(there=await self.ctx.tree.stat(one.target))
                    if await self.entry(one) and node.is_folder:
                        folders.append(one)
        if self.times:
            for one in reversed(folders):
                if one.node.mtime is not None:
                    await self.ctx.tree.set_mtime(one.target, one.node.mtime)

    async def entry(self, one: Transfer) -> bool:
        """One entry of a folder; whether it went well."""
        try:
            if self.mode == "keep" and one.there is not None and not one.node.is_folder:
                return False
            check(one)
            if one.node.is_folder:
                await self.make(one)
            else:
                await self.file(one)
        except VfsError as error:
            self.status = max(self.status, await report(self.io, "cp", error))
            return False
        except Refusal as refused:
            self.status = max(self.status, await report(self.io, "cp", str(refused)))
            return False
        return True

    async def make(self, one: Transfer) -> None:
        if one.there is None:
            with suppress(Exists):
                await self.ctx.tree.mkdir(one.target)
            if self.args.verbose:
                await self.io.stdout.line(f"'{one.word}' -> '{one.target_word}'")


COMMAND = Command(
    "cp",
    "copy files and folders",
    Args,
    run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    description="Copies across mounts, too. A folder is copied in batches; when cp ends well, all of "
    "it is stored.",
    examples=[
        Example("cp /notes/meeting-notes.md /files", "into a folder"),
        Example("cp -r /notes /files/notes-copy", "a folder with all that is in it"),
        Example("cp -v /notes/m*.md /files", "says what it copies"),
    ],
)
