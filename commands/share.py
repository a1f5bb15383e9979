"""share: a link that anybody can read a file by, for some time."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand, option, switch
from commands.render import json_line
from commands.sleep import duration
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.visible import visible_line

LONGEST = 7 * 86400
"""Seconds that a link lasts at most: services sign none for longer."""


def lasting(word: str) -> int:
    """Seconds from `30m`, `1h`, `7d`. Raises ValueError."""
    seconds = duration(word)
    if not 1 <= seconds <= LONGEST:
        raise ValueError(f"a link lasts from 1s to 7d, but is asked for '{word}'")
    return ceil(seconds)


class Args(Arguments):
    path: str = operand("PATH", help="the file")
    seconds: int = option(
        "-f", "--for", kind=lasting, default=3600, metavar="NUMBER[smhd]",
        help="how long the link works, at most 7d (default: 1h)", complete=Complete.NOTHING,
    )  # fmt: skip
    as_json: bool = switch("--json", help="an object with path, url and expires")


async def run(ctx: Context, args: Args, io: Io) -> int:
    path = ctx.resolve(args.path)
    expires = ctx.now() + timedelta(seconds=args.seconds)
    url = await ctx.tree.share(path, args.seconds)
    if args.as_json:
        await io.stdout.line(json_line(Record("", {"path": str(path), "url": url, "expires": expires})))
    else:
        await io.stdout.line(url)
    shown = visible_line(str(path))
    await io.stderr.line(f"Whoever has this link can read {shown} until {expires:%Y-%m-%d %H:%M %Z}".rstrip())
    return 0


COMMAND = Command(
    "share",
    "print a link that anybody can read a file by, for some time",
    Args,
    run,
    effects=Effect.READ | Effect.SEND,
    writes=Shape.BYTES,
    group="Files",
    description="""
For files in a bucket, and for those of the workspace when its large contents lie in one (`spatio doctor`
says where they lie). The link carries the file's name and type. It cannot be taken back before its
time. Removing the file ends it where the file lies in a mounted bucket; of the workspace's own files every
version is kept, and only `forget` ends it. It is written to standard output and kept nowhere.
""",
    examples=[
        Example("share /files/invoices/INV-2026-014.pdf --for 1h", "a link for an hour"),
        Example("share /files/invoices/INV-2026-014.pdf -f 7d --json", "for a week, as JSON"),
    ],
)
