"""mount: a provider put into the tree, and kept in the config."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand, switch
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class MountArguments(Arguments):
    path: str = operand("PATH", help="where in the tree", complete=Complete.FOLDER)
    provider: str = operand(
        "PROVIDER", help="what is mounted, such as local or memory", complete=Complete.NOTHING
    )
    options: list[str] = operand(
        "KEY=VALUE", many=True, required=False, help="settings of the provider", complete=Complete.NOTHING
    )
    read_only: bool = switch("-r", "--read-only", help="nothing below may be changed")


async def run(ctx: Context, args: MountArguments, io: Io) -> int:
    options: dict[str, str] = {}
    for word in args.options:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Usage(f"a setting is KEY=VALUE, but is '{word}'")
        options[name] = value
    path = ctx.resolve(args.path)
    await ctx.services.mounting.mount(path, args.provider, options, read_only=args.read_only)
    await io.stderr.line(f"Mounted {visible_line(args.provider)} at {visible_line(str(path))}")
    return 0


COMMAND = Command(
    name="mount",
    summary="put a folder of the host, or another provider, into the tree",
    args=MountArguments,
    run=run,
    effects=Effect.WRITE | Effect.RUN,
    writes=Shape.NOTHING,
    group="Workspace",
    description="The mount is kept in the config until `umount` takes it away. `mounts` lists what is there.",
    examples=(Example("mount /lab memory", "a folder in memory, gone with the program"),),
)
