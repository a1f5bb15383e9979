"""Connecting a mailbox at Gmail, by a login in a browser or on another device."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.command import Failure, Usage
from providers.oauth import Client, Login
from spatio.login import client as clients
from spatio.login import google
from spatio.login.kinds import LoggedIn
from spatio.login.planning import is_address, plain_address
from vfs.drive import drive, hop
from vfs.errors import LoginNeeded

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.secrets import Vault
    from spatio.workspace import Workspace


class Gmail:
    """See Way."""

    password = False

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        if wish.address and not is_address(wish.address):
            raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
        if extra := sorted(wish.options):
            raise Usage(f"Gmail has no setting {extra[0].replace('_', '-')}")
        return ({"address": wish.address.lower()} if wish.address else {}), []

    def address(self, options: Mapping[str, str]) -> str:
        return plain_address(options)

    def place(self, options: Mapping[str, str]) -> str:
        return "Gmail"

    def question(self, options: Mapping[str, str]) -> str:
        return ""

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        return (google.name_of(plain_address(options)), clients.KEPT)

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        wish, vault = plan.wish, workspace.vault
        client, given = await hop(lambda: client_of(vault, wish.client))
        before = await hop(lambda: login_at(vault, plan.account.address)) if plan.again else None
        scopes = google.scopes_for(wish.allow or ["read"], before.scopes if before else ())
        if wish.device:
            device = import_module("spatio.login.device")
            answer = await device.log_in(client, scopes, tell, service=google.GMAIL.name)
        else:
            browser = import_module("spatio.login.browser")
            answer = await browser.log_in(client, scopes, tell, who=plan.account.address, hear=hear)
        login = google.login_of(client, answer, scopes, plan.account.address)
        await google.try_reading(login, workspace.opening)
        kept = {google.name_of(login.address): login.text()}
        if given or await hop(lambda: vault.read(clients.KEPT)) is None:
            kept[clients.KEPT] = clients.client_text(client)
        place = login.client.api_uri
        return LoggedIn(kept, login.address.lower(), {"endpoint": place} if place else {})

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        login = login_at(workspace.vault, account.address)
        if login is not None:
            google.revoke(login)

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        found = workspace.vault.knows(google.name_of(account.address))
        if found is None:
            raise LoginNeeded(None, "nobody is logged in", hint=f"run: connect gmail {account.address}")
        made: Any = import_module("providers.mail.gmail.account")
        remote = made.open_account(workspace.opening(options))

        async def ask() -> None:
            try:
                await remote.collections()
            finally:
                await remote.aclose()

        drive(ask())
        return found.place


def client_of(vault: Vault, file: str) -> tuple[Client, bool]:
    """The person's OAuth client, and whether it was handed over just now. Blocks. Raises Failure."""
    if file:
        return clients.read_client(file), True
    named = clients.from_environment(os.environ)
    if named is not None:
        return named, False
    kept = vault.read(clients.KEPT)
    if kept is None:
        reason = "Google lets in only who is registered, and Spatio brings no registration of its own"
        raise Failure(reason, status=77, hint=clients.STEPS)
    return clients.parse_client(kept, "the kept client"), False


def login_at(vault: Vault, address: str) -> Login | None:
    """The login that is kept of an account at Google, if it can be read. Blocks."""
    text = vault.read(google.name_of(address)) if address else None
    try:
        return Login.parse(text) if text else None
    except ValueError:
        return None


WAY = Gmail()
