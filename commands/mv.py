"""mv: moves and renames."""

from __future__ import annotations

from functools import partial

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, option, switch
from commands.entry import is_mount
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
from vfs.errors import VfsError
from vfs.path import Path


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="what to move, then the new name or the folder")
    keep: bool = switch("-n", "--no-clobber", help="leave what is there already")
    force: bool = switch("-f", "--force", help="overwrite without asking")
    ask: bool = switch("-i", "--interactive", help="ask before overwriting")
    update: bool = switch("-u", "--update", help="only what is newer than what is there")
    verbose: bool = switch("-v", "--verbose", help="say what is moved")
    into: str | None = option(
        "-t", "--target-directory", metavar="FOLDER", complete=Complete.FOLDER, help="move all into FOLDER"
    )
    exactly: bool = switch("-T", "--no-target-directory", help="the target is never a folder to move into")


async def run(ctx: Context, args: Args, io: Io) -> int:
    planned, status = await transfers(ctx, io, "mv", args.paths, into=args.into, exactly=args.exactly)
    order = [name for name in args.given if name in ("keep", "ask", "force")]
    mode = order[-1] if order else ""
    landed: dict[Path, Path] = {}
    if not (mode or args.update or args.verbose):
        free, planned = apart(ctx.tree, planned)
        status = max(status, await settled(io, "mv", free, partial(_checked_move, ctx)))
        few, planned = in_few(ctx.tree, planned)
        moved = await ctx.tree.move_many([(one.source, one.target) for one in few]) if few else ()
        status = max(status, await told(io, "mv", moved))
    for one in planned:
        twice = await came_before(io, "mv", one, landed)
        if twice is not None:
            status = max(status, twice)
            continue
        try:
            if mode == "keep" and one.there is not None:
                continue
            await _check(ctx, one)
            if await wanted(ctx, io, "mv", one, mode=mode, update=args.update):
                await _move(ctx, one)
                landed[one.target] = one.source
                if args.verbose:
                    await io.stdout.line(f"renamed '{one.word}' -> '{one.target_word}'")
        except VfsError as error:
            status = max(status, await report(io, "mv", error))
        except Refusal as refused:
            status = max(status, await report(io, "mv", str(refused)))
    return status


async def _check(ctx: Context, one: Transfer) -> None:
    """Raises Refusal for what is never moved."""
    if is_mount(ctx.tree, one.source):
        raise Refusal(f"cannot move '{one.word}': something is mounted here")
    inside = ctx.tree.mounts.below(one.source)
    if inside:
        raise Refusal(f"cannot move '{one.word}': {inside[0].path} is mounted inside")
    if one.target != one.source and one.target.is_under(one.source):
        raise Refusal(f"cannot move '{one.word}' to a subdirectory of itself, '{one.target_word}'")
    check(one)


async def _checked_move(ctx: Context, one: Transfer) -> None:
    await _check(ctx, one)
    await _move(ctx, one)


async def _move(ctx: Context, one: Transfer) -> None:
    if one.there is not None and one.there.is_folder:
        await ctx.tree.remove(one.target)
    await ctx.tree.move(one.source, one.target)


COMMAND = Command(
    "mv",
    "move or rename files and folders",
    Args,
    run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    examples=[
        Example("mv /notes/meeting-notes.md /notes/minutes.md", "a new name"),
        Example("mv /notes/m*.md /files", "several into a folder, across mounts"),
    ],
)
