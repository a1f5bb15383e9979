"""What the doctor says of accounts: does each service answer, does it take the login, where does that lie?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spatio.findings import Finding
from spatio.login.google import name_of
from spatio.login.mailbox import secret_names, try_reading, try_sending
from spatio.login.planning import account_of
from vfs.drive import drive
from vfs.errors import LoginNeeded, VfsError

if TYPE_CHECKING:
    from commands.accounts import Account
    from spatio.workspace import Workspace
    from vfs.mount import Mount


def check_accounts(workspace: Workspace) -> Iterator[Finding]:
    """A finding for each account that is at a service."""
    for mount in workspace.mounts:
        account = account_of(mount)
        if account is not None and account.kind in ("imap", "gmail"):
            yield _checked(workspace, mount, account)


def _checked(workspace: Workspace, mount: Mount, account: Account) -> Finding:
    said = f"{account.path}: {account.address} at {account.place}"
    try:
        lies = (_imap if account.kind == "imap" else _gmail)(workspace, mount, account)
    except VfsError as error:
        return Finding("bad", "account", f"{said}: {error.reason}", error.hint or "")
    return Finding("ok", "account", f"{said}: logged in, by what lies in the {lies}")


def _imap(workspace: Workspace, mount: Mount, account: Account) -> str:
    names = secret_names(mount.options)
    found = workspace.vault.find(names[0])
    if found is None:
        raise _none(f"connect imap {account.address} --host {mount.options['host']}")
    try_reading(mount.options, found.secret.reveal())
    own = workspace.vault.find(names[-1])
    try_sending(mount.options, (own or found).secret.reveal())
    return found.place


def _gmail(workspace: Workspace, mount: Mount, account: Account) -> str:
    found = workspace.vault.knows(name_of(account.address))
    if found is None:
        raise _none(f"connect gmail {account.address}")
    made: Any = import_module("providers.mail.gmail.account")
    remote = made.open_account(workspace.opening(mount.options))

    async def ask() -> None:
        try:
            await remote.collections()
        finally:
            await remote.aclose()

    drive(ask())
    return found.place


def _none(line: str) -> LoginNeeded:
    return LoginNeeded(None, "nobody is logged in", hint=f"run: {line}")
