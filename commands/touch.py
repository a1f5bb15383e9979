"""touch: makes empty files, and sets the time of the last change."""

from __future__ import annotations

from datetime import datetime

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
from commands.entry import look, place, wants_folder
from commands.moment import moment, stamp
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import Exists, NotFound, VfsError
from vfs.provider import Mode


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="files to make or to mark as changed")
    no_create: bool = switch("-c", "--no-create", help="make nothing")
    access_only: bool = switch("-a", help="accepted; only the time of the last change is kept here")
    change_only: bool = switch("-m", help="accepted; only the time of the last change is kept here")
    date: str | None = option(
        "-d", "--date", metavar="TIME", help="this time instead of now, as `2 days ago`"
    )
    stamp: str | None = option("-t", metavar="STAMP", help="this time, as [[CC]YY]MMDDhhmm[.ss]")
    reference: str | None = option(
        "-r", "--reference", metavar="PATH", complete=Complete.PATH, help="the time of another entry"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    when = await _when(ctx, args)
    status = 0
    for word in args.paths:
        try:
            await _touch(ctx, word, when, create=not args.no_create)
        except VfsError as error:
            status = max(status, await report(io, "touch", error))
    return status


async def _when(ctx: Context, args: Args) -> datetime | None:
    """The time asked for; None means now. Raises Usage, NotFound."""
    try:
        if args.stamp is not None:
            return stamp(args.stamp, ctx.now())
        if args.date is not None:
            return moment(args.date, ctx.now())
    except ValueError as wrong:
        raise Usage(str(wrong), status=1) from None
    if args.reference is not None:
        _, node = await look(ctx, args.reference)
        return node.mtime
    return None


async def _touch(ctx: Context, word: str, when: datetime | None, *, create: bool) -> None:
    path = place(ctx, word)
    try:
        await look(ctx, word)
    except NotFound:
        if not create:
            return
        if wants_folder(word):
            raise
        try:
            await ctx.tree.write(path, b"", mode=Mode.CREATE)
        except Exists:
            when = when or ctx.now()
        if when is None:
            return
    await ctx.tree.set_mtime(path, when or ctx.now())


COMMAND = Command(
    "touch",
    "make empty files, or mark files as just changed",
    Args,
    run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[
        Example("touch /notes/idea.md", "an empty note, or one that counts as just changed"),
        Example("touch -d yesterday /notes/idea.md", "with another time"),
    ],
)
