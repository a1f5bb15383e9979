"""Connecting an account at one of Google's services, by a login in a browser or on another device."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.command import Failure, Usage
from providers.oauth import Client, Login
from spatio.login import client as clients
from spatio.login import google
from spatio.login.google import Service
from spatio.login.kinds import LoggedIn
from spatio.login.planning import is_address, plain_address
from vfs.drive import drive, hop
from vfs.errors import LoginNeeded

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.secrets import Vault
    from spatio.workspace import Workspace


class GoogleWay:
    """See Way."""

    password = False

    def __init__(self, service: Service, usual: str) -> None:
        """`usual`: what is allowed by who says nothing of it."""
        self.service = service
        self.usual = usual

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        if wish.address and not is_address(wish.address):
            raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
        if extra := sorted(wish.options):
            raise Usage(f"{self.service.name} has no setting {extra[0].replace('_', '-')}")
        if unknown := sorted(set(wish.allow) - set(self.service.levels)):
            levels = ", ".join(self.service.levels)
            raise Usage(f"{self.service.name} is allowed to {levels}, not to {unknown[0]}")
        return ({"address": wish.address.lower()} if wish.address else {}), []

    def address(self, options: Mapping[str, str]) -> str:
        return plain_address(options)

    def place(self, options: Mapping[str, str]) -> str:
        return self.service.name

    def question(self, options: Mapping[str, str]) -> str:
        return ""

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        return (self.service.name_of(plain_address(options)), clients.KEPT)

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        wish, vault = plan.wish, workspace.vault
        client, given = await hop(lambda: client_of(vault, wish.client))
        before = await hop(lambda: self._login_at(vault, plan.account.address)) if plan.again else None
        scopes = google.scopes_for(wish.allow or [self.usual], before.scopes if before else (), self.service)
        if wish.device:
            device = import_module("spatio.login.device")
            answer = await device.log_in(client, scopes, tell, service=self.service.name)
        else:
            browser = import_module("spatio.login.browser")
            answer = await browser.log_in(client, scopes, tell, who=plan.account.address, hear=hear)
        login = google.login_of(client, answer, scopes, plan.account.address, self.service)
        shown = await google.try_reading(login, workspace.opening, self.service)
        kept = {self.service.name_of(login.address): login.text()}
        if given or await hop(lambda: vault.read(clients.KEPT)) is None:
            kept[clients.KEPT] = clients.client_text(client)
        options = {"endpoint": login.client.api_uri} if login.client.api_uri else {}
        if not plan.again:
            # New events go where Google puts them, too.
            own = [one.path.name for one in shown if one.attrs.get("primary")]
            options |= {"default": own[0]} if own else {}
        return LoggedIn(kept, login.address.lower(), options)

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        login = self._login_at(workspace.vault, account.address)
        if login is not None:
            google.revoke(login, self.service)

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        found = workspace.vault.knows(self.service.name_of(account.address))
        if found is None:
            raise LoginNeeded(None, "nobody is logged in", hint=f"{self.service.hint} {account.address}")
        made: Any = import_module(self.service.account)
        remote = made.open_account(workspace.opening(options))

        async def ask() -> None:
            try:
                await remote.collections()
            finally:
                await remote.aclose()

        drive(ask())
        return found.place

    def _login_at(self, vault: Vault, address: str) -> Login | None:
        """The login that is kept of an account, if it can be read. Blocks."""
        text = vault.read(self.service.name_of(address)) if address else None
        try:
            return Login.parse(text) if text else None
        except ValueError:
            return None


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
        raise Failure(reason, status=77, hint=clients.REGISTER, steps=clients.STEPS)
    return clients.parse_client(kept, "the kept client"), False
