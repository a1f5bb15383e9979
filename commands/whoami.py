"""whoami: on whose behalf commands run."""

from __future__ import annotations

import os
from importlib import import_module

from commands.command import Arguments, Command, Context, Example, Shape
from commands.stream import Io
from vfs.visible import visible_line


class WhoamiArguments(Arguments):
    pass


async def run(ctx: Context, args: WhoamiArguments, io: Io) -> int:
    change = ctx.tree.change
    if change is not None and change.actor != "user":
        await io.stdout.line(visible_line(change.actor))
    else:
        await io.stdout.line(visible_line(_login()))
    return 0


def _login() -> str:
    """The user's name on the host, as the system knows it."""
    try:
        name: str = import_module("pwd").getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return os.environ.get("USER") or os.environ.get("LOGNAME") or "user"
    return name


COMMAND = Command(
    name="whoami",
    summary="print the user, or the agent, that commands run for",
    args=WhoamiArguments,
    run=run,
    writes=Shape.BYTES,
    group="Workspace",
    examples=(Example("whoami", "your name; within an agent's run, the agent's"),),
)
