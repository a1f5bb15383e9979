"""WorkspaceAccounts: what `connect` and `disconnect` do, as `commands.services.Accounts`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from commands.accounts import Account, Connected, Hear, Leaving, Plan, Tell, Wish
from commands.command import Failure
from spatio.config import DEFAULT_MOUNTS, MountSetting
from spatio.configfile import change_mounts
from spatio.login.kinds import DOMAINS, KINDS, Domain, LoggedIn, Way, collection_of, domain_of, way_of
from spatio.login.planning import account_of, plan
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
_PUT_HERE = (
    "SELECT 1 FROM node WHERE user_id = ? AND mount = ? AND kind = 'file' AND deleted_at IS NULL LIMIT 1"
)


class WorkspaceAccounts:
    """The accounts of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def kinds(self) -> Sequence[tuple[str, str]]:
        return tuple((name, kind.summary) for name, kind in KINDS.items())

    def connected(self) -> Sequence[Account]:
        found = map(account_of, self._workspace.mounts)
        return [account for account in found if account is not None]

    async def plan(self, wish: Wish) -> Plan:
        untouched = await self._untouched()
        made = plan(wish, self._workspace.mounts, lambda mount: mount.path in untouched)
        variable = variable_of(_way(made.account).secrets(made.options)[0]) if made.password else ""
        if not os.environ.get(variable):
            return made
        remarks = (*made.remarks, f"the password is the one in {variable}")
        return made._replace(remarks=remarks, password=False, variable=variable)

    async def _untouched(self) -> set[Path]:
        """Where nothing was put into what is kept in this workspace alone."""
        found = set()
        for domain in DOMAINS:
            mount = self._workspace.mounts.at(domain.union)
            if mount is not None and mount.name == domain.local and await self._is_empty(mount, domain):
                found.add(mount.path)
        return found

    async def _is_empty(self, mount: Mount, domain: Domain) -> bool:
        if not self._workspace.is_founded:
            return True
        store = self._workspace.store()
        values = (store.user, collection_of(mount, domain))
        return await store.read(lambda connection: connection.execute(_PUT_HERE, values).fetchone() is None)

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
        way = _way(plan.account)
        done = await way.log_in(self._workspace, plan, password, tell, hear)
        try:
            plan = await self._settled(plan, done)
            with self._kept(done.secrets) as place:
                if not plan.again:
                    self._mount(plan)
        except BaseException:
            if done.undo is not None:
                await done.undo()
            raise
        if plan.again:
            await self._reopen(plan.account.path)
        return Connected(plan, place)

    async def _settled(self, wanted: Plan, done: LoggedIn) -> Plan:
        """The plan, once it is known whose account it is: a service may tell that only at the login."""
        settled = wanted
        if not wanted.account.address and done.address:
            settled = await self.plan(wanted.wish._replace(address=done.address))
        return settled._replace(options={**settled.options, **done.options}) if done.options else settled

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
        domain = _domain(plan.account)
        if plan.moves:
            put.append(MountSetting(domain.union, "union", {}, trust="outside"))
        put.append(MountSetting(plan.account.path, plan.account.kind, dict(plan.options), trust="outside"))
        workspace.mount(put[-1]).provider()
        self._change(put, [old for old, _ in plan.moves if old != domain.union])

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
        again = [one for one in DEFAULT_MOUNTS if one.path in dropped]
        for setting in (*put, *again):
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
        collection = collection_of(mount, _domain(account))
        store = self._workspace.store()
        variables = [variable_of(name) for name in self._secrets(account, mount)]

        def count(connection: Connection) -> Leaving:
            values = (store.user, collection)
            counted = (int(connection.execute(sql, values).fetchone()[0]) for sql in _WAITING)
            unpushed, waiting, kept = counted
            if account.kind in KINDS and not KINDS[account.kind].hears:
                unpushed = 0
            return Leaving(unpushed, waiting, kept, next(filter(os.environ.get, variables), ""))

        return await store.read(count)

    async def disconnect(self, account: Account, *, forget: bool, revoke: bool) -> int:
        await event_loop()
        mount = self._workspace.mounts.at(account.path)
        if mount is None:
            raise NotFound(account.path, "no such account", hint="run: connect")
        way = way_of(account.kind)
        if way is not None and (revoke or KINDS[account.kind].ends):
            leave = way
            await hop(lambda: leave.revoke(self._workspace, account, mount.options))
        gone = 0
        if forget:
            with suppress(NotFound):
                gone = await self._workspace.services.history.forget(account.path)
        names = self._secrets(account, mount)
        put, dropped = self._without(_domain(account), account.path)
        for taken in self._change(put, dropped):
            await taken.aclose()
        await hop(lambda: [self._workspace.vault.drop(name) for name in names])
        return gone

    def _secrets(self, account: Account, mount: Mount) -> Sequence[str]:
        """The names of what only this account needs."""

        def needed(one: Account, its: Mapping[str, str]) -> Sequence[str]:
            way = way_of(one.kind)
            return way.secrets(its) if way is not None else ()

        others: set[str] = set()
        for other in self._workspace.mounts:
            known = account_of(other)
            if known is not None and known.path != account.path:
                others.update(needed(known, other.options))
        return [name for name in needed(account, mount.options) if name not in others]

    def _without(self, domain: Domain, path: Path) -> tuple[list[MountSetting], list[Path]]:
        """The mounts that change when the one at `path` goes: the last of a union takes its place."""
        mounts = self._workspace.mounts
        at = mounts.at(domain.union)
        if path.parent != domain.union or at is None or at.name != "union":
            return [], [path]
        left = [
            one
            for one in mounts.below(domain.union)
            if one.path != path and (one.name == domain.local or domain_of(one.name) is domain)
        ]
        if len(left) != 1 or left[0].path.parent != domain.union:
            return [], [path]
        setting = self._setting(left[0], domain.union)
        if setting in DEFAULT_MOUNTS:
            return [], [path, left[0].path, domain.union]
        return [setting], [path, left[0].path]


def _way(account: Account) -> Way:
    way = way_of(account.kind)
    assert way is not None
    return way


def _domain(account: Account) -> Domain:
    domain = domain_of(account.kind)
    assert domain is not None
    return domain
