"""unlock: the passphrase of the secrets, asked for before the first prompt, where accounts will need it."""

from __future__ import annotations

import asyncio
import os

from commands.stream import Io
from spatio.login.planning import account_of
from spatio.repl.interrupt import Interruptible
from spatio.workspace import Workspace
from vfs.drive import hop
from vfs.errors import VfsError
from vfs.visible import visible_line


async def unlock(workspace: Workspace, io: Io) -> None:
    """Opens the file of secrets, so that what goes on behind the prompt has the logins. Without an answer
    it stays locked, and the first line that needs it asks again."""
    if not os.path.exists(workspace.where.secrets_file):  # noqa: ASYNC240 (one stat of the own data)
        return
    if not any(one and one.kind in ("imap", "gmail") for one in map(account_of, workspace.mounts)):
        return
    opening = asyncio.ensure_future(hop(workspace.vault.unlock))
    try:
        with Interruptible(opening):
            await opening
    except (asyncio.CancelledError, KeyboardInterrupt):
        return
    except VfsError as error:
        await io.stderr.line(
            visible_line(str(error)) + (f"\n  {visible_line(error.hint)}" if error.hint else "")
        )
