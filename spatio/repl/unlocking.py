"""unlocking: the passphrase of the secrets, asked for before the first prompt, where accounts need it."""

from __future__ import annotations

import asyncio

from commands.stream import Io
from spatio.login.unlock import unlock
from spatio.repl.interrupt import Interruptible
from spatio.workspace import Workspace
from vfs.errors import VfsError
from vfs.visible import visible_line


async def unlock_first(workspace: Workspace, io: Io) -> None:
    """Opens the file of secrets, so that what goes on behind the prompt has the logins; Ctrl-C leaves it."""
    opening = asyncio.ensure_future(unlock(workspace))
    try:
        with Interruptible(opening):
            await opening
    except (asyncio.CancelledError, KeyboardInterrupt):
        return
    except VfsError as error:
        await io.stderr.line(
            visible_line(str(error)) + (f"\n  {visible_line(error.hint)}" if error.hint else "")
        )
