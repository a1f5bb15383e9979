"""WorkspaceAccounts: what `connect` and `disconnect` do, as `commands.services.Accounts`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING

from commands.accounts import Account, Connected, Hear, Leaving, Plan, Tell, Wish
from commands.command import Failure
from providers.oauth import Client, Login
from spatio.config import MountSetting
from spatio.configfile import change_mounts
from spatio.login import client as clients
from spatio.login import google
from spatio.login.mailbox import secret_names, try_reading, try_sending
from spatio.login.planning import KINDS, UNION, account_of, plan
from spatio.secrets import Secret
from spatio.secrets.vault import NOWHERE, variable_of
from vfs.drive import event_loop, hop
from vfs.errors import LoginNeeded, NotFound, Unavailable
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection
    from spatio.workspace import Workspace
    from vfs.mount import Mount

UNLOCKING = 60.0
"""Seconds that the keyring's own window may take its owner."""

_WAITING = (
    "SELECT count(*) FROM push WHERE user_id = ? AND mount = ?",
    "SELECT count(*) FROM deed WHERE user_id = ? AND account = ? AND state NOT IN ('done', 'cancelled')",
    "SELECT count(*) FROM item WHERE user_id = ? AND mount = ?",
)


class WorkspaceAccounts:
    """The accounts of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def kinds(self) -> Sequence[tuple[str, str]]:
        return tuple(KINDS.items())

    def connected(self) -> Sequence[Account]:
        found = map(account_of, self._workspace.mounts)
        return [account for account in found if account is not None]

    def plan(self, wish: Wish) -> Plan:
        made = plan(wish, self._workspace.mounts)
        variable = variable_of(secret_names(made.options)[0]) if made.password else ""
        if not os.environ.get(variable):
            return made
        remarks = (*made.remarks, f"the password is the one in {variable}")
        return made._replace(remarks=remarks, password=False, variable=variable)

    def account(self, word: str, path: Path) -> Account:
        known = self.connected()
        same = [one for one in known if one.path == path]
        same = same or [one for one in known if word in (one.name, one.address)]
        if len(same) == 1:
            return same[0]
        if same:
            raise Failure(f"several accounts are called {word}", hint="name one by its path")
        raise NotFound(word, "no such account", hint="run: connect")

    # -- connecting

    async def make_room(self, ask: Callable[[str], Awaitable[bool]] | None) -> None:
        vault = self._workspace.vault
        if await hop(vault.can_keep):
            await hop(vault.choose_file)
            return
        question = (
            "There is no system keyring here. Keep logins in a file of the workspace, encrypted under a "
            "passphrase that you choose?"
        )
        if ask is None or not await ask(question):
            raise Unavailable(None, "there is no system keyring, so no login is kept", hint=NOWHERE)
        await hop(lambda: vault.choose_file(ask=True))

    async def connect(self, plan: Plan, password: str, tell: Tell, hear: Hear | None = None) -> Connected:
        await event_loop()
        if plan.account.kind == "gmail":
            kept = await self._log_in(plan, tell, hear)
        else:
            kept = await hop(lambda: self._tried(plan, password))
        plan = self._placed(self._settled(plan, kept), kept)
        with self._kept(kept) as place:
            if not plan.again:
                self._mount(plan)
        if plan.again:
            await self._reopen(plan.account.path)
        return Connected(plan, place)

    def _tried(self, plan: Plan, password: str) -> Mapping[str, str]:
        """A password that the servers take: what is to be kept of it, by name. Blocks."""
        given = os.environ.get(plan.variable) if plan.variable else password
        names = secret_names(plan.options)
        try_reading(plan.options, given or "")
        own = self._workspace.vault.read(names[-1]) if len(names) > 1 else None
        try_sending(plan.options, own or given or "")
        return {} if plan.variable else {names[0]: password}

    async def _log_in(self, plan: Plan, tell: Tell, hear: Hear | None) -> Mapping[str, str]:
        """A login at Google: what is to be kept of it, by name."""
        wish, vault = plan.wish, self._workspace.vault
        client, given = await hop(lambda: self._client(wish.client))
        before = await hop(lambda: self._login(plan.account.address)) if plan.again else None
        scopes = google.scopes_for(wish.allow or ["read"], before.scopes if before else ())
        if wish.device:
            device = import_module("spatio.login.device")
            answer = await device.log_in(client, scopes, tell, service=google.SERVICE)
        else:
            browser = import_module("spatio.login.browser")
            answer = await browser.log_in(client, scopes, tell, who=plan.account.address, hear=hear)
        login = google.login_of(client, answer, scopes, plan.account.address)
        await google.try_reading(login, self._workspace.opening)
        kept = {google.name_of(login.address): login.text()}
        if given or await hop(lambda: vault.read(clients.KEPT)) is None:
            kept[clients.KEPT] = clients.client_text(client)
        return kept

    def _client(self, file: str) -> tuple[Client, bool]:
        """The person's OAuth client, and whether it was handed over just now. Blocks. Raises Failure."""
        if file:
            return clients.read_client(file), True
        named = clients.from_environment(os.environ)
        if named is not None:
            return named, False
        kept = self._workspace.vault.read(clients.KEPT)
        if kept is None:
            reason = "Google lets in only who is registered, and Spatio brings no registration of its own"
            raise Failure(reason, status=77, hint=clients.STEPS)
        return clients.parse_client(kept, "the kept client"), False

    def _login(self, address: str) -> Login | None:
        text = self._workspace.vault.read(google.name_of(address)) if address else None
        try:
            return Login.parse(text) if text else None
        except ValueError:
            return None

    def _settled(self, wanted: Plan, kept: Mapping[str, str]) -> Plan:
        """The plan, once it is known whose account it is: a service may tell that only at the login."""
        if wanted.account.address:
            return wanted
        address = next(name for name in kept if name != clients.KEPT).partition(":")[2]
        return self.plan(wanted.wish._replace(address=address))

    def _placed(self, plan: Plan, kept: Mapping[str, str]) -> Plan:
        """With the place of the service's interface, where the client names another than the usual one."""
        texts = [text for name, text in kept.items() if name == google.name_of(plan.account.address)]
        place = Login.parse(texts[0]).client.api_uri if texts else ""
        return plan._replace(options={**plan.options, "endpoint": place}) if place else plan

    @contextmanager
    def _kept(self, secrets: Mapping[str, str]) -> Iterator[str]:
        """Keeps secrets; when what is done inside fails, they are again what they were. Yields the place."""
        vault = self._workspace.vault
        before: dict[str, str | None] = {}
        place = "environment"
        try:
            for name, text in secrets.items():
                before[name] = vault.read(name)
                place = vault.keep(name, Secret(text), wait=UNLOCKING)
            yield {"file": vault.file}.get(place, place)
        except BaseException:
            for name, old in before.items():
                with suppress(Unavailable, LoginNeeded):
                    if old is None:
                        vault.drop(name)
                    else:
                        vault.keep(name, Secret(old))
            raise

    def _mount(self, plan: Plan) -> None:
        """Mounts the account, others being moved aside for it: in the config and in this program."""
        workspace = self._workspace
        put = [self._setting(workspace.mounts.at(old), new) for old, new in plan.moves]
        if plan.moves:
            put.append(MountSetting(UNION, "union", {}, trust="outside"))
        put.append(MountSetting(plan.account.path, plan.account.kind, dict(plan.options), trust="outside"))
        workspace.mount(put[-1]).provider()
        self._change(put, [old for old, _ in plan.moves if old != UNION])

    def _setting(self, mount: Mount | None, path: Path) -> MountSetting:
        assert mount is not None
        return MountSetting(path, mount.name, dict(mount.options), mount.read_only, mount.trust)

    def _change(self, put: Sequence[MountSetting], dropped: Sequence[Path]) -> list[Mount]:
        """Changes the config first, which may refuse, then what is mounted; what was taken away."""
        workspace = self._workspace
        change_mounts(workspace.where.config_file, put, dropped)
        taken = []
        for path in {*dropped, *(setting.path for setting in put)}:
            with suppress(NotFound):
                taken.append(workspace.mounts.take(path))
        for setting in put:
            workspace.mounts.add(workspace.mount(setting))
        return taken

    async def _reopen(self, path: Path) -> None:
        """Lets go of what an account had open with its old login."""
        mount = self._workspace.mounts.at(path)
        if mount is not None:
            await mount.aclose()

    # -- disconnecting

    async def leaving(self, account: Account) -> Leaving:
        mount = self._workspace.mounts.at(account.path)
        if mount is None:
            return Leaving()
        collection = mount.options.get("collection", "mail")
        store = self._workspace.store()
        variables = [variable_of(name) for name in self._secrets(account, mount)]

        def count(connection: Connection) -> Leaving:
            values = (store.user, collection)
            counted = (int(connection.execute(sql, values).fetchone()[0]) for sql in _WAITING)
            unpushed, waiting, kept = counted
            return Leaving(unpushed, waiting, kept, next(filter(os.environ.get, variables), ""))

        return await store.read(count)

    async def disconnect(self, account: Account, *, forget: bool, revoke: bool) -> int:
        await event_loop()
        mount = self._workspace.mounts.at(account.path)
        if mount is None:
            raise NotFound(account.path, "no such account", hint="run: connect")
        if revoke and account.kind == "gmail":
            login = await hop(lambda: self._login(account.address))
            if login is not None:
                ended = login
                await hop(lambda: google.revoke(ended))
        gone = 0
        if forget:
            with suppress(NotFound):
                gone = await self._workspace.services.history.forget(account.path)
        names = self._secrets(account, mount)
        put, dropped = self._without(account.path)
        for taken in self._change(put, dropped):
            await taken.aclose()
        await hop(lambda: [self._workspace.vault.drop(name) for name in names])
        return gone

    def _secrets(self, account: Account, mount: Mount) -> Sequence[str]:
        """The names of what only this account needs."""

        def needed(one: Account, its: Mapping[str, str]) -> Sequence[str]:
            if one.kind == "gmail":
                return (google.name_of(one.address), clients.KEPT)
            return secret_names(its) if one.kind == "imap" and its.get("host") and its.get("user") else ()

        others: set[str] = set()
        for other in self._workspace.mounts:
            known = account_of(other)
            if known is not None and known.path != account.path:
                others.update(needed(known, other.options))
        return [name for name in needed(account, mount.options) if name not in others]

    def _without(self, path: Path) -> tuple[list[MountSetting], list[Path]]:
        """The mounts that change when the one at `path` goes: the last of a union takes its place."""
        mounts = self._workspace.mounts
        union = mounts.at(UNION)
        left = [one for one in mounts.below(UNION) if one.path != path and account_of(one) is not None]
        if path.parent != UNION or union is None or union.name != "union" or len(left) != 1:
            return [], [path]
        if len(left[0].path.parts) != len(UNION.parts) + 1:
            return [], [path]
        return [self._setting(left[0], UNION)], [path, left[0].path]
