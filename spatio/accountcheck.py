"""What the doctor says of accounts: does each service answer, does it take the login, where does that lie?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spatio.findings import Finding
from spatio.login.kinds import way_of
from spatio.login.planning import account_of
from vfs.errors import VfsError

if TYPE_CHECKING:
    from spatio.workspace import Workspace


def check_accounts(workspace: Workspace) -> Iterator[Finding]:
    """A finding for each account that is at a service."""
    for mount in workspace.mounts:
        account = account_of(mount)
        way = None if account is None else way_of(account.kind)
        if account is None or way is None:
            continue
        said = f"{account.path}: {account.address} at {account.place}"
        try:
            lies = way.check(workspace, account, mount.options)
        except VfsError as error:
            yield Finding("bad", "account", f"{said}: {error.reason}", error.hint or "")
        else:
            yield Finding("ok", "account", f"{said}: logged in, by what lies in the {lies}")
