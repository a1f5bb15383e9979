"""umount: a mount taken away; what it holds stays where it is."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class UmountArguments(Arguments):
    path: str = operand("PATH", help="the mount's place in the tree", complete=Complete.MOUNT)


async def run(ctx: Context, args: UmountArguments, io: Io) -> int:
    path = ctx.resolve(args.path)
    await ctx.services.mounting.umount(path)
    await io.stderr.line(f"Unmounted {visible_line(str(path))}")
    return 0


COMMAND = Command(
    name="umount",
    summary="take a mount away",
    args=UmountArguments,
    run=run,
    effects=Effect.WRITE | Effect.RUN,
    writes=Shape.NOTHING,
    group="Workspace",
    description="Nothing that it holds is deleted.",
    examples=(Example("mount /scratch memory && umount /scratch", "mount, and take away again"),),
)
