"""mounts: what is mounted where."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io, Record
from vfs.action import Effect


class MountsArguments(Arguments):
    pass


async def run(ctx: Context, args: MountsArguments, io: Io) -> int:
    records: list[Record] = []
    for mount in ctx.tree.mounts:
        if ctx.tree.guard is not None and not ctx.tree.guard.sees(mount.path):
            continue
        access = "read only" if mount.read_only else "read and write"
        options = ", ".join([f"{name}={value}" for name, value in sorted(mount.options.items())])
        fields = {
            "path": str(mount.path),
            "provider": mount.name,
            "access": access,
            "trust": mount.trust,
            "options": options or None,
            "place": mount.place or None,
        }
        told = [str(mount.path), mount.name, access, mount.trust, *filter(None, (options, mount.place))]
        line = "\t".join(told)
        records.append(Record(" ".join(line.splitlines()), fields, mount.path))
    await io.stdout.put(records)
    return 0


COMMAND = Command(
    name="mounts",
    summary="list what is mounted",
    args=MountsArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    examples=(Example("mounts", "every mount, its provider and whether it can be written"),),
)
