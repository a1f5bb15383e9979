"""unlock: the file of secrets is opened while the person is there to answer, before accounts need it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from spatio.workspace import ACCOUNTS
from vfs.drive import hop
from vfs.errors import LoginNeeded

if TYPE_CHECKING:
    from spatio.workspace import Workspace


async def unlock(workspace: Workspace) -> None:
    """Asks for the passphrase where there is one to ask for. Without an answer the file stays locked, and
    each account says so itself. Raises Refused, Corrupt."""
    if not os.path.exists(workspace.where.secrets_file):  # noqa: ASYNC240 (one stat of the own data)
        return
    if any(mount.name in ACCOUNTS for mount in workspace.mounts):
        with suppress(LoginNeeded):
            await hop(workspace.vault.unlock)
