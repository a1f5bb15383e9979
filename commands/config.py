"""config: the settings in force, and where they lie."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand
from commands.nearest import nearest
from commands.stream import Io, Record
from commands.values import one_line
from vfs.action import Effect
from vfs.visible import visible_line


class ConfigArguments(Arguments):
    name: str | None = operand(
        "NAME", required=False, help="one setting, or `path` for the file", complete=Complete.NOTHING
    )


async def run(ctx: Context, args: ConfigArguments, io: Io) -> int:
    settings = ctx.services.settings
    if args.name == "path":
        await io.stdout.line(settings.file)
        return 0
    values = list(settings.values())
    if args.name is not None:
        found = [value for name, value in values if name == args.name or name.startswith(f"{args.name}.")]
        if not found:
            near = nearest(args.name, [name for name, _ in values])
            raise Failure(
                f"no setting '{args.name}'", hint=f"did you mean {near}?" if near else "run: config"
            )
        values = [
            (name, value) for name, value in values if name == args.name or name.startswith(f"{args.name}.")
        ]
    await io.stdout.put(
        [Record(one_line(f"{name} = {value}"), {"setting": name, "value": value}) for name, value in values]
    )
    if args.name is None:
        await io.stderr.line(f"edit {visible_line(settings.file)} to change them")
    return 0


COMMAND = Command(
    name="config",
    summary="show the settings in force, and their file",
    args=ConfigArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    description="Keys and tokens are no settings: `status` says where they lie.",
    examples=(Example("config", "every setting"), Example("config path", "the file to edit")),
)
