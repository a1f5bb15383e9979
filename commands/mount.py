"""mount: a provider put into the tree, and kept in the config."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Shape, Usage, operand, switch
from commands.stream import Io
from vfs.action import Effect
from vfs.visible import visible_line


class MountArguments(Arguments):
    path: str = operand("PATH", help="where in the tree", complete=Complete.FOLDER)
    provider: str = operand(
        "WHAT",
        help="a bucket (s3://BUCKET/PREFIX), a folder of the host (/home/ada/Pictures), or a provider's "
        "name, such as memory",
        complete=Complete.NOTHING,
    )
    options: list[str] = operand(
        "KEY=VALUE", many=True, required=False, help="settings of the provider", complete=Complete.NOTHING
    )
    read_only: bool = switch("-r", "--read-only", help="nothing below may be changed")


async def run(ctx: Context, args: MountArguments, io: Io) -> int:
    provider, options = _what(args.provider)
    for word in args.options:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Usage(f"a setting is KEY=VALUE, but is '{word}'")
        options[name] = value
    path = ctx.resolve(args.path)
    await ctx.services.mounting.mount(path, provider, options, read_only=args.read_only)
    await io.stderr.line(f"Mounted {visible_line(provider)} at {visible_line(str(path))}")
    return 0


def _what(word: str) -> tuple[str, dict[str, str]]:
    """The provider that a word means, and the option that the word is of it."""
    scheme, address, _ = word.partition("://")
    if address:
        return scheme.lower(), {"url": word}
    if word.startswith(("/", "~")):
        return "local", {"path": word}
    return word, {}


COMMAND = Command(
    name="mount",
    summary="put a bucket, a folder of the host, or another provider into the tree",
    args=MountArguments,
    run=run,
    effects=Effect.WRITE | Effect.RUN,
    writes=Shape.NOTHING,
    group="Workspace",
    description="""
The mount is kept in the config until `umount` takes it away; `mounts` lists what is there. Nothing is
connected to before the first use.

A bucket takes endpoint=URL (for R2: https://ACCOUNT.r2.cloudflarestorage.com), region=NAME,
profile=NAME (of ~/.aws) and style=path or virtual. Its keys come from AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY, else from the keyring (`spatio key s3:BUCKET`, as ACCESS:SECRET), else from
~/.aws; never from the config. A search from above a bucket leaves it out, since every object would be
read: name it, as in `search WORDS in /b`.
""",
    examples=(
        Example("mount /lab memory", "a folder in memory, gone with the program"),
        Example("mount --read-only /pictures /home/ada/Pictures", "a folder of the host, only to look at"),
        Example("mount /b s3://my-bucket/reports region=eu-central-1", "a part of a bucket"),
    ),
)
