"""report: one clean line on standard error for what went wrong."""

from __future__ import annotations

from commands.command import Failure, Usage
from commands.stream import Io
from vfs.errors import VfsError
from vfs.path import Path
from vfs.visible import visible_line


async def report(
    io: Io, name: str, error: VfsError | Failure | Usage | str, *, path: Path | str | None = None
) -> int:
    """Writes `name: path: reason` and the hint below it; returns the exit status that fits.

    `path` stands in for the error's own. A command that goes on after one operand failed calls this
    and returns the worst status; the stage runner calls it for what a command lets through.
    """
    if path is not None and isinstance(error, VfsError):
        message = f"{path}: {error.reason}"
    elif path is not None:
        message = f"{path}: {error}"
    else:
        message = str(error)
    lines = f"{visible_line(name)}: {visible_line(message)}\n"
    hint = None if isinstance(error, str) else error.hint
    if hint:
        lines += f"  {visible_line(hint)}\n"
    for step in error.steps if isinstance(error, Failure) else ():
        lines += f"    {visible_line(step)}\n"
    await io.stderr.text(lines)
    if isinstance(error, str):
        return 1
    return error.status
