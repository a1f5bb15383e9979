"""Services: what commands need of the app besides the tree, each part loaded by its first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands import registry
from commands.command import Failure
from spatio.config import MountSetting
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from commands.accounts import Accounts
    from commands.command import Command
    from commands.replicas import Syncing
    from commands.services import (
        Agents,
        Commands,
        History,
        Indexing,
        Mailing,
        Mounting,
        Settings,
    )
    from spatio.outbox import WorkspaceOutbox
    from spatio.workspace import Workspace
    from vfs.action import Change
    from vfs.node import Node
    from vfs.provider import Blocks


class AppServices:
    """The services of a workspace, each loaded by its first use."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: dict[str, Any] = {}

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def history(self) -> History:
        service: History = self._once(
            "history",
            lambda: import_module("providers.store.history").StoreHistory(
                self._workspace.store(), self._workspace.mounts
            ),
        )
        return service

    @property
    def indexing(self) -> Indexing:
        service: Indexing = self._once(
            "indexing", lambda: import_module("providers.store.index").StoreIndexing(self._workspace.store())
        )
        return service

    @property
    def mounting(self) -> Mounting:
        service: Mounting = self._once("mounting", lambda: ConfiguredMounts(self._workspace))
        return service

    @property
    def settings(self) -> Settings:
        service: Settings = self._once(
            "settings", lambda: import_module("spatio.settings").WorkspaceSettings(self._workspace)
        )
        return service

    @property
    def agents(self) -> Agents:
        service: Agents = self._once("agents", self._make_agents)
        return service

    def _make_agents(self) -> Any:
        workspace = self._workspace
        return import_module("spatio.agents.service").AgentService(
            log=lambda: import_module("providers.store.runs").StoreRuns(workspace.store()),
            endpoints=lambda: workspace.config.endpoints,
            env=os.environ,
            find=lambda *asked: workspace.vault.find(*asked),
        )

    @property
    def mailing(self) -> Mailing:
        service: Mailing = self._once(
            "mailing", lambda: import_module("spatio.mailing").WorkspaceMailing(self._workspace)
        )
        return service

    @property
    def outbox(self) -> WorkspaceOutbox:
        service: WorkspaceOutbox = self._once(
            "outbox", lambda: import_module("spatio.outbox").WorkspaceOutbox(self._workspace)
        )
        return service

    @property
    def accounts(self) -> Accounts:
        service: Accounts = self._once(
            "accounts", lambda: import_module("spatio.login.accounts").WorkspaceAccounts(self._workspace)
        )
        return service

    @property
    def syncing(self) -> Syncing:
        service: Syncing = self._once(
            "syncing", lambda: import_module("spatio.syncing").WorkspaceSyncing(self._workspace)
        )
        return service

    @property
    def commands(self) -> Commands:
        return RegisteredCommands()


class RegisteredCommands:
    """The registry, as commands see it."""

    def find(self, name: str) -> Command[Any] | None:
        return registry.find(name)

    def names(self) -> Sequence[str]:
        return registry.names()

    def nearest(self, name: str) -> str | None:
        return registry.nearest(name)


class ConfiguredMounts:
    """Mounts added and removed while the program runs, kept in the config."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def mount(self, path: Path, provider: str, options: Mapping[str, str], *, read_only: bool) -> None:
        """Mounts, once it is sure that the provider can be built. Raises Exists, NotFound, BadName."""
        setting = MountSetting(path, provider, dict(options), read_only)
        made = self._workspace.mount(setting)
        made.provider()
        self._workspace.mounts.add(made)
        try:
            import_module("spatio.configfile").add_mount(
                self._workspace.where.config_file, path, provider, options, read_only=read_only
            )
        except VfsError:
            self._workspace.mounts.take(path)
            raise

    async def umount(self, path: Path) -> None:
        """Takes a mount away; what it holds stays where it is. Raises NotFound."""
        taken = self._workspace.mounts.take(path)
        try:
            import_module("spatio.configfile").drop_mount(self._workspace.where.config_file, path)
        except VfsError:
            self._workspace.mounts.add(taken)
            raise
        await taken.aclose()


class WorkspaceFacts:
    """What `/sys` shows of the running program."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def mounts(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                "path": str(mount.path),
                "provider": mount.name,
                "access": "read only" if mount.read_only else "read and write",
                "trust": mount.trust,
                "place": mount.place,
            }
            for mount in self._workspace.mounts
        ]

    async def replicas(self) -> Mapping[str, Mapping[str, Any]]:
        if not self._workspace.is_founded:
            return {}
        found = await self._workspace.services.syncing.standing()
        return {str(one.path): {**one._asdict(), "path": str(one.path)} for one in found}

    def store(self) -> Mapping[str, str]:
        return self._workspace.store_facts()

    def commands(self) -> Sequence[Mapping[str, str]]:
        rows = []
        for name in registry.names():
            try:
                command = registry.find(name)
            except Failure as error:
                rows.append({"name": name, "group": "", "summary": str(error)})
                continue
            if command is not None:
                rows.append({"name": name, "group": command.group, "summary": command.summary})
        return rows

    def jobs(self) -> Sequence[Mapping[str, str]]:
        return self._workspace.jobs()


class LazyJournal:
    """The store's journal for mounts that keep none themselves, opened by the first change of one."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._journal: Any = None

    def _open(self) -> Any:
        if self._journal is None:
            module = import_module("providers.store.journal")
            self._journal = module.StoreJournal(self._workspace.store())
        return self._journal

    async def intend(
        self, change: Change, op: str, path: Path, before: Blocks | None, target: Path | None = None
    ) -> str:
        key: str = await self._open().intend(change, op, path, before, target)
        return key

    async def settle(self, key: str, *, done: bool, after: Node | None = None) -> None:
        await self._open().settle(key, done=done, after=after)
