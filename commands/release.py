"""release: sends what waits in the outbox now, whatever its countdown says."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.path import Path

OUTBOX = Path(("outbox",))


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="what to send, or its name in /outbox")


async def run(ctx: Context, args: Args, io: Io) -> int:
    status = 0
    for word in args.paths:
        try:
            path = await _place(ctx, word)
            await ctx.tree.act(path, "release", {})
            status = max(status, await ctx.services.outbox.deliver(path, io))
        except VfsError as error:
            status = max(status, await report(io, "release", error))
    return status


async def _place(ctx: Context, word: str) -> Path:
    """The path that a word names, from the current folder; a bare name may be one of the outbox."""
    path = ctx.resolve(word)
    inside = OUTBOX.child(word) if "/" not in word and word not in (".", "..") else path
    if path != inside and not await ctx.tree.exists(path) and await ctx.tree.exists(inside):
        return inside
    return path


COMMAND = Command(
    "release",
    "send now what waits in the outbox",
    Args,
    run,
    effects=Effect.READ | Effect.SEND,
    writes=Shape.NOTHING,
    group="Mail",
    description="""
What was refused, or may have been sent, is sent again. For a mail that may have arrived that means the same
mail, with the same Message-ID, a second time: ask its recipient first. No agent may use it.
""",
    examples=[
        Example("release /outbox/*", "all that waits, whatever the countdown"),
        Example("ls /outbox | where state == failed", "what was refused, with the reason"),
    ],
)
